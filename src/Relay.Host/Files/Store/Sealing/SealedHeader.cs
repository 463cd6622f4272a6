using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Relay.Host.Files.Store.Sealing;

/// <summary>
/// What stands before the segments, 88 bytes:
/// <code>
///  0   4  "RLYF"
///  4   1  version, 1
///  5   1  kind: 1 master key, 2 token
///  6   1  whole: 0 while it is written, 1 from then on
///  7   1  0
///  8   8  id of the master key or token
/// 16  32  salt
/// 48   8  length of the content, little-endian; 0 while it is written
/// 56  32  signature: HMAC-SHA-256 of bytes 0 to 55 and the content's hash
/// </code>
/// The hash is in no file; who asks for a file knows it. So a file that was given another's name, cut off, or lengthened is known as such
/// before anything of it is read.
/// </summary>
internal sealed class SealedHeader
{
    /// <summary>Bytes of it.</summary>
    public const int Length = SignedLength + SignatureLength;

    /// <summary>Bytes of a salt.</summary>
    public const int SaltLength = 32;

    private const int SignedLength = 56;
    private const int SignatureLength = 32;
    private const byte Version = 1;

    private readonly byte[] _bytes;

    private SealedHeader(byte[] bytes) => _bytes = bytes;

    private static ReadOnlySpan<byte> Magic => "RLYF"u8;

    /// <summary>What the file's key is derived from.</summary>
    public SealKind Kind => (SealKind)_bytes[5];

    /// <summary>Whether the file was sealed to its end.</summary>
    public bool IsWhole => _bytes[6] == 1;

    /// <summary>Whose key it is.</summary>
    public ReadOnlySpan<byte> SecretId => _bytes.AsSpan(8, FileSecret.IdLength);

    /// <summary>The file's salt.</summary>
    public ReadOnlySpan<byte> Salt => _bytes.AsSpan(16, SaltLength);

    /// <summary>Bytes of content.</summary>
    public long ContentLength => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(48));

    /// <summary>Makes a header.</summary>
    /// <param name="secret">What the file's key is derived from.</param>
    /// <param name="salt">The file's salt.</param>
    /// <param name="length">Bytes of content; null while it is written.</param>
    /// <param name="key">The file's key.</param>
    /// <param name="hash">The content's hash; none while it is written.</param>
    /// <returns>88 bytes.</returns>
    public static byte[] Make(FileSecret secret, ReadOnlySpan<byte> salt, long? length, FileKey key, ContentHash? hash)
    {
        byte[] bytes = new byte[Length];
        Magic.CopyTo(bytes);
        bytes[4] = Version;
        bytes[5] = (byte)secret.Kind;
        bytes[6] = length is null ? (byte)0 : (byte)1;
        secret.Id.CopyTo(bytes.AsSpan(8));
        salt.CopyTo(bytes.AsSpan(16));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(48), length ?? 0);
        if (hash is { } known)
        {
            key.Sign(bytes.AsSpan(0, SignedLength), known).CopyTo(bytes.AsSpan(SignedLength));
        }

        return bytes;
    }

    /// <summary>Reads what may be a header. Nothing in it is to be believed before <see cref="IsSignedBy"/>.</summary>
    /// <param name="bytes">88 bytes.</param>
    /// <param name="header">The header.</param>
    /// <returns>False if it is none that this program can read.</returns>
    public static bool TryParse(byte[] bytes, [NotNullWhen(true)] out SealedHeader? header)
    {
        bool isKnown = bytes is [_, _, _, _, Version, (byte)SealKind.Master or (byte)SealKind.Token, 0 or 1, 0, ..];
        header = isKnown && bytes.AsSpan().StartsWith(Magic) ? new SealedHeader(bytes) : null;
        return header is not null;
    }

    /// <summary>Whether all of it is as it was made, for this content.</summary>
    /// <param name="key">The file's key.</param>
    /// <param name="hash">The content's hash.</param>
    public bool IsSignedBy(FileKey key, ContentHash hash) =>
        CryptographicOperations.FixedTimeEquals(key.Sign(_bytes.AsSpan(0, SignedLength), hash), _bytes.AsSpan(SignedLength));
}
