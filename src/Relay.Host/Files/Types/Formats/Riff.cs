using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>A chunk of RIFF.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Data">Where its data begins.</param>
/// <param name="End">Where that ends.</param>
internal readonly record struct RiffChunk(FourCc Name, long Data, long End)
{
    /// <summary>Where the next one begins: each has an even length.</summary>
    public long Next => End + ((End - Data) & 1);
}

/// <summary>RIFF, the container of WebP and WAV: a head that says how long all is, and chunks.</summary>
internal static class Riff
{
    /// <summary>Bytes of the head.</summary>
    public const int HeadLength = 12;

    /// <summary>Says whether a file is RIFF of a form.</summary>
    /// <param name="head">The first bytes of it.</param>
    /// <param name="form">The form's name.</param>
    /// <param name="type">What such a file is.</param>
    public static Sniffed? Sniff(ReadOnlySpan<byte> head, string form, FileType type) =>
        head.Length < HeadLength ? (head.StartsWith("RIFF"u8) || "RIFF"u8.StartsWith(head) ? Sniffed.TooShort : null)
        : head.StartsWith("RIFF"u8) && FourCc.Read(head[8..]).Is(form) ? Sniffed.Known(type)
        : null;

    /// <summary>Reads where all ends.</summary>
    /// <param name="reader">The file.</param>
    /// <returns>The end; -1 if the file has not as much.</returns>
    public static async ValueTask<long> ReadEndAsync(ContentReader reader)
    {
        if (!await reader.SeeAsync(0, HeadLength).ConfigureAwait(false))
        {
            return -1;
        }

        long end = 8 + (long)BinaryPrimitives.ReadUInt32LittleEndian(reader.Seen[4..]);
        return end <= reader.Length || reader.Fail(reader.CutOff) ? end : -1;
    }

    /// <summary>Reads the head of a chunk.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="end">Where that ends in which it is.</param>
    /// <returns>Null if it does not fit in there.</returns>
    public static async ValueTask<RiffChunk?> ReadAsync(ContentReader reader, long offset, long end)
    {
        if (!reader.TakePart() || !await reader.SeeAsync(offset, 8).ConfigureAwait(false))
        {
            return null;
        }

        FourCc name = FourCc.Read(reader.Seen);
        long data = offset + 8, dataEnd = data + BinaryPrimitives.ReadUInt32LittleEndian(reader.Seen[4..]);
        if (dataEnd > end)
        {
            reader.Fail(Inspection.Unsound($"its chunk {name} is longer than what it is in"));
            return null;
        }

        return new RiffChunk(name, data, dataEnd);
    }
}
