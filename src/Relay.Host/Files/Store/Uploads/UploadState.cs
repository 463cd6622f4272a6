using System.Buffers.Binary;
using System.Security.Cryptography;
using Relay.Host.Files.Store.Disk;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Store.Uploads;

/// <summary>
/// What is durable of an upload: the file <c>state</c> in its directory, replaced as a whole. Sealed with the same secret as the content,
/// each time with a salt of its own:
/// <code>
///  0   1  kind: 1 master key, 2 token
///  1   8  id of the master key or token
///  9  32  salt
/// 41   …  sealed: part's salt (32), segments of the part that count (8), hash (32; zero unless all is there), what comes after them
/// </code>
/// What comes after the segments is here and not in the part, because sealing a segment that is not full, and later the full one, would use
/// a nonce twice.
/// </summary>
/// <param name="PartSalt">The salt of the part that this is about.</param>
/// <param name="Segments">How many of its segments count. What comes after them in the part was never acknowledged.</param>
/// <param name="Hash">The content's hash, if the part is whole; then <paramref name="Tail"/> is empty, and what is left to do is to
/// publish it.</param>
/// <param name="Tail">0 to 65,536 bytes of content.</param>
internal sealed record UploadState(byte[] PartSalt, long Segments, ContentHash? Hash, byte[] Tail)
{
    /// <summary>The file's name.</summary>
    public const string Name = "state";

    private const string Purpose = "upload";
    private const int SaltOffset = 1 + FileSecret.IdLength;
    private const int SealedOffset = SaltOffset + SealedHeader.SaltLength;
    private const int SegmentsOffset = SealedHeader.SaltLength;
    private const int HashOffset = SegmentsOffset + sizeof(long);
    private const int TailOffset = HashOffset + 32;

    /// <summary>Bytes of content that are durable, while the part is not whole.</summary>
    public long Length => (Segments * SealedLayout.SegmentLength) + Tail.Length;

    /// <summary>The part's name.</summary>
    public string PartName => SealedWriter.NameOf(PartSalt);

    /// <summary>Writes it. When it returns, a power cut does not undo it.</summary>
    /// <param name="directory">The upload's directory.</param>
    /// <param name="secret">What to seal it with.</param>
    /// <exception cref="IOException">It cannot be written; then it is as it was.</exception>
    public void Write(string directory, FileSecret secret)
    {
        byte[] content = new byte[TailOffset + Tail.Length];
        PartSalt.CopyTo(content, 0);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(SegmentsOffset), Segments);
        Hash?.ToBytes().CopyTo(content, HashOffset);
        Tail.CopyTo(content, TailOffset);

        byte[] bytes = new byte[SealedOffset + content.Length + SealedLayout.TagLength];
        bytes[0] = (byte)secret.Kind;
        secret.Id.CopyTo(bytes.AsSpan(1));
        RandomNumberGenerator.Fill(bytes.AsSpan(SaltOffset, SealedHeader.SaltLength));
        using FileKey key = secret.KeyOf(bytes.AsSpan(SaltOffset, SealedHeader.SaltLength), Purpose);
        key.Seal(0, isLast: true, content, bytes.AsSpan(SealedOffset));
        WholeFile.Write(Path.Combine(directory, Name), bytes);
    }

    /// <summary>Reads it.</summary>
    /// <param name="directory">The upload's directory.</param>
    /// <param name="find">Finds what it was sealed with by kind and id; null if that is not at hand.</param>
    /// <param name="state">What is durable.</param>
    /// <param name="secret">What it is sealed with.</param>
    public static StoreOutcome Read(
        string directory, FindSecret find, out UploadState? state, out FileSecret? secret)
    {
        (state, secret) = (null, null);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(Path.Combine(directory, Name));
        }
        catch (Exception e) when (StoreOutcome.Of(e) is not null)
        {
            return StoreOutcome.Of(e)!.Value;
        }

        int length = bytes.Length - SealedOffset - SealedLayout.TagLength;
        if (length is < TailOffset or > TailOffset + SealedLayout.SegmentLength)
        {
            return new StoreOutcome(StoreStatus.Damaged, "its state cannot be read");
        }

        secret = find((SealKind)bytes[0], bytes.AsSpan(1, FileSecret.IdLength));
        if (secret is null)
        {
            return new StoreOutcome(StoreStatus.WrongKey, "it was begun with another token, or a master key that is not at hand");
        }

        byte[] content = new byte[length];
        using FileKey key = secret.KeyOf(bytes.AsSpan(SaltOffset, SealedHeader.SaltLength), Purpose);
        if (!key.TryOpen(0, isLast: true, bytes.AsSpan(SealedOffset), content))
        {
            return new StoreOutcome(StoreStatus.Damaged, "its state is not what was written");
        }

        ReadOnlySpan<byte> hash = content.AsSpan(HashOffset, 32);
        state = new UploadState(
            content[..SegmentsOffset],
            BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(SegmentsOffset)),
            hash.ContainsAnyExcept((byte)0) ? ContentHash.Of(hash) : null,
            content[TailOffset..]);
        return StoreOutcome.Done;
    }
}

/// <summary>Finds a secret by what a file says of it.</summary>
/// <param name="kind">Which kind.</param>
/// <param name="id">Its id.</param>
/// <returns>Null if it is not at hand.</returns>
internal delegate FileSecret? FindSecret(SealKind kind, ReadOnlySpan<byte> id);
