using System.Buffers.Binary;
using System.Text;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Kit;

/// <summary>One frame from the server, after it was found to be well formed.</summary>
internal sealed record ServerFrame(WebSocketOpcode Opcode, byte[] Payload)
{
    /// <summary>Far above what any case makes a server send.</summary>
    private const long MaxPayload = 1 << 26;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The code of a close frame; 1005 if it has none.</summary>
    public int CloseCode => Payload.Length == 0 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(Payload);

    /// <summary>Reads the next frame and judges it by RFC 6455 §5: final, unmasked, without reserved bits, its length in the shortest
    /// form.</summary>
    /// <returns>Null at the end of the stream.</returns>
    public static async Task<ServerFrame?> ReadAsync(Stream stream)
    {
        byte[] head = new byte[10];
        if (await stream.ReadAtLeastAsync(head.AsMemory(0, 1), 1, throwOnEndOfStream: false) == 0)
        {
            return null;
        }

        await EnsureWholeAsync(stream, head.AsMemory(1, 1));
        int opcode = head[0] & 0x0F;
        Check((head[0] & 0x80) != 0, "fragmented what it should have sent whole");
        Check((head[0] & 0x70) == 0, "set reserved bits");
        Check(opcode is 1 or 2 or 8 or 9 or 10, $"sent opcode {opcode}");
        Check((head[1] & 0x80) == 0, "masked a frame");
        long length = head[1];
        if (length == 126)
        {
            await EnsureWholeAsync(stream, head.AsMemory(2, 2));
            length = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2));
            Check(length > 125, "did not write a length in its shortest form");
        }
        else if (length == 127)
        {
            await EnsureWholeAsync(stream, head.AsMemory(2, 8));
            length = BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(2));
            Check(length is > 0xFFFF and <= MaxPayload, $"wrote a length of {length} in eight bytes");
        }

        Check(opcode < 8 || length <= 125, "sent a control frame above 125 bytes");
        byte[] payload = new byte[length];
        await EnsureWholeAsync(stream, payload);
        if (opcode == 8 && length > 0)
        {
            Check(length > 1, "sent a close of one byte");
            CheckReason(payload);
        }

        return new ServerFrame((WebSocketOpcode)opcode, payload);
    }

    public override string ToString() => Opcode == WebSocketOpcode.Close
        ? $"a close with {CloseCode}"
        : $"{Opcode} of {Payload.Length} bytes";

    private static async Task EnsureWholeAsync(Stream stream, Memory<byte> part)
    {
        int read = await stream.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false);
        Check(read == part.Length, "ended the stream within a frame");
    }

    private static void CheckReason(byte[] payload)
    {
        try
        {
            StrictUtf8.GetCharCount(payload, 2, payload.Length - 2);
        }
        catch (DecoderFallbackException)
        {
            Check(condition: false, "gave a reason that is not UTF-8");
        }
    }

    private static void Check(bool condition, string what)
    {
        if (!condition)
        {
            throw new FailedException($"The server {what}.");
        }
    }
}
