using System.Text;
using Relay.Host.Files.Types;
using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Types;

/// <summary>What the first bytes of a file say, as they come.</summary>
public sealed class SniffTests
{
    public static TheoryData<string> Names => Sample.Names;

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "it is empty", [] },
        { "it is HTML", Encoding.UTF8.GetBytes("<!DOCTYPE html><title>x</title>") },
        { "it is HTML", Encoding.UTF8.GetBytes(" \n<ScRiPt>alert(1)</script>") },
        { "it is HTML", Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes("<html><body>")).ToArray() },
        { "it is HTML", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("<html><body>")).ToArray() },
        { "it is HTML", Encoding.BigEndianUnicode.GetPreamble().Concat(Encoding.BigEndianUnicode.GetBytes("<!doctype html>")).ToArray() },
        { "it is HTML or XML", Encoding.UTF8.GetBytes("<p onclick=alert(1)>hello") },
        { "it is SVG", Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><!DOCTYPE svg><svg onload=alert(1)></svg>") },
        { "it is a script", Encoding.UTF8.GetBytes("#!/bin/sh\necho") },
        { "it is text", Encoding.UTF8.GetBytes("alert(1)") },
        { "it is text", Encoding.UTF8.GetBytes("häh?") },
        { "it is JSON, and not glTF", Encoding.UTF8.GetBytes("{ \"a\": 1 }") },
        { "it is a ZIP archive", Zip.Of([1, 2, 3]) },
        { "it is a program for Windows", [(byte)'M', (byte)'Z', 0x90, 0] },
        { "it is a program for Linux", [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0] },
        { "it is a gzip archive", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0] },
        { "it is a tar archive", [.. new byte[257], .. Bytes.Text("ustar\000")] },
        { "it is QuickTime", IsoFile.Type("qt  ") },
        { "it is HEIC", IsoFile.Type("heic", "mif1", "heic") },
        { "it is HEIF", IsoFile.Type("mif1", "heic") },
        { "it is of the brand ??f?, which is not taken", IsoFile.Type("\u0001 f\u00FF", "abcd") },
        { "it is Matroska, and not WebM", SoundFile.WebM("matroska") },
        { "it is Ogg with something other than Vorbis and Opus", SoundFile.OggPage(2, 0, 0, Bytes.Text("\u0080theora123")) },
        { "it is glTF of a version other than 2", [.. Bytes.Text("glTF"), 1, 0, 0, 0, 0, 0, 0, 0] },
        { "it is PDF of a version that there is not", Bytes.Text("%PDF-x.y\n") },
        { "it is BMP", [.. Bytes.Text("BM"), .. new byte[60]] },
        { "it is TIFF", [.. Bytes.Text("II*\0"), .. new byte[60]] },
        { "it is AVI", RiffFile.Riff("AVI ", RiffFile.Chunk("LIST", 1, 2)) },
        { "it is AAC without a container", [0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFC] },
        { "it is of no type that is taken here", [0xFF, 0xFB, 0x90, 0xC0, .. new byte[2_000]] },
        { "it is of no type that is taken here", new byte[FileTypes.HeadLength] },
        { "it is of no type that is taken here", [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A] },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Type_isKnownByTheBeginning_andNeverTakenForAnother(string name)
    {
        Sample sample = Sample.Of(name);
        Sniffed last = Sniffed.TooShort;
        for (int length = 0; length <= sample.File.Length; length++)
        {
            Sniffed sniffed = FileTypes.Sniff(sample.File.AsSpan(0, length), isWhole: false);
            Assert.True(sniffed == last || last.Status == SniffStatus.TooShort, $"With {length} bytes it was {last}, and is {sniffed}.");
            last = sniffed;
        }

        Assert.Equal(Sniffed.Known(sample.Type), last);
        Assert.Equal(last, FileTypes.Sniff(sample.File, isWhole: true));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Case54_WhatIsNotTaken_isRefusedAndNamed(string reason, byte[] file) =>
        Assert.Equal(Sniffed.NotAllowed(reason), FileTypes.Sniff(file, isWhole: true));

    [Theory]
    [InlineData("<html>")]
    [InlineData("hello, world")]
    [InlineData("{\"asset\":x")]
    [InlineData("PK\u0003\u0004..........")]
    public void Garbage_isRefusedBeforeTheRestOfItHasCome(string start)
    {
        SniffStatus expected = start[0] == '{' ? SniffStatus.Known : SniffStatus.NotAllowed;
        Assert.Equal(expected, FileTypes.Sniff(Bytes.Text(start), isWhole: false).Status);
    }

    [Fact]
    public void HeadOfFullLength_isAlwaysEnough()
    {
        byte[] head = new byte[FileTypes.HeadLength];
        var random = new Random(54);
        foreach (Sample sample in Sample.All)
        {
            for (int kept = 1; kept < 40; kept++)
            {
                random.NextBytes(head);
                sample.File.AsSpan(0, Math.Min(kept, sample.File.Length)).CopyTo(head);
                Assert.NotEqual(SniffStatus.TooShort, FileTypes.Sniff(head, isWhole: false).Status);
            }
        }

        head.AsSpan().Fill((byte)' ');
        Assert.Equal(Sniffed.NotAllowed("it is text"), FileTypes.Sniff(head, isWhole: false));
    }

    [Fact]
    public void Types_areToldByTheirMediaTypes()
    {
        Assert.Equal(15, FileType.All.Count);
        foreach (FileType type in FileType.All)
        {
            Assert.Same(type, FileType.OfMediaType(type.MediaType));
            Assert.Same(type, FileType.OfMediaType(type.MediaType.ToUpperInvariant()));
            Assert.Contains(Sample.All, sample => sample.Type == type);
        }

        Assert.Equal(FileType.All.Count, FileType.All.Select(type => type.Extension).Distinct().Count());
        Assert.Null(FileType.OfMediaType("text/html"));
        Assert.Null(FileType.OfMediaType("image/svg+xml"));
        Assert.Equal([FileType.Glb, FileType.Gltf, FileType.Pdf], FileType.All.Where(type => !type.IsInline));
    }
}
