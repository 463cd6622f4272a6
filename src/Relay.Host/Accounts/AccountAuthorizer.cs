using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Host.Accounts.Http;
using Relay.Protocol;

namespace Relay.Host.Accounts;

/// <summary>
/// Decides for the relay who comes in: by a connect ticket, an access token, an API key or an external token, in the Hello or with the
/// socket's request. In development mode others come in as well, under any name, as nobody.
/// </summary>
internal sealed class AccountAuthorizer(
    BearerDesk bearers, TicketDoor tickets, RoomTokens roomTokens, Revocations revocations, CryptoGate gate, AccountsMetrics metrics,
    IOptions<RelayOptions> relay, IServiceProvider services) : IRelayAuthorizer
{
    private const string TooMany = "Too many failed sign-ins from this address, or too much to do. Try again later.";
    private const string Unavailable = "Who you are cannot be checked now. Try again later.";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly DefaultAuthorizer _anonymous = new(relay);

    /// <inheritdoc/>
    public async ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        if (attempt.User is SocketPrincipal socket)
        {
            return Decide(socket.Credentials.Status, socket.Credentials.Visitor);
        }

        if (TextOf(attempt.Credentials.Span) is { } shown && IsMeantAsSecret(shown))
        {
            IPAddress? address = (attempt.RemoteEndPoint as IPEndPoint)?.Address;
            if (shown.StartsWith(TicketDesk.Prefix, StringComparison.Ordinal))
            {
                SocketCredentials ticket = await tickets.RedeemAsync(shown, address, cancellationToken).ConfigureAwait(false);
                return Decide(ticket.Status, ticket.Visitor);
            }

            BearerAnswer answer = await bearers.IdentifyAsync(shown, address, cancellationToken).ConfigureAwait(false);
            return Decide(answer.Status, Visitor.Of(answer.Principal));
        }

        return Visitor.Of(attempt.User) is { } visitor
            ? Decide(BearerStatus.Accepted, visitor)
            : relay.Value.AllowAnonymous
                ? await _anonymous.AuthorizeConnectionAsync(attempt with { User = null }, cancellationToken).ConfigureAwait(false)
                : ConnectDecision.Refuse(Problem.Unauthorized);
    }

    /// <inheritdoc/>
    public async ValueTask<JoinDecision> AuthorizeJoinAsync(JoinAttempt attempt, CancellationToken cancellationToken)
    {
        var visitor = attempt.Identity as Visitor;
        if (visitor is not null &&
            (revocations.IsRevoked(visitor.AccountId, visitor.SessionId) || (visitor.Room is { } only && only != attempt.Room)))
        {
            return JoinDecision.Refuse();
        }

        RoomGrant? grant = null;
        if (TextOf(attempt.Ticket.Span) is { } ticket && Jwt.JwtToken.LooksLikeOne(ticket))
        {
            // A token that is shown and not good keeps out, also where one could have come in without.
            using CryptoGate.Place? place = await gate.EnterAsync(cancellationToken).ConfigureAwait(false);
            grant = place is null || visitor is null ? null : roomTokens.Check(ticket, attempt.Room, visitor);
            if (grant is null)
            {
                metrics.Refused("room");
                return JoinDecision.Refuse();
            }

            attempt = attempt with { Ticket = default };
        }

        // Found late: the rooms know the server, which knows its authorizer.
        return services.GetService<IRoomDirectory>() is { } rooms
            ? await rooms.DecideAsync(attempt, visitor?.AccountId, grant, cancellationToken).ConfigureAwait(false)
            : JoinDecision.Allow(role: grant?.Role);
    }

    private static ConnectDecision Decide(BearerStatus status, Visitor? visitor) => (status, visitor) switch
    {
        (BearerStatus.Accepted, { } who) => ConnectDecision.Allow(who.Name, who, who.AccountId, who.ExpiresAt),
        (BearerStatus.TooMany, _) => ConnectDecision.Refuse(TooMany, CloseCode.RateLimited),
        (BearerStatus.Unavailable, _) => ConnectDecision.Refuse(Unavailable, CloseCode.TryAgainLater),
        _ => ConnectDecision.Refuse(Problem.Unauthorized),
    };

    /// <summary>Whether somebody meant to show a secret: then it must be good, in development mode too. Anything else is a name
    /// there.</summary>
    private bool IsMeantAsSecret(string shown) =>
        !relay.Value.AllowAnonymous || shown.StartsWith(TicketDesk.Prefix, StringComparison.Ordinal) ||
        shown.StartsWith(ApiKey.Prefix, StringComparison.Ordinal) || Jwt.JwtToken.LooksLikeOne(shown);

    private static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > BearerDesk.MaxLength)
        {
            return null;
        }

        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
