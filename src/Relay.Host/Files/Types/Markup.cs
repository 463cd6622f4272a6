namespace Relay.Host.Files.Types;

/// <summary>
/// Finds what a browser would run if it took a file for a page: HTML and SVG that somebody has put into the head of a picture, say into a
/// comment. As Relay serves it no browser takes it for a page; but files are also saved, and served by others.
/// </summary>
internal static class Markup
{
    /// <summary>Whether there is any: in letters of either case, of one byte each or of two (UTF-16 of either order).</summary>
    /// <param name="bytes">Where to look.</param>
    public static bool IsIn(ReadOnlySpan<byte> bytes) =>
        Find(bytes, "<html"u8) || Find(bytes, "<svg"u8) || Find(bytes, "<script"u8) || Find(bytes, "<!doctype"u8);

    /// <summary>Whether what is there is SVG rather than HTML.</summary>
    /// <param name="bytes">Where to look.</param>
    public static bool IsSvg(ReadOnlySpan<byte> bytes) => Find(bytes, "<svg"u8) && !Find(bytes, "<html"u8);

    private static bool Find(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> tag)
    {
        for (int next; (next = bytes.IndexOf((byte)'<')) >= 0; bytes = bytes[(next + 1)..])
        {
            if (Is(bytes[next..], tag, 1) || Is(bytes[next..], tag, 2))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether bytes begin with a tag, behind which its name ends: without that one picture in 100,000 would have one by chance.
    /// With a stride of 2 there is a zero after each letter; from the first letter on, both orders of UTF-16 look like that.</summary>
    private static bool Is(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> tag, int stride)
    {
        int last = (tag.Length - 1) * stride;
        if (bytes.Length <= last + stride || !IsEnd(bytes[last + stride]))
        {
            return false;
        }

        for (int i = 0; i <= last; i++)
        {
            int letter = bytes[i] is >= (byte)'A' and <= (byte)'Z' ? bytes[i] | 0x20 : bytes[i];
            if (letter != (i % stride == 0 ? tag[i / stride] : 0))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsEnd(byte letter) => " \t\r\n\f/>"u8.Contains(letter);
}
