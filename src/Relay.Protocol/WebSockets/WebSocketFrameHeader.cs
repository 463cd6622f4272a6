using System.Buffers.Binary;

namespace Relay.Protocol.WebSockets;

/// <summary>How reading a WebSocket frame header went.</summary>
public enum WebSocketHeaderStatus
{
    /// <summary>The header is whole and allowed.</summary>
    Ok,

    /// <summary>More bytes are needed.</summary>
    NeedMore,

    /// <summary>Reserved bits or opcodes, a fragmented or long control frame, a length not in its shortest form: 1002.</summary>
    ProtocolError,
}

/// <summary>The header of a WebSocket frame, RFC 6455 §5.2.</summary>
public readonly struct WebSocketFrameHeader
{
    /// <summary>The longest header: 2 + 8 bytes of length + 4 of mask.</summary>
    public const int MaxSize = 14;

    /// <summary>The longest payload of a control frame, RFC 6455 §5.5.</summary>
    public const int MaxControlPayload = 125;

    private WebSocketFrameHeader(bool final, WebSocketOpcode opcode, bool masked, uint mask, long payloadLength, int size)
    {
        IsFinal = final;
        Opcode = opcode;
        IsMasked = masked;
        Mask = mask;
        PayloadLength = payloadLength;
        Size = size;
    }

    /// <summary>Whether this frame ends its message.</summary>
    public bool IsFinal { get; }

    /// <summary>What kind of frame it is.</summary>
    public WebSocketOpcode Opcode { get; }

    /// <summary>Whether the payload is masked, as every client frame must be.</summary>
    public bool IsMasked { get; }

    /// <summary>The masking key as the four bytes stand on the wire, read little-endian.</summary>
    public uint Mask { get; }

    /// <summary>Bytes of payload; up to 2^63 − 1.</summary>
    public long PayloadLength { get; }

    /// <summary>Bytes of this header.</summary>
    public int Size { get; }

    /// <summary>Whether the opcode is Close, Ping or Pong.</summary>
    public bool IsControl => (byte)Opcode >= 8;

    /// <summary>Reads a header.</summary>
    /// <param name="input">What has arrived; 14 bytes are always enough.</param>
    /// <param name="header">The header when the answer is <see cref="WebSocketHeaderStatus.Ok"/>.</param>
    public static WebSocketHeaderStatus TryRead(ReadOnlySpan<byte> input, out WebSocketFrameHeader header)
    {
        header = default;
        if (input.IsEmpty)
        {
            return WebSocketHeaderStatus.NeedMore;
        }

        // Refuse on the first byte that is wrong, without waiting for the rest.
        byte first = input[0];
        bool final = (first & 0x80) != 0;
        byte opcode = (byte)(first & 0x0F);
        bool control = opcode >= 8;
        if ((first & 0x70) != 0 || opcode is (> 2 and < 8) or > 10 || (control && !final))
        {
            return WebSocketHeaderStatus.ProtocolError;
        }

        if (input.Length < 2)
        {
            return WebSocketHeaderStatus.NeedMore;
        }

        bool masked = (input[1] & 0x80) != 0;
        long length = input[1] & 0x7F;
        if (control && length > MaxControlPayload)
        {
            return WebSocketHeaderStatus.ProtocolError;
        }

        int size = 2 + (length == 126 ? 2 : length == 127 ? 8 : 0);
        int total = size + (masked ? 4 : 0);
        if (input.Length < size)
        {
            return WebSocketHeaderStatus.NeedMore;
        }

        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(input[2..]);
            if (length < 126)
            {
                return WebSocketHeaderStatus.ProtocolError;
            }
        }
        else if (length == 127)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(input[2..]);
            if (length < 0x1_0000)
            {
                // Not the shortest form, or the top bit set (negative).
                return WebSocketHeaderStatus.ProtocolError;
            }
        }

        if (input.Length < total)
        {
            // The length is known already, so that a caller can refuse a monster before its mask has come.
            header = new WebSocketFrameHeader(final, (WebSocketOpcode)opcode, masked, 0, length, total);
            return WebSocketHeaderStatus.NeedMore;
        }

        uint mask = masked ? BinaryPrimitives.ReadUInt32LittleEndian(input[size..]) : 0;
        header = new WebSocketFrameHeader(final, (WebSocketOpcode)opcode, masked, mask, length, total);
        return WebSocketHeaderStatus.Ok;
    }

    /// <summary>Bytes of the header of an unmasked frame.</summary>
    /// <param name="payloadLength">Bytes of payload.</param>
    public static int ServerHeaderSize(int payloadLength) => payloadLength switch
    {
        <= 125 => 2,
        <= ushort.MaxValue => 4,
        _ => 10,
    };

    /// <summary>Writes the header of an unmasked final frame.</summary>
    /// <param name="destination">At least <see cref="ServerHeaderSize"/> bytes.</param>
    /// <param name="opcode">What kind of frame.</param>
    /// <param name="payloadLength">Bytes of payload.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteServerHeader(Span<byte> destination, WebSocketOpcode opcode, int payloadLength)
    {
        destination[0] = (byte)(0x80 | (byte)opcode);
        switch (payloadLength)
        {
            case <= 125:
                destination[1] = (byte)payloadLength;
                return 2;
            case <= ushort.MaxValue:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
                return 4;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteInt64BigEndian(destination[2..], payloadLength);
                return 10;
        }
    }

    /// <summary>Writes the header of a masked final frame, as clients send them.</summary>
    /// <param name="destination">At least <see cref="MaxSize"/> bytes.</param>
    /// <param name="opcode">What kind of frame.</param>
    /// <param name="payloadLength">Bytes of payload.</param>
    /// <param name="mask">The masking key, as <see cref="Mask"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteClientHeader(Span<byte> destination, WebSocketOpcode opcode, int payloadLength, uint mask)
    {
        int size = WriteServerHeader(destination, opcode, payloadLength);
        destination[1] |= 0x80;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[size..], mask);
        return size + 4;
    }
}
