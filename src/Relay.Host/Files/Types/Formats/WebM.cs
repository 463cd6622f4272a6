using System.Numerics;

namespace Relay.Host.Files.Types.Formats;

/// <summary>
/// WebM (RFC 8794, RFC 9559): EBML, whose elements are an id, a length and data. Its head names it; then comes one segment, in which the
/// tracks are described before anything of them comes. A segment that was written while it was recorded has no length and goes to the end.
/// </summary>
internal sealed class WebM : Format
{
    private const uint DocType = 0x4282, Segment = 0x18538067, Tracks = 0x1654AE6B, Cluster = 0x1F43B675;

    // An id has up to 4 bytes and a length up to 8.
    private const int MostElementHead = 12;

    public override Sniffed? Sniff(ReadOnlySpan<byte> head)
    {
        Sniffed? sniffed = BySignature(head, [0x1A, 0x45, 0xDF, 0xA3], FileType.WebM);
        if (sniffed is not { Status: SniffStatus.Known } || Element.Read(head) is not { } file)
        {
            return sniffed is null ? null : Sniffed.TooShort;
        }

        if (file.Length is not { } length || length > FileTypes.HeadLength - file.HeadLength)
        {
            return null;
        }

        if (length > head.Length - file.HeadLength)
        {
            return Sniffed.TooShort;
        }

        ReadOnlySpan<byte> rest = head.Slice(file.HeadLength, (int)length);
        while (Element.Read(rest) is { Length: { } size } element && size <= rest.Length - element.HeadLength)
        {
            ReadOnlySpan<byte> data = rest.Slice(element.HeadLength, (int)size);
            if (element.Id == DocType)
            {
                return data.TrimEnd((byte)0).SequenceEqual("webm"u8) ? sniffed : Sniffed.NotAllowed("it is Matroska, and not WebM");
            }

            rest = rest[(element.HeadLength + (int)size)..];
        }

        return null;
    }

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        if (await ReadAsync(reader, 0).ConfigureAwait(false) is not { } head
            || await ReadAsync(reader, head.End!.Value).ConfigureAwait(false) is not { } segment)
        {
            return reader.Failure;
        }

        if (segment.Id != Segment)
        {
            return Inspection.Unsound("it has no segment");
        }

        long end = segment.End ?? reader.Length;
        if (end != reader.Length)
        {
            return end < reader.Length ? GoesOn(reader, end) : reader.CutOff;
        }

        for (long offset = segment.Data; offset < end;)
        {
            if (await ReadAsync(reader, offset).ConfigureAwait(false) is not { } element)
            {
                return reader.Failure;
            }

            if (element.Id == Tracks && element.End <= end)
            {
                return Inspection.Sound(type);
            }

            if (element.Id == Cluster || element.End is not { } next)
            {
                break;
            }

            offset = next;
        }

        return Inspection.Unsound("it does not say what tracks it has");
    }

    private static async ValueTask<(uint Id, long Data, long? End)?> ReadAsync(ContentReader reader, long offset)
    {
        if (!reader.TakePart())
        {
            return null;
        }

        if (offset >= reader.Length)
        {
            reader.Fail(reader.CutOff);
            return null;
        }

        if (!await reader.SeeAsync(offset, (int)Math.Min(reader.Length - offset, MostElementHead)).ConfigureAwait(false))
        {
            return null;
        }

        if (Element.Read(reader.Seen) is not { } element)
        {
            reader.Fail(Inspection.Unsound("it has something where an element should be"));
            return null;
        }

        long data = offset + element.HeadLength;
        return (element.Id, data, data + element.Length);
    }

    /// <summary>The head of an element.</summary>
    /// <param name="Id">Its id, with the bits that say how long that is.</param>
    /// <param name="Length">How long its data is; null if that was not known.</param>
    /// <param name="HeadLength">How long the head is.</param>
    private readonly record struct Element(uint Id, long? Length, int HeadLength)
    {
        /// <summary>Reads one; null if there is none, or not all of it.</summary>
        public static Element? Read(ReadOnlySpan<byte> bytes)
        {
            int idLength = bytes.IsEmpty ? 0 : BitOperations.LeadingZeroCount((uint)bytes[0]) - 23;
            if (idLength is < 1 or > 4 || bytes.Length <= idLength)
            {
                return null;
            }

            ReadOnlySpan<byte> number = bytes[idLength..];
            int length = BitOperations.LeadingZeroCount((uint)number[0]) - 23;
            if (length > 8 || number.Length < length)
            {
                return null;
            }

            long value = Number(number[..length]) & ((1L << (7 * length)) - 1);
            bool isKnown = value != (1L << (7 * length)) - 1;
            return new Element((uint)Number(bytes[..idLength]), isKnown ? value : null, idLength + length);
        }

        private static long Number(ReadOnlySpan<byte> bytes)
        {
            long number = 0;
            foreach (byte each in bytes)
            {
                number = number << 8 | each;
            }

            return number;
        }
    }
}
