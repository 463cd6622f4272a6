using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Relay.Host.Api.Problems;
using Relay.Protocol.MessagePack;

namespace Relay.Host.Api.Json;

/// <summary>
/// Values of attributes as JSON. Nil, booleans, text, arrays and maps are what they are. Numbers without fraction and exponent are 64-bit
/// integers, exact to the last digit (readers that know only doubles lose some beyond 2^53); others are doubles. What JSON has no word for
/// is an object with one member: <c>{"$bin": base64}</c>, <c>{"$ext": [type, base64]}</c>, <c>{"$float": "NaN"}</c> (or
/// <c>"Infinity"</c>, <c>"-Infinity"</c>), and <c>{"$map": [[key, value], …]}</c> for maps with other keys than text, with a key twice, or
/// whose only key begins with <c>$</c>.
/// </summary>
internal static class JsonMessagePack
{
    private const string Bin = "$bin", Ext = "$ext", Float = "$float", Map = "$map";

    /// <summary>Encodes a JSON value as MessagePack.</summary>
    /// <param name="value">The value.</param>
    /// <param name="field">Where it stands, for the problem.</param>
    /// <exception cref="ApiProblem">422: it is none that can be encoded.</exception>
    public static byte[] Encode(JsonElement value, string field)
    {
        byte[] bytes = new byte[SizeOf(value)];
        var writer = new MessagePackWriter(bytes);
        Write(ref writer, value, field);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a MessagePack value as JSON.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="encoded">One valid MessagePack value.</param>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> encoded)
    {
        var reader = new MessagePackReader(encoded);
        WriteNext(json, ref reader);
    }

