using Relay.Protocol.WebSockets;

namespace Relay.Protocol.Tests;

/// <summary>Masking (RFC 6455 §5.3) against the definition, a byte at a time.</summary>
public class WebSocketMaskTests
{
    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];
    private static readonly uint Mask = BitConverter.ToUInt32(Key);

    [Fact]
    public void Mask_agrees_with_the_definition_at_every_length_and_offset()
    {
        for (int length = 0; length <= 200; length++)
        {
            byte[] source = Payload(length);
            for (int offset = 0; offset < 4; offset++)
            {
                byte[] destination = new byte[length + 8];
                destination.AsSpan().Fill(0xEE);
                WebSocketMask.Apply(source, destination, Mask, offset);
                Assert.Equal(Naive(source, offset), destination[..length]);
                Assert.All(destination[length..], guard => Assert.Equal(0xEE, guard));
            }
        }
    }

    [Fact]
    public void Mask_in_place_agrees_with_the_definition()
    {
        for (int length = 0; length <= 200; length++)
        {
            for (int offset = 0; offset < 4; offset++)
            {
                byte[] bytes = Payload(length);
                byte[] expected = Naive(bytes, offset);
                WebSocketMask.Apply(bytes, bytes, Mask, offset);
                Assert.Equal(expected, bytes);
            }
        }
    }

    [Fact]
    public void Mask_applied_in_two_pieces_is_the_mask_of_the_whole()
    {
        byte[] whole = Payload(150);
        byte[] expected = Naive(whole, 0);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            byte[] pieces = (byte[])whole.Clone();
            WebSocketMask.Apply(pieces.AsSpan(0, cut), pieces.AsSpan(0, cut), Mask);
            WebSocketMask.Apply(pieces.AsSpan(cut), pieces.AsSpan(cut), Mask, cut);
            Assert.Equal(expected, pieces);
        }
    }

    [Fact]
    public void Offset_beyond_32_bits_counts_modulo_four()
    {
        byte[] bytes = Payload(50);
        byte[] expected = Naive(bytes, 3);
        WebSocketMask.Apply(bytes, bytes, Mask, (1L << 40) + 3);
        Assert.Equal(expected, bytes);
    }

    [Fact]
    public void Destination_that_is_too_short_throws_before_anything_is_written()
    {
        byte[] destination = new byte[9];
        Assert.Throws<ArgumentOutOfRangeException>(() => WebSocketMask.Apply(Payload(10), destination, Mask));
        Assert.All(destination, b => Assert.Equal(0, b));
    }

    private static byte[] Payload(int length) => Enumerable.Range(0, length).Select(i => (byte)((i * 7) + 1)).ToArray();

    private static byte[] Naive(byte[] source, int offset) => source.Select((b, i) => (byte)(b ^ Key[(i + offset) % 4])).ToArray();
}
