using System.Numerics;
using Relay.Protocol.WebSockets;

namespace Relay.Fuzz;

/// <summary>Input: what a WebSocket peer sends. The header at every cut, by RFC 6455 §5.2 on a string of bits; then the payload
/// unmasked.</summary>
internal sealed class WebSocketHeaderTarget : IFuzzTarget
{
    public string Name => "websocket";

    public void Run(ReadOnlySpan<byte> input)
    {
        for (int cut = 0; cut <= Math.Min(input.Length, WebSocketFrameHeader.MaxSize + 1); cut++)
        {
            CheckHeader(input[..cut]);
        }

        if (WebSocketFrameHeader.TryRead(input, out WebSocketFrameHeader header) == WebSocketHeaderStatus.Ok)
        {
            CheckWrittenAgain(input, header);
            CheckMask(input[header.Size..], header.Mask);
        }
    }

    private static void CheckHeader(ReadOnlySpan<byte> input)
    {
        WebSocketHeaderStatus status = WebSocketFrameHeader.TryRead(input, out WebSocketFrameHeader header);
        string bits = string.Concat(input.ToArray().Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));
        WebSocketHeaderStatus expected = ReadBits(bits, out string fields);
        DisagreementException.ThrowUnlessEqual(status, expected, "Header status");
        if (status == WebSocketHeaderStatus.Ok)
        {
            string mask = header.IsMasked ? Convert.ToHexString(BitConverter.GetBytes(header.Mask)) : "";
            DisagreementException.ThrowUnlessEqual(
                $"final {header.IsFinal}, opcode {(int)header.Opcode}, masked {header.IsMasked}, length {header.PayloadLength}, mask {mask}, size {header.Size}",
                fields,
                "Header");
        }
    }

    private static WebSocketHeaderStatus ReadBits(string bits, out string fields)
    {
        fields = "";
        if (bits.Length < 8)
        {
            return WebSocketHeaderStatus.NeedMore;
        }

        bool final = bits[0] == '1';
        int opcode = Convert.ToInt32(bits[4..8], 2);
        bool control = bits[4] == '1';
        if (bits[1..4] != "000" || !new[] { 0, 1, 2, 8, 9, 10 }.Contains(opcode) || (control && !final))
        {
            return WebSocketHeaderStatus.ProtocolError;
        }

        if (bits.Length < 16)
        {
            return WebSocketHeaderStatus.NeedMore;
        }

        bool masked = bits[8] == '1';
        BigInteger length = Convert.ToInt32(bits[9..16], 2);
        if (control && length > 125)
        {
            return WebSocketHeaderStatus.ProtocolError;
        }

        int lengthBits = length == 126 ? 16 : length == 127 ? 64 : 0;
        if (bits.Length < 16 + lengthBits)
        {
            return WebSocketHeaderStatus.NeedMore;
        }

        if (lengthBits > 0)
        {
            length = bits.Substring(16, lengthBits).Aggregate(BigInteger.Zero, (sum, bit) => (sum * 2) + (bit - '0'));
            BigInteger shortest = lengthBits == 16 ? 126 : 65_536;
            if (length < shortest || length >= BigInteger.Pow(2, 63))
            {
                return WebSocketHeaderStatus.ProtocolError;
            }
        }

        int start = 16 + lengthBits;
        int size = start + (masked ? 32 : 0);
        if (bits.Length < size)
        {
            return WebSocketHeaderStatus.NeedMore;
        }

        string mask = string.Concat(Enumerable.Range(0, masked ? 4 : 0).Select(i => Convert.ToByte(bits.Substring(start + (i * 8), 8), 2).ToString("X2", null)));
        fields = $"final {final}, opcode {opcode}, masked {masked}, length {length}, mask {mask}, size {size / 8}";
        return WebSocketHeaderStatus.Ok;
    }

    private static void CheckWrittenAgain(ReadOnlySpan<byte> input, in WebSocketFrameHeader header)
    {
        if (!header.IsFinal || header.PayloadLength > int.MaxValue)
        {
            return;
        }

        Span<byte> written = stackalloc byte[WebSocketFrameHeader.MaxSize];
        int size = header.IsMasked
            ? WebSocketFrameHeader.WriteClientHeader(written, header.Opcode, (int)header.PayloadLength, header.Mask)
            : WebSocketFrameHeader.WriteServerHeader(written, header.Opcode, (int)header.PayloadLength);
        DisagreementException.ThrowUnlessEqual(Convert.ToHexString(written[..size]), Convert.ToHexString(input[..header.Size]), "Header written again");
    }

    private static void CheckMask(ReadOnlySpan<byte> payload, uint mask)
    {
        byte[] key = BitConverter.GetBytes(mask);
        int offset = payload.Length % 5;
        byte[] expected = payload.ToArray();
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] ^= key[(i + offset) % 4];
        }

        byte[] actual = payload.ToArray();
        WebSocketMask.Apply(actual, actual, mask, offset);
        DisagreementException.ThrowUnlessEqual(Convert.ToHexString(actual), Convert.ToHexString(expected), "Masked payload");
    }
}
