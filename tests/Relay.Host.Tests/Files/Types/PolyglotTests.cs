using System.Text;
using Relay.Host.Files.Types;
using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Types;

/// <summary>Files that are two things: what is sound as one of them is refused for the other.</summary>
public sealed class PolyglotTests
{
    private const string Script = "<script>alert(1)</script>";

    /// <summary>Types whose files say where they end.</summary>
    public static TheoryData<string> Ended => ["png", "animated png", "gif", "webp", "animated webp", "wav", "glb", "webm"];

    public static TheoryData<string, byte[]> BehindJpeg => new()
    {
        { "a ZIP archive", Zip.Of([1, 2, 3]) },
        { "a ZIP archive", Bytes.Text("\r\n\0PK\u0003\u0004 and more") },
        { "a RAR archive", Bytes.Text("Rar!\u001A\u0007\0") },
        { "a PDF", PdfFile.Of() },
        { "a program for Windows", Bytes.Text("MZ\u0090\0") },
        { "a script", Bytes.Text("\n#!/bin/sh\n") },
        { "HTML or SVG", Bytes.Text(Script) },
        { "HTML or SVG", Bytes.Join(new byte[2_000], Bytes.Text("<SVG onload=alert(1)>")) },
    };

    [Theory]
    [MemberData(nameof(Ended))]
    public async Task Case54_WhatIsBehindTheEnd_isNoPartOfTheFile(string name)
    {
        byte[] file = Sample.Of(name).File;
        foreach (byte[] more in new[] { Zip.Of([1, 2, 3]), Bytes.Text("#!/bin/sh"), [0, 0, 0] })
        {
            Assert.Equal(
                Inspection.NotAllowed($"it has {more.Length} bytes behind its end"), await Content.InspectAsync(Bytes.Join(file, more)));
        }
    }

    [Theory]
    [InlineData("avif")]
    [InlineData("mp4")]
    [InlineData("m4a")]
    public async Task Case54_WhatIsBehindTheEndOfBoxes_isNoBox(string name)
    {
        byte[] file = Sample.Of(name).File;
        foreach (byte[] more in new[] { Zip.Of([1, 2, 3]), Bytes.Text("#!/bin/sh\n") })
        {
            Assert.Equal(InspectionStatus.Unsound, (await Content.InspectAsync(Bytes.Join(file, more))).Status);
        }
    }

    [Theory]
    [MemberData(nameof(BehindJpeg))]
    public async Task Case54_WhatCanBeUnpackedRunOrOpened_isRefusedBehindAJpeg(string what, byte[] more)
    {
        byte[] jpeg = JpegFile.Of(50, 30, JpegFile.Segment(0xE2, new byte[FileTypes.HeadLength]));
        Assert.Equal(Inspection.NotAllowed($"it has {what} behind its end"), await Content.InspectAsync(Bytes.Join(jpeg, more)));
    }

    [Fact]
    public async Task WhatCamerasPutBehindAJpeg_isLetBe()
    {
        byte[] jpeg = JpegFile.Of(50, 30);
        foreach (byte[] more in new[] { jpeg, [0, 0, 0], [0xFF, 0xD9], IsoFile.Mp4("mp42"), Bytes.Text("\r\n") })
        {
            Assert.Equal(Inspection.Picture(FileType.Jpeg, 50, 30), await Content.InspectAsync(Bytes.Join(jpeg, more)));
        }
    }

    [Theory]
    [InlineData(Script)]
    [InlineData("<HTML>")]
    [InlineData("-- <sVg onload=alert(1)>")]
    [InlineData("<!DocType html>")]
    public async Task Case54_MarkupInAComment_isRefused(string markup)
    {
        byte[][] comments = [Encoding.UTF8.GetBytes(markup), Encoding.Unicode.GetBytes(markup), Encoding.BigEndianUnicode.GetBytes(markup)];
        foreach (string comment in comments.Select(Encoding.Latin1.GetString))
        {
            byte[][] files =
            [
                JpegFile.Of(50, 30, JpegFile.Comment(comment)),
                GifFile.Of(50, 30, 1, GifFile.Comment(comment)),
                PngFile.Of(50, 30, PngFile.Chunk("tEXt", Bytes.Text("Comment\0" + comment))),
                RiffFile.Wav(10, RiffFile.Chunk("note", Bytes.Text(comment))),
                Bytes.Join(SoundFile.Id3(0), SoundFile.Mp3(), Bytes.Text(comment)),
                SoundFile.Flac(SoundFile.FlacBlock(2, Bytes.Text(comment))),
                ModelFile.Glb(ModelFile.Json(""), ModelFile.Chunk("note", Bytes.Text(comment))),
                PdfFile.Of("%" + comment + "\n"),
            ];
            foreach (byte[] file in files)
            {
                Assert.Equal(Inspection.NotAllowed("it has HTML or SVG in it"), await Content.InspectAsync(file));
            }
        }
    }

