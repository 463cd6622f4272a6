using Relay.Host.Files.Types.Formats;

namespace Relay.Host.Files.Types;

/// <summary>
/// Says what a file is and whether it is sound. It walks through the file's structure and decodes nothing: no pixel, no sound, no
/// compressed text. It holds a window of 64 KiB, and a text in a model's JSON as a whole.
/// </summary>
internal static class FileInspector
{
    /// <summary>Inspects a content. Whatever the content is, this does not throw, and ends.</summary>
    /// <param name="source">The content.</param>
    /// <param name="limits">What it may ask of those who show it.</param>
    /// <param name="cancellationToken">Ends it as the source's reading ends.</param>
    public static async Task<Inspection> InspectAsync(IContentSource source, InspectionLimits limits, CancellationToken cancellationToken)
    {
        using var reader = new ContentReader(source, limits, cancellationToken);
        int length = (int)Math.Min(reader.Length, FileTypes.HeadLength);
        if (!await reader.SeeAsync(0, length).ConfigureAwait(false))
        {
            return reader.Failure;
        }

        Sniffed sniffed = FileTypes.Sniff(reader.Seen, isWhole: true, out Format? format);
        if (format is null)
        {
            return Inspection.NotAllowed(sniffed.Reason);
        }

        Inspection inspection = await format.InspectAsync(reader, sniffed.Type!).ConfigureAwait(false);
        bool mayHaveZip = inspection.Status != InspectionStatus.Sound || sniffed.Type!.Kind == FileKind.Document;
        return mayHaveZip ? inspection : await HiddenZip.FindAsync(reader).ConfigureAwait(false) ?? inspection;
    }
}
