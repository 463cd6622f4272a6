namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes JPEG: baseline, grey, with codes of one bit, so that each block of 8 x 8 is two bits.</summary>
internal static class JpegFile
{
    public static byte[] Start { get; } = [0xFF, 0xD8];

    public static byte[] End { get; } = [0xFF, 0xD9];

    /// <summary>A grey picture, with other segments at its beginning.</summary>
    public static byte[] Of(int width, int height, params byte[][] others) =>
        Bytes.Join([Start, .. others, .. Tables(), Size(width, height), Scan(width, height), End]);

    public static byte[][] Tables() =>
    [
        Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]),
        Segment(0xC4, [0x00, 1, .. new byte[15], 0]),
        Segment(0xC4, [0x10, 1, .. new byte[15], 0]),
    ];

    public static byte[] Size(int width, int height, byte kind = 0xC0) =>
        Segment(kind, [8, .. Bytes.Big16(height), .. Bytes.Big16(width), 1, 1, 0x11, 0]);

    public static byte[] Scan(int width, int height)
    {
        int bits = 2 * ((width + 7) / 8) * ((height + 7) / 8);
        byte[] data = new byte[(bits + 7) / 8];
        data[^1] = (byte)((1 << ((8 - (bits % 8)) % 8)) - 1);
        return Bytes.Join(Segment(0xDA, [1, 1, 0, 0, 63, 0]), data);
    }

    public static byte[] Comment(string text) => Segment(0xFE, Bytes.Text(text));

    /// <summary>What a camera says of how it was held, 1 to 8.</summary>
    public static byte[] Orientation(int orientation, bool isBig)
    {
        byte[] Two(int value) => isBig ? Bytes.Big16(value) : Bytes.Little16(value);
        byte[] Four(int value) => isBig ? Bytes.Big32(value) : Bytes.Little32(value);
        return Segment(0xE1, Bytes.Join(
            Bytes.Text("Exif\0\0"),
            Bytes.Text(isBig ? "MM\0*" : "II*\0"), Four(8),
            Two(2),
            Two(0x0100), Two(4), Four(1), Four(77),
            Two(0x0112), Two(3), Four(1), Two(orientation), Two(0),
            Four(0)));
    }

    public static byte[] Segment(byte marker, byte[] data) => Bytes.Join([0xFF, marker], Bytes.Big16(data.Length + 2), data);
}