    /// <summary>A MessagePack value as JSON.</summary>
    /// <param name="encoded">One valid MessagePack value.</param>
    public static JsonElement Decode(ReadOnlySpan<byte> encoded)
    {
        var buffer = new ArrayBufferWriter<byte>(encoded.Length + 16);
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, encoded);
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = 3 * 64 });
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>More than what a value takes as MessagePack.</summary>
    private static int SizeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => 5 + value.EnumerateArray().Sum(SizeOf),
        JsonValueKind.Object => 11 + value.EnumerateObject().Sum(member => (3 * member.Name.Length) + 5 + SizeOf(member.Value)),
        JsonValueKind.String => 5 + value.GetRawText().Length * 3,
        _ => 9,
    };

    private static void Write(ref MessagePackWriter writer, JsonElement value, string field)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                writer.WriteNil();
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean(value.GetBoolean());
                break;
            case JsonValueKind.String:
                writer.WriteString(TextOf(value, field));
                break;
            case JsonValueKind.Number:
                WriteNumber(ref writer, value, field);
                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(value.GetArrayLength());
                int index = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Write(ref writer, item, $"{field}.{index++}");
                }

                break;
            case JsonValueKind.Object:
                WriteObject(ref writer, value, field);
                break;
            default:
                throw ApiProblem.Invalid(field, "must be there.");
        }
    }

    private static void WriteNumber(ref MessagePackWriter writer, JsonElement value, string field)
    {
        string text = value.GetRawText();
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            if (value.TryGetInt64(out long integer))
            {
                writer.WriteInt64(integer);
                return;
            }

            if (value.TryGetUInt64(out ulong large))
            {
                writer.WriteUInt64(large);
                return;
            }

            throw ApiProblem.Invalid(
                field,
                $"an integer takes 64 bits; {(text.Length > 40 ? "this one more" : text)} does not fit. " +
                "Write it as text, or with a fraction.");
        }

        double number = value.GetDouble();
        if (!double.IsFinite(number))
        {
            throw ApiProblem.Invalid(field, "a number must fit a double.");
        }

        writer.WriteDouble(number);
    }

    private static void WriteObject(ref MessagePackWriter writer, JsonElement value, string field)
    {
        JsonProperty[] members = [.. value.EnumerateObject()];
        if (members is [{ Name: ['$', ..] } only])
        {
            WriteSpecial(ref writer, only, field);
            return;
        }

        writer.WriteMapHeader(members.Length);
        foreach (JsonProperty member in members)
        {
            writer.WriteString(member.Name);
            Write(ref writer, member.Value, $"{field}.{member.Name}");
        }
    }

    private static void WriteSpecial(ref MessagePackWriter writer, JsonProperty special, string field)
    {
        string path = $"{field}.{special.Name}";
        JsonElement value = special.Value;
        switch (special.Name)
        {
            case Bin when value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out byte[]? bytes):
                writer.WriteBinary(bytes);
                break;
            case Ext when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 &&
                value[0].ValueKind == JsonValueKind.Number && value[0].TryGetSByte(out sbyte type) &&
                value[1].ValueKind == JsonValueKind.String && value[1].TryGetBytesFromBase64(out byte[]? data):
                writer.WriteExtension(type, data);
                break;
            case Float when value.ValueKind == JsonValueKind.String && TextOf(value, path) is "NaN" or "Infinity" or "-Infinity":
                writer.WriteDouble(double.Parse(value.GetString()!, CultureInfo.InvariantCulture));
                break;
            case Map when value.ValueKind == JsonValueKind.Array &&
                value.EnumerateArray().All(pair => pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2):
                writer.WriteMapHeader(value.GetArrayLength());
                foreach (JsonElement pair in value.EnumerateArray())
                {
                    Write(ref writer, pair[0], path);
                    Write(ref writer, pair[1], path);
                }

                break;
            default:
                throw ApiProblem.Invalid(
                    path,
                    "an object with one member that begins with $ must be " +
                    "{\"$bin\": base64}, {\"$ext\": [type, base64]}, {\"$float\": \"NaN\"} or {\"$map\": [[key, value], ...]}.");
        }
    }

    /// <summary>Half of a surrogate pair is no text.</summary>
    private static string TextOf(JsonElement value, string field)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiProblem.Invalid(field, "must be text of whole characters.");
        }
    }

    private static void WriteNext(Utf8JsonWriter json, ref MessagePackReader reader)
    {
        switch (reader.PeekType())
        {
            case MessagePackType.Boolean:
                reader.TryReadBoolean(out bool flag);
                json.WriteBooleanValue(flag);
                break;
            case MessagePackType.Integer:
                if (reader.TryReadInt64(out long integer) == MessagePackStatus.Ok)
                {
                    json.WriteNumberValue(integer);
                }
                else
                {
                    reader.TryReadUInt64(out ulong large);
                    json.WriteNumberValue(large);
                }

                break;
            case MessagePackType.Float:
                reader.TryReadDouble(out double number);
                WriteDouble(json, number);
                break;
            case MessagePackType.String:
                reader.TryReadString(out ReadOnlySpan<byte> text);
                json.WriteStringValue(text);
                break;
            case MessagePackType.Binary:
                reader.TryReadBinary(out ReadOnlySpan<byte> bytes);
                json.WriteStartObject();
                json.WriteBase64String(Bin, bytes);
                json.WriteEndObject();
                break;
            case MessagePackType.Extension:
                reader.TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data);
                json.WriteStartObject();
                json.WriteStartArray(Ext);
                json.WriteNumberValue(type);
                json.WriteBase64StringValue(data);
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case MessagePackType.Array:
                reader.TryReadArrayHeader(out int count);
                json.WriteStartArray();
                for (int i = 0; i < count; i++)
                {
                    WriteNext(json, ref reader);
                }

                json.WriteEndArray();
                break;
            case MessagePackType.Map:
                WriteMap(json, ref reader);
                break;
            default:
                reader.TryReadNil();
                json.WriteNullValue();
                break;
        }
    }

    private static void WriteDouble(Utf8JsonWriter json, double number)
    {
        if (!double.IsFinite(number))
        {
            json.WriteStartObject();
            json.WriteString(Float, number.ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
            return;
        }

        // With a fraction or an exponent, so that it comes back as a double.
        string text = number.ToString("R", CultureInfo.InvariantCulture);
        json.WriteRawValue(text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text, skipInputValidation: true);
    }

    private static void WriteMap(Utf8JsonWriter json, ref MessagePackReader reader)
    {
        MessagePackReader ahead = reader;
        bool isPlain = IsPlain(ref ahead);
        reader.TryReadMapHeader(out int count);
        json.WriteStartObject();
        if (!isPlain)
        {
            json.WriteStartArray(Map);
        }

        for (int i = 0; i < count; i++)
        {
            if (isPlain)
            {
                reader.TryReadString(out ReadOnlySpan<byte> key);
                json.WritePropertyName(key);
                WriteNext(json, ref reader);
                continue;
            }

            json.WriteStartArray();
            WriteNext(json, ref reader);
            WriteNext(json, ref reader);
            json.WriteEndArray();
        }

        if (!isPlain)
        {
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static bool IsPlain(ref MessagePackReader reader)
    {
        reader.TryReadMapHeader(out int count);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            if (reader.PeekType() != MessagePackType.String || reader.TryReadString(out ReadOnlySpan<byte> key) != MessagePackStatus.Ok ||
                (count == 1 && key.StartsWith((byte)'$')) || !keys.Add(Encoding.UTF8.GetString(key)))
            {
                return false;
            }

            reader.TrySkip();
        }

        return true;
    }
}
