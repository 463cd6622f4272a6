using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>
/// JPEG (ITU-T T.81): markers with segments, and scans, in whose data a marker is told by what follows its 0xFF. All of it is walked
/// through, for only so its end is found; what cameras and phones put behind the end (a second picture, a short video) is let be, what
/// could be unpacked, run or opened is not.
/// </summary>
internal sealed class Jpeg : Format
{
    // A progressive picture has some ten. Each can be a few bytes long and costs a decoder a pass over all pixels.
    private const int MostScans = 200;

    private const int StartOfScan = 0xDA, EndOfImage = 0xD9, Application1 = 0xE1;

    public override Sniffed? Sniff(ReadOnlySpan<byte> head) => BySignature(head, [0xFF, 0xD8, 0xFF], FileType.Jpeg);

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        (int Width, int Height)? size = null;
        bool isOnItsSide = false, hasExif = false;
        int scans = 0;
        long offset = 2;
        while (true)
        {
            if (!reader.TakePart() || !await reader.SeeAsync(offset, 2).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            int marker = reader.Seen[1];
            if (reader.Seen[0] != 0xFF || marker is < 0xC0 or (>= 0xD0 and <= 0xD8))
            {
                return Inspection.Unsound("it has something where a marker should be");
            }

            if (marker == 0xFF)
            {
                offset++;
                continue;
            }

            offset += 2;
            if (marker == EndOfImage)
            {
                break;
            }

            if (!await reader.SeeAsync(offset, 2).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(reader.Seen);
            if (length < 2)
            {
                return Inspection.Unsound("it has a segment that is shorter than its head");
            }

            if (!await reader.SeeAsync(offset, length).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            ReadOnlySpan<byte> segment = reader.Seen[2..];
            if (IsStartOfFrame(marker))
            {
                if (Frame(marker, segment) is { } problem)
                {
                    return problem;
                }

                if (size is not null)
                {
                    return Inspection.Unsound("it says twice how large it is");
                }

                size = (BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), BinaryPrimitives.ReadUInt16BigEndian(segment[1..]));
                if (reader.Limits.Judge(size.Value.Width, size.Value.Height) is { } tooMuch)
                {
                    return tooMuch;
                }
            }
            else if (marker == Application1 && !hasExif && segment.StartsWith("Exif\0\0"u8))
            {
                hasExif = true;
                isOnItsSide = Exif.IsOnItsSide(segment[6..]);
            }

            offset += length;
            if (marker != StartOfScan)
            {
                continue;
            }

            if (size is null)
            {
                return Inspection.Unsound("it has data before it says how large it is");
            }

            if (++scans > MostScans)
            {
                return Inspection.TooMuch("scans", scans, MostScans);
            }

            offset = await PassScanAsync(reader, offset).ConfigureAwait(false);
            if (offset < 0)
            {
                return reader.Failure;
            }
        }

        if (size is not { } known || scans == 0)
        {
            return Inspection.Unsound("it has no picture");
        }

        Inspection sound = isOnItsSide
            ? Inspection.Picture(type, known.Height, known.Width)
            : Inspection.Picture(type, known.Width, known.Height);
        return await JudgeRestAsync(reader, offset).ConfigureAwait(false) ?? sound;
    }

    private static bool IsStartOfFrame(int marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    /// <summary>Judges the kind of picture: browsers show those of Huffman codes and 8 bits, with one, three or four components.</summary>
    private static Inspection? Frame(int marker, ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 6 || segment.Length != 6 + (3 * segment[5]))
        {
            return Inspection.Unsound("it does not say rightly how large it is");
        }

        return marker <= 0xC2 && segment[0] == 8 && segment[5] is 1 or 3 or 4
            ? null
            : Inspection.NotAllowed("it is a JPEG of a kind that browsers do not show");
    }

    /// <summary>Finds the next marker that is none of the scan's own.</summary>
    /// <returns>Where it is; -1 if there is none.</returns>
    private static async ValueTask<long> PassScanAsync(ContentReader reader, long offset)
    {
        while (await reader.SeeSomeAsync(offset, 2).ConfigureAwait(false))
        {
            ReadOnlySpan<byte> seen = reader.Seen;
            int at = 0;
            while (at < seen.Length - 1)
            {
                int next = seen[at..^1].IndexOf((byte)0xFF);
                if (next < 0)
                {
                    at = seen.Length - 1;
                    break;
                }

                at += next;
                byte follows = seen[at + 1];
                if (follows is not (0 or 0xFF or (>= 0xD0 and <= 0xD7)))
                {
                    return offset + at;
                }

                // A byte of data, a mark to start again from, or a byte that only fills.
                at += follows == 0xFF ? 1 : 2;
            }

            offset += at;
        }

        return -1;
    }

    private static async ValueTask<Inspection?> JudgeRestAsync(ContentReader reader, long end)
    {
        int length = (int)Math.Min(reader.Length - end, FileTypes.HeadLength);
        if (length > 0 && !await reader.SeeAsync(end, length).ConfigureAwait(false))
        {
            return reader.Failure;
        }

        return length > 0 && Strangers.NameStowaway(reader.Seen) is { } name
            ? Inspection.NotAllowed($"it has {name} behind its end")
            : null;
    }
}
