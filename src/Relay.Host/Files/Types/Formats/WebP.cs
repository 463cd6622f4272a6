using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>
/// WebP (RFC 9649): RIFF with one picture (<c>VP8</c>, <c>VP8L</c>), or with <c>VP8X</c>, which says how large all is, and then one picture
/// of that size or frames that fit into it.
/// </summary>
internal sealed class WebP : Format
{
    public override Sniffed? Sniff(ReadOnlySpan<byte> head) => Riff.Sniff(head, "WEBP", FileType.WebP);

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        long end = await Riff.ReadEndAsync(reader).ConfigureAwait(false);
        if (end < 0)
        {
            return reader.Failure;
        }

        // The extended size; that of the one picture; frames.
        (int Width, int Height)? canvas = null, picture = null;
        bool isAnimation = false;
        int frames = 0;
        for (long offset = Riff.HeadLength; offset < end;)
        {
            if (await Riff.ReadAsync(reader, offset, end).ConfigureAwait(false) is not { } chunk)
            {
                return reader.Failure;
            }

            bool isFirst = offset == Riff.HeadLength;
            if (chunk.Name.Is("VP8X") && isFirst)
            {
                if (chunk.End - chunk.Data < 10)
                {
                    return Inspection.Unsound("it does not say rightly how large it is");
                }

                if (!await reader.SeeAsync(chunk.Data, 10).ConfigureAwait(false))
                {
                    return reader.Failure;
                }

                isAnimation = (reader.Seen[0] & 2) != 0;
                canvas = (1 + Int24(reader.Seen[4..]), 1 + Int24(reader.Seen[7..]));
                if (reader.Limits.Judge(canvas.Value.Width, canvas.Value.Height) is { } problem)
                {
                    return problem;
                }
            }
            else if (IsPicture(chunk.Name) && !isAnimation && picture is null && (isFirst || canvas is not null))
            {
                picture = await ReadSizeAsync(reader, chunk).ConfigureAwait(false);
                if (picture is not { } size)
                {
                    return reader.Failure;
                }

                if (reader.Limits.Judge(size.Width, size.Height) is { } problem)
                {
                    return problem;
                }
            }
            else if (chunk.Name.Is("ANMF") && isAnimation)
            {
                if (reader.Limits.Judge(canvas!.Value.Width, canvas.Value.Height, ++frames) is { } problem)
                {
                    return problem;
                }

                if (!await IsFrameAsync(reader, chunk, canvas.Value).ConfigureAwait(false))
                {
                    return reader.Failure;
                }
            }
            else if (isFirst || IsPicture(chunk.Name) || chunk.Name.Is("ANMF") || chunk.Name.Is("VP8X"))
            {
                return Inspection.Unsound($"its chunk {chunk.Name} is where none should be");
            }

            offset = chunk.Next;
        }

        // A picture of no frame, or one that is smaller or larger than it was said to be.
        (int Width, int Height)? shown = isAnimation && frames > 0 ? canvas : picture;
        return end < reader.Length ? GoesOn(reader, end)
            : shown is not { } whole ? Inspection.Unsound("it has no picture")
            : canvas is not null && canvas != whole ? Inspection.Unsound("it is not as large as it says")
            : Inspection.Picture(type, whole.Width, whole.Height, Math.Max(frames, 1));
    }

    private static bool IsPicture(FourCc name) => name.Is("VP8 ") || name.Is("VP8L");

    private static int Int24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;

    /// <summary>Reads the size in the picture's own head.</summary>
    /// <returns>Null if it has none.</returns>
    private static async ValueTask<(int Width, int Height)?> ReadSizeAsync(ContentReader reader, RiffChunk chunk)
    {
        int length = (int)Math.Min(chunk.End - chunk.Data, 10);
        if (!await reader.SeeAsync(chunk.Data, length).ConfigureAwait(false))
        {
            return null;
        }

        ReadOnlySpan<byte> head = reader.Seen;
        if (chunk.Name.Is("VP8 ") && length == 10 && (head[0] & 1) == 0 && head[3..].StartsWith([(byte)0x9D, (byte)0x01, (byte)0x2A]))
        {
            // The two highest bits of each only propose to scale it.
            return (Int24(head[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(head[8..]) & 0x3FFF);
        }

        if (chunk.Name.Is("VP8L") && length >= 5 && head[0] == 0x2F && head[4] >> 5 == 0)
        {
            uint bits = BinaryPrimitives.ReadUInt32LittleEndian(head[1..]);
            return (1 + (int)(bits & 0x3FFF), 1 + (int)(bits >> 14 & 0x3FFF));
        }

        reader.Fail(Inspection.Unsound($"its chunk {chunk.Name} holds no picture"));
        return null;
    }

    /// <summary>Whether a frame fits, and its picture is as large as the frame says.</summary>
    private static async ValueTask<bool> IsFrameAsync(ContentReader reader, RiffChunk frame, (int Width, int Height) canvas)
    {
        if (frame.End - frame.Data < 16)
        {
            return reader.Fail(Inspection.Unsound("it has a frame that is shorter than its head"));
        }

        if (!await reader.SeeAsync(frame.Data, 16).ConfigureAwait(false))
        {
            return false;
        }

        (int x, int y) = (2 * Int24(reader.Seen), 2 * Int24(reader.Seen[3..]));
        (int Width, int Height) size = (1 + Int24(reader.Seen[6..]), 1 + Int24(reader.Seen[9..]));
        if (x + size.Width > canvas.Width || y + size.Height > canvas.Height)
        {
            return reader.Fail(Inspection.Unsound("it has a frame that does not fit into it"));
        }

        for (long offset = frame.Data + 16; offset < frame.End;)
        {
            if (await Riff.ReadAsync(reader, offset, frame.End).ConfigureAwait(false) is not { } chunk)
            {
                return false;
            }

            if (IsPicture(chunk.Name))
            {
                return await ReadSizeAsync(reader, chunk).ConfigureAwait(false) is { } picture
                    && (picture == size || reader.Fail(Inspection.Unsound("it has a frame that is not as large as it says")));
            }

            offset = chunk.Next;
        }

        return reader.Fail(Inspection.Unsound("it has a frame without a picture"));
    }
}
