using System.Security.Claims;

namespace Relay.Host.Accounts;

/// <summary>
/// Another way to say who shows a bearer token: an identity provider's own tokens. Asked when a bearer is neither an access token nor an
/// API key of this server, one after the other in the order in which they were registered. The caller has looked at the limits of the
/// address; a verifier takes a place at the <see cref="CryptoGate"/> while it works on a signature, not while it waits for a network.
/// </summary>
internal interface IBearerVerifier
{
    /// <summary>Looks at a bearer.</summary>
    /// <param name="bearer">What was shown; never to be logged.</param>
    /// <param name="cancellationToken">The asker has gone.</param>
    ValueTask<BearerAnswer> VerifyAsync(string bearer, CancellationToken cancellationToken);
}

/// <summary>What a verifier says.</summary>
/// <param name="Status">Whether it believes it.</param>
/// <param name="Principal">Who it is, made by <see cref="RelayClaims.PrincipalOf(Account, string?, string?, DateTimeOffset?)"/>; null
/// unless it does.</param>
internal readonly record struct BearerAnswer(BearerStatus Status, ClaimsPrincipal? Principal = null)
{
    /// <summary>Not one of the verifier's: the next is asked.</summary>
    public static BearerAnswer NotMine => new(BearerStatus.NotMine);

    /// <summary>It is not believed: 401.</summary>
    public static BearerAnswer Refused => new(BearerStatus.Refused);

    /// <summary>It cannot be said now, since the provider does not answer and nothing is cached: 503, never in.</summary>
    public static BearerAnswer Unavailable => new(BearerStatus.Unavailable);

    /// <summary>It is believed.</summary>
    /// <param name="principal">Who it is.</param>
    public static BearerAnswer Accepted(ClaimsPrincipal principal) => new(BearerStatus.Accepted, principal);
}

/// <summary>What a verifier says, in a word.</summary>
internal enum BearerStatus
{
    /// <summary>Not one of the verifier's.</summary>
    NotMine,

    /// <summary>It is believed.</summary>
    Accepted,

    /// <summary>It is not believed.</summary>
    Refused,

    /// <summary>It cannot be said now.</summary>
    Unavailable,

    /// <summary>Too many failures from there, or too much to do: ask later.</summary>
    TooMany,
}
