using Relay.Host.Files.Types;

namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>A sound file of each type and shape.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Type">Its type.</param>
/// <param name="File">Its bytes.</param>
/// <param name="Width">Its width if it is a picture.</param>
/// <param name="Height">Its height if it is a picture.</param>
/// <param name="Frames">How many frames it has if it is a picture.</param>
internal sealed record Sample(string Name, FileType Type, byte[] File, int? Width = null, int? Height = null, int Frames = 0)
{
    /// <summary>Whether one can tell that its end is missing.</summary>
    public bool HasEnd { get; init; } = true;

    public static IReadOnlyList<Sample> All { get; } =
    [
        new("png", FileType.Png, PngFile.Of(50, 30), 50, 30, 1),
        new("animated png", FileType.Png, PngFile.Animated(50, 30, 3), 50, 30, 3),
        new("jpeg", FileType.Jpeg, JpegFile.Of(50, 30, JpegFile.Comment("hello")), 50, 30, 1),
        new("turned jpeg", FileType.Jpeg, JpegFile.Of(50, 30, JpegFile.Orientation(6, isBig: true)), 30, 50, 1),
        new("gif", FileType.Gif, GifFile.Of(50, 30, 1, GifFile.Comment("hello")), 50, 30, 1),
        new("animated gif", FileType.Gif, GifFile.Of(50, 30, 3), 50, 30, 3),
        new("webp", FileType.WebP, RiffFile.WebP(50, 30), 50, 30, 1),
        new("animated webp", FileType.WebP, RiffFile.Animated(50, 30, 3), 50, 30, 3),
        new("avif", FileType.Avif, IsoFile.Avif(50, 30), 50, 30, 1),
        new("turned avif", FileType.Avif, IsoFile.Avif(50, 30, turns: 1), 30, 50, 1),
        new("animated avif", FileType.Avif, IsoFile.AvifFilm(50, 30, 3), 50, 30, 3),
        new("mp3", FileType.Mp3, SoundFile.Mp3()) { HasEnd = false },
        new("tagged mp3", FileType.Mp3, Bytes.Join(SoundFile.Id3(300), SoundFile.Id3(9, hasFoot: true), SoundFile.Mp3()))
        {
            HasEnd = false,
        },
        new("ogg", FileType.Ogg, SoundFile.Ogg()) { HasEnd = false },
        new("wav", FileType.Wav, RiffFile.Wav(101)),
        new("flac", FileType.Flac, SoundFile.Flac()) { HasEnd = false },
        new("m4a", FileType.M4A, IsoFile.Mp4("M4A ")),
        new("mp4", FileType.Mp4, IsoFile.Mp4("mp42")),
        new("webm", FileType.WebM, SoundFile.WebM()),
        new("recorded webm", FileType.WebM, SoundFile.WebM(isRecorded: true)) { HasEnd = false },
        new("glb", FileType.Glb, ModelFile.Glb()),
        new("gltf", FileType.Gltf, ModelFile.Gltf()),
        new("pdf", FileType.Pdf, PdfFile.Of()),
    ];

    public static TheoryData<string> Names => [.. All.Select(sample => sample.Name)];

    public static Sample Of(string name) => All.Single(sample => sample.Name == name);
}
