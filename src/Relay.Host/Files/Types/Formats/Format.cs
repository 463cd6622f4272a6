namespace Relay.Host.Files.Types.Formats;

/// <summary>What is known of one format of files: how it begins, and how it is built.</summary>
internal abstract class Format
{
    /// <summary>Says whether a file is of this format.</summary>
    /// <param name="head">The first bytes of it, at most <see cref="FileTypes.HeadLength"/>.</param>
    /// <returns>Null if it is not, <see cref="SniffStatus.TooShort"/> if it may be.</returns>
    public abstract Sniffed? Sniff(ReadOnlySpan<byte> head);

    /// <summary>Walks through a file from its beginning to its end.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="type">What <see cref="Sniff"/> has said.</param>
    public abstract ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type);

    /// <summary>Compares the first bytes.</summary>
    /// <param name="head">The first bytes of the file.</param>
    /// <param name="signature">Those of the format.</param>
    /// <param name="type">What a file is that begins so.</param>
    protected static Sniffed? BySignature(ReadOnlySpan<byte> head, ReadOnlySpan<byte> signature, FileType type) =>
        head.StartsWith(signature) ? Sniffed.Known(type)
        : signature.StartsWith(head) ? Sniffed.TooShort
        : null;

    /// <summary>What a file is whose format says where it ends, and that goes on there: something else may begin.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="end">Where its format says that it ends.</param>
    protected static Inspection GoesOn(ContentReader reader, long end) =>
        Inspection.NotAllowed($"it has {reader.Length - end} bytes behind its end");
}
