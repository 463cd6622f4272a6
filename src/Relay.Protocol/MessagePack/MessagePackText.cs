using System.Globalization;
using System.Text;

namespace Relay.Protocol.MessagePack;

/// <summary>
/// Prints values for people: JSON where JSON has a word for it, otherwise <c>h'00ff'</c> for bin, <c>ext(5, h'00ff')</c>,
/// <c>timestamp(seconds, nanoseconds)</c>, <c>NaN</c>, <c>Infinity</c>. A float always has a point, an exponent or one of these words, so
/// that it is not taken for an integer. For tools and logs: it allocates.
/// </summary>
public static class MessagePackText
{
    /// <summary>The most characters of a text by default.</summary>
    public const int DefaultMaxLength = 4_096;

    /// <summary>Deeper containers are not shown.</summary>
    private const int MaxDepth = 64;

    /// <summary>Prints one value. Bytes that are none are said to be so, as <c>&lt;Truncated at 12&gt;</c>.</summary>
    /// <param name="encoded">Anything at all.</param>
    /// <param name="maxLength">The most characters of the result, at least 1; text that is cut there ends in "…".</param>
    /// <returns>The text. Characters that could not be seen are escaped; what is not UTF-8 is replaced by U+FFFD.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxLength"/> is below 1.</exception>
    public static string Format(ReadOnlySpan<byte> encoded, int maxLength = DefaultMaxLength)
    {
        if (maxLength < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, "There must be room for a character.");
        }

        var text = new StringBuilder();
        var reader = new MessagePackReader(encoded, strict: false);
        if (Print(ref reader, text, 0, maxLength) && reader.Remaining > 0)
        {
            Fault(text, MessagePackStatus.TrailingBytes, reader.Position);
        }

        if (text.Length <= maxLength)
        {
            return text.ToString();
        }

