using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Relay.Protocol.WebSockets;

/// <summary>Masking and unmasking, RFC 6455 §5.3: byte i is combined with key byte i mod 4. The two are the same operation.</summary>
public static class WebSocketMask
{
    /// <summary>Applies a key while copying, a vector at a time.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="destination">At least as long; may be the same memory.</param>
    /// <param name="mask">The key, its first byte lowest.</param>
    /// <param name="offset">Where in the payload <paramref name="source"/> begins: the key is turned by it modulo 4.</param>
    public static void Apply(ReadOnlySpan<byte> source, Span<byte> destination, uint mask, long offset = 0)
    {
        int turn = (int)(offset & 3) * 8;
        if (turn != 0)
        {
            mask = (mask >> turn) | (mask << (32 - turn));
        }

        destination = destination[..source.Length];
        int i = 0;
        if (Vector.IsHardwareAccelerated && source.Length >= Vector<byte>.Count)
        {
            // Vectors are a multiple of four bytes long, so the key stays in step.
            Vector<byte> key = Vector.AsVectorByte(
                new Vector<uint>(BitConverter.IsLittleEndian ? mask : BinaryPrimitives.ReverseEndianness(mask)));
            for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                Vector<byte> part = MemoryMarshal.Read<Vector<byte>>(source[i..]) ^ key;
                Unsafe.WriteUnaligned(ref destination[i], part);
            }
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (byte)(source[i] ^ (byte)(mask >> ((i & 3) * 8)));
        }
    }
}
