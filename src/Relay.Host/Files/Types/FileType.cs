namespace Relay.Host.Files.Types;

/// <summary>A type of file that is taken. There are no others: what is none of these is refused.</summary>
internal sealed class FileType
{
    private FileType(string mediaType, FileKind kind, string extension) => (MediaType, Kind, Extension) = (mediaType, kind, extension);

    /// <summary>PNG, still or animated.</summary>
    public static FileType Png { get; } = new("image/png", FileKind.Image, "png");

    /// <summary>JPEG, of the kinds that browsers show: baseline, extended and progressive.</summary>
    public static FileType Jpeg { get; } = new("image/jpeg", FileKind.Image, "jpg");

    /// <summary>GIF, still or animated.</summary>
    public static FileType Gif { get; } = new("image/gif", FileKind.Image, "gif");

    /// <summary>WebP, still or animated.</summary>
    public static FileType WebP { get; } = new("image/webp", FileKind.Image, "webp");

    /// <summary>AVIF, still or animated.</summary>
    public static FileType Avif { get; } = new("image/avif", FileKind.Image, "avif");

    /// <summary>MP3, with and without tags.</summary>
    public static FileType Mp3 { get; } = new("audio/mpeg", FileKind.Audio, "mp3");

    /// <summary>Vorbis or Opus in Ogg.</summary>
    public static FileType Ogg { get; } = new("audio/ogg", FileKind.Audio, "ogg");

    /// <summary>WAV.</summary>
    public static FileType Wav { get; } = new("audio/wav", FileKind.Audio, "wav");

    /// <summary>FLAC in its own container.</summary>
    public static FileType Flac { get; } = new("audio/flac", FileKind.Audio, "flac");

    /// <summary>MP4 whose brand says that it is sound alone.</summary>
    public static FileType M4A { get; } = new("audio/mp4", FileKind.Audio, "m4a");

    /// <summary>MP4.</summary>
    public static FileType Mp4 { get; } = new("video/mp4", FileKind.Video, "mp4");

    /// <summary>WebM. Sound alone is of this type, too: nothing at its beginning has to tell, and browsers play it all the same.</summary>
    public static FileType WebM { get; } = new("video/webm", FileKind.Video, "webm");

    /// <summary>glTF 2.0 in one binary file.</summary>
    public static FileType Glb { get; } = new("model/gltf-binary", FileKind.Model, "glb");

    /// <summary>glTF 2.0 as JSON.</summary>
    public static FileType Gltf { get; } = new("model/gltf+json", FileKind.Model, "gltf");

    /// <summary>PDF.</summary>
    public static FileType Pdf { get; } = new("application/pdf", FileKind.Document, "pdf");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FileType> All { get; } =
        [Png, Jpeg, Gif, WebP, Avif, Mp3, Ogg, Wav, Flac, M4A, Mp4, WebM, Glb, Gltf, Pdf];

    /// <summary>As in <c>Content-Type</c>, without parameters. No two types have the same.</summary>
    public string MediaType { get; }

    /// <summary>What it is for.</summary>
    public FileKind Kind { get; }

    /// <summary>How names of such files usually end, without the dot.</summary>
    public string Extension { get; }

    /// <summary>Whether a browser may show it in place. A PDF may hold scripts, and a model is nothing that a browser shows.</summary>
    public bool IsInline => Kind is FileKind.Image or FileKind.Audio or FileKind.Video;

    /// <summary>Finds a type by its media type.</summary>
    /// <param name="mediaType">As in <see cref="MediaType"/>; letters of either case.</param>
    /// <returns>Null if it is none that is taken.</returns>
    public static FileType? OfMediaType(string mediaType) =>
        All.FirstOrDefault(type => type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase));

    public override string ToString() => MediaType;
}
