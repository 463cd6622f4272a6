using System.Globalization;
using System.Text;

namespace Relay.Host.Files.Serving;

/// <summary>
/// <c>Content-Disposition</c>: RFC 6266. A name is what somebody calls a file, whatever that is; here it becomes the name that a browser
/// suggests when it saves one: without a path, without characters that turn or end a line, and not long.
/// </summary>
internal static class Disposition
{
    private const int MaxLength = 120, MaxExtension = 16;
    private const string NoName = "file";

    /// <summary>Whether a browser may show a type in place. What may hold scripts it only saves.</summary>
    /// <param name="mediaType">The type.</param>
    public static bool IsInline(string mediaType) => mediaType != "image/svg+xml"
        && (mediaType.StartsWith("image/", StringComparison.Ordinal) || mediaType.StartsWith("audio/", StringComparison.Ordinal)
            || mediaType.StartsWith("video/", StringComparison.Ordinal));

    /// <summary>The header.</summary>
    /// <param name="isInline">Whether it is shown in place; otherwise it is saved.</param>
    /// <param name="name">What somebody calls it.</param>
    public static string Of(bool isInline, string name)
    {
        string clean = Clean(name), plain = Plain(clean), word = isInline ? "inline" : "attachment";

        // RFC 8187 §3.2.1: what EscapeDataString leaves as it is may stay so there, too.
        return plain == clean
            ? $"{word}; filename=\"{plain}\""
            : $"{word}; filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(clean)}";
    }

    private static string Clean(string name)
    {
        string last = name.TrimEnd('/', '\\');
        var runes = new List<Rune>(MaxLength);
        foreach (Rune rune in last[(last.LastIndexOfAny(['/', '\\']) + 1)..].EnumerateRunes())
        {
            if (IsText(rune))
            {
                // Windows has no such names, and takes what is behind a colon for a stream of the file.
                runes.Add(rune.IsAscii && "\"*:<>?|".Contains((char)rune.Value, StringComparison.Ordinal) ? new Rune('_') : rune);
            }
        }

        if (runes.Count > MaxLength)
        {
            int dot = runes.LastIndexOf(new Rune('.'));
            int ending = dot >= 0 && runes.Count - dot <= MaxExtension ? runes.Count - dot : 0;
            runes.RemoveRange(MaxLength - ending, runes.Count - MaxLength);
        }

        // Names of dots are directories, those that begin with one are hidden, and Windows drops those at the end.
        string text = string.Concat(runes).Trim([' ', '.', '\u00A0']);
        return text.Length > 0 ? text : NoName;
    }

    /// <summary>Not what controls a terminal or a line, is invisible, or is no character. The two joiners are part of words and of
    /// emoji.</summary>
    private static bool IsText(Rune rune) => rune.Value is 0x200C or 0x200D
        || (rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned));

    /// <summary>For those who do not read the other one: ASCII, and no percent sign, which some of them would decode.</summary>
    private static string Plain(string clean) =>
        string.Create(clean.Length, clean, static (plain, name) =>
        {
            for (int i = 0; i < name.Length; i++)
            {
                plain[i] = name[i] is >= ' ' and <= '~' and not ('%' or '"' or '\\') ? name[i] : '_';
            }
        });
}
