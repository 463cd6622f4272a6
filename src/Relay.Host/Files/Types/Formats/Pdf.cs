namespace Relay.Host.Files.Types.Formats;

/// <summary>PDF (ISO 32000): it begins with its version, and ends with where its table is. What is between may be compressed, encrypted, or
/// added to later, and is for those who open it.</summary>
internal sealed class Pdf : Format
{
    // As far from its end as readers look for it.
    private const int EndReach = 1_024;

    public override Sniffed? Sniff(ReadOnlySpan<byte> head)
    {
        Sniffed? sniffed = BySignature(head, "%PDF-"u8, FileType.Pdf);
        return sniffed is not { Status: SniffStatus.Known } ? sniffed
            : head.Length < 8 ? Sniffed.TooShort
            : head[5] is (byte)'1' or (byte)'2' && head[6] == '.' && char.IsAsciiDigit((char)head[7]) ? sniffed
            : Sniffed.NotAllowed("it is PDF of a version that there is not");
    }

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        int length = (int)Math.Min(reader.Length, EndReach);
        if (!await reader.SeeAsync(reader.Length - length, length).ConfigureAwait(false))
        {
            return reader.Failure;
        }

        int end = reader.Seen.LastIndexOf("%%EOF"u8);
        return end < 0 ? Inspection.Unsound("it has no end: it is cut off, or something else is behind it")
            : reader.Seen[..end].LastIndexOf("startxref"u8) < 0 ? Inspection.Unsound("it does not say where its table is")
            : Inspection.Sound(type);
    }
}
