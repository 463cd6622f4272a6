namespace Relay.Host.Accounts.Jwt;

/// <summary>What is to be said of a token. For logs and tests: whoever showed it is told the same for all but <see cref="Ok"/>.</summary>
internal enum JwtVerdict
{
    /// <summary>It is what it says.</summary>
    Ok,

    /// <summary>Not a compact JWS with two JSON objects, too long, or with a name twice.</summary>
    Malformed,

    /// <summary>Signed in a way that is not on the list: <c>none</c>, HS256 and all others.</summary>
    AlgorithmNotAllowed,

    /// <summary>No key of that name for that algorithm.</summary>
    UnknownKey,

    /// <summary>Not signed with that key.</summary>
    BadSignature,

    /// <summary>A token for something else (<c>typ</c>).</summary>
    WrongType,

    /// <summary>Of another issuer.</summary>
    WrongIssuer,

    /// <summary>For somebody else.</summary>
    WrongAudience,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>Its time has not come, or it says that it was made later than now.</summary>
    NotYetValid,

    /// <summary>A claim that must be there is not, or is not of its type.</summary>
    MissingClaim,

    /// <summary>The session was ended or the account disabled.</summary>
    Revoked,
}