    [Fact]
    public async Task WordsThatOnlyLookLikeMarkup_areNone()
    {
        foreach (string comment in new[] { "<scrip", "a < script", "<h1>", "svg>", "<svgx", "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">" })
        {
            byte[] file = GifFile.Of(50, 30, 1, GifFile.Comment(comment));
            Assert.Equal(Inspection.Picture(FileType.Gif, 50, 30), await Content.InspectAsync(file));
        }
    }

    [Fact]
    public async Task Case54_PdfInTheHeadOfAPicture_isRefused() => Assert.Equal(
        Inspection.NotAllowed("it has a PDF in it"),
        await Content.InspectAsync(JpegFile.Of(50, 30, JpegFile.Comment(Encoding.Latin1.GetString(PdfFile.Of())))));

    [Fact]
    public async Task Case54_ZipInsideOfASoundFile_isRefused()
    {
        // Each is sound as what it is, with the archive's end near its own: readers of ZIP look for that as far from the end as this.
        byte[] zip = Zip.Of([1, 2, 3], comment: "archive");
        foreach (byte[] archive in new[] { zip, Shifted(zip) })
        {
            byte[][] files =
            [
                PngFile.Of(5, 5, PngFile.Chunk("tEXt", Bytes.Join(Bytes.Text("a\0"), archive))),
                PngFile.Of(5, 5, PngFile.Chunk("juNk", Bytes.Join(archive, new byte[60_000]))),
                GifFile.Of(5, 5, 1, GifFile.Comment(Encoding.Latin1.GetString(archive))),
                JpegFile.Of(5, 5, JpegFile.Comment(Encoding.Latin1.GetString(archive))),
                RiffFile.Wav(10, RiffFile.Chunk("junk", archive)),
                RiffFile.Riff("WEBP", RiffFile.Lossless(5, 5), RiffFile.Chunk("junk", archive)),
                Bytes.Join(IsoFile.Mp4("mp42"), IsoFile.Box("free", archive)),
                ModelFile.Glb(ModelFile.Chunk("junk", archive)),
                Bytes.Join(SoundFile.Mp3(), archive),
                Bytes.Join(JpegFile.Of(5, 5), Bytes.Text("no signature"), archive),
            ];
            for (int i = 0; i < files.Length; i++)
            {
                Assert.Equal((i, Inspection.NotAllowed("it has a ZIP archive in it")), (i, await Content.InspectAsync(files[i])));
            }
        }
    }

    [Fact]
    public async Task BytesThatLookLikeTheEndOfAZip_areNone()
    {
        byte[] lonely = Bytes.Join(Bytes.Text("PK\u0005\u0006"), Enumerable.Repeat((byte)7, 18).ToArray());
        Assert.Equal(Inspection.Sound(FileType.Wav), await InJunkAsync(lonely));
        byte[] large = Bytes.Join(Bytes.Text("PK\u0006\u0007"), new byte[16], lonely);
        Assert.Equal(Inspection.NotAllowed("it has a ZIP archive in it"), await InJunkAsync(large));
        byte[] many = Bytes.Join([.. Enumerable.Repeat(lonely, 17)]);
        Assert.Equal(Inspection.NotAllowed("it has a ZIP archive in it"), await InJunkAsync(many));
    }

    private static Task<Inspection> InJunkAsync(byte[] bytes) => Content.InspectAsync(RiffFile.Wav(10, RiffFile.Chunk("junk", bytes)));

    /// <summary>An archive whose offsets count from the beginning of a file that it is not at: readers put that right
    /// themselves.</summary>
    private static byte[] Shifted(byte[] zip) => Bytes.Put(zip, Bytes.Find(zip, "PK\u0005\u0006") + 16, Bytes.Little32(0x7FFF_0000));
}
