using System.Text;
using Relay.Host.Files.Images;
using Relay.Host.Tests.Files.Images.Kit;

namespace Relay.Host.Tests.Files.Images;

/// <summary>What variants look like.</summary>
public sealed class VariantTests
{
    [Fact]
    public async Task LongestSide_isTheSize_butNothingIsEnlarged()
    {
        await using var bed = new ImageBed();
        foreach ((int width, int height, string name, int wide, int high) in new[]
        {
            (300, 200, "128.png", 128, 85),
            (200, 300, "128.png", 85, 128),
            (300, 300, "64.png", 64, 64),
            (20, 10, "4096.png", 20, 10),
            (1, 1, "64.png", 1, 1),
            (3000, 2, "64.png", 64, 1),
        })
        {
            Picture made = await bed.PictureAsync(Drawing.Quarters(width, height), "image/png", name);
            Assert.Equal((wide, high, 1), (made.Width, made.Height, made.Frames));
        }
    }

    [Fact]
    public async Task EachFormat_isWhatItsNameSays_andTheSameBytesEachTime()
    {
        await using var bed = new ImageBed();
        byte[] original = Drawing.Quarters(200, 120);
        foreach ((string name, byte[] start) in new[]
        {
            ("128.webp", "RIFF"u8.ToArray()), ("128.png", [0x89, .. "PNG"u8]), ("128.jpg", [0xFF, 0xD8, 0xFF]),
        })
        {
            byte[] made = await bed.MakeAsync(original, "image/png", name);
            Assert.Equal(start, made[..start.Length]);
            Assert.Equal(made, await bed.MakeAsync(original, "image/png", name));
            Picture picture = await Picture.DecodeAsync(made);
            picture.Shows(Colour.PureRed, 20, 20);
            picture.Shows(Colour.PureGreen, 108, 20);
            picture.Shows(Colour.PureBlue, 20, 60);
            picture.Shows(Colour.White, 108, 60);
        }

        Assert.Equal(6, bed.Counted("relay.files.variants done"));
        Assert.Equal(6, bed.Counted("relay.files.variant.duration done"));
    }

    [Fact]
    public async Task EachKindOfOriginal_isRead()
    {
        await using var bed = new ImageBed();
        byte[] png = Drawing.Quarters(200, 120);
        foreach ((string ending, string mediaType) in new[]
        {
            (".jpg", "image/jpeg"), (".gif", "image/gif"), (".webp", "image/webp"), (".avif", "image/avif"),
        })
        {
            Picture made = await bed.PictureAsync(await Vips.ConvertAsync(png, ending), mediaType, "64.png");
            Assert.Equal((64, 38), (made.Width, made.Height));
            made.Shows(Colour.PureRed, 16, 9);
            made.Shows(Colour.White, 48, 28);
        }
    }

    [Fact]
    public async Task Orientation_isApplied_eachOfTheEight()
    {
        await using var bed = new ImageBed();
        byte[] jpeg = await Vips.ConvertAsync(Drawing.Quarters(96, 64), ".jpg", "[Q=100,strip]");

        // Red, green, blue and white: what is above left, above right, below left, below right once it is upright (EXIF 2.3, 4.6.4).
        string[] upright = ["RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB"];
        for (int orientation = 1; orientation <= 8; orientation++)
        {
            byte[] turned = Drawing.WithSegments(jpeg, Drawing.Segment(0xE1, [.. "Exif\0\0"u8, .. Drawing.Exif(orientation, "nobody")]));
            Picture made = await bed.PictureAsync(turned, "image/jpeg", "4096.png");
            Assert.Equal(orientation < 5 ? (96, 64) : (64, 96), (made.Width, made.Height));
            (int X, int Y)[] places = [(1, 1), (3, 1), (1, 3), (3, 3)];
            for (int i = 0; i < places.Length; i++)
            {
                Colour wanted = upright[orientation - 1][i] switch
                {
                    'R' => Colour.PureRed,
                    'G' => Colour.PureGreen,
                    'B' => Colour.PureBlue,
                    _ => Colour.White,
                };
                made.Shows(wanted, places[i].X * made.Width / 4, places[i].Y * made.Height / 4);
            }
        }
    }

