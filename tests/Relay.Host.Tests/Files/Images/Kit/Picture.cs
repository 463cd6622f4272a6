using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Relay.Host.Tests.Files.Images.Kit;

/// <summary>A picture that libvips has decoded: its frames below each other, and what it says of them.</summary>
internal sealed class Picture
{
    private const int HeaderLength = 64;

    private readonly byte[] _content;
    private readonly string _about;
    private readonly int _bands;

    private Picture(byte[] content)
    {
        // libvips' own format: width, height, bands and a type for them, then the samples, then what is known besides, as XML.
        _content = content;
        Width = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(4));
        int height = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(8));
        _bands = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(12));
        _about = Encoding.UTF8.GetString(content.AsSpan(HeaderLength + (Width * height * _bands)));
        Height = int.Parse(About("page-height") ?? height.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        Frames = height / Height;
    }

    public int Width { get; }

    /// <summary>Of one frame.</summary>
    public int Height { get; }

    public int Frames { get; }

    /// <summary>Decodes a PNG of 8 bits a sample, which variants are: in no time, as other formats are not.</summary>
    public static Picture OfPng(byte[] png)
    {
        int width = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), height = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20));
        Assert.Equal(8, png[24]);
        int bands = png[25] switch { 0 => 1, 2 => 3, 4 => 2, 6 => 4, _ => throw new NotSupportedException() };
        using var packed = new MemoryStream();
        for (int at = 8; at < png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (png.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                packed.Write(png.AsSpan(at + 8, length));
            }

            at += length + 12;
        }

        packed.Position = 0;
        using var rows = new ZLibStream(packed, CompressionMode.Decompress);
        int stride = width * bands;
        byte[] content = new byte[HeaderLength + (stride * height)], line = new byte[1 + stride];
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(4), width);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(8), height);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(12), bands);
        for (int y = 0; y < height; y++)
        {
            rows.ReadExactly(line);
            for (int x = 0; x < stride; x++)
            {
                int at = HeaderLength + (y * stride) + x;
                int left = x >= bands ? content[at - bands] : 0, above = y > 0 ? content[at - stride] : 0;
                int corner = x >= bands && y > 0 ? content[at - stride - bands] : 0;
                content[at] = (byte)(line[1 + x] + line[0] switch
                {
                    0 => 0,
                    1 => left,
                    2 => above,
                    3 => (left + above) / 2,
                    _ => Nearest(left, above, corner),
                });
            }
        }

        return new Picture(content);

        // Paeth's predictor, PNG 9.4.
        static int Nearest(int left, int above, int corner)
        {
            int toLeft = Math.Abs(above - corner), toAbove = Math.Abs(left - corner), toCorner = Math.Abs(left + above - (2 * corner));
            return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
        }
    }

    /// <summary>Decodes one.</summary>
    /// <param name="content">What it is stored as.</param>
    /// <param name="isAnimated">Whether all frames are wanted, of a format that may have several.</param>
    public static async Task<Picture> DecodeAsync(byte[] content, bool isAnimated = false) =>
        new(await Vips.RunAsync(content, ".in", ".v", "copy", isAnimated ? "in[n=-1]" : "in", "out"));

    /// <summary>What is known of it, by libvips' name for it.</summary>
    public string? About(string name)
    {
        Match match = Regex.Match(_about, $"name=\"{Regex.Escape(name)}\">(?<value>[^<]*)<", RegexOptions.ExplicitCapture);
        return match.Success ? match.Groups["value"].Value.Trim() : null;
    }

    /// <summary>Red, green, blue and, if there is one, alpha.</summary>
    public int[] At(int x, int y, int frame = 0)
    {
        int at = HeaderLength + (((((frame * Height) + y) * Width) + x) * _bands);
        return [.. _content.AsSpan(at, _bands).ToArray().Select(sample => (int)sample)];
    }

    /// <summary>Asserts a colour, as near as lossy formats come to it.</summary>
    public void Shows(Colour colour, int x, int y, int frame = 0)
    {
        int[] seen = At(x, y, frame), wanted = [colour.Red, colour.Green, colour.Blue, colour.Alpha];
        int[] all = seen.Length switch
        {
            1 => [seen[0], seen[0], seen[0], 255],
            2 => [seen[0], seen[0], seen[0], seen[1]],
            3 => [.. seen, 255],
            _ => seen,
        };
        bool isClear = colour.Alpha == 0 && all[3] == 0;
        int farthest = wanted.Zip(all, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(isClear || farthest <= 8, $"({x}, {y}) is {string.Join(' ', all)}, not {colour}");
    }
}

internal readonly record struct Colour(int Red, int Green, int Blue, int Alpha = 255)
{
    public static Colour PureRed => new(255, 0, 0);

    public static Colour PureGreen => new(0, 255, 0);

    public static Colour PureBlue => new(0, 0, 255);

    public static Colour White => new(255, 255, 255);

    public static Colour Clear => new(0, 0, 0, 0);
}
