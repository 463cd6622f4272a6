using Relay.Load.Wire;
using Relay.Protocol.WebSockets;

namespace Relay.Load.Tests;

public sealed class WebSocketUnwrapperTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Unwrap_gives_the_plain_stream_however_it_arrives(int step)
    {
        byte[] plain = [.. Enumerable.Range(0, 700).Select(i => (byte)i)];
        byte[] wire = [.. Frame(0x82, plain.AsSpan(0, 5)), .. Frame(0x02, plain.AsSpan(5, 300)), .. Frame(0x80, plain.AsSpan(305, 395))];
        var unwrapper = new WebSocketUnwrapper();
        byte[] buffer = new byte[2048];
        var got = new List<byte>();
        int filled = 0;
        for (int at = 0; at < wire.Length; at += step)
        {
            int part = Math.Min(step, wire.Length - at);
            wire.AsSpan(at, part).CopyTo(buffer.AsSpan(filled));
            Assert.Null(unwrapper.Unwrap(buffer, filled + part, out int whole, out filled));
            got.AddRange(buffer.AsSpan(0, whole));
            buffer.AsSpan(whole, filled - whole).CopyTo(buffer);
            filled -= whole;
            unwrapper.Discarded(whole);
        }

        Assert.Equal(plain, got);
        Assert.Equal(0, filled);
    }

    [Theory]
    [InlineData(0x81)]
    [InlineData(0xC2)]
    [InlineData(0x88)]
    public void Unwrap_refuses_text_reserved_bits_and_close(byte first) =>
        Assert.NotNull(new WebSocketUnwrapper().Unwrap([first, 0, 0, 0], 2, out _, out _));

    private static byte[] Frame(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] header = new byte[WebSocketFrameHeader.MaxSize];
        int size = WebSocketFrameHeader.WriteServerHeader(header, WebSocketOpcode.Binary, payload.Length);
        header[0] = first;
        return [.. header.AsSpan(0, size), .. payload];
    }
}
