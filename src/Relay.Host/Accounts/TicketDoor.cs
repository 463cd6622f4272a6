using System.Net;

namespace Relay.Host.Accounts;

/// <summary>Takes connect tickets from clients: the same for the Hello and for the socket's request.</summary>
internal sealed class TicketDoor(TicketDesk tickets, SignInLimits limits, AccountsMetrics metrics)
{
    /// <summary>Takes a ticket.</summary>
    /// <param name="ticket">What was shown.</param>
    /// <param name="address">Where from.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async ValueTask<SocketCredentials> RedeemAsync(string ticket, IPAddress? address, CancellationToken cancellationToken)
    {
        using AddressLimit.Attempt? attempt = await limits.Failures.BeginAsync(address, cancellationToken).ConfigureAwait(false);
        if (attempt is null)
        {
            return new SocketCredentials(null, BearerStatus.TooMany);
        }

        Visitor? visitor = tickets.Redeem(ticket);
        metrics.Ticket(visitor is null ? "refused" : "redeemed");
        if (visitor is null)
        {
            attempt.Fail();
        }

        return new SocketCredentials(visitor, visitor is null ? BearerStatus.Refused : BearerStatus.Accepted);
    }
}

/// <summary>What a socket was let in by, or not.</summary>
/// <param name="Visitor">Who it is; null for a refusal.</param>
/// <param name="Status">What was said of it.</param>
internal sealed record SocketCredentials(Visitor? Visitor, BearerStatus Status);

/// <summary>Carries what a socket's request was let in by to the authorizer: it decides, whatever the Hello says.</summary>
/// <param name="credentials">What was shown.</param>
internal sealed class SocketPrincipal(SocketCredentials credentials) : System.Security.Claims.ClaimsPrincipal
{
    /// <summary>What was shown.</summary>
    public SocketCredentials Credentials { get; } = credentials;
}
