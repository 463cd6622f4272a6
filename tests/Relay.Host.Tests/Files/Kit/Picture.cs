using System.Buffers.Binary;
using System.IO.Compression;

namespace Relay.Host.Tests.Files.Kit;

/// <summary>PNG files, of which no two are the same unless they are meant to be.</summary>
internal static class Picture
{
    /// <summary>A sound one.</summary>
    /// <param name="seed">Makes it another than others.</param>
    /// <param name="length">About how many bytes it is to have: of what does not compress.</param>
    public static byte[] Png(int seed, int length = 1000)
    {
        const int Width = 100;
        int height = Math.Max(1, length / Width);
        byte[] rows = new byte[height * (Width + 1)];
        new Random(seed).NextBytes(rows);
        for (int row = 0; row < height; row++)
        {
            rows[row * (Width + 1)] = 0;
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            zlib.Write(rows);
        }

        return [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, [])];
    }

    private static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
    {
        byte[] chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), Crc(chunk.AsSpan(4, data.Length + 4)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in bytes)
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}
