using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>WAV: RIFF with a chunk that says how it sounds, and then one of samples.</summary>
internal sealed class Wav : Format
{
    public override Sniffed? Sniff(ReadOnlySpan<byte> head) => Riff.Sniff(head, "WAVE", FileType.Wav);

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        long end = await Riff.ReadEndAsync(reader).ConfigureAwait(false);
        if (end < 0)
        {
            return reader.Failure;
        }

        bool hasFormat = false, hasData = false;
        for (long offset = Riff.HeadLength; offset < end;)
        {
            if (await Riff.ReadAsync(reader, offset, end).ConfigureAwait(false) is not { } chunk)
            {
                return reader.Failure;
            }

            if (chunk.Name.Is("fmt "))
            {
                if (hasFormat || chunk.End - chunk.Data < 16)
                {
                    return Inspection.Unsound("it does not say rightly, once, how it sounds");
                }

                if (!await reader.SeeAsync(chunk.Data, 16).ConfigureAwait(false))
                {
                    return reader.Failure;
                }

                hasFormat = BinaryPrimitives.ReadUInt16LittleEndian(reader.Seen[2..]) > 0
                    && BinaryPrimitives.ReadUInt32LittleEndian(reader.Seen[4..]) > 0;
            }
            else if (chunk.Name.Is("data"))
            {
                hasData |= hasFormat;
            }

            offset = chunk.Next;
        }

        // Some writers forget to count the byte that makes the last length even.
        return end + (end & 1) < reader.Length ? GoesOn(reader, end)
            : hasData ? Inspection.Sound(type)
            : Inspection.Unsound("it has no sound");
    }
}
