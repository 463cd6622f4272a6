using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Relay.Host.Accounts;

namespace Relay.Host.Files.Serving;

/// <summary>
/// Signs addresses of files: who has one sees the file until it expires, without being signed in. It opens what one account holds, and only
/// as long as that account holds it; another's holding of the same content, and the name that he gave it, it does not show.
/// <para>The signature is a version (1 byte), the account's id, and HMAC-SHA-256 of these, the path and the time. The version also keeps it
/// from looking like any token (rk_…), which would be refused in a query.</para>
/// </summary>
internal sealed class FileSigner(InstallationSecret secret, TimeProvider time)
{
    private const byte Version = 1;
    private const int MostText = 200;

    /// <summary>The last second of the year 9999.</summary>
    private const long LastSecond = 253_402_300_799;

    private readonly byte[] _key = secret.Key("file urls");

    /// <summary>Signs an address.</summary>
    /// <param name="path">What comes behind <c>/files/</c>.</param>
    /// <param name="account">Whose file it is.</param>
    /// <param name="expires">When the signature is not good any more; to the second.</param>
    /// <returns>The query, without a question mark.</returns>
    public string Sign(string path, string account, DateTimeOffset expires)
    {
        long seconds = expires.ToUnixTimeSeconds();
        byte[] signature = [Version, .. Encoding.UTF8.GetBytes(account), .. Mac(path, account, seconds)];
        return string.Create(CultureInfo.InvariantCulture, $"expires={seconds}&signature={Base64Url.EncodeToString(signature)}");
    }

    /// <summary>Checks an address.</summary>
    /// <param name="path">What comes behind <c>/files/</c>.</param>
    /// <param name="query">The query.</param>
    /// <returns>Whose file it is and until when the signature is good; null if it is not, or if there is none.</returns>
    public (string Account, DateTimeOffset Expires)? Check(string path, IQueryCollection query)
    {
        if (query["signature"] is not [{ Length: <= MostText } text] || query["expires"] is not [{ } until] ||
            !long.TryParse(until, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) || seconds > LastSecond ||
            !Base64Url.IsValid(text))
        {
            return null;
        }

        byte[] signature = Base64Url.DecodeFromChars(text);
        int length = signature.Length - 1 - HMACSHA256.HashSizeInBytes;
        if (length < 0 || signature[0] != Version)
        {
            return null;
        }

        string account = Encoding.UTF8.GetString(signature, 1, length);
        DateTimeOffset expires = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return CryptographicOperations.FixedTimeEquals(Mac(path, account, seconds), signature.AsSpan(1 + length))
            && time.GetUtcNow() < expires ? (account, expires) : null;
    }

    private byte[] Mac(string path, string account, long seconds) => HMACSHA256.HashData(
        _key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Version}\n{path}\n{seconds}\n{account}")));
}
