using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>GIF (87a and 89a): a screen, then blocks, each with its data in sub-blocks of up to 255 bytes, and a byte that ends it
/// all.</summary>
internal sealed class Gif : Format
{
    private const byte Extension = 0x21, Image = 0x2C, Trailer = 0x3B;

    public override Sniffed? Sniff(ReadOnlySpan<byte> head) =>
        BySignature(head, "GIF89a"u8, FileType.Gif) ?? BySignature(head, "GIF87a"u8, FileType.Gif);

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        if (!await reader.SeeAsync(0, 13).ConfigureAwait(false))
        {
            return reader.Failure;
        }

        (int width, int height) = Size(reader.Seen[6..]);
        int frames = 0;
        long offset = 13 + Colours(reader.Seen[10]);
        while (true)
        {
            if (!reader.TakePart() || !await reader.SeeAsync(offset, 1).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            byte block = reader.Seen[0];
            if (block == Trailer)
            {
                break;
            }

            if (block == Extension)
            {
                offset += 2;
            }
            else if (block == Image)
            {
                if (!await reader.SeeAsync(offset, 10).ConfigureAwait(false))
                {
                    return reader.Failure;
                }

                // A screen of no size takes that of the first frame; a frame that is larger than the screen is decoded all the same.
                (int frameWidth, int frameHeight) = Size(reader.Seen[5..]);
                (width, height) = (width == 0 ? frameWidth : width, height == 0 ? frameHeight : height);
                offset += 10 + Colours(reader.Seen[9]);
                if (reader.Limits.Judge(width, height, ++frames) is { } problem)
                {
                    return problem;
                }

                if (reader.Limits.Judge(frameWidth, frameHeight, frames) is { } frameProblem)
                {
                    return frameProblem;
                }

                if (!await reader.SeeAsync(offset, 1).ConfigureAwait(false))
                {
                    return reader.Failure;
                }

                // The first code's length in bits; decoders take 1 to 11, though only 2 to 8 make sense.
                if (reader.Seen[0] is < 1 or > 11)
                {
                    return Inspection.Unsound("it has a frame without a code");
                }

                offset++;
            }
            else
            {
                return Inspection.Unsound("it has something where a block should be");
            }

            offset = await PassDataAsync(reader, offset).ConfigureAwait(false);
            if (offset < 0)
            {
                return reader.Failure;
            }
        }

        offset++;
        return offset < reader.Length ? GoesOn(reader, offset)
            : frames == 0 ? Inspection.Unsound("it has no picture")
            : Inspection.Picture(type, width, height, frames);
    }

    private static (int Width, int Height) Size(ReadOnlySpan<byte> bytes) =>
        (BinaryPrimitives.ReadUInt16LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]));

    /// <summary>Bytes of the table of colours that flags speak of.</summary>
    private static int Colours(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    /// <summary>Passes sub-blocks by, up to the empty one.</summary>
    /// <returns>Where the next block begins; -1 if none can.</returns>
    private static async ValueTask<long> PassDataAsync(ContentReader reader, long offset)
    {
        while (await reader.SeeSomeAsync(offset, 1).ConfigureAwait(false))
        {
            ReadOnlySpan<byte> seen = reader.Seen;
            int at = 0;
            while (at < seen.Length)
            {
                if (seen[at] == 0)
                {
                    return offset + at + 1;
                }

                at += 1 + seen[at];
            }

            offset += at;
        }

        return -1;
    }
}
