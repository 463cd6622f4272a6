using Relay.Host.Files.Types;
using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Types;

/// <summary>Files that claim far more than they have, or are built to keep whoever reads them busy.</summary>
public sealed class BombTests
{
    public static TheoryData<string, byte[]> Claims => new()
    {
        { "png", PngFile.Claim(20_000, 20_000) },
        { "jpeg", Bytes.Join([JpegFile.Start, JpegFile.Size(20_000, 20_000), JpegFile.Scan(8, 8), JpegFile.End]) },
        { "gif", GifFile.Claim(20_000, 20_000, 1) },
        { "webp", RiffFile.WebP(16_000, 16_000) },
        { "animated webp", RiffFile.Riff("WEBP", RiffFile.Extended(20_000, 20_000, isAnimated: true), RiffFile.Frame(9, 9)) },
        { "avif", IsoFile.Avif(20_000, 20_000) },
        { "avif whose other picture it is", IsoFile.Avif(9, 9, 0, 20_000, 20_000) },
        { "animated avif", IsoFile.AvifFilm(20_000, 20_000, 1) },
    };

    [Fact]
    public async Task Case55_PngOf50000By50000_isRefusedByItsHeader()
    {
        byte[] file = PngFile.Claim(50_000, 50_000);
        Assert.InRange(file.Length, 0, 4_096);
        Assert.Equal(Inspection.TooMuch("pixels on one side", 50_000, 30_000), await Content.InspectAsync(file));
        Inspection inspection = await Content.InspectAsync(file, new InspectionLimits { MaxSide = 60_000 });
        Assert.Equal(Inspection.TooMuch("pixels", 2_500_000_000, 100_000_000), inspection);
        Assert.Equal("it has 2500000000 pixels, and may have 100000000", inspection.Reason);
        Assert.Equal((2_500_000_000, 100_000_000), (inspection.Value, inspection.Limit));
    }

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task Case55_PictureOfTooManyPixels_isRefusedWhateverItsType(string name, byte[] file)
    {
        Inspection inspection = await Content.InspectAsync(file);
        Assert.Equal((name, InspectionStatus.TooMuch, 100_000_000), (name, inspection.Status, inspection.Limit));
        Assert.InRange(inspection.Value, 256_000_000, 400_000_000);
    }

    [Fact]
    public async Task Case55_SidesThatOverflow_areRefused()
    {
        const uint Most = uint.MaxValue;
        foreach (byte[] file in new[] { PngFile.Claim(Most, Most), IsoFile.Avif(Most, Most), IsoFile.Avif(Most, 1) })
        {
            Assert.Equal(Inspection.TooMuch("pixels on one side", Most, 30_000), await Content.InspectAsync(file));
        }
    }

    [Fact]
    public async Task Case55_GifOf100000Frames_isRefusedWithoutReadingAllOfThem()
    {
        byte[] file = GifFile.Claim(1, 1, 100_000);
        var content = new Content(file);
        Inspection inspection = await FileInspector.InspectAsync(content, new InspectionLimits(), default);
        Assert.Equal(Inspection.TooMuch("frames", 2_001, 2_000), inspection);
        Assert.InRange(content.Segments.Count, 1, 2);
        Assert.True(file.Length > 10 * 65_536);
    }

    [Fact]
    public async Task Case55_FramesThatAreTooManyOrTooLarge_areRefusedWhateverTheirType()
    {
        byte[][] many =
        [
            PngFile.Animated(1, 1, 2_001), PngFile.Animated(1, 1, 1, claimed: 2_001), RiffFile.Animated(1, 1, 2_001),
            IsoFile.AvifFilm(1, 1, 2_001), GifFile.Claim(1, 1, 2_001),
        ];
        foreach (byte[] file in many)
        {
            Assert.Equal(Inspection.TooMuch("frames", 2_001, 2_000), await Content.InspectAsync(file));
        }

        byte[][] large =
        [
            PngFile.Animated(50, 30, 11), RiffFile.Animated(50, 30, 11), IsoFile.AvifFilm(50, 30, 11), GifFile.Claim(50, 30, 11),
        ];
        foreach (byte[] file in large)
        {
            Assert.Equal(
                Inspection.TooMuch("pixels in all frames", 16_500, 15_000),
                await Content.InspectAsync(file, new InspectionLimits { MaxFramePixels = 15_000 }));
            var enough = new InspectionLimits { MaxFramePixels = 16_500 };
            Assert.Equal(InspectionStatus.Sound, (await Content.InspectAsync(file, enough)).Status);
        }

        byte[] frame = Bytes.Join(GifFile.Screen(1, 1), GifFile.Frame(50, 30), GifFile.End);
        var few = new InspectionLimits { MaxPixels = 1_000 };
        Assert.Equal(Inspection.TooMuch("pixels", 1_500, 1_000), await Content.InspectAsync(frame, few));
    }

