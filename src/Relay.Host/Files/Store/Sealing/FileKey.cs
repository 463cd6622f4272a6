using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Host.Files.Store.Sealing;

/// <summary>
/// The key of one file: seals and opens its segments and signs its header. Segments are sealed as in STREAM (Hoang, Reyhanitabar, Rogaway
/// and Vizár 2015; in age and Tink): the nonce is the segment's number, 11 bytes big-endian, and a byte that is 1 for the last segment and
/// otherwise 0. A segment in another's place, twice, missing, or of another file does not open; nor does a last one that is not the last.
/// <para>A nonce must not be used twice with a key. So each salt, and with it each key, belongs to one <see cref="SealedWriter"/> in one
/// process, which seals each number once; whoever goes on with an upload after a restart seals it anew, with a new salt.</para>
/// For one thread at a time.
/// </summary>
internal sealed class FileKey : IDisposable
{
    /// <summary>Bytes that it is made from: a key for AES-256, a key for HMAC-SHA-256.</summary>
    public const int MaterialLength = 64;

    /// <summary>What content is sealed for.</summary>
    public const string Content = "content";

    private const int NonceLength = 12;

    private readonly AesGcm _cipher;
    private readonly byte[] _headerKey;

    /// <summary>Takes what was derived.</summary>
    /// <param name="material">64 bytes.</param>
    public FileKey(ReadOnlySpan<byte> material)
    {
        _cipher = new AesGcm(material[..32], SealedLayout.TagLength);
        _headerKey = material[32..MaterialLength].ToArray();
    }

    /// <summary>Seals a segment.</summary>
    /// <param name="number">Its number, from 0; each once.</param>
    /// <param name="isLast">Whether no other follows.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="segment">Where it goes: <see cref="SealedLayout.TagLength"/> bytes more.</param>
    public void Seal(long number, bool isLast, ReadOnlySpan<byte> content, Span<byte> segment)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        WriteNonce(nonce, number, isLast);
        _cipher.Encrypt(nonce, content, segment[..content.Length], segment[content.Length..]);
    }

    /// <summary>Opens a segment.</summary>
    /// <param name="number">The number that it must have.</param>
    /// <param name="isLast">Whether it must be the last.</param>
    /// <param name="segment">The segment as it lies there.</param>
    /// <param name="content">Where what is in it goes: <see cref="SealedLayout.TagLength"/> bytes fewer.</param>
    /// <returns>False if it is not this segment; then nothing of it is in <paramref name="content"/>.</returns>
    public bool TryOpen(long number, bool isLast, ReadOnlySpan<byte> segment, Span<byte> content)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        WriteNonce(nonce, number, isLast);
        try
        {
            _cipher.Decrypt(nonce, segment[..content.Length], segment[content.Length..], content);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <summary>The signature of a header together with the content that it stands before: HMAC-SHA-256, 32 bytes.</summary>
    /// <param name="header">The header without its signature.</param>
    /// <param name="hash">The content's hash.</param>
    public byte[] Sign(ReadOnlySpan<byte> header, ContentHash hash)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _headerKey);
        hmac.AppendData(header);
        hmac.AppendData(hash.ToBytes());
        return hmac.GetHashAndReset();
    }

    public void Dispose()
    {
        _cipher.Dispose();
        CryptographicOperations.ZeroMemory(_headerKey);
    }

    private static void WriteNonce(Span<byte> nonce, long number, bool isLast)
    {
        nonce[..3].Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..], number);
        nonce[NonceLength - 1] = isLast ? (byte)1 : (byte)0;
    }
}
