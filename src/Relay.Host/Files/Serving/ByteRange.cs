using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Relay.Host.Files.Serving;

/// <summary>A part of a content: RFC 9110 §14.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="Count">Bytes of it; 0 if none of it is there.</param>
internal readonly record struct ByteRange(long Offset, long Count)
{
    /// <summary>The most ranges that are read of one request. Who names several gets the whole, which RFC 9110 §14.2 allows; who names more
    /// than this wants something else than a part of the content.</summary>
    public const int Most = 16;

    /// <summary>Reads <c>Range</c>. Nothing is kept for each range, however many there are.</summary>
    /// <param name="header">The header.</param>
    /// <param name="length">Bytes of the content.</param>
    /// <returns>The part; null for the whole: no range is asked for, several are, or what is asked for is malformed or in another unit.
    /// A part of 0 bytes cannot be given: 416.</returns>
    public static ByteRange? Read(StringValues header, long length)
    {
        // Nothing is no range of any part. But some ask for ranges of whatever they load, and an empty file is all they can get of it.
        if (header is not [{ } line] || length == 0)
        {
            return null;
        }

        ReadOnlySpan<char> text = line.AsSpan().Trim(" \t");
        const string Unit = "bytes=";
        if (!text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        text = text[Unit.Length..];
        ByteRange first = default;
        int count = 0;
        foreach (Range piece in text.Split(','))
        {
            ReadOnlySpan<char> spec = text[piece].Trim(" \t");
            if (spec.IsEmpty)
            {
                continue;
            }

            if (ReadOne(spec, length) is not { } range)
            {
                return null;
            }

            first = count == 0 ? range : first;
            if (++count > Most)
            {
                return new ByteRange(0, 0);
            }
        }

        return count == 1 ? first : null;
    }

    private static ByteRange? ReadOne(ReadOnlySpan<char> spec, long length)
    {
        int dash = spec.IndexOf('-');
        if (dash < 0)
        {
            return null;
        }

        ReadOnlySpan<char> before = spec[..dash], after = spec[(dash + 1)..];
        if (before.IsEmpty)
        {
            return Number(after) is { } suffix ? new ByteRange(Math.Max(0, length - suffix), Math.Min(suffix, length)) : null;
        }

        long? last = after.IsEmpty ? long.MaxValue : Number(after);
        return Number(before) is not { } first || last is null || last < first ? null
            : first >= length ? new ByteRange(0, 0)
            : new ByteRange(first, Math.Min(last.Value, length - 1) - first + 1);
    }

    /// <summary>A number of bytes; what is beyond all files stays so.</summary>
    private static long? Number(ReadOnlySpan<char> text)
    {
        foreach (char digit in text)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return null;
            }
        }

        return text.IsEmpty ? null : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : long.MaxValue;
    }
}
