using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>
/// PNG (W3C, third edition): a signature, then chunks of length, name, data and CRC, the first of which says the size; with <c>acTL</c> and
/// <c>fcTL</c> an animation. Compressed texts in it are passed by like all that a picture can be shown without.
/// </summary>
internal sealed class Png : Format
{
    // Length, name and CRC of a chunk; the one with the size; a palette of 256 colours.
    private const int Frame = 12, HeaderLength = 13, MostPalette = 768;

    public override Sniffed? Sniff(ReadOnlySpan<byte> head) =>
        BySignature(head, [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'], FileType.Png);

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        long width = 0, height = 0;
        int frames = 0;
        bool isAnimated = false, isIndexed = false, hasPalette = false, hasData = false;
        FourCc before = default;
        for (long offset = 8; ;)
        {
            if (!reader.TakePart() || !await reader.SeeAsync(offset, 8).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            long length = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen);
            FourCc name = FourCc.Read(reader.Seen[4..]);
            if (length > int.MaxValue || !name.AreLetters)
            {
                return Inspection.Unsound("it has something where a chunk should be");
            }

            if (!reader.Has(offset, length + Frame))
            {
                return reader.CutOff;
            }

            if (name.Is("IHDR") != (offset == 8))
            {
                return Inspection.Unsound("its header is not at its beginning, once");
            }

            if (MostOf(name) is { } most)
            {
                if (length > most)
                {
                    return Inspection.Unsound($"its chunk {name} is too long");
                }

                if (!await reader.SeeAsync(offset, (int)length + Frame).ConfigureAwait(false))
                {
                    return reader.Failure;
                }

                ReadOnlySpan<byte> chunk = reader.Seen;
                if (Crc(chunk[4..^4]) != BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]))
                {
                    return Inspection.Unsound($"its chunk {name} is damaged");
                }

                ReadOnlySpan<byte> data = chunk[8..^4];
                Inspection? problem = null;
                if (name.Is("IHDR"))
                {
                    (width, height) = data.Length == HeaderLength ? Size(data) : default;
                    isIndexed = data is { Length: HeaderLength } && data[9] == 3;
                    problem = data.Length == HeaderLength && IsHeader(data)
                        ? reader.Limits.Judge(width, height)
                        : Inspection.Unsound("its header is none of a PNG");
                }
                else if (name.Is("PLTE"))
                {
                    bool isPalette = !hasPalette && !hasData && length > 0 && length % 3 == 0;
                    problem = isPalette ? null : Inspection.Unsound("its palette is none");
                    hasPalette = true;
                }
                else if (name.Is("acTL"))
                {
                    isAnimated = !hasData;
                    problem = data.Length == 8
                        ? reader.Limits.Judge(width, height, BinaryPrimitives.ReadUInt32BigEndian(data))
                        : Inspection.Unsound("its animation's header is none");
                }
                else if (name.Is("fcTL"))
                {
                    problem = data.Length == 26 && IsWithin(data, width, height)
                        ? reader.Limits.Judge(width, height, ++frames)
                        : Inspection.Unsound("it has a frame that does not fit into it");
                }

                if (problem is not null)
                {
                    return problem;
                }
            }
            else if (name.Is("IDAT"))
            {
                if (hasData && !before.Is("IDAT"))
                {
                    return Inspection.Unsound("its data is in two places");
                }

                hasData = true;
            }
            else if (name.First is >= (byte)'A' and <= (byte)'Z')
            {
                return Inspection.Unsound($"it has a chunk {name}, without which it cannot be shown, and which no PNG has");
            }

            offset += length + Frame;
            before = name;
            if (!name.Is("IEND"))
            {
                continue;
            }

            return offset < reader.Length ? GoesOn(reader, offset)
                : !hasData ? Inspection.Unsound("it has no data")
                : isIndexed && !hasPalette ? Inspection.Unsound("it has no palette")
                : Inspection.Picture(type, width, height, isAnimated ? Math.Max(frames, 1) : 1);
        }
    }

    /// <summary>How long a chunk may be that is read as a whole; null for one that is not.</summary>
    private static int? MostOf(FourCc name) =>
        name.Is("IHDR") ? HeaderLength
        : name.Is("PLTE") ? MostPalette
        : name.Is("acTL") ? 8
        : name.Is("fcTL") ? 26
        : name.Is("IEND") ? 0
        : null;

    private static (uint Width, uint Height) Size(ReadOnlySpan<byte> data) =>
        (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data[4..]));

    /// <summary>Depth and colours that go together; the only compression and filter that there are; interlaced or not.</summary>
    private static bool IsHeader(ReadOnlySpan<byte> data)
    {
        (byte depth, byte colour) = (data[8], data[9]);
        bool isDepth = colour switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        return isDepth && data[10] == 0 && data[11] == 0 && data[12] <= 1;
    }

    private static bool IsWithin(ReadOnlySpan<byte> data, long width, long height)
    {
        (long w, long h) = Size(data[4..]);
        (long x, long y) = Size(data[12..]);
        return w > 0 && h > 0 && x + w <= width && y + h <= height;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte each in bytes)
        {
            crc ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
