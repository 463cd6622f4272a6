using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>FLAC (RFC 9639): blocks that describe it, the first of which says how it sounds, and then frames.</summary>
internal sealed class Flac : Format
{
    private const int StreamInfo = 0, StreamInfoLength = 34;

    public override Sniffed? Sniff(ReadOnlySpan<byte> head) => BySignature(head, "fLaC"u8, FileType.Flac);

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        bool isLast = false;
        long offset = 4;
        while (!isLast)
        {
            if (!reader.TakePart() || !await reader.SeeAsync(offset, 4).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            uint head = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen);
            isLast = head >> 31 != 0;
            (int kind, int length) = ((int)(head >> 24) & 0x7F, (int)head & 0xFFFFFF);
            if ((offset == 4) != (kind == StreamInfo) || kind == 127)
            {
                return Inspection.Unsound("it does not say at its beginning, once, how it sounds");
            }

            if (kind == StreamInfo)
            {
                if (length != StreamInfoLength)
                {
                    return Inspection.Unsound("it does not say rightly how it sounds");
                }

                if (!await reader.SeeAsync(offset + 4, length).ConfigureAwait(false))
                {
                    return reader.Failure;
                }

                int least = BinaryPrimitives.ReadUInt16BigEndian(reader.Seen);
                int most = BinaryPrimitives.ReadUInt16BigEndian(reader.Seen[2..]);
                uint rate = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen[10..]) >> 12;
                if (least < 16 || most < least || rate == 0)
                {
                    return Inspection.Unsound("it does not say rightly how it sounds");
                }
            }

            offset += 4 + length;
        }

        if (!await reader.SeeAsync(offset, 2).ConfigureAwait(false))
        {
            return reader.Failure;
        }

        return (BinaryPrimitives.ReadUInt16BigEndian(reader.Seen) & 0xFFFE) == 0xFFF8
            ? Inspection.Sound(type)
            : Inspection.Unsound("it has something where a frame should be");
    }
}
