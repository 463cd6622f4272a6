namespace Relay.Host.Accounts;

/// <summary>
/// A refresh token: <c>rt_</c>, the session's id, a part that all of the session's refresh tokens share, a part of its own. Whoever shows
/// the shared part but not the newest own one has an old token: either the client or somebody else has stolen one, and the session ends.
/// Whoever knows the id alone can end nothing.
/// </summary>
/// <param name="Session">The session's id.</param>
/// <param name="Family">The shared part, 128 random bits.</param>
/// <param name="Own">The own part, 256 random bits.</param>
internal sealed record RefreshToken(string Session, string Family, string Own)
{
    /// <summary>What a refresh token begins with.</summary>
    public const string Prefix = "rt_";

    /// <summary>Reads a token.</summary>
    /// <param name="text">The token.</param>
    /// <returns>Null if it is none of ours.</returns>
    public static RefreshToken? Read(string? text) =>
        text is { Length: 3 + Secrets.IdLength + Secrets.IdLength + Secrets.SecretLength } &&
        text.StartsWith(Prefix, StringComparison.Ordinal)
            ? new RefreshToken(
                text.Substring(3, Secrets.IdLength), text.Substring(3 + Secrets.IdLength, Secrets.IdLength),
                text[(3 + (2 * Secrets.IdLength))..])
            : null;

    /// <summary>The token for the client.</summary>
    public string Reveal() => Prefix + Session + Family + Own;

    /// <summary>No secret, so that no log gets one.</summary>
    public override string ToString() => "refresh token of session " + Session;
}
