using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Relay.Host.Tests.Files.Images.Kit;

/// <summary>Pictures that are made byte by byte.</summary>
internal static class Drawing
{
    /// <summary>Four quarters: red and green above, blue and white below.</summary>
    public static Colour Quarters(int width, int height, int x, int y) => (x < width / 2, y < height / 2) switch
    {
        (true, true) => Colour.PureRed,
        (false, true) => Colour.PureGreen,
        (true, false) => Colour.PureBlue,
        _ => Colour.White,
    };

    /// <summary>A PNG of four quarters.</summary>
    public static byte[] Quarters(int width, int height, params byte[][] chunks) =>
        Png(width, height, (x, y) => Quarters(width, height, x, y), hasAlpha: false, chunks);

    /// <summary>A PNG.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="at">What is where.</param>
    /// <param name="hasAlpha">Whether it has an alpha channel.</param>
    /// <param name="chunks">Chunks before the pixels.</param>
    public static byte[] Png(int width, int height, Func<int, int, Colour> at, bool hasAlpha = false, params byte[][] chunks) =>
        Png(width, height, 8, (byte)(hasAlpha ? 6 : 2), isInterlaced: false, chunks, raw =>
        {
            for (int y = 0; y < height; y++)
            {
                raw.WriteByte(0);
                for (int x = 0; x < width; x++)
                {
                    Colour colour = at(x, y);
                    ReadOnlySpan<byte> samples = [(byte)colour.Red, (byte)colour.Green, (byte)colour.Blue, (byte)colour.Alpha];
                    raw.Write(samples[..(hasAlpha ? 4 : 3)]);
                }
            }
        });

    /// <summary>A black PNG of one bit a pixel: few bytes, and as many pixels as one likes.</summary>
    public static byte[] BlackPng(int width, int height, bool isInterlaced) => Png(width, height, 1, 0, isInterlaced, [], raw =>
    {
        // Adam7: where each of the passes begins, and its steps.
        (int X, int Y, int Right, int Down)[] passes = isInterlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        foreach ((int x, int y, int right, int down) in passes)
        {
            byte[] row = new byte[1 + (((width - x + right - 1) / right) + 7) / 8];
            for (int i = (height - y + down - 1) / down; i > 0; i--)
            {
                raw.Write(row);
            }
        }
    });

    /// <summary>A chunk of a PNG.</summary>
    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        uint sum = uint.MaxValue;
        foreach (byte one in chunk.AsSpan(4, 4 + data.Length))
        {
            sum ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * 0xEDB88320);
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), ~sum);
        return chunk;
    }

    /// <summary>A GIF whose frames are of one colour each: red, green, blue, white.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="repeats">How often it begins anew.</param>
    /// <param name="delays">How long each frame stands, in hundredths of a second.</param>
    public static byte[] Gif(int width, int height, int repeats, params int[] delays)
    {
        using var gif = new MemoryStream();
        gif.Write("GIF89a"u8);
        gif.Write([.. Short(width), .. Short(height), 0x91, 0, 0]);
        gif.Write([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
        if (delays.Length > 1)
        {
            gif.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, .. Short(repeats), 0]);
        }

        for (int frame = 0; frame < delays.Length; frame++)
        {
            gif.Write([0x21, 0xF9, 4, 4, .. Short(delays[frame]), 0, 0]);
            gif.Write([0x2C, 0, 0, 0, 0, .. Short(width), .. Short(height), 0, 2]);

            // The codes stay three bits wide, since the table is cleared after two pixels each: 4, pixel, pixel.
            var codes = new List<byte>();
            for (int i = 0; i < width * height; i += 2)
            {
                codes.AddRange([4, (byte)frame, (byte)frame]);
            }

            codes.AddRange([4, 5]);
            byte[] packed = new byte[(codes.Count * 3 / 8) + 1];
            for (int i = 0; i < codes.Count; i++)
            {
                int value = codes[i] << (i * 3 % 8);
                packed[i * 3 / 8] |= (byte)value;
                if (value > 255)
                {
                    packed[(i * 3 / 8) + 1] |= (byte)(value >> 8);
                }
            }

            foreach (byte[] block in packed.Chunk(255))
            {
                gif.Write([(byte)block.Length, .. block]);
            }

            gif.WriteByte(0);
        }

        gif.WriteByte(0x3B);
        return gif.ToArray();

        static byte[] Short(int value) => [(byte)value, (byte)(value >> 8)];
    }

    /// <summary>Puts segments into a JPEG, behind its first two bytes.</summary>
    public static byte[] WithSegments(byte[] jpeg, params byte[][] segments) =>
        [.. jpeg[..2], .. segments.SelectMany(bytes => bytes), .. jpeg[2..]];

    /// <summary>A segment of a JPEG.</summary>
    public static byte[] Segment(byte marker, byte[] data) =>
        [0xFF, marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    /// <summary>EXIF, as TIFF: how a picture is to be turned, who has made it, and where.</summary>
    public static byte[] Exif(int orientation, string maker)
    {
        // "II", 42, the first directory at 8: orientation, maker, where the directory of places is. Each entry: tag, type, count, value.
        byte[] text = Encoding.ASCII.GetBytes(maker + "\0");
        const int Directory = 8, Text = Directory + 2 + (3 * 12) + 4;
        int places = Text + text.Length, degrees = places + 2 + (2 * 12) + 4;
        using var exif = new MemoryStream();
        exif.Write("II*\0"u8);
        Put(Directory);
        PutShort(3);
        Entry(0x0112, 3, 1, orientation);
        Entry(0x010F, 2, text.Length, Text);
        Entry(0x8825, 4, 1, places);
        Put(0);
        exif.Write(text);
        PutShort(2);
        Entry(1, 2, 2, 'N');
        Entry(2, 5, 3, degrees);
        Put(0);
        foreach (int number in new[] { 48, 1, 51, 1, 2999, 100 })
        {
            Put(number);
        }

        return exif.ToArray();

        void Entry(int tag, int type, int count, int value)
        {
            PutShort(tag);
            PutShort(type);
            Put(count);
            Put(value);
        }

        void PutShort(int value) => exif.Write([(byte)value, (byte)(value >> 8)]);

        void Put(int value) => exif.Write(BitConverter.GetBytes(value));
    }

    private static byte[] Png(
        int width, int height, byte depth, byte kind, bool isInterlaced, byte[][] chunks, Action<Stream> pixels)
    {
        byte[] header = [0, 0, 0, 0, 0, 0, 0, 0, depth, kind, 0, 0, (byte)(isInterlaced ? 1 : 0)];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        using var packed = new MemoryStream();
        using (var packing = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            pixels(packing);
        }

        return
        [
            0x89, .. "PNG\r\n\u001A\n"u8, .. Chunk("IHDR", header), .. chunks.SelectMany(bytes => bytes),
            .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", []),
        ];
    }
}
