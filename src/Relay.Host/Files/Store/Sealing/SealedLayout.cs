namespace Relay.Host.Files.Store.Sealing;

/// <summary>
/// Where things lie in a sealed file:
/// <code>
/// sealed file = header (88 bytes), segment 0, segment 1, …
/// segment     = content (65,536 bytes; in the last one 0 to 65,536, and 0 only if the file is empty), tag (16 bytes)
/// </code>
/// So each length of the content has one length of the sealed file, and the other way round. 64 KiB as in age: a range costs at most that
/// much more than was asked for at both of its ends, and the tags 0.02 %.
/// </summary>
internal static class SealedLayout
{
    /// <summary>Bytes of content in a segment.</summary>
    public const int SegmentLength = 65_536;

    /// <summary>Bytes of a tag of AES-GCM.</summary>
    public const int TagLength = 16;

    /// <summary>Bytes of a whole segment as it lies there.</summary>
    public const int SealedSegmentLength = SegmentLength + TagLength;

    /// <summary>The longest content in bytes, 256 TiB: far above any disk, and far below what overflows or wears out a key.</summary>
    public const long MaxLength = 1L << 48;

    /// <summary>How many segments a content has; at least one.</summary>
    /// <param name="length">Bytes of content.</param>
    public static long Segments(long length) => length == 0 ? 1 : (length + SegmentLength - 1) / SegmentLength;

    /// <summary>How long the sealed file is.</summary>
    /// <param name="length">Bytes of content.</param>
    public static long SealedLength(long length) => SealedHeader.Length + length + (Segments(length) * TagLength);

    /// <summary>How long the content of a sealed file is.</summary>
    /// <param name="sealedLength">Bytes of the sealed file.</param>
    /// <returns>-1 if no sealed file is that long.</returns>
    public static long ContentLength(long sealedLength)
    {
        long body = sealedLength - SealedHeader.Length;
        long rest = body % SealedSegmentLength;
        bool isPossible = body >= TagLength && body / SealedSegmentLength <= MaxLength / SegmentLength
            && (rest == 0 || rest > TagLength || body == TagLength);
        return isPossible ? body - (((body + SealedSegmentLength - 1) / SealedSegmentLength) * TagLength) : -1;
    }

    /// <summary>Where a segment begins.</summary>
    /// <param name="number">Its number, from 0.</param>
    public static long Offset(long number) => SealedHeader.Length + (number * SealedSegmentLength);
}
