using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Relay.Protocol.Frames;

namespace Relay.Protocol.Primitives;

/// <summary>
/// Writes frames into a span that the caller sized by the message's worst case. Running out of room sticks
/// (<see cref="Overflowed"/>), it does not throw: a caller asks once, at the end. protocol-spec.md §3.3.
/// </summary>
public ref struct FrameWriter
{
    private readonly Span<byte> _destination;
    private int _position;
    private int _frameStart;

    /// <summary>Starts at the first byte of <paramref name="destination"/>.</summary>
    /// <param name="destination">Where the frames go.</param>
    public FrameWriter(Span<byte> destination)
    {
        _destination = destination;
        _position = 0;
        _frameStart = -1;
        Overflowed = false;
    }

    /// <summary>Whether something did not fit; what was written is then of no use.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Bytes written so far, headers included.</summary>
    public readonly int Written => _position;

    /// <summary>The bytes written so far.</summary>
    public readonly ReadOnlySpan<byte> WrittenSpan => _destination[.._position];

    /// <summary>Begins a frame: leaves room for its header, which <see cref="EndFrame"/> fills in.</summary>
    public void BeginFrame()
    {
        _frameStart = _position;
        Reserve(FrameHeader.Size);
    }

    /// <summary>Ends the frame begun last.</summary>
    /// <param name="type">Its type.</param>
    public void EndFrame(FrameType type)
    {
        if (Overflowed)
        {
            return;
        }

        int bodyLength = _position - _frameStart - FrameHeader.Size;
        if (bodyLength > FrameHeader.MaxBodyLength)
        {
            Overflowed = true;
            return;
        }

        new FrameHeader(type, bodyLength).Write(_destination[_frameStart..]);
    }

    /// <summary>Writes <c>u8</c>.</summary>
    /// <param name="value">The value.</param>
    public void WriteByte(byte value)
    {
        Span<byte> room = Reserve(1);
        if (!room.IsEmpty)
        {
            room[0] = value;
        }
    }

    /// <summary>Writes <c>u16</c>, little-endian.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt16(ushort value)
    {
        Span<byte> room = Reserve(2);
        if (!room.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(room, value);
        }
    }

    /// <summary>Writes <c>u32</c>, little-endian.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt32(uint value)
    {
        Span<byte> room = Reserve(4);
        if (!room.IsEmpty)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(room, value);
        }
    }

    /// <summary>Writes <c>u64</c>, little-endian.</summary>
    /// <param name="value">The value.</param>
    public void WriteUInt64(ulong value)
    {
        Span<byte> room = Reserve(8);
        if (!room.IsEmpty)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(room, value);
        }
    }

    /// <summary>Writes <c>f64</c>, IEEE 754, little-endian.</summary>
    /// <param name="value">The value.</param>
    public void WriteDouble(double value) => WriteUInt64((ulong)BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes <c>varint</c>: LEB128 in its shortest form, 1 to 10 bytes.</summary>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarint(ulong value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        WriteByte((byte)value);
    }

    /// <summary>Writes <c>bytes8</c>.</summary>
    /// <param name="value">0 to 255 bytes; longer overflows.</param>
    public void WriteBytes8(scoped ReadOnlySpan<byte> value)
    {
        if (value.Length > byte.MaxValue)
        {
            Overflowed = true;
            return;
        }

        WriteByte((byte)value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes <c>bytes16</c>.</summary>
    /// <param name="value">0 to 65,535 bytes; longer overflows.</param>
    public void WriteBytes16(scoped ReadOnlySpan<byte> value)
    {
        if (value.Length > ushort.MaxValue)
        {
            Overflowed = true;
            return;
        }

        WriteUInt16((ushort)value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes <c>string8</c>.</summary>
    /// <param name="value">Text of at most 255 bytes in UTF-8; longer overflows.</param>
    public void WriteString8(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        if (length > byte.MaxValue)
        {
            Overflowed = true;
            return;
        }

        WriteByte((byte)length);
        Span<byte> room = Reserve(length);
        if (!room.IsEmpty)
        {
            Encoding.UTF8.GetBytes(value, room);
        }
    }

    /// <summary>Writes bytes as they are.</summary>
    /// <param name="value">The bytes.</param>
    public void WriteRaw(scoped ReadOnlySpan<byte> value)
    {
        Span<byte> room = Reserve(value.Length);
        if (!room.IsEmpty)
        {
            value.CopyTo(room);
        }
    }

    /// <summary>Gives the next <paramref name="count"/> bytes to fill in; empty when there is no room.</summary>
    /// <param name="count">How many bytes, not negative.</param>
    public Span<byte> Reserve(int count)
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
