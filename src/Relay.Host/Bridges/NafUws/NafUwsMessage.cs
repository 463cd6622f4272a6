using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Relay.Host.Bridges.NafUws;

/// <summary>What a page says: <c>{"event": …, "data": {…}}</c>. Only what the server needs is read; what a page tells other pages stays as
/// it is, bytes of valid JSON.</summary>
/// <param name="Event">The event's name; one that is not known here is nobody's concern.</param>
/// <param name="Room">The room to join.</param>
/// <param name="To">For whom; null for everybody.</param>
/// <param name="Type">The kind of the page's own data, a JSON string; empty if there is none.</param>
/// <param name="Data">The page's own data, any JSON; empty if there is none.</param>
internal readonly record struct NafUwsMessage(string Event, string? Room, string? To, ReadOnlyMemory<byte> Type, ReadOnlyMemory<byte> Data)
{
    public const string JoinRoom = "joinRoom";
    public const string Send = "send";
    public const string Broadcast = "broadcast";

    /// <summary>
    /// Levels of JSON in a message. A page's data have four or five; a reader that is recursive somewhere must not fall over.
    /// </summary>
    private const int MaxDepth = 32;

    private const int MaxRoomBytes = 128;
    private const int MaxTypeBytes = 128;

    /// <summary>Reads a message.</summary>
    /// <param name="utf8">The whole text, valid UTF-8. The result points into it.</param>
    /// <param name="message">What it says.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, out NafUwsMessage message, out string problem)
    {
        message = default;
        try
        {
            problem = Read(utf8, out message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a string with half a surrogate pair.
            problem = "The message is not JSON, or has too many levels.";
        }

        return problem.Length == 0;
    }

    /// <summary>What the server passes on, in the sender's name.</summary>
    /// <param name="from">The connection's own id, whatever the page said.</param>
    public byte[] Stamp(string from)
    {
        var buffer = new ArrayBufferWriter<byte>(Type.Length + Data.Length + 96);
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("event", Event);
        writer.WriteStartObject("data");
        writer.WriteString("from", from);
        foreach ((string name, ReadOnlyMemory<byte> value) in new[] { ("type", Type), ("data", Data) })
        {
            if (!value.IsEmpty)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value.Span, skipInputValidation: true);
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string Read(ReadOnlyMemory<byte> utf8, out NafUwsMessage message)
    {
        message = default;
        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        string? name = null;
        ReadOnlyMemory<byte> data = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return "The message must be an object.";
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isEvent = reader.ValueTextEquals("event"u8), isData = reader.ValueTextEquals("data"u8);
            reader.Read();
            if (isEvent)
            {
                name = StringOf(ref reader);
            }

            ReadOnlyMemory<byte> value = Slice(ref reader, utf8);
            data = isData ? value : data;
        }

        // What follows the object is an error of the reader's, if it is anything.
        reader.Read();
        if (name is null)
        {
            return "\"event\" must be a string.";
        }

        message = new NafUwsMessage(name, null, null, default, default);
        return name is JoinRoom or Send or Broadcast ? ReadData(data, ref message) : "";
    }

    private static string ReadData(ReadOnlyMemory<byte> utf8, ref NafUwsMessage message)
    {
        if (utf8.IsEmpty || utf8.Span[0] != '{')
        {
            return "\"data\" must be an object.";
        }

        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Of a name that comes twice the last counts, as for a page.
            if (reader.ValueTextEquals("room"u8))
            {
                reader.Read();
                message = message with { Room = StringOf(ref reader) };
            }
            else if (reader.ValueTextEquals("to"u8))
            {
                reader.Read();
                message = message with { To = StringOf(ref reader) };
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                message = message with { Type = StringOf(ref reader) is null ? default : Slice(ref reader, utf8) };
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                message = message with { Data = Slice(ref reader, utf8) };
                continue;
            }
            else
            {
                reader.Read();
            }

            reader.Skip();
        }

        return message switch
        {
            { Event: JoinRoom, Room: null or "" } => "\"room\" must be a string that is not empty.",
            { Event: JoinRoom } when Encoding.UTF8.GetByteCount(message.Room!) > MaxRoomBytes =>
                $"\"room\" must be at most {MaxRoomBytes} bytes.",
            { Event: Send, To: null } => "\"to\" must be a string.",
            { Event: not JoinRoom, Type.IsEmpty: true } => "\"type\" must be a string.",
            { Type.Length: > MaxTypeBytes } => $"\"type\" must be at most {MaxTypeBytes} bytes.",
            _ => "",
        };
    }

    private static string? StringOf(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

    /// <summary>The bytes of the value that the reader is at; it is at their end then.</summary>
    private static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return utf8[start..(int)reader.BytesConsumed];
    }
}
