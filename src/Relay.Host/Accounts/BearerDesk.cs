using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts;

/// <summary>Says who shows a bearer: the one place for HTTP requests and for the relay's Hello. Failures are counted by address, and work
/// on signatures is bounded.</summary>
internal sealed class BearerDesk(
    AccessTokens tokens, ApiKeyDesk keys, Revocations revocations, IEnumerable<IBearerVerifier> verifiers, CryptoGate gate,
    SignInLimits limits, AccountsOptions options, AccountsMetrics metrics, ILogger<BearerDesk> log)
{
    /// <summary>The longest bearer that is looked at, in characters.</summary>
    public const int MaxLength = JwtToken.MaxLength;

    /// <summary>Who uses <see cref="AccountsOptions.AdminKey"/>, in the audit log.</summary>
    public const string Operator = "operator";

    private readonly IBearerVerifier[] _verifiers = [.. verifiers];

    /// <summary>Looks at a bearer.</summary>
    /// <param name="bearer">What was shown.</param>
    /// <param name="address">Where from.</param>
    /// <param name="cancellationToken">The asker has gone.</param>
    public async ValueTask<BearerAnswer> IdentifyAsync(string bearer, IPAddress? address, CancellationToken cancellationToken)
    {
        using AddressLimit.Attempt? attempt = await limits.Failures.BeginAsync(address, cancellationToken).ConfigureAwait(false);
        if (attempt is null)
        {
            metrics.Refused("limit");
            return new BearerAnswer(BearerStatus.TooMany);
        }

        if (!revocations.IsLoaded)
        {
            return BearerAnswer.Unavailable;
        }

        BearerAnswer answer = await LookAtAsync(bearer, cancellationToken).ConfigureAwait(false);
        if (answer is { Status: BearerStatus.Accepted, Principal: { } who } &&
            revocations.IsRevoked(who.AccountId() ?? "", who.SessionId()))
        {
            answer = BearerAnswer.Refused;
        }

        if (answer.Status is BearerStatus.Refused or BearerStatus.NotMine)
        {
            attempt.Fail();
            return BearerAnswer.Refused;
        }

        return answer;
    }

    private async ValueTask<BearerAnswer> LookAtAsync(string bearer, CancellationToken cancellationToken)
    {
        if (keys.Check(bearer) is { } server)
        {
            return BearerAnswer.Accepted(server);
        }

        if (options.AdminKey is { } key && CryptographicOperations.FixedTimeEquals(Hash(bearer), Hash(key)))
        {
            return BearerAnswer.Accepted(
                RelayClaims.PrincipalOf(Operator, null, Operator, AccountKind.Server.Word(), RelayClaims.AdminScope, null));
        }

        JwtToken? token = bearer.Length <= MaxLength ? JwtToken.Read(bearer) : null;
        bool isForOthers = token is null ? bearer.Length <= MaxLength && !IsOfOurMaking(bearer) : !tokens.IsOurs(token);
        foreach (IBearerVerifier verifier in isForOthers ? _verifiers : [])
        {
            BearerAnswer answer = await verifier.VerifyAsync(bearer, cancellationToken).ConfigureAwait(false);
            if (answer.Status != BearerStatus.NotMine)
            {
                return answer;
            }
        }

        // What is no token at all takes the same work, so that time tells nothing.
        return await CheckOwnAsync(token, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Never shown to anybody else: it may be good.</summary>
    private static bool IsOfOurMaking(string bearer) =>
        bearer.StartsWith(ApiKey.Prefix, StringComparison.Ordinal) || bearer.StartsWith(TicketDesk.Prefix, StringComparison.Ordinal) ||
        bearer.StartsWith(RefreshToken.Prefix, StringComparison.Ordinal);

    private async ValueTask<BearerAnswer> CheckOwnAsync(JwtToken? token, CancellationToken cancellationToken)
    {
        using CryptoGate.Place? place = await gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        if (place is null)
        {
            metrics.Refused("busy");
            return new BearerAnswer(BearerStatus.TooMany);
        }

        JwtVerdict verdict = tokens.Check(token, out ClaimsPrincipal? who);
        if (verdict == JwtVerdict.Ok)
        {
            return BearerAnswer.Accepted(who!);
        }

        metrics.Refused(verdict.ToString());
        log.TokenRefused(verdict);
        return BearerAnswer.Refused;
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
