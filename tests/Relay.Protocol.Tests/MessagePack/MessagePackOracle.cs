using System.Text;
using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>
/// The validator and the reader once more, written from the specification's table for being plainly right: by recursion, row by row, byte by
/// byte. It shares nothing with the library but the names of what it finds.
/// </summary>
internal sealed class MessagePackOracle
{
    /// <param name="First">The first byte, lowest.</param>
    /// <param name="Last">The first byte, highest.</param>
    /// <param name="Type">The type.</param>
    /// <param name="Width">Bytes of the length or count behind the first byte.</param>
    /// <param name="Data">Bytes of data, if that is always the same.</param>
    private sealed record Row(int First, int Last, MessagePackType Type, int Width = 0, int Data = 0);

    private static readonly Row[] Table =
    [
        new(0x00, 0x7F, MessagePackType.Integer),
        new(0x80, 0x8F, MessagePackType.Map),
        new(0x90, 0x9F, MessagePackType.Array),
        new(0xA0, 0xBF, MessagePackType.String),
        new(0xC0, 0xC0, MessagePackType.Nil),
        new(0xC1, 0xC1, MessagePackType.Invalid),
        new(0xC2, 0xC3, MessagePackType.Boolean),
        new(0xC4, 0xC4, MessagePackType.Binary, Width: 1),
        new(0xC5, 0xC5, MessagePackType.Binary, Width: 2),
        new(0xC6, 0xC6, MessagePackType.Binary, Width: 4),
        new(0xC7, 0xC7, MessagePackType.Extension, Width: 1),
        new(0xC8, 0xC8, MessagePackType.Extension, Width: 2),
        new(0xC9, 0xC9, MessagePackType.Extension, Width: 4),
        new(0xCA, 0xCA, MessagePackType.Float, Data: 4),
        new(0xCB, 0xCB, MessagePackType.Float, Data: 8),
        new(0xCC, 0xCC, MessagePackType.Integer, Data: 1),
        new(0xCD, 0xCD, MessagePackType.Integer, Data: 2),
        new(0xCE, 0xCE, MessagePackType.Integer, Data: 4),
        new(0xCF, 0xCF, MessagePackType.Integer, Data: 8),
        new(0xD0, 0xD0, MessagePackType.Integer, Data: 1),
        new(0xD1, 0xD1, MessagePackType.Integer, Data: 2),
        new(0xD2, 0xD2, MessagePackType.Integer, Data: 4),
        new(0xD3, 0xD3, MessagePackType.Integer, Data: 8),
        new(0xD4, 0xD4, MessagePackType.Extension, Data: 1),
        new(0xD5, 0xD5, MessagePackType.Extension, Data: 2),
        new(0xD6, 0xD6, MessagePackType.Extension, Data: 4),
        new(0xD7, 0xD7, MessagePackType.Extension, Data: 8),
        new(0xD8, 0xD8, MessagePackType.Extension, Data: 16),
        new(0xD9, 0xD9, MessagePackType.String, Width: 1),
        new(0xDA, 0xDA, MessagePackType.String, Width: 2),
        new(0xDB, 0xDB, MessagePackType.String, Width: 4),
        new(0xDC, 0xDC, MessagePackType.Array, Width: 2),
        new(0xDD, 0xDD, MessagePackType.Array, Width: 4),
        new(0xDE, 0xDE, MessagePackType.Map, Width: 2),
        new(0xDF, 0xDF, MessagePackType.Map, Width: 4),
        new(0xE0, 0xFF, MessagePackType.Integer),
    ];

    private readonly byte[] _input;
    private readonly MessagePackLimits _limits;
    private readonly StringBuilder _json = new();
    private long _at;
    private long _nodes = 1;
    private MessagePackVerdict _fault;

    private MessagePackOracle(byte[] input, in MessagePackLimits limits)
    {
        _input = input;
        _limits = limits;
    }

    /// <summary>What the validator must say.</summary>
    /// <param name="input">Anything.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="json">The value in the notation of <see cref="MessagePackTree.Json"/> if the answer is Ok.</param>
    public static MessagePackVerdict Check(byte[] input, in MessagePackLimits limits, out string json)
    {
        var oracle = new MessagePackOracle(input, limits);
        MessagePackVerdict verdict = oracle.CheckAll();
        json = verdict.Status == MessagePackStatus.Ok ? oracle._json.ToString() : "";
        return verdict;
    }

    private MessagePackVerdict CheckAll()
    {
        if (_input.Length > _limits.MaxBytes)
        {
            return new MessagePackVerdict(MessagePackStatus.TooLarge, 0, _limits.MaxBytes, _input.Length);
        }

        if (_limits.MaxNodes < 1)
        {
            return new MessagePackVerdict(MessagePackStatus.TooMany, 0, _limits.MaxNodes, 1);
        }

        if (!Value(1, isKey: false))
        {
            return _fault;
        }

        return _at < _input.Length
            ? new MessagePackVerdict(MessagePackStatus.TrailingBytes, (int)_at, _at, _input.Length)
            : new MessagePackVerdict(MessagePackStatus.Ok, (int)_at, 0, 0);
    }

