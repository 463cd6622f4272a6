using Relay.Host.Files.Types;
using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Types;

/// <summary>Sound files are told as what they are; files that are cut off or built wrongly are not sound.</summary>
public sealed class InspectionTests
{
    public static TheoryData<string> Names => Sample.Names;

    public static TheoryData<string, byte[]> Damaged => new()
    {
        { "its chunk IHDR is damaged", Bytes.Put(PngFile.Of(50, 30), 19, 51) },
        { "its header is none of a PNG", Bytes.Join(PngFile.Signature, PngFile.Header(5, 5, depth: 3), PngFile.End) },
        { "its header is not at its beginning, once", Bytes.Join(PngFile.Signature, PngFile.End) },
        { "its header is not at its beginning, once", PngFile.Of(5, 5, PngFile.Header(5, 5)) },
        { "it says that it is 0 x 30 pixels", PngFile.Of(0, 30) },
        { "it has no data", Bytes.Join(PngFile.Signature, PngFile.Header(5, 5), PngFile.End) },
        { "it has no palette", Bytes.Join(PngFile.Signature, PngFile.Header(5, 5, colour: 3), PngFile.Chunk("IDAT", 0), PngFile.End) },
        { "its palette is none", PngFile.Of(5, 5, PngFile.Chunk("PLTE", 1, 2, 3, 4)) },
        { "its palette is none", PngFile.Of(5, 5, PngFile.Chunk("PLTE", 1, 2, 3), PngFile.Chunk("PLTE", 1, 2, 3)) },
        { "its data is in two places", PngFile.Of(5, 5, PngFile.Chunk("IDAT", 0), PngFile.Chunk("tEXt", 1, 0, 1)) },
        { "it has a chunk ABCD, without which it cannot be shown, and which no PNG has", PngFile.Of(5, 5, PngFile.Chunk("ABCD")) },
        { "it has something where a chunk should be", PngFile.Of(5, 5, PngFile.Chunk("a<b>")) },
        { "it has a frame that does not fit into it", PngFile.Of(5, 5, PngFile.Control(0, 6, 5)) },

        { "it says that it is 50 x 0 pixels", Bytes.Join(JpegFile.Start, JpegFile.Size(50, 0), JpegFile.End) },
        { "it says twice how large it is", JpegFile.Of(50, 30, JpegFile.Size(50, 30)) },
        { "it has data before it says how large it is", Bytes.Join(JpegFile.Start, JpegFile.Scan(50, 30), JpegFile.End) },
        { "it has no picture", Bytes.Join(JpegFile.Start, JpegFile.Size(50, 30), JpegFile.End) },
        { "it has something where a marker should be", Bytes.Join(JpegFile.Start, JpegFile.Comment("x"), [0], JpegFile.End) },
        { "it has a segment that is shorter than its head", Bytes.Join(JpegFile.Start, [0xFF, 0xE0, 0, 1], JpegFile.End) },
        { "it does not say rightly how large it is", Bytes.Join(JpegFile.Start, JpegFile.Segment(0xC0, [8, 0, 9, 0, 9]), JpegFile.End) },

        { "it has no picture", Bytes.Join(GifFile.Screen(5, 5), GifFile.End) },
        { "it has something where a block should be", Bytes.Join(GifFile.Screen(5, 5), [0x2D], GifFile.End) },
        { "it has a frame without a code", Bytes.Join(GifFile.Screen(5, 5), [0x2C, 0, 0, 0, 0, 5, 0, 5, 0, 0, 99, 0], GifFile.End) },
        { "it says that it is 5 x 0 pixels", GifFile.Of(5, 0) },

        { "it has no picture", RiffFile.Riff("WEBP") },
        { "it has no picture", Film() },
        { "its chunk VP8L holds no picture", RiffFile.Riff("WEBP", RiffFile.Chunk("VP8L", 1, 2, 3, 4, 5)) },
        { "its chunk EXIF is where none should be", RiffFile.Riff("WEBP", RiffFile.Chunk("EXIF", 1)) },
        { "its chunk VP8L is longer than what it is in", Bytes.Put(RiffFile.WebP(5, 5), 16, 200) },
        { "it is not as large as it says", RiffFile.Riff("WEBP", RiffFile.Extended(9, 9, isAnimated: false), RiffFile.Lossless(9, 8)) },
        { "it has a frame that does not fit into it", Film(RiffFile.Frame(9, 8, 0, 2)) },
        { "it has a frame without a picture", Film(RiffFile.Chunk("ANMF", new byte[16])) },
        { "it has a frame that is shorter than its head", Film(RiffFile.Chunk("ANMF", new byte[15])) },
        { "it has a frame that is not as large as it says", Film(RiffFile.Chunk("ANMF", [.. new byte[16], .. RiffFile.Lossless(9, 9)])) },

        { "it has no picture", Bytes.Join(IsoFile.Type("avif"), IsoFile.Box("mdat")) },
        { "it has no data", IsoFile.Type("avif") },
        { "it has no box pitm where one should be", Bytes.Join(IsoFile.Type("avif"), IsoFile.Full("meta"), IsoFile.Box("mdat")) },
        { "it says that it is 0 x 30 pixels", IsoFile.Avif(0, 30) },
        { "its picture has no properties", Bytes.Put(IsoFile.Avif(5, 5), Bytes.Find(IsoFile.Avif(5, 5), "pitm") + 9, 7) },
        { "it does not say what tracks it has: its recording was not finished", IsoFile.Type("mp42") },
        { "it has no data", Bytes.Join(IsoFile.Type("mp42"), IsoFile.Movie(1, 0)) },
        { "it has no box trak where one should be", Bytes.Join(IsoFile.Type("mp42"), IsoFile.Box("moov", IsoFile.Full("mvhd"))) },
        {
            "its box trak is longer than what it is in",
            Bytes.Join(Bytes.Put(IsoFile.Mp4("mp42"), Bytes.Find(IsoFile.Mp4("mp42"), "trak") - 3, 1), IsoFile.Box("free", new byte[99]))
        },
        { "its box mdat is shorter than its head", Bytes.Put(IsoFile.Mp4("mp42"), Bytes.Find(IsoFile.Mp4("mp42"), "mdat") - 1, 7) },

        { "it has no sound", RiffFile.Riff("WAVE", RiffFile.Chunk("data", 1)) },
        { "it does not say rightly, once, how it sounds", RiffFile.Riff("WAVE", RiffFile.Chunk("fmt ", 1, 2, 3)) },
        { "its first page is damaged", Bytes.Put(SoundFile.Ogg(), 40, 1) },
        { "its beginning is missing", SoundFile.OggPage(0, 0, 0, Bytes.Text("OpusHead1234")) },
        { "it has something where a page should be", Bytes.Join(SoundFile.OggPage(2, 0, 0, Bytes.Text("OpusHead1234")), new byte[30]) },
        { "it does not say rightly how it sounds", Bytes.Put(SoundFile.Flac(), 8, 0, 1) },
        { "it does not say at its beginning, once, how it sounds", Bytes.Put(SoundFile.Flac(), 4, 4) },
        { "it has something where a frame should be", Bytes.Put(SoundFile.Flac(), SoundFile.Flac().Length - 11, 0, 0) },
        { "it has something where a frame should be", Bytes.Join(SoundFile.Id3(10), Bytes.Text("no frame")) },
        { "it has something where a frame should be", Bytes.Put(SoundFile.Mp3(), 2 * 417, 0) },
        { "its tag does not say rightly how long it is", Bytes.Join(Bytes.Put(SoundFile.Id3(10), 9, 0x80), SoundFile.Mp3()) },
        { "it does not say what tracks it has", Renamed(SoundFile.WebM(), "\u0016\u0054\u00AE\u006B", "\u001C\u0053\u00BB\u006B") },
        { "it has no segment", Renamed(SoundFile.WebM(), "\u0018\u0053\u0080\u0067", "\u0015\u0049\u00A9\u0066") },

        { "its JSON is damaged or cut off", ModelFile.Glb("{\"asset\":{\"version\":\"2.0\"}") },
        { "its JSON is damaged or cut off", Bytes.Join(ModelFile.Gltf(), Bytes.Text("x")) },
        { "it does not say of which version of glTF it is", ModelFile.Glb("{\"scene\":{\"version\":\"2.0\"}}") },
        { "it does not say of which version of glTF it is", ModelFile.Glb("{\"asset\":{\"x\":{\"version\":\"2.0\"}}}") },
        { "it does not say of which version of glTF it is", ModelFile.Glb("[{\"asset\":{\"version\":\"2.0\"}}]") },
        { "it has no JSON", Bytes.Join(Bytes.Text("glTF"), Bytes.Little32(2), Bytes.Little32(12)) },
        { "its JSON is not at its beginning, once", ModelFile.Glb(ModelFile.Json(""), ModelFile.Chunk("JSON", Bytes.Text("{}  "))) },
        { "it has a chunk that is longer than it", Bytes.Put(ModelFile.Glb(), 12, 255, 255, 255, 0) },

        { "it has no end: it is cut off, or something else is behind it", Bytes.Join(PdfFile.Of(), new byte[1_025]) },
        { "it does not say where its table is", Bytes.Text("%PDF-1.4\n%%EOF\n") },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task SoundFile_isToldAsWhatItIs(string name)
    {
        Sample sample = Sample.Of(name);
        Inspection inspection = await Content.InspectAsync(sample.File);
        Inspection expected = sample.Width is { } width
            ? Inspection.Picture(sample.Type, width, sample.Height!.Value, sample.Frames)
            : Inspection.Sound(sample.Type);
        Assert.Equal(expected, inspection);
        Assert.Equal(sample.Frames > 1, inspection.IsAnimated);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task SoundFile_thatComesInSmallPieces_isTheSame(string name)
    {
        Sample sample = Sample.Of(name);
        Inspection whole = await Content.InspectAsync(sample.File);
        Assert.Equal(whole, await FileInspector.InspectAsync(new Content(sample.File) { Piece = 7 }, new InspectionLimits(), default));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task FileThatIsCutOff_isNotSound(string name)
    {
        Sample sample = Sample.Of(name);
        int most = sample.HasEnd ? sample.File.Length - 1 : 40;
        for (int length = 0; length <= most; length++)
        {
            Inspection inspection = await Content.InspectAsync(sample.File[..length]);

            // A PDF may end without the end of its last line.
            bool isPdf = sample.Type == FileType.Pdf && length == most;
            Assert.True(isPdf || inspection.Status is InspectionStatus.Unsound or InspectionStatus.NotAllowed, $"{length}: {inspection}");
            Assert.Equal(isPdf, inspection.Reason.Length == 0);
        }
    }

    [Theory]
    [MemberData(nameof(Damaged))]
    public async Task FileThatIsBuiltWrongly_isNotSound(string reason, byte[] file) =>
        Assert.Equal(Inspection.Unsound(reason), await Content.InspectAsync(file));

    [Theory]
    [InlineData(1, 50, 30)]
    [InlineData(4, 50, 30)]
    [InlineData(5, 30, 50)]
    [InlineData(8, 30, 50)]
    [InlineData(9, 50, 30)]
    public async Task JpegThatWasTurned_isAsLargeAsItIsShown(int orientation, int width, int height)
    {
        foreach (bool isBig in new[] { false, true })
        {
            Inspection inspection = await Content.InspectAsync(JpegFile.Of(50, 30, JpegFile.Orientation(orientation, isBig)));
            Assert.Equal(Inspection.Picture(FileType.Jpeg, width, height), inspection);
        }
    }

    [Theory]
    [InlineData(0xC2, true)]
    [InlineData(0xC3, false)]
    [InlineData(0xC9, false)]
    public async Task JpegOfAKindThatBrowsersDoNotShow_isRefused(byte kind, bool isShown)
    {
        byte[] file = Bytes.Join(
            [JpegFile.Start, .. JpegFile.Tables(), JpegFile.Size(8, 8, kind), JpegFile.Scan(8, 8), JpegFile.Scan(8, 8), JpegFile.End]);
        Inspection refused = Inspection.NotAllowed("it is a JPEG of a kind that browsers do not show");
        Assert.Equal(isShown ? Inspection.Picture(FileType.Jpeg, 8, 8) : refused, await Content.InspectAsync(file));
    }

    [Theory]
    [InlineData("\"uri\":\"triangle.bin\",", true)]
    [InlineData("\"uri\":\"https://example.org/triangle.bin\",", true)]
    [InlineData("\"uri\":\"data:,x\",", false)]
    [InlineData("\"name\":\"uri\",", false)]
    [InlineData("", false)]
    public async Task Model_saysWhetherPartsOfItAreElsewhere(string buffer, bool isElsewhere)
    {
        string json = ModelFile.Json(buffer);
        Assert.Equal(isElsewhere, (await Content.InspectAsync(Bytes.Text(json))).HasExternalParts);
        Inspection expected = Inspection.Sound(FileType.Glb) with { HasExternalParts = isElsewhere };
        Assert.Equal(expected, await Content.InspectAsync(ModelFile.Glb(json)));
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("3.0")]
    public async Task ModelOfAnotherVersion_isRefused(string version)
    {
        Inspection expected = Inspection.NotAllowed("it is glTF of a version other than 2");
        Assert.Equal(expected, await Content.InspectAsync(Bytes.Text(ModelFile.Json("", version))));
        Assert.Equal(expected, await Content.InspectAsync(ModelFile.Glb(ModelFile.Json("", version))));
    }

    [Fact]
    public async Task ModelWithALongText_isReadAsAWhole_upToItsLimit()
    {
        byte[] file = Bytes.Text(ModelFile.Json($"\"uri\":\"data:,{new string('x', 1_000_000)}\","));
        Assert.Equal(Inspection.Sound(FileType.Gltf), await Content.InspectAsync(file));
        Assert.Equal(
            Inspection.TooMuch("bytes of JSON", file.Length, 1_000_000),
            await Content.InspectAsync(file, new InspectionLimits { MaxJsonLength = 1_000_000 }));
    }

    [Fact]
    public async Task FilesThatAreLongerThanAWindow_areWalkedThroughAsAWhole()
    {
        // Three bytes each, so that windows begin and end at every one of them.
        byte[] data = [.. Enumerable.Repeat((byte[])[0xFF, 0x00, 0x01], 50_000).SelectMany(three => three)];
        byte[] jpeg = Bytes.Join([JpegFile.Start, JpegFile.Size(50, 30), JpegFile.Scan(50, 30), data, [0xFF, 0xD3], data, JpegFile.End]);
        byte[] gif = GifFile.Of(50, 30, 1, GifFile.Comment(new string('x', 200_000)));
        foreach ((FileType type, byte[] file) in new[] { (FileType.Jpeg, jpeg), (FileType.Gif, gif) })
        {
            Assert.Equal(Inspection.Picture(type, 50, 30), await Content.InspectAsync(file));
            Assert.Equal(InspectionStatus.Unsound, (await Content.InspectAsync(file[..^1])).Status);
        }

        string nodes = string.Concat(Enumerable.Repeat("{\"name\":\"a\"},", 20_000));
        string json = ModelFile.Json($"\"extras\":[{nodes}0],\"uri\":\"elsewhere\",");
        Assert.Equal(Inspection.Sound(FileType.Gltf) with { HasExternalParts = true }, await Content.InspectAsync(Bytes.Text(json)));
    }

    [Fact]
    public async Task WhatWritersOftenDo_isLetBe()
    {
        byte[] wav = RiffFile.Wav(101);
        byte[] notCounted = Bytes.Put(wav, 4, Bytes.Little32(wav.Length - 9)), notPadded = notCounted[..^1];
        byte[] noScreen = Bytes.Put(GifFile.Of(50, 30), 6, 0, 0, 0, 0);
        byte[] oneFrame = Bytes.Join(SoundFile.Id3(10), SoundFile.Mp3(1), Bytes.Text("TAG"), new byte[125]);
        Assert.Equal(Inspection.Sound(FileType.Wav), await Content.InspectAsync(notCounted));
        Assert.Equal(Inspection.Sound(FileType.Wav), await Content.InspectAsync(notPadded));
        Assert.Equal(Inspection.Picture(FileType.Gif, 50, 30), await Content.InspectAsync(noScreen));
        Assert.Equal(Inspection.Sound(FileType.Mp3), await Content.InspectAsync(oneFrame));
        Assert.Equal(Inspection.Sound(FileType.Pdf), await Content.InspectAsync(Bytes.Join(PdfFile.Of(), new byte[1_000])));
    }

    [Fact]
    public async Task ContentThatCannotBeRead_saysSo_andIsNotAskedAgain()
    {
        foreach (Sample sample in Sample.All)
        {
            for (int broken = 0; broken < sample.File.Length; broken += 1 + (sample.File.Length / 20))
            {
                var content = new Content(sample.File) { Broken = broken };
                Inspection inspection = await FileInspector.InspectAsync(content, new InspectionLimits(), default);
                Assert.Equal(InspectionStatus.StoreFailed, inspection.Status);
                Assert.Equal(content.Outcome, inspection.Outcome);
            }
        }
    }

    [Fact]
    public void Limits_thatAllowNothing_areRefused()
    {
        Assert.Empty(new InspectionLimits().Validate("Here"));
        Assert.Equal(
            ["Here:MaxSide must be at least 1; it is 0.", "Here:MaxFrames must be at least 1; it is -1."],
            new InspectionLimits { MaxSide = 0, MaxFrames = -1 }.Validate("Here"));
    }

    private static byte[] Film(params byte[][] frames) => RiffFile.Riff("WEBP", [RiffFile.Extended(9, 9, isAnimated: true), .. frames]);

    private static byte[] Renamed(byte[] file, string name, string other) => Bytes.Put(file, Bytes.Find(file, name), Bytes.Text(other));
}
