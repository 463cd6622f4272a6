using System.Buffers.Binary;

namespace Relay.Protocol.MessagePack;

/// <summary>
/// Reads MessagePack values one after another from bytes that hold them whole. Each method says how it went and moves on only when the
/// answer is <see cref="MessagePackStatus.Ok"/>; otherwise its results are zero or empty and another type may be tried. Any encoding that
/// the specification allows is read, also one longer than it need be, since encoders differ. Nothing allocates, and no count is used
/// before it has been held against the bytes that are left.
/// </summary>
public ref struct MessagePackReader
{
    private readonly ReadOnlySpan<byte> _input;
    private readonly bool _strict;
    private int _position;

    /// <summary>Starts at the first byte.</summary>
    /// <param name="input">Whole values. Spans that are read point into it.</param>
    /// <param name="strict">Whether a str must be UTF-8; otherwise its bytes are given as they are, as the specification allows.</param>
    public MessagePackReader(ReadOnlySpan<byte> input, bool strict = true)
    {
        _input = input;
        _strict = strict;
        _position = 0;
    }

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _input.Length - _position;

    /// <summary>The type of the next value by its first byte alone: the value need not be whole.</summary>
    /// <returns><see cref="MessagePackType.None"/> at the end.</returns>
    public readonly MessagePackType PeekType()
    {
        MessagePackHeader.Read(_input, _position, out MessagePackHeader header);
        return header.Type;
    }

    /// <summary>Reads nil.</summary>
    /// <returns>Ok, Truncated, WrongType or Malformed.</returns>
    public MessagePackStatus TryReadNil()
    {
        MessagePackStatus status = Find(MessagePackType.Nil, out MessagePackHeader header);
        return status == MessagePackStatus.Ok ? MoveBehind(header) : status;
    }

    /// <summary>Reads false or true.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, Truncated, WrongType or Malformed.</returns>
    public MessagePackStatus TryReadBoolean(out bool value)
    {
        MessagePackStatus status = Find(MessagePackType.Boolean, out MessagePackHeader header);
        value = status == MessagePackStatus.Ok && _input[_position] == 0xC3;
        return status == MessagePackStatus.Ok ? MoveBehind(header) : status;
    }

    /// <summary>Reads an integer of any format: fixint, uint 8 to 64, int 8 to 64.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, Truncated, WrongType, Malformed, or OutOfRange above 2^63 − 1.</returns>
    public MessagePackStatus TryReadInt64(out long value)
    {
        MessagePackStatus status = FindInteger(out value, out bool above, out MessagePackHeader header);
        if (status == MessagePackStatus.Ok && !above)
        {
            return MoveBehind(header);
        }

        value = 0;
        return status == MessagePackStatus.Ok ? MessagePackStatus.OutOfRange : status;
    }

    /// <summary>Reads an integer of any format that is not negative: fixint, uint 8 to 64, int 8 to 64.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, Truncated, WrongType, Malformed, or OutOfRange below 0.</returns>
    public MessagePackStatus TryReadUInt64(out ulong value)
    {
        MessagePackStatus status = FindInteger(out long bits, out bool above, out MessagePackHeader header);
        if (status == MessagePackStatus.Ok && (bits >= 0 || above))
        {
            value = (ulong)bits;
            return MoveBehind(header);
        }

        value = 0;
        return status == MessagePackStatus.Ok ? MessagePackStatus.OutOfRange : status;
    }

    /// <summary>Reads float 32 alone: a float 64 might lose digits.</summary>
    /// <param name="value">The value; any bit pattern, NaN and infinities included.</param>
    /// <returns>Ok, Truncated, WrongType (also for float 64 and integers) or Malformed.</returns>
    public MessagePackStatus TryReadSingle(out float value)
    {
        value = 0;
        MessagePackStatus status = Find(MessagePackType.Float, out MessagePackHeader header);
        if (header.Type == MessagePackType.Float && header.Length != 4)
        {
            return MessagePackStatus.WrongType;
        }

        if (status != MessagePackStatus.Ok)
        {
            return status;
        }

        value = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt32BigEndian(Data(header)));
        return MoveBehind(header);
    }

    /// <summary>Reads float 64, or float 32 widened, which loses nothing.</summary>
    /// <param name="value">The value; any bit pattern, NaN and infinities included.</param>
    /// <returns>Ok, Truncated, WrongType (also for integers) or Malformed.</returns>
    public MessagePackStatus TryReadDouble(out double value)
    {
        MessagePackStatus status = Find(MessagePackType.Float, out MessagePackHeader header);
        if (status != MessagePackStatus.Ok)
        {
            value = 0;
            return status;
        }

        ReadOnlySpan<byte> data = Data(header);
        value = header.Length == 4
            ? BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt32BigEndian(data))
            : BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64BigEndian(data));
        return MoveBehind(header);
    }

    /// <summary>Reads a str: fixstr, str 8 to 32.</summary>
    /// <param name="utf8">Its bytes, which point into the input; UTF-8 if the reader is strict.</param>
    /// <returns>Ok, Truncated, WrongType, Malformed, or BadText if the reader is strict.</returns>
    public MessagePackStatus TryReadString(out ReadOnlySpan<byte> utf8)
    {
        MessagePackStatus status = FindData(MessagePackType.String, out utf8, out MessagePackHeader header);
        if (status == MessagePackStatus.Ok && _strict && !Primitives.Utf8.IsValid(utf8))
        {
            utf8 = default;
            return MessagePackStatus.BadText;
        }

        return status == MessagePackStatus.Ok ? MoveBehind(header) : status;
    }

    /// <summary>Reads a bin: bin 8 to 32.</summary>
    /// <param name="bytes">Its bytes, which point into the input.</param>
    /// <returns>Ok, Truncated, WrongType or Malformed.</returns>
    public MessagePackStatus TryReadBinary(out ReadOnlySpan<byte> bytes)
    {
        MessagePackStatus status = FindData(MessagePackType.Binary, out bytes, out MessagePackHeader header);
        return status == MessagePackStatus.Ok ? MoveBehind(header) : status;
    }

    /// <summary>Reads the header of an array: fixarray, array 16, array 32. Its elements follow.</summary>
    /// <param name="count">Elements; at least as many bytes are left.</param>
    /// <returns>Ok, Truncated (also when fewer bytes are left than elements are promised), WrongType or Malformed.</returns>
    public MessagePackStatus TryReadArrayHeader(out int count) => TryReadHeader(MessagePackType.Array, out count);

    /// <summary>Reads the header of a map: fixmap, map 16, map 32. Key, value, key, value and so on follow.</summary>
    /// <param name="count">Pairs; at least twice as many bytes are left.</param>
    /// <returns>Ok, Truncated (also when fewer bytes are left than keys and values are promised), WrongType or Malformed.</returns>
    public MessagePackStatus TryReadMapHeader(out int count) => TryReadHeader(MessagePackType.Map, out count);

    /// <summary>Reads an extension: fixext 1 to 16, ext 8 to 32. A timestamp is read too, as type −1.</summary>
    /// <param name="type">Its type: 0 to 127 belong to applications, −1 to −128 to the specification.</param>
    /// <param name="data">Its bytes, which point into the input.</param>
    /// <returns>Ok, Truncated, WrongType or Malformed.</returns>
    public MessagePackStatus TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data)
    {
        MessagePackStatus status = FindData(MessagePackType.Extension, out data, out MessagePackHeader header);
        type = status == MessagePackStatus.Ok ? ExtensionType(header) : (sbyte)0;
        return status == MessagePackStatus.Ok ? MoveBehind(header) : status;
    }

    /// <summary>Reads a timestamp: an extension of type −1, as timestamp 32, 64 or 96.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Ok, Truncated, WrongType (also for other extensions), or Malformed if its length or nanoseconds are not allowed.</returns>
    public MessagePackStatus TryReadTimestamp(out MessagePackTimestamp value)
    {
        value = default;
        MessagePackStatus status = FindData(MessagePackType.Extension, out ReadOnlySpan<byte> data, out MessagePackHeader header);
        if (status != MessagePackStatus.Ok)
        {
            return status;
        }

        if (ExtensionType(header) != MessagePackTimestamp.ExtensionType)
        {
            return MessagePackStatus.WrongType;
        }

        return MessagePackTimestamp.TryDecode(data, out value) ? MoveBehind(header) : MessagePackStatus.Malformed;
    }

    /// <summary>Moves behind the next value, whatever it is, with all that it contains. Text is not looked at.</summary>
    /// <param name="maxDepth">How deep arrays and maps may be nested: 0 to <see cref="MessagePackLimits.HighestMaxDepth"/>; 0 for none at
    /// all.</param>
    /// <returns>Ok, Truncated, Malformed or TooDeep.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not in its range.</exception>
    public MessagePackStatus TrySkip(int maxDepth = MessagePackLimits.HighestMaxDepth)
    {
        if ((uint)maxDepth > MessagePackLimits.HighestMaxDepth)
        {
            throw new ArgumentOutOfRangeException(nameof(maxDepth), maxDepth, "The depth is limited by HighestMaxDepth.");
        }

        MessagePackStatus status = MessagePackHeader.Read(_input, _position, out MessagePackHeader header);
        if (status == MessagePackStatus.Ok && header.Type is not (MessagePackType.Array or MessagePackType.Map))
        {
            return MoveBehind(header);
        }

        MessagePackVerdict verdict = MessagePackWalk.Over(_input, _position, maxDepth, long.MaxValue, contents: false, textKeys: false);
        if (verdict.Status == MessagePackStatus.Ok)
        {
            _position = verdict.Position;
        }

        return verdict.Status;
    }

    /// <summary>Reads the next value, whatever it is, as the bytes that it is encoded in. Text is not looked at.</summary>
    /// <param name="encoded">The whole value, which points into the input.</param>
    /// <param name="maxDepth">As for <see cref="TrySkip"/>.</param>
    /// <returns>Ok, Truncated, Malformed or TooDeep.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not in its range.</exception>
    public MessagePackStatus TryReadRaw(out ReadOnlySpan<byte> encoded, int maxDepth = MessagePackLimits.HighestMaxDepth)
    {
        int start = _position;
        MessagePackStatus status = TrySkip(maxDepth);
        encoded = _input[start.._position];
        return status;
    }

    private readonly MessagePackStatus Find(MessagePackType wanted, out MessagePackHeader header)
    {
        MessagePackStatus status = MessagePackHeader.Read(_input, _position, out header);
        bool other = header.Type != wanted && header.Type is not (MessagePackType.None or MessagePackType.Invalid);
        return other ? MessagePackStatus.WrongType : status;
    }

    private readonly MessagePackStatus FindData(MessagePackType wanted, out ReadOnlySpan<byte> data, out MessagePackHeader header)
    {
        MessagePackStatus status = Find(wanted, out header);
        data = status == MessagePackStatus.Ok ? Data(header) : default;
        return status;
    }

    /// <param name="bits">The value in two's complement.</param>
    /// <param name="above">Whether the value is a uint 64 above 2^63 − 1, so that its bits look negative.</param>
    /// <param name="header">Its header.</param>
    private readonly MessagePackStatus FindInteger(out long bits, out bool above, out MessagePackHeader header)
    {
        bits = 0;
        above = false;
        MessagePackStatus status = Find(MessagePackType.Integer, out header);
        if (status != MessagePackStatus.Ok)
        {
            return status;
        }

        byte format = _input[_position];
        bool signed = format >= 0xD0;
        ReadOnlySpan<byte> data = Data(header);
        switch (data.Length)
        {
            case 0:
                // Both fixints are their own byte in two's complement.
                bits = (sbyte)format;
                break;
            case 1:
                bits = signed ? (sbyte)data[0] : data[0];
                break;
            case 2:
                ushort two = BinaryPrimitives.ReadUInt16BigEndian(data);
                bits = signed ? (short)two : two;
                break;
            case 4:
                uint four = BinaryPrimitives.ReadUInt32BigEndian(data);
                bits = signed ? (int)four : four;
                break;
            default:
                bits = BinaryPrimitives.ReadInt64BigEndian(data);
                above = !signed && bits < 0;
                break;
        }

        return MessagePackStatus.Ok;
    }

    private MessagePackStatus TryReadHeader(MessagePackType wanted, out int count)
    {
        MessagePackStatus status = Find(wanted, out MessagePackHeader header);
        if (status != MessagePackStatus.Ok)
        {
            count = 0;
            return status;
        }

        // At least as many bytes are left, so it fits.
        count = (int)header.Length;
        _position += header.Size;
        return MessagePackStatus.Ok;
    }

    private readonly ReadOnlySpan<byte> Data(scoped in MessagePackHeader header) =>
        _input.Slice(_position + header.Size, (int)header.Length);

    /// <summary>The type of an extension is the last byte of its header.</summary>
    private readonly sbyte ExtensionType(scoped in MessagePackHeader header) => (sbyte)_input[_position + header.Size - 1];

    private MessagePackStatus MoveBehind(scoped in MessagePackHeader header)
    {
        _position += header.Size + (int)header.Length;
        return MessagePackStatus.Ok;
    }
}
