using System.Buffers.Binary;
using System.Text;

namespace Relay.Protocol.MessagePack;

/// <summary>
/// Writes MessagePack values one after another into a span, integers, lengths and counts always in their shortest format. Running out of
/// room sticks (<see cref="Overflowed"/>), it does not throw: a caller asks once, at the end.
/// </summary>
public ref struct MessagePackWriter
{
    private readonly Span<byte> _destination;
    private int _position;

    /// <summary>Starts at the first byte of <paramref name="destination"/>.</summary>
    /// <param name="destination">Where the values go.</param>
    public MessagePackWriter(Span<byte> destination)
    {
        _destination = destination;
        _position = 0;
        Overflowed = false;
    }

    /// <summary>Whether something did not fit; what was written is then of no use.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Bytes written so far.</summary>
    public readonly int Written => _position;

    /// <summary>The bytes written so far.</summary>
    public readonly ReadOnlySpan<byte> WrittenSpan => _destination[.._position];

    /// <summary>Writes nil.</summary>
    public void WriteNil() => WriteByte(0xC0);

    /// <summary>Writes false or true.</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value) => WriteByte(value ? (byte)0xC3 : (byte)0xC2);

    /// <summary>Writes an integer in 1 to 9 bytes: fixint or uint 8 to 64 if it is not negative, otherwise fixint or int 8 to 64.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt64(long value)
    {
        if (value >= 0)
        {
            WriteUInt64((ulong)value);
        }
        else if (value >= -32)
        {
            WriteByte((byte)value);
        }
        else if (value >= sbyte.MinValue)
        {
            WriteFormat8(0xD0, (byte)value);
        }
        else if (value >= short.MinValue)
        {
            WriteFormat16(0xD1, (ushort)value);
        }
        else if (value >= int.MinValue)
        {
            WriteFormat32(0xD2, (uint)value);
        }
        else
        {
            WriteFormat64(0xD3, (ulong)value);
        }
    }

    /// <summary>Writes an integer in 1 to 9 bytes: positive fixint or uint 8 to 64.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt64(ulong value)
    {
        if (value < 0x80)
        {
            WriteByte((byte)value);
        }
        else if (value <= byte.MaxValue)
        {
            WriteFormat8(0xCC, (byte)value);
        }
        else if (value <= ushort.MaxValue)
        {
            WriteFormat16(0xCD, (ushort)value);
        }
        else if (value <= uint.MaxValue)
        {
            WriteFormat32(0xCE, (uint)value);
        }
        else
        {
            WriteFormat64(0xCF, value);
        }
    }

    /// <summary>Writes float 32, 5 bytes, with its bits as they are.</summary>
    /// <param name="value">The value.</param>
    public void WriteSingle(float value) => WriteFormat32(0xCA, (uint)BitConverter.SingleToInt32Bits(value));

    /// <summary>Writes float 64, 9 bytes, with its bits as they are: it is never made an integer or a float 32.</summary>
    /// <param name="value">The value.</param>
    public void WriteDouble(double value) => WriteFormat64(0xCB, (ulong)BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes a str (fixstr, str 8 to 32) of text that is encoded already.</summary>
    /// <param name="utf8">UTF-8, which is not checked.</param>
    public void WriteString(scoped ReadOnlySpan<byte> utf8)
    {
        WriteStringHeader(utf8.Length);
        WriteRaw(utf8);
    }

    /// <summary>Writes a str (fixstr, str 8 to 32).</summary>
    /// <param name="text">UTF-16; a surrogate without its other half becomes U+FFFD.</param>
    public void WriteString(scoped ReadOnlySpan<char> text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        WriteStringHeader(length);
        Span<byte> room = Reserve(length);
        if (!room.IsEmpty)
        {
            Encoding.UTF8.GetBytes(text, room);
        }
    }

    /// <summary>Writes a bin: bin 8 to 32.</summary>
    /// <param name="bytes">The bytes.</param>
    public void WriteBinary(scoped ReadOnlySpan<byte> bytes)
    {
        WriteLength(0xC4, 0xC5, 0xC6, bytes.Length);
        WriteRaw(bytes);
    }

    /// <summary>Writes the header of an array (fixarray, array 16, array 32); that many values must follow.</summary>
    /// <param name="count">Elements, not negative: that overflows.</param>
    public void WriteArrayHeader(int count) => WriteCount(0x90, 0xDC, 0xDD, count);

    /// <summary>Writes the header of a map (fixmap, map 16, map 32); twice as many values must follow: key, value, and so on.</summary>
    /// <param name="count">Pairs, not negative: that overflows.</param>
    public void WriteMapHeader(int count) => WriteCount(0x80, 0xDE, 0xDF, count);

    /// <summary>Writes an extension: fixext for 1, 2, 4, 8 and 16 bytes, otherwise ext 8 to 32.</summary>
    /// <param name="type">Its type: 0 to 127 belong to applications, −1 to −128 to the specification.</param>
    /// <param name="data">Its bytes.</param>
    public void WriteExtension(sbyte type, scoped ReadOnlySpan<byte> data)
    {
        switch (data.Length)
        {
            case 1:
                WriteByte(0xD4);
                break;
            case 2:
                WriteByte(0xD5);
                break;
            case 4:
                WriteByte(0xD6);
                break;
            case 8:
                WriteByte(0xD7);
                break;
            case 16:
                WriteByte(0xD8);
                break;
            default:
                WriteLength(0xC7, 0xC8, 0xC9, data.Length);
                break;
        }

        WriteByte((byte)type);
        WriteRaw(data);
    }

    /// <summary>Writes a timestamp (extension −1) in the shortest of timestamp 32, 64 and 96: 6, 10 or 15 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteTimestamp(MessagePackTimestamp value)
    {
        Span<byte> data = stackalloc byte[12];
        ulong seconds = (ulong)value.Seconds;
        if (seconds <= uint.MaxValue && value.Nanoseconds == 0)
        {
            data = data[..4];
            BinaryPrimitives.WriteUInt32BigEndian(data, (uint)seconds);
        }
        else if (seconds >> 34 == 0)
        {
            data = data[..8];
            BinaryPrimitives.WriteUInt64BigEndian(data, ((ulong)value.Nanoseconds << 34) | seconds);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(data, value.Nanoseconds);
            BinaryPrimitives.WriteUInt64BigEndian(data[4..], seconds);
        }

        WriteExtension(MessagePackTimestamp.ExtensionType, data);
    }

    /// <summary>Writes bytes as they are: values that are encoded already.</summary>
    /// <param name="encoded">The bytes, which are not checked.</param>
    public void WriteRaw(scoped ReadOnlySpan<byte> encoded)
    {
        Span<byte> room = Reserve(encoded.Length);
        if (!room.IsEmpty)
        {
            encoded.CopyTo(room);
        }
    }

    private void WriteStringHeader(int length)
    {
        if (length < 32)
        {
            WriteByte((byte)(0xA0 | length));
        }
        else
        {
            WriteLength(0xD9, 0xDA, 0xDB, length);
        }
    }

    private void WriteLength(byte format8, byte format16, byte format32, int length)
    {
        if (length <= byte.MaxValue)
        {
            WriteFormat8(format8, (byte)length);
        }
        else if (length <= ushort.MaxValue)
        {
            WriteFormat16(format16, (ushort)length);
        }
        else
        {
            WriteFormat32(format32, (uint)length);
        }
    }

    private void WriteCount(byte fix, byte format16, byte format32, int count)
    {
        if (count < 0)
        {
            Overflowed = true;
        }
        else if (count < 16)
        {
            WriteByte((byte)(fix | count));
        }
        else if (count <= ushort.MaxValue)
        {
            WriteFormat16(format16, (ushort)count);
        }
        else
        {
            WriteFormat32(format32, (uint)count);
        }
    }

    private void WriteByte(byte value)
    {
        Span<byte> room = Reserve(1);
        if (!room.IsEmpty)
        {
            room[0] = value;
        }
    }

    private void WriteFormat8(byte format, byte value)
    {
        Span<byte> room = Reserve(2);
        if (!room.IsEmpty)
        {
            room[0] = format;
            room[1] = value;
        }
    }

    private void WriteFormat16(byte format, ushort value)
    {
        Span<byte> room = Reserve(3);
        if (!room.IsEmpty)
        {
            room[0] = format;
            BinaryPrimitives.WriteUInt16BigEndian(room[1..], value);
        }
    }

    private void WriteFormat32(byte format, uint value)
    {
        Span<byte> room = Reserve(5);
        if (!room.IsEmpty)
        {
            room[0] = format;
            BinaryPrimitives.WriteUInt32BigEndian(room[1..], value);
        }
    }

    private void WriteFormat64(byte format, ulong value)
    {
        Span<byte> room = Reserve(9);
        if (!room.IsEmpty)
        {
            room[0] = format;
            BinaryPrimitives.WriteUInt64BigEndian(room[1..], value);
        }
    }

    private Span<byte> Reserve(int count)
    {
        if (Overflowed || count > _destination.Length - _position)
        {
            Overflowed = true;
            return default;
        }

        Span<byte> room = _destination.Slice(_position, count);
        _position += count;
        return room;
    }
}
