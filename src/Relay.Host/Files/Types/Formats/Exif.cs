using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>What EXIF says of how a picture is to be turned.</summary>
internal static class Exif
{
    private const int Orientation = 0x0112, Entry = 12;

    /// <summary>Whether width and height change places when the picture is shown (orientations 5 to 8).</summary>
    /// <param name="tiff">EXIF data, from the byte order on. If something is wrong with it nothing is turned, as in browsers.</param>
    public static bool IsOnItsSide(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8 || !(tiff.StartsWith("II*\0"u8) || tiff.StartsWith("MM\0*"u8)))
        {
            return false;
        }

        bool isBig = tiff[0] == 'M';
        uint start = isBig ? BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]);
        if (start > tiff.Length - 2)
        {
            return false;
        }

        ReadOnlySpan<byte> directory = tiff[(int)start..];
        int count = Short(directory, isBig);
        for (directory = directory[2..]; count-- > 0 && directory.Length >= Entry; directory = directory[Entry..])
        {
            if (Short(directory, isBig) == Orientation)
            {
                // A short, whose value stands in the entry itself.
                return Short(directory[2..], isBig) == 3 && Short(directory[8..], isBig) is >= 5 and <= 8;
            }
        }

        return false;
    }

    private static int Short(ReadOnlySpan<byte> bytes, bool isBig) =>
        isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
