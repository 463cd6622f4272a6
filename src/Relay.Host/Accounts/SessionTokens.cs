namespace Relay.Host.Accounts;

/// <summary>What a client gets when it signs in or refreshes. The names of RFC 6749 §5.1.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Name">The name that others see.</param>
/// <param name="Kind">What kind of account, as a word.</param>
/// <param name="AccessToken">Shown with each request, as <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresIn">How long the access token is good for, in seconds.</param>
/// <param name="RefreshToken">Gets the next pair, once.</param>
/// <param name="RefreshExpiresIn">How long the refresh token is good for if it is not used, in seconds.</param>
internal sealed record SessionTokens(
    string AccountId, string SessionId, string Name, string Kind,
    string AccessToken, long ExpiresIn, string RefreshToken, long RefreshExpiresIn)
{
    /// <summary>How to use the access token. RFC 6750.</summary>
    public string TokenType { get; } = "Bearer";

    /// <summary>No secret, so that no log gets one.</summary>
    public override string ToString() => $"session {SessionId} of account {AccountId}";
}

/// <summary>Where a session was begun.</summary>
/// <param name="Provider">The way: <c>guest</c>, <c>mail</c>, <c>wallet</c>, <c>oidc:&lt;issuer&gt;</c>.</param>
/// <param name="Client">What the client calls itself, for the user's list of sessions; cut to 128 characters. Never trusted.</param>
/// <param name="Address">The address, for the audit log, which keeps a keyed hash of it; null if not known.</param>
internal sealed record SignIn(string Provider, string Client, System.Net.IPAddress? Address);

/// <summary>A session as it is kept. Of the refresh token only hashes are.</summary>
/// <param name="Id">22 characters, base64url of 128 random bits.</param>
/// <param name="Account">Whose.</param>
/// <param name="Provider">How it was begun.</param>
/// <param name="Client">What the client calls itself.</param>
/// <param name="Created">When it was begun, in Unix milliseconds.</param>
/// <param name="LastUsed">When it was last refreshed, in Unix milliseconds.</param>
/// <param name="IdleUntil">When it ends if it is not refreshed, in Unix milliseconds.</param>
/// <param name="Until">When it ends in any case, in Unix milliseconds.</param>
/// <param name="Family">SHA-256 of the part that all refresh tokens of the session share.</param>
/// <param name="Refresh">SHA-256 of the part of the newest alone.</param>
internal sealed record StoredSession(
    string Id, string Account, string Provider, string Client, long Created, long LastUsed,
    long IdleUntil, long Until, string Family, string Refresh);
