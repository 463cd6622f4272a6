using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>
/// Ogg (RFC 3533) with Vorbis or Opus (RFC 7845). It begins with one page for each stream, which says what that stream is: none may be
/// anything else. Pages have a CRC, and that of these is checked.
/// </summary>
internal sealed class Ogg : Format
{
    private const int HeadLength = 27, CrcOffset = 22, FirstPage = 2;

    // Far above any that is sound; each costs a CRC.
    private const int MostStreams = 16;

    private const string Other = "it is Ogg with something other than Vorbis and Opus";

    public override Sniffed? Sniff(ReadOnlySpan<byte> head)
    {
        Sniffed? sniffed = BySignature(head, "OggS"u8, FileType.Ogg);
        if (sniffed is not { Status: SniffStatus.Known })
        {
            return sniffed;
        }

        if (head.Length < HeadLength || head.Length < HeadLength + head[HeadLength - 1] + 8)
        {
            return Sniffed.TooShort;
        }

        return IsTaken(head[(HeadLength + head[HeadLength - 1])..]) ? sniffed : Sniffed.NotAllowed(Other);
    }

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        long offset = 0;
        for (int streams = 0; streams <= MostStreams; streams++)
        {
            if (!await reader.SeeAsync(offset, HeadLength).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            if (!reader.Seen.StartsWith("OggS\0"u8))
            {
                return Inspection.Unsound("it has something where a page should be");
            }

            if ((reader.Seen[5] & FirstPage) == 0)
            {
                // The streams' own pages, one behind the other.
                return offset > 0 ? Inspection.Sound(type) : Inspection.Unsound("its beginning is missing");
            }

            int segments = reader.Seen[HeadLength - 1];
            if (!await reader.SeeAsync(offset, HeadLength + segments).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            int length = HeadLength + segments;
            foreach (byte segment in reader.Seen[HeadLength..])
            {
                length += segment;
            }

            if (!await reader.SeeAsync(offset, length).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            ReadOnlySpan<byte> page = reader.Seen;
            if (Crc(page) != BinaryPrimitives.ReadUInt32LittleEndian(page[CrcOffset..]))
            {
                return Inspection.Unsound("its first page is damaged");
            }

            if (!IsTaken(page[(HeadLength + segments)..]))
            {
                return Inspection.NotAllowed(Other);
            }

            offset += length;
        }

        return Inspection.TooMuch("streams", MostStreams + 1, MostStreams);
    }

    private static bool IsTaken(ReadOnlySpan<byte> packet) => packet.StartsWith("\u0001vorbis"u8) || packet.StartsWith("OpusHead"u8);

    /// <summary>The CRC of a page, counted as if its own place held zeros.</summary>
    private static uint Crc(ReadOnlySpan<byte> page)
    {
        uint crc = 0;
        for (int i = 0; i < page.Length; i++)
        {
            crc ^= i is >= CrcOffset and < CrcOffset + 4 ? 0 : (uint)page[i] << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc << 1) ^ ((crc >> 31) * 0x04C11DB7);
            }
        }

        return crc;
    }
}
