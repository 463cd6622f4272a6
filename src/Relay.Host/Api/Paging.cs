using System.Buffers.Text;
using System.Text;

namespace Relay.Host.Api;

/// <summary>A page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">What is on the page.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> to get the next page; null on the last.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Makes pages: by the key of the last on the page, so that what comes and goes meanwhile moves nothing.</summary>
internal static class Paging
{
    /// <summary>Makes a page of what was read: one more than is wanted, if there are that many.</summary>
    /// <param name="read">What was read.</param>
    /// <param name="limit">How many are wanted.</param>
    /// <param name="keyOf">What the next page goes on after.</param>
    /// <param name="show">How one is shown.</param>
    public static Page<TShown> Of<T, TShown>(IReadOnlyList<T> read, int limit, Func<T, string> keyOf, Func<T, TShown> show) => new(
        [.. read.Take(limit).Select(show)],
        read.Count > limit ? Encode(keyOf(read[limit - 1])) : null);

    /// <summary>A key as a cursor.</summary>
    public static string Encode(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes("1" + key));

    /// <summary>The key of a cursor; null if it is none.</summary>
    public static string? Decode(string cursor)
    {
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(cursor));
            return text.StartsWith('1') && !text.Contains('\0', StringComparison.Ordinal) ? text[1..] : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
