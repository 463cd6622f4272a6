using System.Buffers;

namespace Relay.Host.Files.Types;

/// <summary>What is not taken, by the names that people know it by.</summary>
internal static class Strangers
{
    // Those that no text has, as the standard of MIME sniffing counts them.
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31]);

    private static readonly (string Name, int Offset, byte[] Signature)[] Archives =
    [
        ("a ZIP archive", 0, "PK\u0003\u0004"u8.ToArray()),
        ("a ZIP archive", 0, "PK\u0005\u0006"u8.ToArray()),
        ("a RAR archive", 0, "Rar!\u001A\u0007"u8.ToArray()),
        ("a 7z archive", 0, [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C]),
        ("a gzip archive", 0, [0x1F, 0x8B, 0x08]),
        ("an xz archive", 0, [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]),
        ("a Zstandard archive", 0, [0x28, 0xB5, 0x2F, 0xFD]),
        ("a bzip2 archive", 0, "BZh"u8.ToArray()),
        ("a tar archive", 257, "ustar"u8.ToArray()),
        ("a program for Windows", 0, "MZ"u8.ToArray()),
        ("a program for Linux", 0, "\u007FELF"u8.ToArray()),
        ("a program for macOS", 0, [0xCF, 0xFA, 0xED, 0xFE]),
        ("a program for macOS or Java", 0, [0xCA, 0xFE, 0xBA, 0xBE]),
        ("WebAssembly", 0, "\0asm"u8.ToArray()),
        ("a script", 0, "#!"u8.ToArray()),
        ("a PDF", 0, "%PDF-"u8.ToArray()),
        ("an old Office document", 0, [0xD0, 0xCF, 0x11, 0xE0]),
        ("a database", 0, "SQLite format 3\0"u8.ToArray()),
    ];

    private static readonly (string Name, int Offset, byte[] Signature)[] Media =
    [
        ("TIFF", 0, "II*\0"u8.ToArray()),
        ("TIFF", 0, "MM\0*"u8.ToArray()),
        ("BMP", 0, "BM"u8.ToArray()),
        ("an icon", 0, [0, 0, 1, 0]),
        ("a Photoshop file", 0, "8BPS"u8.ToArray()),
        ("JPEG XL", 0, [0xFF, 0x0A]),
        ("JPEG XL", 4, "JXL \r\n"u8.ToArray()),
        ("JPEG 2000", 4, "jP  \r\n"u8.ToArray()),
        ("AVI", 8, "AVI LIST"u8.ToArray()),
        ("AIFF", 0, "FORM"u8.ToArray()),
        ("MIDI", 0, "MThd"u8.ToArray()),
        ("Windows Media", 0, [0x30, 0x26, 0xB2, 0x75]),
        ("Flash video", 0, "FLV\u0001"u8.ToArray()),
        ("AAC without a container", 0, [0xFF, 0xF1]),
        ("AAC without a container", 0, [0xFF, 0xF9]),
    ];

    /// <summary>Says what a file is that is not taken, as "it is HTML".</summary>
    /// <param name="head">Its first bytes.</param>
    public static string Describe(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return "it is empty";
        }

        if ((Find(head, Archives) ?? Find(head, Media)) is { } name)
        {
            return "it is " + name;
        }

        if (!IsText(head))
        {
            return "it is of no type that is taken here";
        }

        ReadOnlySpan<byte> text = head.TrimStart("\uFEFF \t\r\n"u8);
        return Markup.IsSvg(head) ? "it is SVG"
            : Markup.IsIn(head) ? "it is HTML"
            : text is [(byte)'<', ..] ? "it is HTML or XML"
            : text is [(byte)'{', ..] ? "it is JSON, and not glTF"
            : "it is text";
    }

    /// <summary>Says what begins behind the end of a picture, if it is something that a picture has no business with: an archive, a
    /// program, a document, a page. Other pictures and videos are not among them: phones put them there.</summary>
    /// <param name="tail">The first bytes behind the end.</param>
    /// <returns>As "a ZIP archive"; null if it is nothing of the kind.</returns>
    public static string? NameStowaway(ReadOnlySpan<byte> tail)
    {
        ReadOnlySpan<byte> start = tail.TrimStart("\0 \t\r\n"u8);
        return Find(start, Archives) ?? (Markup.IsIn(tail) ? "HTML or SVG" : null);
    }

    private static string? Find(ReadOnlySpan<byte> bytes, (string Name, int Offset, byte[] Signature)[] list)
    {
        foreach ((string name, int offset, byte[] signature) in list)
        {
            if (bytes.Length >= offset && bytes[offset..].StartsWith(signature))
            {
                return name;
            }
        }

        return null;
    }

    private static bool IsText(ReadOnlySpan<byte> head) =>
        head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || head.IndexOfAny(Controls) < 0;
}
