using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Relay.Protocol.Primitives;

/// <summary>
/// Reads the fields of one frame body in order. The first failure sticks: later reads return zero or nothing, and
/// <see cref="Status"/> says what went wrong, so that a message reads all its fields and asks once. protocol-spec.md §3.3.
/// </summary>
public ref struct BodyReader
{
    private readonly ReadOnlySpan<byte> _body;
    private int _position;

    /// <summary>Starts at the first byte of a body.</summary>
    /// <param name="body">The body, without its header.</param>
    public BodyReader(ReadOnlySpan<byte> body)
    {
        _body = body;
        _position = 0;
        Status = ReadStatus.Ok;
    }

    /// <summary>The first failure, or <see cref="ReadStatus.Ok"/>.</summary>
    public ReadStatus Status { get; private set; }

    /// <summary>Bytes not yet read; 0 after a failure.</summary>
    public readonly int Remaining => Status == ReadStatus.Ok ? _body.Length - _position : 0;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Records a failure found by the caller; the first one wins.</summary>
    /// <param name="status">What is wrong.</param>
    public void Fail(ReadStatus status)
    {
        if (Status == ReadStatus.Ok)
        {
            Status = status;
        }
    }

    /// <summary>Ends the body: whatever is left over is a failure.</summary>
    /// <returns>The status of the whole body.</returns>
    public ReadStatus Finish()
    {
        if (Status == ReadStatus.Ok && _position != _body.Length)
        {
            Status = ReadStatus.TrailingBytes;
        }

        return Status;
    }

    /// <summary>Reads <c>u8</c>.</summary>
    public byte ReadByte()
    {
        ReadOnlySpan<byte> bytes = Take(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    /// <summary>Reads <c>u16</c>, little-endian.</summary>
    public ushort ReadUInt16()
    {
        ReadOnlySpan<byte> bytes = Take(2);
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    /// <summary>Reads <c>u32</c>, little-endian.</summary>
    public uint ReadUInt32()
    {
        ReadOnlySpan<byte> bytes = Take(4);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Reads <c>u64</c>, little-endian.</summary>
    public ulong ReadUInt64()
    {
        ReadOnlySpan<byte> bytes = Take(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>Reads <c>f64</c>, IEEE 754, little-endian. Any bit pattern is accepted: the message says what it allows.</summary>
    public double ReadDouble() => BitConverter.Int64BitsToDouble((long)ReadUInt64());

    /// <summary>Reads <c>varint</c>: LEB128, at most 10 bytes, shortest form only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarint()
    {
        // One byte is by far the commonest length (slots, small counts).
        if (Status == ReadStatus.Ok && _position < _body.Length && _body[_position] < 0x80)
        {
            return _body[_position++];
        }

        return ReadLongVarint();
    }

    /// <summary>Reads a varint that must fit 32 bits.</summary>
    public uint ReadVarint32()
    {
        ulong value = ReadVarint();
        if (value > uint.MaxValue)
        {
            Fail(ReadStatus.BadInteger);
            return 0;
        }

        return (uint)value;
    }

    /// <summary>Reads a varint that counts items, and checks that the bytes left could hold them before anything is sized by it.</summary>
    /// <param name="minimumItemSize">The fewest bytes that one item takes, at least 1.</param>
    public int ReadCount(int minimumItemSize)
    {
        ulong count = ReadVarint();
        if (count > (ulong)(Remaining / minimumItemSize))
        {
            Fail(ReadStatus.CountTooLarge);
            return 0;
        }

        return (int)count;
    }

    /// <summary>Reads <c>bytes8</c>: a length byte, then that many bytes. The span points into the body.</summary>
    public ReadOnlySpan<byte> ReadBytes8() => Take(ReadByte());

    /// <summary>Reads <c>bytes16</c>: a <c>u16</c> length, then that many bytes. The span points into the body.</summary>
    public ReadOnlySpan<byte> ReadBytes16() => Take(ReadUInt16());

    /// <summary>Reads <c>string8</c>: <c>bytes8</c> that must be UTF-8. The span points into the body.</summary>
    public ReadOnlySpan<byte> ReadUtf8String8()
    {
        ReadOnlySpan<byte> bytes = ReadBytes8();
        if (!Utf8.IsValid(bytes))
        {
            Fail(ReadStatus.BadText);
            return default;
        }

        return bytes;
    }

    /// <summary>Reads exactly <paramref name="count"/> bytes. The span points into the body; it is empty after a failure.</summary>
    /// <param name="count">How many bytes, not negative.</param>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (Status != ReadStatus.Ok)
        {
            return default;
        }

        if (count > _body.Length - _position)
        {
            Status = ReadStatus.Truncated;
            return default;
        }

        ReadOnlySpan<byte> bytes = _body.Slice(_position, count);
        _position += count;
        return bytes;
    }

    /// <summary>
    /// Moves on by <paramref name="count"/> bytes but shows up to <paramref name="visible"/> from the same place if the body has them, so
    /// that a reader may load whole words and mask. Empty after a failure.
    /// </summary>
    internal ReadOnlySpan<byte> TakeWindow(int count, int visible)
    {
        int start = _position;
        ReadOnlySpan<byte> bytes = Take(count);
        return bytes.IsEmpty ? default : _body.Slice(start, Math.Min(visible, _body.Length - start));
    }

    /// <summary>Reads all that is left; it may be empty.</summary>
    public ReadOnlySpan<byte> TakeRest() => Take(Remaining);

    private ulong ReadLongVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift <= 63; shift += 7)
        {
            byte next = ReadByte();
            if (Status != ReadStatus.Ok)
            {
                return 0;
            }

            // The tenth byte has room for one bit only; a last byte of zero would be a longer form of a shorter number.
            if ((shift == 63 && next > 1) || (next == 0 && shift > 0))
            {
                Status = ReadStatus.BadInteger;
                return 0;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Status = ReadStatus.BadInteger;
        return 0;
    }
}