    [Fact]
    public async Task Metadata_isGone_wherePicturesWereTakenToo()
    {
        const string Secret = "Anna's camera";
        byte[] secret = Encoding.ASCII.GetBytes(Secret), exif = Drawing.Exif(6, Secret);
        byte[] xmp = [.. "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"u8, .. secret, .. "</x:xmpmeta>"u8];
        byte[] iptc = [.. "Photoshop 3.0\0"u8, .. "8BIM"u8, 4, 4, 0, 0, 0, 0, 0, 18, 0x1C, 2, 120, 0, 13, .. secret, 0];
        byte[] jpeg = Drawing.WithSegments(
            await Vips.ConvertAsync(await WideGamutAsync(), ".jpg"),
            Drawing.Segment(0xE1, [.. "Exif\0\0"u8, .. exif]),
            Drawing.Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. xmp]),
            Drawing.Segment(0xED, iptc),
            Drawing.Segment(0xFE, secret));
        byte[] webp = await Vips.ConvertAsync(jpeg, ".webp");
        byte[] png = Drawing.Quarters(
            96, 64,
            Drawing.Chunk("eXIf", exif),
            Drawing.Chunk("tEXt", [.. "Author\0"u8, .. secret]),
            Drawing.Chunk("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. xmp]));
        Assert.All(["EXIF", "XMP ", "ICCP"], name => Assert.True(Has(webp, name)));
        await using var bed = new ImageBed();
        foreach ((byte[] original, string mediaType) in new[] { (jpeg, "image/jpeg"), (webp, "image/webp"), (png, "image/png") })
        {
            Assert.True(Has(original, Secret));
            foreach (string name in new[] { "64.webp", "64.png", "64.jpg" })
            {
                byte[] made = await bed.MakeAsync(original, mediaType, name);
                Assert.All(
                    [
                        Secret, "Exif", "EXIF", "eXIf", "II*\0", "adobe", "XMP ", "8BIM", "Photoshop", "tEXt", "iTXt", "zTXt",
                        "iCCP", "ICCP", "ICC_PROFILE",
                    ],
                    text => Assert.False(Has(made, text), $"{name} of {mediaType} has {text}"));
            }

            // As it says, it lies on its side; PNGs say so too.
            Picture upright = await bed.PictureAsync(original, mediaType, "4096.png");
            Assert.Equal((64, 96), (upright.Width, upright.Height));
        }
    }

    [Fact]
    public async Task WideGamut_isConverted_andWhatHasNoProfileKeepsItsColours()
    {
        await using var bed = new ImageBed();
        byte[] wide = await WideGamutAsync();
        Colour stored = new(234, 51, 34);
        Picture.OfPng(wide).Shows(stored, 10, 10);
        foreach (string name in new[] { "64.webp", "64.png", "64.jpg" })
        {
            (await bed.PictureAsync(wide, "image/png", name)).Shows(Colour.PureRed, 10, 10);
        }

        // Exactly: there is nothing to convert.
        byte[] plain = Drawing.Png(96, 64, (_, _) => new Colour(220, 170, 140));
        int[] kept = (await bed.PictureAsync(plain, "image/png", "64.png")).At(10, 10);
        Assert.Equal([220, 170, 140], kept);
        byte[] grey = await Vips.RunAsync(plain, ".png", ".png", "extract_band", "in", "out", "1");
        kept = (await bed.PictureAsync(grey, "image/png", "64.png")).At(10, 10);
        Assert.Equal([170], kept);
        byte[] print = await Vips.RunAsync(plain, ".png", ".jpg", "icc_transform", "in", "out", "cmyk", "--input-profile", "srgb");
        (await bed.PictureAsync(print, "image/jpeg", "64.png")).Shows(new Colour(220, 170, 140), 10, 10);
    }

    [Fact]
    public async Task Transparency_isKept_andWhiteInJpeg()
    {
        await using var bed = new ImageBed();
        byte[] original = Drawing.Png(200, 120, (x, _) => x < 100 ? Colour.Clear : Colour.PureBlue, hasAlpha: true);
        foreach ((string name, Colour left) in new[]
        {
            ("64.webp", Colour.Clear), ("64.png", Colour.Clear), ("64.jpg", Colour.White), ("4096.jpg", Colour.White),
        })
        {
            Picture made = await bed.PictureAsync(original, "image/png", name);
            made.Shows(left, made.Width / 4, made.Height / 2);
            made.Shows(Colour.PureBlue, made.Width * 3 / 4, made.Height / 2);
        }
    }

    [Fact]
    public async Task Animation_staysOneInWebp_withItsDelaysAndRounds_andIsItsFirstFrameElsewhere()
    {
        await using var bed = new ImageBed();
        byte[] gif = Drawing.Gif(200, 120, repeats: 3, 10, 25, 50);
        byte[] webp = await bed.MakeAsync(gif, "image/gif", "4096.webp");
        byte[][] animations = [webp, await bed.MakeAsync(gif, "image/gif", "64.webp"), await bed.MakeAsync(webp, "image/webp", "64.webp")];
        for (int i = 0; i < animations.Length; i++)
        {
            Picture made = await Picture.DecodeAsync(animations[i], isAnimated: true);
            Assert.Equal(i == 0 ? (200, 120, 3) : (64, 38, 3), (made.Width, made.Height, made.Frames));
            Assert.Equal("100 250 500", made.About("delay"));

            // A GIF says how often it begins anew, a WebP how often it is shown.
            Assert.Equal("4", made.About("loop"));
            made.Shows(Colour.PureRed, 9, 9, 0);
            made.Shows(Colour.PureGreen, 9, 9, 1);
            made.Shows(Colour.PureBlue, 9, 9, 2);
        }

        foreach (string name in new[] { "64.png", "64.jpg" })
        {
            Picture made = await bed.PictureAsync(gif, "image/gif", name);
            Assert.Equal((64, 38, 1), (made.Width, made.Height, made.Frames));
            made.Shows(Colour.PureRed, 9, 9);
        }

        byte[] one = await bed.MakeAsync(Drawing.Gif(200, 120, 0, 0), "image/gif", "64.webp");
        Picture still = await Picture.DecodeAsync(one, isAnimated: true);
        Assert.Equal((64, 38, 1), (still.Width, still.Height, still.Frames));
    }

    [Fact]
    public async Task WhatIsNoPicture_isNotDecodable_andNoLoaderButTheFuzzedOnesIsTried()
    {
        await using var bed = new ImageBed();
        byte[] png = Drawing.Quarters(200, 120);
        byte[] jpeg = await Vips.ConvertAsync(png, ".jpg"), avif = await Vips.ConvertAsync(png, ".avif");
        byte[][] contents =
        [
            [], "hello"u8.ToArray(), png[..(png.Length / 2)], jpeg[..(jpeg.Length / 2)], avif[..(avif.Length / 2)],
            "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"u8.ToArray(),
        ];
        foreach (byte[] content in contents)
        {
            (VariantOutcome outcome, _) = await bed.TryMakeAsync(ImageBed.Source(content, "image/png"), "64.webp");
            Assert.Equal(VariantStatus.NotDecodable, outcome.Status);
            Assert.True(outcome.IsFinal);
        }

        // One line, however many there are.
        string line = Assert.Single(bed.Log.Lines, line => line.StartsWith("Images: no ", StringComparison.Ordinal));
        Assert.StartsWith("Images: no 64.webp of an image/png of 1 x 1 x 1: NotDecodable. ", line, StringComparison.Ordinal);
        Assert.Equal(contents.Length, bed.Counted("relay.files.variants not_decodable"));
        (VariantOutcome other, _) = await bed.TryMakeAsync(ImageBed.Source(png, "audio/mpeg"), "64.webp");
        Assert.Equal(new VariantOutcome(VariantStatus.NotDecodable, "There are no variants of audio/mpeg."), other);
    }

    /// <summary>The red of sRGB, as the numbers that Display P3 has for it.</summary>
    private static Task<byte[]> WideGamutAsync() => Vips.RunAsync(
        Drawing.Png(96, 64, (_, _) => Colour.PureRed), ".png", ".png", "icc_transform", "in", "out", "p3", "--input-profile", "srgb");

    private static bool Has(byte[] content, string text) => content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;
}
