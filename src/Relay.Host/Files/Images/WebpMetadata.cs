using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace Relay.Host.Files.Images;

/// <summary>
/// Takes out of a WebP what is no picture: EXIF with its places, XMP, profiles, and whatever else has a chunk of its own. libvips 8.14.1,
/// which is Debian 12's, leaves all of that in a WebP although it is told not to (8.14.2 does not).
/// </summary>
/// <remarks>
/// A WebP is <c>RIFF</c>, the length of what follows (4, little-endian), <c>WEBP</c>, and chunks: a name (4), a length (4), as many bytes,
/// and one more if that is odd. The first of an extended one, <c>VP8X</c>, begins with flags that say which others there are.
/// </remarks>
internal static class WebpMetadata
{
    private const int HeaderLength = 12, ChunkHeaderLength = 8;

    /// <summary>In <c>VP8X</c>: a profile, EXIF, XMP.</summary>
    private const byte MetadataFlags = 0x20 | 0x08 | 0x04;

    /// <summary>What a picture consists of. What is in the frames of an animation (<c>ANMF</c>) the encoder has written.</summary>
    private static readonly string[] PictureChunks = ["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF"];

    /// <summary>Writes a WebP without what is no picture.</summary>
    /// <param name="webp">The WebP.</param>
    /// <param name="to">Where to; not flushed.</param>
    /// <returns>False if it is none; then nothing was written.</returns>
    public static bool TryRemove(ReadOnlySequence<byte> webp, PipeWriter to)
    {
        if (webp.Length < HeaderLength || !Is(webp, 0, "RIFF") || !Is(webp, 8, "WEBP")
            || LengthOf(webp, 4) != webp.Length - ChunkHeaderLength)
        {
            return false;
        }

        var kept = new List<ReadOnlySequence<byte>>();
        for (long at = HeaderLength; at < webp.Length;)
        {
            if (webp.Length - at < ChunkHeaderLength)
            {
                return false;
            }

            long length = ChunkHeaderLength + LengthOf(webp, at + 4);
            length += length & 1;
            if (length > webp.Length - at)
            {
                return false;
            }

            ReadOnlySequence<byte> chunk = webp.Slice(at, length);
            if (PictureChunks.Any(name => Is(chunk, 0, name)))
            {
                kept.Add(chunk);
            }

            at += length;
        }

        Write(kept, to);
        return true;
    }

    private static void Write(List<ReadOnlySequence<byte>> chunks, PipeWriter to)
    {
        Span<byte> header = stackalloc byte[HeaderLength], flagged = stackalloc byte[ChunkHeaderLength + 1];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(4 + chunks.Sum(chunk => chunk.Length)));
        "WEBP"u8.CopyTo(header[8..]);
        to.Write(header);
        foreach (ReadOnlySequence<byte> chunk in chunks)
        {
            ReadOnlySequence<byte> rest = chunk;
            if (Is(chunk, 0, "VP8X") && chunk.Length > ChunkHeaderLength)
            {
                chunk.Slice(0, flagged.Length).CopyTo(flagged);
                flagged[^1] &= unchecked((byte)~MetadataFlags);
                to.Write(flagged);
                rest = chunk.Slice(flagged.Length);
            }

            foreach (ReadOnlyMemory<byte> part in rest)
            {
                to.Write(part.Span);
            }
        }
    }

    private static bool Is(ReadOnlySequence<byte> bytes, long at, string name)
    {
        Span<byte> found = stackalloc byte[4];
        bytes.Slice(at, 4).CopyTo(found);
        return System.Text.Ascii.Equals(found, name);
    }

    private static long LengthOf(ReadOnlySequence<byte> bytes, long at)
    {
        Span<byte> length = stackalloc byte[4];
        bytes.Slice(at, 4).CopyTo(length);
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }
}
