using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Host.Accounts;

/// <summary>
/// A secret of this installation, from which keys for keyed hashes are derived: what the database holds of mail addresses and IP addresses
/// cannot be guessed without it. Kept in a file beside the signing keys; whoever loses it loses the link to all that was hashed with it.
/// </summary>
internal sealed class InstallationSecret
{
    private readonly byte[] _secret;

    /// <summary>Wraps a secret.</summary>
    /// <param name="secret">At least 32 bytes.</param>
    public InstallationSecret(byte[] secret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(secret.Length, 32);
        _secret = secret;
    }

    /// <summary>A secret for as long as the process runs.</summary>
    public static InstallationSecret ForThisProcess() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>A keyed hash of a text: HMAC-SHA-256 in base64url, 43 characters.</summary>
    /// <param name="purpose">What for, so that the same text for two purposes gives two hashes: <c>mail</c>, <c>address</c>.</param>
    /// <param name="text">The text.</param>
    public string Hash(string purpose, string text) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(Key(purpose), Encoding.UTF8.GetBytes(text)));

    /// <summary>A key for one purpose: 32 bytes. HKDF, RFC 5869.</summary>
    /// <param name="purpose">What for.</param>
    public byte[] Key(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, 32, info: Encoding.UTF8.GetBytes("relay " + purpose));
}
