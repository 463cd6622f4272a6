using System.Globalization;
using System.Text;

namespace Relay.Host.Files;

/// <summary>Names that people give their files. They are told to others, and are no part of any path here.</summary>
internal static class FileNames
{
    /// <summary>The most characters of one.</summary>
    public const int MaxLength = 200;

    /// <summary>A name as it may be shown and saved under: what stands behind the last slash of either kind, without what a line or a
    /// disk takes for something else.</summary>
    /// <param name="name">What was given.</param>
    /// <returns><c>file</c> if nothing is left.</returns>
    public static string Clean(string? name)
    {
        string last = name is null ? "" : name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        string clean = string.Concat(last.EnumerateRunes().Where(IsAllowed)).Trim(' ', '.');
        if (clean.Length > MaxLength)
        {
            // The end tells what it is.
            string end = Path.GetExtension(clean) is { Length: > 0 and <= 10 } extension ? extension : "";
            int cut = MaxLength - end.Length;
            clean = clean[..(char.IsHighSurrogate(clean[cut - 1]) ? cut - 1 : cut)] + end;
        }

        return clean.Length > 0 ? clean : "file";
    }

    private static bool IsAllowed(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned)
        && rune != Rune.ReplacementChar && !"\"<>|:*?".Contains(rune.ToString(), StringComparison.Ordinal);
}
