using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Relay.Protocol.MessagePack;

/// <summary>
/// What stands in front of a value: its type and how far it reaches. The one place that knows the table of the MessagePack
/// specification ("Formats", "Overview"); reader, validator and printer all ask here.
/// </summary>
internal readonly struct MessagePackHeader
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private MessagePackHeader(MessagePackType type, int size, uint length)
    {
        Type = type;
        Size = size;
        Length = length;
    }

    /// <summary>The type, known from the first byte even when the rest is missing.</summary>
    public MessagePackType Type { get; }

    /// <summary>Bytes of the header: the format byte, the length or count, the type of an extension. 1 to 6.</summary>
    public int Size { get; }

    /// <summary>Bytes of data behind the header; of an array its elements, of a map its pairs.</summary>
    public uint Length { get; }

    /// <summary>The fewest bytes that the whole value takes, header included: no element is shorter than a byte.</summary>
    public long Least => Size + (Type == MessagePackType.Map ? 2L * Length : Length);

    /// <summary>Reads the header at a position and checks that the input has at least the bytes that it promises.</summary>
    /// <param name="input">The whole input.</param>
    /// <param name="position">Where the value begins, 0 to the input's length.</param>
    /// <param name="header">The header; when the answer is Truncated, as much of it as could be told.</param>
    /// <returns>Ok, Truncated or Malformed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MessagePackStatus Read(ReadOnlySpan<byte> input, int position, out MessagePackHeader header)
    {
        // Small integers are the commonest value, and all that there is to them is this byte.
        if ((uint)position < (uint)input.Length && (sbyte)input[position] >= -32)
        {
            header = new MessagePackHeader(MessagePackType.Integer, 1, 0);
            return MessagePackStatus.Ok;
        }

        return ReadLonger(input, position, out header);
    }

    private static MessagePackStatus ReadLonger(ReadOnlySpan<byte> input, int position, out MessagePackHeader header)
    {
        if ((uint)position >= (uint)input.Length)
        {
            header = new MessagePackHeader(MessagePackType.None, 1, 0);
            return MessagePackStatus.Truncated;
        }

        ReadOnlySpan<byte> rest = input[position..];
        byte format = rest[0];
        switch (format)
        {
            case < 0x90: // fixmap
                return Finish(MessagePackType.Map, 1, (uint)format & 0x0F, rest.Length, out header);
            case < 0xA0: // fixarray
                return Finish(MessagePackType.Array, 1, (uint)format & 0x0F, rest.Length, out header);
            case < 0xC0: // fixstr
                return Finish(MessagePackType.String, 1, (uint)format & 0x1F, rest.Length, out header);
            case 0xC0:
                return Finish(MessagePackType.Nil, 1, 0, rest.Length, out header);
            case 0xC1:
                header = new MessagePackHeader(MessagePackType.Invalid, 1, 0);
                return MessagePackStatus.Malformed;
            case <= 0xC3: // false, true
                return Finish(MessagePackType.Boolean, 1, 0, rest.Length, out header);
            case <= 0xC6: // bin 8, 16, 32
                return Counted(MessagePackType.Binary, 1 << (format - 0xC4), rest, out header);
            case <= 0xC9: // ext 8, 16, 32
                return Counted(MessagePackType.Extension, 1 << (format - 0xC7), rest, out header);
            case <= 0xCB: // float 32, 64
                return Finish(MessagePackType.Float, 1, 4u << (format - 0xCA), rest.Length, out header);
            case <= 0xCF: // uint 8, 16, 32, 64
                return Finish(MessagePackType.Integer, 1, 1u << (format - 0xCC), rest.Length, out header);
            case <= 0xD3: // int 8, 16, 32, 64
                return Finish(MessagePackType.Integer, 1, 1u << (format - 0xD0), rest.Length, out header);
            case <= 0xD8: // fixext 1, 2, 4, 8, 16: the type is in the header
                return Finish(MessagePackType.Extension, 2, 1u << (format - 0xD4), rest.Length, out header);
            case <= 0xDB: // str 8, 16, 32
                return Counted(MessagePackType.String, 1 << (format - 0xD9), rest, out header);
            case <= 0xDD: // array 16, 32
                return Counted(MessagePackType.Array, 2 << (format - 0xDC), rest, out header);
            default: // map 16, 32; fixints are not asked for here
                return Counted(MessagePackType.Map, 2 << (format - 0xDE), rest, out header);
        }
    }

    /// <summary>A header with a length or count of 1, 2 or 4 bytes, big-endian, and for an extension its type behind that.</summary>
    private static MessagePackStatus Counted(MessagePackType type, int width, ReadOnlySpan<byte> rest, out MessagePackHeader header)
    {
        int size = 1 + width + (type == MessagePackType.Extension ? 1 : 0);
        if (size > rest.Length)
        {
            header = new MessagePackHeader(type, size, 0);
            return MessagePackStatus.Truncated;
        }

        uint length = width switch
        {
            1 => rest[1],
            2 => BinaryPrimitives.ReadUInt16BigEndian(rest[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(rest[1..]),
        };
        return Finish(type, size, length, rest.Length, out header);
    }

    private static MessagePackStatus Finish(MessagePackType type, int size, uint length, int available, out MessagePackHeader header)
    {
        header = new MessagePackHeader(type, size, length);
        return header.Least > available ? MessagePackStatus.Truncated : MessagePackStatus.Ok;
    }
}