    [Fact]
    public async Task Case55_CompressedTexts_areNotInflated()
    {
        byte[] bomb = PngFile.Deflate(new byte[16 * 1024 * 1024]);
        byte[] file = PngFile.Of(
            50,
            30,
            PngFile.Chunk("zTXt", Bytes.Join(Bytes.Text("a\0\0"), bomb)),
            PngFile.Chunk("iTXt", Bytes.Join(Bytes.Text("a\0\u0001\0\0\0"), bomb)));
        await Content.InspectAsync(file);
        var content = new Content(file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Task<Inspection> inspecting = FileInspector.InspectAsync(content, new InspectionLimits(), default);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // Nothing waits here, so this thread has done it all.
        Assert.True(inspecting.IsCompletedSuccessfully);
        Assert.Equal(Inspection.Picture(FileType.Png, 50, 30), await inspecting);
        Assert.InRange(allocated, 0, 65_536);
    }

    [Fact]
    public async Task Case55_ZipBomb_isAZip() =>
        Assert.Equal(Inspection.NotAllowed("it is a ZIP archive"), await Content.InspectAsync(Zip.Of(new byte[16 * 1024 * 1024])));

    [Fact]
    public async Task FilesOfNothingButParts_endAtTheirLimit()
    {
        var limits = new InspectionLimits { MaxParts = 1_000 };
        byte[][] files =
        [
            PngFile.Of(5, 5, [.. Enumerable.Repeat(PngFile.Chunk("teSt"), 1_000)]),
            JpegFile.Of(5, 5, [.. Enumerable.Repeat((byte[])[0xFF], 1_000)]),
            GifFile.Of(5, 5, 1, [.. Enumerable.Repeat(GifFile.Comment(""), 1_000)]),
            RiffFile.Riff("WEBP", [RiffFile.Lossless(5, 5), .. Enumerable.Repeat(RiffFile.Chunk("junk"), 1_000)]),
            RiffFile.Wav(5, [.. Enumerable.Repeat(RiffFile.Chunk("junk"), 1_000)]),
            SoundFile.Flac([.. Enumerable.Repeat(SoundFile.FlacBlock(1, []), 1_000)]),
            ModelFile.Glb([.. Enumerable.Repeat(ModelFile.Chunk("junk", []), 1_000)]),
            Bytes.Join([IsoFile.Type("mp42"), IsoFile.Box("moov", [.. Enumerable.Repeat(IsoFile.Box("free"), 1_000)])]),
        ];
        foreach (byte[] file in files)
        {
            Assert.Equal(Inspection.TooMuch("parts", 1_001, 1_000), await Content.InspectAsync(file, limits));
        }

        byte[] scans = Bytes.Join([
            JpegFile.Start, .. JpegFile.Tables(), JpegFile.Size(8, 8, 0xC2), .. Enumerable.Repeat(JpegFile.Scan(8, 8), 201), JpegFile.End]);
        Assert.Equal(Inspection.TooMuch("scans", 201, 200), await Content.InspectAsync(scans));
        byte[] streams = Bytes.Join([.. Enumerable.Repeat(SoundFile.OggPage(2, 0, 0, Bytes.Text("OpusHead")), 100)]);
        Assert.Equal(Inspection.TooMuch("streams", 17, 16), await Content.InspectAsync(streams));
    }

    [Fact]
    public async Task Mp4OfAGibibyte_isReadInAFewPlaces()
    {
        byte[] type = IsoFile.Type("mp42", "isom"), movie = IsoFile.Movie(10, 0);
        long length = 1L << 30, data = length - type.Length - movie.Length;
        byte[] start = Bytes.Join(type, Bytes.Big32(1), Bytes.Text("mdat"), Bytes.Big32(0), Bytes.Big32(data));
        var content = new Content(start, length, movie);
        Assert.Equal(Inspection.Sound(FileType.Mp4), await FileInspector.InspectAsync(content, new InspectionLimits(), default));
        Assert.InRange(content.Segments.Count, 2, 4);
        Assert.InRange(content.Reads, 2, 8);

        var cut = new Content(start, length, movie[..^1]);
        Assert.Equal(InspectionStatus.Unsound, (await FileInspector.InspectAsync(cut, new InspectionLimits(), default)).Status);
    }

    [Fact]
    public async Task RecordingOfManyFragments_isReadAtItsBeginning()
    {
        byte[] fragment = Bytes.Join(IsoFile.Box("moof", new byte[100]), IsoFile.Box("mdat", new byte[900]));
        byte[] file = Bytes.Join([IsoFile.Type("dash"), IsoFile.Movie(1, 0), .. Enumerable.Repeat(fragment, 2_000)]);
        var content = new Content(file);
        Assert.Equal(Inspection.Sound(FileType.Mp4), await FileInspector.InspectAsync(content, new InspectionLimits(), default));
        Assert.InRange(content.Segments.Count, 1, 12);
    }
}
