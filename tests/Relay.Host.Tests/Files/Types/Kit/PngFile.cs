using System.IO.Compression;

namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes PNG.</summary>
internal static class PngFile
{
    public static byte[] Signature { get; } = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static byte[] End { get; } = Chunk("IEND");

    /// <summary>A grey picture, with other chunks before its data.</summary>
    public static byte[] Of(int width, int height, params byte[][] others) =>
        Bytes.Join([Signature, Header(width, height), .. others, Chunk("IDAT", Pixels(width, height)), End]);

    /// <summary>A picture that only claims its size.</summary>
    public static byte[] Claim(long width, long height) =>
        Bytes.Join(Signature, Header(width, height), Chunk("IDAT", Pixels(100, 100)), End);

    /// <summary>An animation.</summary>
    public static byte[] Animated(int width, int height, int frames, long? claimed = null)
    {
        var file = new Bytes().Add(Signature).Add(Header(width, height))
            .Add(Chunk("acTL", Bytes.Join(Bytes.Big32(claimed ?? frames), Bytes.Big32(0))));
        byte[] pixels = Pixels(width, height);
        for (int i = 0, number = 0; i < frames; i++)
        {
            file.Add(Control(number++, width, height));
            file.Add(i == 0 ? Chunk("IDAT", pixels) : Chunk("fdAT", Bytes.Join(Bytes.Big32(number++), pixels)));
        }

        return file.Add(End).ToArray();
    }

    public static byte[] Header(long width, long height, byte depth = 8, byte colour = 0) =>
        Chunk("IHDR", Bytes.Join(Bytes.Big32(width), Bytes.Big32(height), [depth, colour, 0, 0, 0]));

    public static byte[] Control(int number, int width, int height) => Chunk(
        "fcTL",
        Bytes.Join(Bytes.Big32(number), Bytes.Big32(width), Bytes.Big32(height), Bytes.Big32(0), Bytes.Big32(0), [0, 1, 0, 10, 0, 0]));

    public static byte[] Chunk(string name, params byte[] data)
    {
        byte[] named = Bytes.Join(Bytes.Text(name), data);
        return Bytes.Join(Bytes.Big32(data.Length), named, Bytes.Big32(Crc(named)));
    }

    public static byte[] Deflate(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var stream = new ZLibStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            stream.Write(bytes);
        }

        return compressed.ToArray();
    }

    private static byte[] Pixels(int width, int height) => Deflate(new byte[(width + 1) * height]);

    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte each in bytes)
        {
            crc ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
