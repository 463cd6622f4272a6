namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes MP4 and M4A with frames of silence (AAC), and AVIF whose pictures only claim to be some.</summary>
internal static class IsoFile
{
    private static readonly byte[] Silence = [0x01, 0x18, 0x20, 0x07];

    /// <summary>A track of silence under any brand.</summary>
    public static byte[] Mp4(string brand, int frames = 10)
    {
        byte[] type = Type(brand, "isom");
        byte[] data = Box("mdat", Enumerable.Repeat(Silence, frames).ToArray());
        return Bytes.Join(type, data, Movie(frames, type.Length + 8));
    }

    public static byte[] Movie(int frames, long dataAt) => Box("moov",
        Full("mvhd",
            new byte[8], Bytes.Big32(44_100), Bytes.Big32(frames * 1_024), Bytes.Big32(0x10000), [1, 0], new byte[10], Matrix(),
            new byte[24], Bytes.Big32(2)),
        Box("trak",
            Full("tkhd",
                new byte[8], Bytes.Big32(1), new byte[4], Bytes.Big32(frames * 1_024), new byte[12], [1, 0], new byte[2], Matrix(),
                new byte[8]),
            Box("mdia",
                Full("mdhd", new byte[8], Bytes.Big32(44_100), Bytes.Big32(frames * 1_024), [0x55, 0xC4, 0, 0]),
                Full("hdlr", new byte[4], Bytes.Text("soun"), new byte[13]),
                Box("minf",
                    Full("smhd", new byte[4]),
                    Box("dinf", Full("dref", Bytes.Big32(1), Box("url ", [0, 0, 0, 1]))),
                    Box("stbl",
                        Full("stsd", Bytes.Big32(1), Box("mp4a",
                            new byte[6], [0, 1], new byte[8], [0, 1, 0, 16], new byte[4], Bytes.Big32(44_100L << 16),
                            Full("esds", [3, 25, 0, 0, 0, 4, 17, 0x40, 0x15], new byte[11], [5, 2, 0x12, 0x08, 6, 1, 2]))),
                        Full("stts", Bytes.Big32(1), Bytes.Big32(frames), Bytes.Big32(1_024)),
                        Full("stsc", Bytes.Big32(1), Bytes.Big32(1), Bytes.Big32(frames), Bytes.Big32(1)),
                        Full("stsz", Bytes.Big32(Silence.Length), Bytes.Big32(frames)),
                        Full("stco", Bytes.Big32(1), Bytes.Big32(dataAt)))))));

    /// <summary>A picture that claims a size, beside another one; turned by so many quarters.</summary>
    public static byte[] Avif(long width, long height, int turns = 0, long otherWidth = 8, long otherHeight = 8) => Bytes.Join(
        Type("avif", "mif1", "avif"),
        Box("meta",
            new byte[4],
            Full("hdlr", new byte[4], Bytes.Text("pict"), new byte[13]),
            Full("pitm", [0, 2]),
            Full("iloc", [0x44, 0, 0, 0]),
            Box("iprp",
                Box("ipco",
                    Full("ispe", Bytes.Big32(otherWidth), Bytes.Big32(otherHeight)),
                    Full("ispe", Bytes.Big32(width), Bytes.Big32(height)),
                    Box("irot", [(byte)turns])),
                Full("ipma", Bytes.Big32(2), [0, 1, 1, 1], [0, 2, 2, 2, 0x83]))),
        Box("mdat", new byte[20]));

    /// <summary>An animation that claims a number of frames.</summary>
    public static byte[] AvifFilm(int width, int height, long frames) => Bytes.Join(
        Type("avis", "msf1", "avis"),
        Box("moov", Box("trak",
            Full("tkhd", new byte[72], Bytes.Big32((long)width << 16), Bytes.Big32((long)height << 16)),
            Box("mdia", Box("minf", Box("stbl", Full("stsz", Bytes.Big32(20), Bytes.Big32(frames))))))),
        Box("mdat", new byte[20]));

    public static byte[] Type(string brand, params string[] others) =>
        Box("ftyp", [Bytes.Text(brand), Bytes.Big32(0), .. others.Select(Bytes.Text)]);

    public static byte[] Full(string name, params byte[][] parts) => Box(name, [new byte[4], .. parts]);

    public static byte[] Box(string name, params byte[][] parts)
    {
        byte[] body = Bytes.Join(parts);
        return Bytes.Join(Bytes.Big32(body.Length + 8), Bytes.Text(name), body);
    }

    private static byte[] Matrix() => Bytes.Join(
        Bytes.Big32(0x10000), new byte[12], Bytes.Big32(0x10000), new byte[12], Bytes.Big32(0x40000000));
}
