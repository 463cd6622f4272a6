namespace Relay.Host.Accounts.Jwt;

/// <summary>What a token must say to be believed.</summary>
internal sealed record JwtPolicy
{
    /// <summary>The signatures that are allowed.</summary>
    public required IReadOnlySet<JwtAlgorithm> Algorithms { get; init; }

    /// <summary>Who must have made it.</summary>
    public required string Issuer { get; init; }

    /// <summary>Whom it must be for; null when that is not looked at.</summary>
    public required string? Audience { get; init; }

    /// <summary>What it must say that it is (<c>typ</c>, small letters); empty when that is not looked at.</summary>
    public IReadOnlySet<string> Types { get; init; } = new HashSet<string>();

    /// <summary>How far clocks may differ.</summary>
    public TimeSpan Skew { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether it must say when it was made.</summary>
    public bool NeedsIssuedAt { get; init; } = true;

    /// <summary>Wrong, but of numbers that can stand in a signature: it is worked out to the end.</summary>
    private static readonly byte[] DecoySignature = [.. Enumerable.Repeat((byte)0x11, 64)];

    /// <summary>
    /// Checks a token. The signature is always worked out, with the key that the token names or with a decoy, before anything else is
    /// said: so every failure takes the same time, and nothing that was not signed decides on anything.
    /// </summary>
    /// <param name="token">The token; null for one that could not be read.</param>
    /// <param name="key">The known key of the token's name; null for none.</param>
    /// <param name="decoy">Stands in for a key that there is not.</param>
    /// <param name="now">The time.</param>
    public JwtVerdict Check(JwtToken? token, JwtKey? key, JwtKey decoy, DateTimeOffset now)
    {
        bool isAllowed = token is not null && Enum.TryParse(token.Algorithm, out JwtAlgorithm algorithm) &&
            token.Algorithm == algorithm.ToString() && Algorithms.Contains(algorithm);
        bool isKey = isAllowed && key is not null && key.Algorithm.ToString() == token!.Algorithm;
        bool isSigned = isKey && key!.MayBeSignature(token!.Signature)
            ? key.Verify(token.Signed, token.Signature)
            : decoy.Verify(token?.Signed ?? [], DecoySignature) && false;
        return token is null ? JwtVerdict.Malformed
            : !isAllowed ? JwtVerdict.AlgorithmNotAllowed
            : !isKey ? JwtVerdict.UnknownKey
            : !isSigned ? JwtVerdict.BadSignature
            : CheckClaims(token, now);
    }

    private JwtVerdict CheckClaims(JwtToken token, DateTimeOffset now)
    {
        double seconds = now.ToUnixTimeMilliseconds() / 1000.0;
        double skew = Skew.TotalSeconds;
        if (Types.Count > 0 && (token.Type is not { } type || !Types.Contains(type)))
        {
            return JwtVerdict.WrongType;
        }

        if (token.Text("iss") != Issuer)
        {
            return JwtVerdict.WrongIssuer;
        }

        if (Audience is { } audience && !token.IsFor(audience))
        {
            return JwtVerdict.WrongAudience;
        }

        if (token.Time("exp") is not { } expires || token.Text("sub") is not { Length: > 0 } ||
            (NeedsIssuedAt && token.Time("iat") is null) || IsBroken(token, "nbf") || IsBroken(token, "iat"))
        {
            return JwtVerdict.MissingClaim;
        }

        return seconds >= expires + skew ? JwtVerdict.Expired
            : token.Time("nbf") > seconds + skew || token.Time("iat") > seconds + skew ? JwtVerdict.NotYetValid
            : JwtVerdict.Ok;
    }

    /// <summary>There, and not a time: whoever made it meant something that we would not see.</summary>
    private static bool IsBroken(JwtToken token, string name) => token.Claims.TryGetProperty(name, out _) && token.Time(name) is null;
}
