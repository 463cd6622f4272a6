namespace Relay.Host.Files.Types.Formats;

/// <summary>MP4 and M4A (ISO/IEC 14496-14): known by their brands; their boxes fill the file, and one of them says what tracks there are.
/// Files that are built alike but are others are told by their major brand.</summary>
internal sealed class Mp4 : Format
{
    private static readonly string[] Video =
    [
        "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9",
        "mp41", "mp42", "avc1", "M4V ", "M4VH", "M4VP", "dash", "cmfc", "cmf2",
    ];

    private static readonly string[] Audio = ["M4A ", "M4B "];

    private static readonly (string Brand, string Reason)[] Others =
    [
        ("qt  ", "it is QuickTime"),
        ("heic", "it is HEIC"), ("heix", "it is HEIC"), ("heim", "it is HEIC"), ("heis", "it is HEIC"), ("hevc", "it is HEIC"),
        ("mif1", "it is HEIF"), ("msf1", "it is HEIF"),
        ("jp2 ", "it is JPEG 2000"), ("crx ", "it is a camera's raw picture"),
        ("3gp4", "it is 3GP"), ("3gp5", "it is 3GP"), ("3gp6", "it is 3GP"), ("3g2a", "it is 3GP"),
    ];

    public override Sniffed? Sniff(ReadOnlySpan<byte> head)
    {
        if (Iso.ReadBrands(head, out bool isTooShort) is not { } brands)
        {
            return isTooShort ? Sniffed.TooShort : null;
        }

        foreach ((string brand, string reason) in Others)
        {
            if (brands[0].Is(brand))
            {
                return Sniffed.NotAllowed(reason);
            }
        }

        return Array.Exists(Audio, brands[0].Is) ? Sniffed.Known(FileType.M4A)
            : Array.Exists(brands, brand => Array.Exists(Video, brand.Is)) ? Sniffed.Known(FileType.Mp4)
            : Sniffed.NotAllowed($"it is of the brand {brands[0]}, which is not taken");
    }

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        if (await Iso.ReadFileAsync(reader).ConfigureAwait(false) is not { } file)
        {
            return reader.Failure;
        }

        if (file.Movie is not { } movie)
        {
            return Inspection.Unsound("it does not say what tracks it has: its recording was not finished");
        }

        return await Iso.FindAsync(reader, movie.Body, movie.End, "mvhd").ConfigureAwait(false) is null
            || await Iso.FindAsync(reader, movie.Body, movie.End, "trak").ConfigureAwait(false) is null
            ? reader.Failure
            : file.HasData ? Inspection.Sound(type)
            : Inspection.Unsound("it has no data");
    }
}
