using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>
/// MP3 (ISO/IEC 11172-3, 13818-3, layer III): frames, each with a head from which its length follows. In front there may be ID3v2 tags. A
/// frame's head is only eleven bits that are always the same, so it counts only if others stand where they should.
/// </summary>
internal sealed class Mp3 : Format
{
    // How many frames must follow each other.
    private const int FramesChecked = 4;

    private const int TagHead = 10, MostTags = 8;

    // Kilobits a second: of MPEG-1, and of MPEG-2 and 2.5.
    private static readonly int[] Rates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] LowRates = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

    public override Sniffed? Sniff(ReadOnlySpan<byte> head)
    {
        if (BySignature(head, "ID3"u8, FileType.Mp3) is { } tagged)
        {
            return tagged;
        }

        if (head.Length < 4)
        {
            return head is [] or [0xFF] or [0xFF, >= 0xE0, ..] ? Sniffed.TooShort : null;
        }

        int length = FrameLength(head);
        return length == 0 ? null
            : head.Length < length + 4 ? Sniffed.TooShort
            : IsLike(head, head[length..]) ? Sniffed.Known(FileType.Mp3)
            : null;
    }

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        long offset = 0;
        for (int tags = 0; tags < MostTags && reader.Has(offset, TagHead); tags++)
        {
            if (!await reader.SeeAsync(offset, TagHead).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            if (!reader.Seen.StartsWith("ID3"u8))
            {
                break;
            }

            // Seven bits a byte; a tag may have a foot that is not counted.
            if (reader.Seen[6..].IndexOfAnyInRange((byte)0x80, (byte)0xFF) >= 0)
            {
                return Inspection.Unsound("its tag does not say rightly how long it is");
            }

            int foot = (reader.Seen[5] & 0x10) == 0 ? 0 : TagHead;
            offset += TagHead + foot + (reader.Seen[6] << 21 | reader.Seen[7] << 14 | reader.Seen[8] << 7 | reader.Seen[9]);
        }

        // Some writers leave room behind the tag that they do not count.
        if (offset > 0)
        {
            if (!await reader.SeeSomeAsync(offset, 1).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            offset += Math.Max(reader.Seen.IndexOfAnyExcept((byte)0), 0);
        }

        return await AreFramesAsync(reader, offset).ConfigureAwait(false) ? Inspection.Sound(type) : reader.Failure;
    }

    private static async ValueTask<bool> AreFramesAsync(ContentReader reader, long offset)
    {
        uint before = 0;
        for (int count = 0; count < FramesChecked; count++)
        {
            if (!await reader.SeeAsync(offset, 4).ConfigureAwait(false))
            {
                return false;
            }

            uint head = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen);
            int length = FrameLength(reader.Seen);
            if (length == 0 || (count > 0 && !IsLike(before, head)))
            {
                return reader.Fail(Inspection.Unsound("it has something where a frame should be"));
            }

            if (!reader.Has(offset, length))
            {
                return reader.Fail(reader.CutOff);
            }

            before = head;
            offset += length;
            if (offset == reader.Length || await IsTagAsync(reader, offset).ConfigureAwait(false))
            {
                return true;
            }
        }

        return true;
    }

    /// <summary>Whether a tag begins that stands behind the last frame.</summary>
    private static async ValueTask<bool> IsTagAsync(ContentReader reader, long offset) =>
        reader.Has(offset, 3) && await reader.SeeAsync(offset, 3).ConfigureAwait(false)
        && (reader.Seen.SequenceEqual("TAG"u8) || reader.Seen.SequenceEqual("APE"u8) || reader.Seen.SequenceEqual("LYR"u8));

    private static bool IsLike(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        IsLike(BinaryPrimitives.ReadUInt32BigEndian(one), BinaryPrimitives.ReadUInt32BigEndian(other)) && FrameLength(other) > 0;

    /// <summary>Whether two frames have the same version, layer and rate of samples.</summary>
    private static bool IsLike(uint one, uint other) => ((one ^ other) & 0xFFFE0C00) == 0;

    /// <summary>How long a frame is, by its head.</summary>
    /// <returns>0 if it is none.</returns>
    private static int FrameLength(ReadOnlySpan<byte> bytes)
    {
        uint head = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        (uint version, uint layer, uint rate, uint frequency) = (head >> 19 & 3, head >> 17 & 3, head >> 12 & 15, head >> 10 & 3);
        if (head >> 21 != 0x7FF || version == 1 || layer != 1 || rate is 0 or 15 || frequency == 3)
        {
            return 0;
        }

        bool isFirst = version == 3;
        int bits = 1_000 * (isFirst ? Rates : LowRates)[rate - 1];
        int samples = (frequency switch { 0 => 44_100, 1 => 48_000, _ => 32_000 }) >> (isFirst ? 0 : version == 2 ? 1 : 2);
        return ((isFirst ? 144 : 72) * bits / samples) + (int)(head >> 9 & 1);
    }
}
