using Relay.Protocol.WebSockets;

namespace Relay.Protocol.Tests;

/// <summary>WebSocket frame headers (RFC 6455 §5.2), written and read back at every split.</summary>
public class WebSocketFrameHeaderTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(125, 2)]
    [InlineData(126, 4)]
    [InlineData(65_535, 4)]
    [InlineData(65_536, 10)]
    [InlineData(int.MaxValue, 10)]
    public void Server_header_round_trips_at_every_length_form(int length, int size)
    {
        byte[] bytes = new byte[WebSocketFrameHeader.MaxSize];
        Assert.Equal(size, WebSocketFrameHeader.ServerHeaderSize(length));
        Assert.Equal(size, WebSocketFrameHeader.WriteServerHeader(bytes, WebSocketOpcode.Binary, length));
        for (int cut = 0; cut < size; cut++)
        {
            Assert.Equal(WebSocketHeaderStatus.NeedMore, WebSocketFrameHeader.TryRead(bytes.AsSpan(0, cut), out _));
        }

        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead(bytes.AsSpan(0, size), out WebSocketFrameHeader header));
        Assert.Equal(
            (true, WebSocketOpcode.Binary, false, 0u, (long)length, size),
            (header.IsFinal, header.Opcode, header.IsMasked, header.Mask, header.PayloadLength, header.Size));
    }

    [Theory]
    [InlineData(0, 6)]
    [InlineData(125, 6)]
    [InlineData(126, 8)]
    [InlineData(65_536, 14)]
    public void Client_header_round_trips_at_every_length_form(int length, int size)
    {
        byte[] bytes = new byte[WebSocketFrameHeader.MaxSize];
        Assert.Equal(size, WebSocketFrameHeader.WriteClientHeader(bytes, WebSocketOpcode.Binary, length, 0xA1B2C3D4));
        for (int cut = 0; cut < size; cut++)
        {
            Assert.Equal(WebSocketHeaderStatus.NeedMore, WebSocketFrameHeader.TryRead(bytes.AsSpan(0, cut), out _));
        }

        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead(bytes.AsSpan(0, size), out WebSocketFrameHeader header));
        Assert.Equal((true, 0xA1B2C3D4u, (long)length, size), (header.IsMasked, header.Mask, header.PayloadLength, header.Size));
    }

    [Fact]
    public void Fragments_of_a_message_are_allowed()
    {
        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead([0x02, 0x05], out WebSocketFrameHeader first));
        Assert.Equal((false, WebSocketOpcode.Binary), (first.IsFinal, first.Opcode));
        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead([0x80, 0x05], out WebSocketFrameHeader last));
        Assert.Equal((true, WebSocketOpcode.Continuation), (last.IsFinal, last.Opcode));
    }

    [Fact]
    public void Masked_hello_of_RFC_6455_reads_as_hello()
    {
        // RFC 6455 §5.7: a single-frame masked text message that contains "Hello".
        byte[] frame = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58];
        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead(frame, out WebSocketFrameHeader header));
        byte[] payload = new byte[header.PayloadLength];
        WebSocketMask.Apply(frame.AsSpan(header.Size), payload, header.Mask);
        Assert.Equal("Hello"u8.ToArray(), payload);
    }
}
