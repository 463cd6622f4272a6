using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Kit;

/// <summary>Pictures of noise, of which no two are the same unless they are meant to be.</summary>
internal static class Picture
{
    private const int Width = 100;

    /// <summary>A sound PNG.</summary>
    /// <param name="seed">Makes it another than others.</param>
    /// <param name="length">About how many bytes it is to have.</param>
    public static byte[] Png(int seed, int length = 1000)
    {
        int height = Math.Max(1, length / Width);
        byte[] rows = new byte[height * (Width + 1)];
        new Random(seed).NextBytes(rows);
        for (int row = 0; row < height; row++)
        {
            // No row is filtered.
            rows[row * (Width + 1)] = 0;
        }

        return Bytes.Join(PngFile.Signature, PngFile.Header(Width, height), PngFile.Chunk("IDAT", PngFile.Deflate(rows)), PngFile.End);
    }
}
