using Microsoft.Extensions.Primitives;

namespace Relay.Host.Files.Serving;

/// <summary>Entity tags in conditions: RFC 9110 §8.8.3 and §13.1.</summary>
internal static class EntityTags
{
    /// <summary>Whether <c>If-Match</c> or <c>If-None-Match</c> names a tag.</summary>
    /// <param name="header">The header: tags with commas between, or <c>*</c>. It is read as far as it is one.</param>
    /// <param name="tag">A strong tag, with its quotes.</param>
    /// <param name="isWeak">Whether <c>W/</c> before one makes no difference, as for <c>If-None-Match</c>.</param>
    public static bool Name(StringValues header, string tag, bool isWeak)
    {
        foreach (string? line in header)
        {
            if (LineNames(line, tag, isWeak))
            {
                return true;
            }
        }

        return false;
    }

    private static bool LineNames(ReadOnlySpan<char> line, string tag, bool isWeak)
    {
        ReadOnlySpan<char> rest = line.Trim(" \t");
        if (rest is "*")
        {
            return true;
        }

        while (true)
        {
            rest = rest.TrimStart(" \t,");
            bool isMarked = rest.StartsWith("W/", StringComparison.Ordinal);
            rest = isMarked ? rest[2..] : rest;
            int end = rest is ['"', ..] ? rest[1..].IndexOf('"') + 1 : 0;
            if (end == 0)
            {
                return false;
            }

            if (rest[..(end + 1)].SequenceEqual(tag) && (isWeak || !isMarked))
            {
                return true;
            }

            rest = rest[(end + 1)..];
        }
    }
}
