using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Host.Accounts;

/// <summary>Random ids and secrets as text, and what is kept of them.</summary>
internal static class Secrets
{
    /// <summary>Characters of an id: 128 bits in base64url.</summary>
    public const int IdLength = 22;

    /// <summary>Characters of a secret: 256 bits in base64url.</summary>
    public const int SecretLength = 43;

    /// <summary>A new id that nobody has had.</summary>
    public static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    /// <summary>A new secret that nobody guesses.</summary>
    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is kept of a secret: SHA-256 in base64url, 43 characters. A plain hash does: there is nothing to guess in 128 random
    /// bits or more.</summary>
    /// <param name="secret">The secret.</param>
    public static string HashOf(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Compares hashes in a time that tells nothing.</summary>
    /// <param name="one">One.</param>
    /// <param name="other">The other.</param>
    public static bool Same(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    /// <summary>Whether a text can be an id of ours. What cannot is not even asked for.</summary>
    /// <param name="text">The text.</param>
    public static bool IsId(string? text) => text is { Length: IdLength } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
