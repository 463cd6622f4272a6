using Relay.Host.Files.Types.Formats;

namespace Relay.Host.Files.Types;

/// <summary>Says by its first bytes what a file is. Names and declared types count for nothing.</summary>
internal static class FileTypes
{
    /// <summary>How many bytes at the most are needed to say.</summary>
    public const int HeadLength = 4_096;

    // PDF readers look for their beginning that far in.
    private const int PdfReach = 1_024;

    // Those with plain signatures first; then those that are told by a pattern.
    private static readonly Format[] All =
    [
        new Png(), new Jpeg(), new Gif(), new WebP(), new Avif(), new Mp4(), new Glb(), new Pdf(),
        new WebM(), new Ogg(), new Flac(), new Wav(), new Mp3(), new Gltf(),
    ];

    /// <summary>Says what a file is, as early as it can be said. What is known may still turn out to be unsound, or to hide
    /// something.</summary>
    /// <param name="head">The first bytes of it; those beyond <see cref="HeadLength"/> are not looked at.</param>
    /// <param name="isWhole">Whether these are all that it has.</param>
    /// <returns>Never <see cref="SniffStatus.TooShort"/> for a whole file, nor for <see cref="HeadLength"/> bytes.</returns>
    public static Sniffed Sniff(ReadOnlySpan<byte> head, bool isWhole) => Sniff(head, isWhole, out _);

    /// <summary>Says what a file is, and who knows more of it.</summary>
    /// <param name="head">The first bytes of it.</param>
    /// <param name="isWhole">Whether these are all that it has.</param>
    /// <param name="format">The format of a known type.</param>
    internal static Sniffed Sniff(ReadOnlySpan<byte> head, bool isWhole, out Format? format)
    {
        bool isAll = isWhole || head.Length >= HeadLength;
        head = head[..Math.Min(head.Length, HeadLength)];
        bool mayBe = false;
        foreach (Format candidate in All)
        {
            if (candidate.Sniff(head) is not { } sniffed)
            {
                continue;
            }

            if (sniffed.Status != SniffStatus.TooShort)
            {
                sniffed = sniffed.Type is { } type && Hidden(head, type) is { } hidden ? Sniffed.NotAllowed(hidden) : sniffed;
                format = sniffed.Status == SniffStatus.Known ? candidate : null;
                return sniffed;
            }

            mayBe = true;
        }

        format = null;
        return mayBe && !isAll ? Sniffed.TooShort : Sniffed.NotAllowed(Strangers.Describe(head));
    }

    private static string? Hidden(ReadOnlySpan<byte> head, FileType type)
    {
        bool isPdf = type != FileType.Pdf && head[..Math.Min(head.Length, PdfReach)].IndexOf("%PDF-"u8) >= 0;
        return Markup.IsIn(head) ? "it has HTML or SVG in it" : isPdf ? "it has a PDF in it" : null;
    }
}