        // Half of a surrogate pair would be no text.
        int end = maxLength - 1;
        end -= end > 0 && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        return text.ToString(0, end) + "…";
    }

    /// <returns>Whether to go on: false after a fault, and when there is more text than is wanted.</returns>
    private static bool Print(ref MessagePackReader reader, StringBuilder text, int depth, int maxLength)
    {
        int start = reader.Position;
        MessagePackStatus status;
        switch (reader.PeekType())
        {
            case MessagePackType.Nil:
                status = reader.TryReadNil();
                text.Append("null");
                break;
            case MessagePackType.Boolean:
                status = reader.TryReadBoolean(out bool boolean);
                text.Append(boolean ? "true" : "false");
                break;
            case MessagePackType.Integer:
                status = PrintInteger(ref reader, text);
                break;
            case MessagePackType.Float:
                status = PrintFloat(ref reader, text);
                break;
            case MessagePackType.String:
                status = reader.TryReadString(out ReadOnlySpan<byte> utf8);
                if (status == MessagePackStatus.Ok)
                {
                    PrintString(utf8, text, maxLength);
                }

                break;
            case MessagePackType.Binary:
                status = reader.TryReadBinary(out ReadOnlySpan<byte> bytes);
                if (status == MessagePackStatus.Ok)
                {
                    PrintHex(bytes, text, maxLength);
                }

                break;
            case MessagePackType.Extension:
                status = PrintExtension(ref reader, text, maxLength);
                break;
            case MessagePackType.Array:
            case MessagePackType.Map:
                if (depth < MaxDepth)
                {
                    status = PrintContainer(ref reader, text, depth, maxLength, out bool whole);
                    if (status == MessagePackStatus.Ok)
                    {
                        return whole;
                    }
                }
                else
                {
                    status = MessagePackStatus.TooDeep;
                }

                break;
            case MessagePackType.None:
                status = MessagePackStatus.Truncated;
                break;
            default:
                status = MessagePackStatus.Malformed;
                break;
        }

        if (status != MessagePackStatus.Ok)
        {
            Fault(text, status, start);
        }

        return status == MessagePackStatus.Ok && text.Length <= maxLength;
    }

    private static void Fault(StringBuilder text, MessagePackStatus status, int position) =>
        text.Append('<').Append(status).Append(" at ").Append(position).Append('>');

    private static MessagePackStatus PrintContainer(
        ref MessagePackReader reader, StringBuilder text, int depth, int maxLength, out bool whole)
    {
        whole = false;
        bool isMap = reader.TryReadMapHeader(out int count) == MessagePackStatus.Ok;
        MessagePackStatus status = isMap ? MessagePackStatus.Ok : reader.TryReadArrayHeader(out count);
        if (status != MessagePackStatus.Ok)
        {
            // The header of a map that is cut is no array either, but cut it is.
            return MessagePackStatus.Truncated;
        }

        text.Append(isMap ? '{' : '[');
        for (int i = 0; i < count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            if (isMap)
            {
                if (!Print(ref reader, text, depth + 1, maxLength))
                {
                    return MessagePackStatus.Ok;
                }

                text.Append(": ");
            }

            if (!Print(ref reader, text, depth + 1, maxLength))
            {
                return MessagePackStatus.Ok;
            }
        }

        text.Append(isMap ? '}' : ']');
        whole = text.Length <= maxLength;
        return MessagePackStatus.Ok;
    }

    private static MessagePackStatus PrintInteger(ref MessagePackReader reader, StringBuilder text)
    {
        MessagePackStatus status = reader.TryReadInt64(out long signed);
        if (status == MessagePackStatus.Ok)
        {
            text.Append(signed.ToString(CultureInfo.InvariantCulture));
        }
        else if (status == MessagePackStatus.OutOfRange)
        {
            status = reader.TryReadUInt64(out ulong unsigned);
            text.Append(unsigned.ToString(CultureInfo.InvariantCulture));
        }

        return status;
    }

    private static MessagePackStatus PrintFloat(ref MessagePackReader reader, StringBuilder text)
    {
        string digits = "";
        MessagePackStatus status = reader.TryReadSingle(out float single);
        if (status == MessagePackStatus.Ok)
        {
            digits = single.ToString("R", CultureInfo.InvariantCulture);
        }
        else if (status == MessagePackStatus.WrongType)
        {
            status = reader.TryReadDouble(out double value);
            digits = status == MessagePackStatus.Ok ? value.ToString("R", CultureInfo.InvariantCulture) : "";
        }

        text.Append(digits);
        if (digits.Length > 0 && digits.AsSpan().IndexOfAny(".EN".AsSpan()) < 0 && digits[^1] != 'y')
        {
            text.Append(".0");
        }

        return status;
    }

    private static void PrintString(ReadOnlySpan<byte> utf8, StringBuilder text, int maxLength)
    {
        // No character of the text that is kept lies behind this many bytes: a character takes three of them for each UTF-16 unit at most.
        int useful = (int)Math.Min(utf8.Length, 3L * Math.Max(0, maxLength - text.Length) + 4);
        text.Append('"');
        foreach (char character in Encoding.UTF8.GetString(utf8[..useful]))
        {
            switch (character)
            {
                case '"':
                case '\\':
                    text.Append('\\').Append(character);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                default:
                    // Controls would move a terminal's cursor, formats (U+202E) turn the line around.
                    bool invisible = char.IsControl(character)
                        || char.GetUnicodeCategory(character) is UnicodeCategory.Format
                            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
                    text.Append(invisible ? "\\u" + ((int)character).ToString("x4", CultureInfo.InvariantCulture) : character.ToString());
                    break;
            }
        }

        text.Append('"');
    }

    private static MessagePackStatus PrintExtension(ref MessagePackReader reader, StringBuilder text, int maxLength)
    {
        if (reader.TryReadTimestamp(out MessagePackTimestamp timestamp) == MessagePackStatus.Ok)
        {
            text.Append("timestamp(").Append(timestamp.Seconds).Append(", ").Append(timestamp.Nanoseconds).Append(')');
            return MessagePackStatus.Ok;
        }

        MessagePackStatus status = reader.TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data);
        if (status == MessagePackStatus.Ok)
        {
            text.Append("ext(").Append(type).Append(", ");
            PrintHex(data, text, maxLength);
            text.Append(')');
        }

        return status;
    }

    private static void PrintHex(ReadOnlySpan<byte> bytes, StringBuilder text, int maxLength)
    {
        text.Append("h'");
        for (int i = 0; i < bytes.Length && text.Length <= maxLength; i++)
        {
            text.Append(bytes[i].ToString("x2", CultureInfo.InvariantCulture));
        }

        text.Append('\'');
    }
}
