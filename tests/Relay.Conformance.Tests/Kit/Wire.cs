using System.Buffers.Binary;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Kit;

/// <summary>
/// Frames as a client sends them, byte by byte. Shares no code with the product, so that a mistake there is not made here too.
/// </summary>
internal static class Wire
{
    /// <summary>One frame.</summary>
    /// <param name="opcode">Any of the sixteen.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="final">FIN.</param>
    /// <param name="reserved">RSV1 to RSV3 as a number: 4, 2, 1.</param>
    /// <param name="lengthBytes">In how many bytes the length is written: 0 for the shortest form; 1, 2 or 8.</param>
    /// <param name="masked">Whether it is masked, as it must be.</param>
    public static byte[] Frame(
        int opcode, ReadOnlySpan<byte> payload = default, bool final = true, int reserved = 0, int lengthBytes = 0, bool masked = true)
    {
        byte[] head = Head(opcode, payload.Length, final, reserved, lengthBytes, masked);
        byte[] frame = new byte[head.Length + payload.Length];
        head.CopyTo(frame, 0);
        payload.CopyTo(frame.AsSpan(head.Length));
        if (masked)
        {
            Span<byte> key = frame.AsSpan(head.Length - 4, 4);
            Span<byte> body = frame.AsSpan(head.Length);
            for (int i = 0; i < body.Length; i++)
            {
                body[i] ^= key[i & 3];
            }
        }

        return frame;
    }

    /// <summary>One frame.</summary>
    public static byte[] Frame(WebSocketOpcode opcode, ReadOnlySpan<byte> payload = default, bool final = true, int reserved = 0) =>
        Frame((int)opcode, payload, final, reserved);

    /// <summary>A header by itself, for a payload of any length that will perhaps never come.</summary>
    public static byte[] Head(int opcode, long length, bool final = true, int reserved = 0, int lengthBytes = 0, bool masked = true)
    {
        if (lengthBytes == 0)
        {
            lengthBytes = length is < 0 or > 0xFFFF ? 8 : length > 125 ? 2 : 1;
        }

        int extra = lengthBytes == 1 ? 0 : lengthBytes;
        byte[] head = new byte[2 + extra + (masked ? 4 : 0)];
        head[0] = (byte)((final ? 0x80 : 0) | (reserved << 4) | opcode);
        head[1] = (byte)((masked ? 0x80 : 0) | (lengthBytes switch { 1 => (int)length, 2 => 126, _ => 127 }));
        if (lengthBytes == 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)length);
        }
        else if (lengthBytes == 8)
        {
            BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(2), length);
        }

        if (masked)
        {
            // Any key that has four different bytes shows a key that is applied out of step.
            BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(2 + extra), 0x9D4E_17A3 ^ (uint)(length * 0x0101_0307));
        }

        return head;
    }

    /// <summary>A close frame with a code and the bytes of a reason.</summary>
    public static byte[] Close(int code, params ReadOnlySpan<byte> reason)
    {
        byte[] payload = [(byte)(code >> 8), (byte)code, .. reason];
        return Frame(WebSocketOpcode.Close, payload);
    }

    /// <summary>A message in several frames.</summary>
    /// <param name="kind">Text or Binary.</param>
    /// <param name="parts">What each frame carries.</param>
    public static byte[][] Fragments(WebSocketOpcode kind, params ReadOnlySpan<byte[]> parts)
    {
        byte[][] frames = new byte[parts.Length][];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = Frame(i == 0 ? kind : WebSocketOpcode.Continuation, parts[i], final: i == frames.Length - 1);
        }

        return frames;
    }

    /// <summary>A message in frames of a size.</summary>
    public static byte[][] Fragments(WebSocketOpcode kind, byte[] payload, int size) => Fragments(kind, [.. payload.Chunk(size)]);
}
