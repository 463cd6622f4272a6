namespace Relay.Host.Accounts;

/// <summary>A key for a server: <c>rk_&lt;id&gt;_&lt;secret&gt;</c>, of which the hash is kept.</summary>
/// <param name="Id">22 characters.</param>
/// <param name="Account">The account that it signs in, of kind <see cref="AccountKind.Server"/>, made with the key.</param>
/// <param name="Name">What it is for, for people.</param>
/// <param name="Scopes">What it may do, words with a space between.</param>
/// <param name="Hash">SHA-256 of its secret.</param>
/// <param name="Created">When it was made, in Unix milliseconds.</param>
/// <param name="Expires">When it expires, in Unix milliseconds; null for never.</param>
/// <param name="LastUsed">When it was last used, in Unix milliseconds, give or take a minute; null for never.</param>
internal sealed record ApiKey(
    string Id, string Account, string Name, string Scopes, string Hash, long Created, long? Expires, long? LastUsed)
{
    /// <summary>What a key begins with, so that a lost one can be found by scanners.</summary>
    public const string Prefix = "rk_";

    private const int Length = 3 + Secrets.IdLength + 1 + Secrets.SecretLength;

    /// <summary>The key for its user.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="secret">Its secret.</param>
    public static string Reveal(string id, string secret) => $"{Prefix}{id}_{secret}";

    /// <summary>Takes a key apart.</summary>
    /// <param name="text">What was shown.</param>
    /// <param name="id">Its id.</param>
    /// <param name="secret">Its secret.</param>
    public static bool TryRead(string text, out string id, out string secret)
    {
        bool isOne = text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && text[3 + Secrets.IdLength] == '_';
        id = isOne ? text.Substring(3, Secrets.IdLength) : "";
        secret = isOne ? text[^Secrets.SecretLength..] : "";
        return isOne;
    }
}