    private bool Value(int level, bool isKey)
    {
        long start = _at;
        if (start == _input.Length)
        {
            return Cut(start, 1);
        }

        int format = _input[start];
        Row row = Table.Single(candidate => candidate.First <= format && format <= candidate.Last);
        if (row.Type == MessagePackType.Invalid)
        {
            return Fault(MessagePackStatus.Malformed, start);
        }

        bool isFixed = row.Width == 0;
        bool lowBits = isFixed && row.Type is MessagePackType.Map or MessagePackType.Array or MessagePackType.String;
        long size = 1 + row.Width + (row.Type == MessagePackType.Extension ? 1 : 0);
        if (!isFixed && start + size > _input.Length)
        {
            return Cut(start, size);
        }

        long length = !isFixed ? (long)BigEndian(start + 1, row.Width) : lowBits ? format - row.First : row.Data;
        long least = size + (length * (row.Type == MessagePackType.Map ? 2 : 1));
        if (start + least > _input.Length)
        {
            return Cut(start, least);
        }

        if (isKey && _limits.TextKeysOnly && row.Type != MessagePackType.String)
        {
            return Fault(MessagePackStatus.KeyNotText, start);
        }

        _at = start + size;
        if (row.Type is MessagePackType.Array or MessagePackType.Map)
        {
            return Container(start, level, length, row.Type == MessagePackType.Map);
        }

        byte[] data = _input[(int)_at..(int)(_at + length)];
        _at += length;
        string hex = string.Concat(data.Select(b => b.ToString("x2", null)));
        switch (row.Type)
        {
            case MessagePackType.Nil:
                _json.Append("null");
                return true;
            case MessagePackType.Boolean:
                _json.Append(format == 0xC2 ? "false" : "true");
                return true;
            case MessagePackType.Integer:
                _json.Append("{\"int\":\"").Append(Integer(format, start, data.Length)).Append("\"}");
                return true;
            case MessagePackType.Float:
                _json.Append(data.Length == 4 ? "{\"f32\":\"" : "{\"f64\":\"").Append(hex).Append("\"}");
                return true;
            case MessagePackType.String:
                _json.Append("{\"str\":\"").Append(hex).Append("\"}");
                return IsUtf8(data) || Fault(MessagePackStatus.BadText, start);
            case MessagePackType.Binary:
                _json.Append("{\"bin\":\"").Append(hex).Append("\"}");
                return true;
            default:
                return Extension(start, (sbyte)_input[start + size - 1], data, hex);
        }
    }

    private bool Container(long start, int level, long length, bool isMap)
    {
        if (level > _limits.MaxDepth)
        {
            return Fault(MessagePackStatus.TooDeep, start, _limits.MaxDepth, level);
        }

        _nodes += isMap ? 2 * length : length;
        if (_nodes > _limits.MaxNodes)
        {
            return Fault(MessagePackStatus.TooMany, start, _limits.MaxNodes, _nodes);
        }

        _json.Append(isMap ? "{\"map\":[" : "[");
        for (long i = 0; i < length; i++)
        {
            _json.Append(i > 0 ? "," : "").Append(isMap ? "[" : "");
            if (isMap && !Value(level + 1, isKey: true))
            {
                return false;
            }

            _json.Append(isMap ? "," : "");
            if (!Value(level + 1, isKey: false))
            {
                return false;
            }

            _json.Append(isMap ? "]" : "");
        }

        _json.Append(isMap ? "]}" : "]");
        return true;
    }

    private bool Extension(long start, sbyte type, byte[] data, string hex)
    {
        if (type != -1)
        {
            _json.Append("{\"ext\":[").Append(type).Append(",\"").Append(hex).Append("\"]}");
            return true;
        }

        if (data.Length is not (4 or 8 or 12))
        {
            return Fault(MessagePackStatus.Malformed, start);
        }

        long from = _at - data.Length;
        Int128 whole = BigEndian(from, data.Length);
        Int128 two34 = (Int128)1 << 34;
        Int128 two64 = (Int128)1 << 64;
        Int128 nanoseconds = data.Length == 4 ? 0 : data.Length == 8 ? whole / two34 : whole / two64;
        Int128 seconds = data.Length == 4 ? whole : data.Length == 8 ? whole % two34 : whole % two64;
        if (seconds >= two64 / 2)
        {
            seconds -= two64;
        }

        _json.Append("{\"time\":[\"").Append(seconds).Append("\",").Append(nanoseconds).Append("]}");
        return nanoseconds < 1_000_000_000 || Fault(MessagePackStatus.Malformed, start);
    }

    private Int128 Integer(int format, long start, int width)
    {
        if (width == 0)
        {
            return format < 0x80 ? format : format - 256;
        }

        Int128 value = BigEndian(start + 1, width);
        Int128 range = (Int128)1 << (8 * width);
        return format >= 0xD0 && value >= range / 2 ? value - range : value;
    }

    private Int128 BigEndian(long from, int width)
    {
        Int128 value = 0;
        for (long i = from; i < from + width; i++)
        {
            value = (value * 256) + _input[i];
        }

        return value;
    }

    /// <summary>The ranges of RFC 3629 §4.</summary>
    private static bool IsUtf8(byte[] data)
    {
        int i = 0;
        while (i < data.Length)
        {
            int lead = data[i++];
            (int more, int low, int high) = lead switch
            {
                < 0x80 => (0, 0x80, 0xBF),
                >= 0xC2 and <= 0xDF => (1, 0x80, 0xBF),
                0xE0 => (2, 0xA0, 0xBF),
                0xED => (2, 0x80, 0x9F),
                >= 0xE1 and <= 0xEF => (2, 0x80, 0xBF),
                0xF0 => (3, 0x90, 0xBF),
                >= 0xF1 and <= 0xF3 => (3, 0x80, 0xBF),
                0xF4 => (3, 0x80, 0x8F),
                _ => (-1, 0, 0),
            };
            if (more < 0)
            {
                return false;
            }

            for (; more > 0; more--, i++, low = 0x80, high = 0xBF)
            {
                if (i == data.Length || data[i] < low || data[i] > high)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool Cut(long start, long least) => Fault(MessagePackStatus.Truncated, start, _input.Length, start + least);

    private bool Fault(MessagePackStatus status, long position, long limit = 0, long measured = 0)
    {
        _fault = new MessagePackVerdict(status, (int)position, limit, measured);
        return false;
    }
}
