using System.Buffers;

namespace Relay.Host.Storage.Rooms;

/// <summary>Text as both databases take it. PostgreSQL refuses U+0000, and half a surrogate pair is no character anywhere; either would
/// make everything fail that is stored in the same batch.</summary>
internal static class StoredText
{
    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. "\0", .. Enumerable.Range(0xD800, 0x800).Select(code => (char)code)]);

    /// <summary>The text with U+FFFD for what cannot be stored. The same text comes out the same way, so it is found again.</summary>
    public static string Clean(string text)
    {
        int first = text.AsSpan().IndexOfAny(Suspects);
        return first < 0 ? text : string.Create(text.Length, text, static (result, source) =>
        {
            source.CopyTo(result);
            for (int i = 0; i < result.Length; i++)
            {
                if (char.IsHighSurrogate(result[i]) && i + 1 < result.Length && char.IsLowSurrogate(result[i + 1]))
                {
                    i++;
                }
                else if (result[i] == '\0' || char.IsSurrogate(result[i]))
                {
                    result[i] = '\uFFFD';
                }
            }
        });
    }

    /// <summary>The text in which a search looks: without capitals, alike on every database and in every locale.</summary>
    public static string Fold(string text) => Clean(text).ToLowerInvariant();

    /// <summary>A pattern for <c>LIKE … ESCAPE '\'</c> that finds the text anywhere, each of its characters standing for itself.</summary>
    public static string Pattern(string text) => "%" + Fold(text)
        .Replace(@"\", @"\\", StringComparison.Ordinal)
        .Replace("%", @"\%", StringComparison.Ordinal)
        .Replace("_", @"\_", StringComparison.Ordinal) + "%";
}
