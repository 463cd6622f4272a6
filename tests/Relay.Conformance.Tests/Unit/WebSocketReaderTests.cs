using System.Buffers;
using Relay.Conformance.Tests.Kit;
using Relay.Core.Transport.WebSockets;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Unit;

/// <summary>What the reader does that is seen better without a socket: where exactly it stops, and what it allocates.</summary>
public sealed class WebSocketReaderTests
{
    private static readonly byte[] Word = Payload.Utf8("añ→𝄞z");

    private readonly SharedBufferPool _pool = new();

    [Fact]
    public void Text_isRefusedOnItsHeader_unlessItIsAccepted()
    {
        using var reader = new WebSocketReader(1024, 16, _pool);
        var input = new ReadOnlySequence<byte>(Wire.Head((int)WebSocketOpcode.Text, 5));
        Assert.Equal(WebSocketRead.Fault, reader.Read(ref input));
        Assert.Equal(CloseCode.UnsupportedData, reader.Fault!.Code);
    }

    [Fact]
    public void Kind_isThatOfTheMessage_notOfItsLastFrame()
    {
        using WebSocketReader reader = Accepting();
        byte[] ping = Wire.Frame(WebSocketOpcode.Ping, "?"u8);
        byte[] bytes =
        [
            .. Wire.Frame(WebSocketOpcode.Text, Word.AsSpan(0, 2), final: false), .. ping,
                .. Wire.Frame(WebSocketOpcode.Continuation, Word.AsSpan(2)),
            .. Wire.Frame(WebSocketOpcode.Binary, [0xFF], final: false), .. ping, .. Wire.Frame(WebSocketOpcode.Continuation, [0xFE]),
        ];
        var input = new ReadOnlySequence<byte>(bytes);
        foreach ((WebSocketOpcode kind, byte[] message) in new[] { (WebSocketOpcode.Text, Word), (WebSocketOpcode.Binary, [0xFF, 0xFE]) })
        {
            Assert.Equal(WebSocketRead.Fragment, reader.Read(ref input));
            Assert.Equal(WebSocketRead.Ping, reader.Read(ref input));
            Assert.Equal("?"u8, reader.Message);
            Assert.Equal(WebSocketRead.Message, reader.Read(ref input));
            Assert.Equal(kind, reader.Kind);
            Assert.Equal(message, reader.Message);
            reader.Done();
        }

        Assert.True(input.IsEmpty);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(4096)]
    public void Text_thatComesByteByByte_isTakenWhole(int segment)
    {
        byte[] text = Payload.Of(WebSocketOpcode.Text, 3000);
        byte[] frame = Wire.Frame(WebSocketOpcode.Text, text);
        using WebSocketReader reader = Accepting();
        for (int length = 1; length < frame.Length; length++)
        {
            ReadOnlySequence<byte> part = Segments.Of(frame.AsMemory(0, length), segment);
            Assert.Equal(WebSocketRead.NeedMore, reader.Read(ref part));
            Assert.Equal(length, part.Length);
        }

        ReadOnlySequence<byte> input = Segments.Of(frame, segment);
        Assert.Equal(WebSocketRead.Message, reader.Read(ref input));
        Assert.Equal(text, reader.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(4096)]
    public void Text_fails_onTheByteThatBetraysIt(int segment)
    {
        byte[] frame = Wire.Frame(WebSocketOpcode.Text, [.. Word, 0xED, 0xA0, 0x80, .. Word]);
        int telling = frame.Length - Word.Length - 1;
        using WebSocketReader reader = Accepting();
        for (int length = 1; length < telling; length++)
        {
            ReadOnlySequence<byte> part = Segments.Of(frame.AsMemory(0, length), segment);
            Assert.Equal(WebSocketRead.NeedMore, reader.Read(ref part));
        }

        ReadOnlySequence<byte> input = Segments.Of(frame.AsMemory(0, telling), segment);
        Assert.Equal(WebSocketRead.Fault, reader.Read(ref input));
        Assert.Equal(CloseCode.InvalidPayload, reader.Fault!.Code);
    }

    [Fact]
    public void Text_thatEndsWithinACodePoint_fails_onlyInItsLastFrame()
    {
        using WebSocketReader reader = Accepting();
        byte[] bytes = [.. Wire.Frame(WebSocketOpcode.Text, Word.AsSpan(0, 2), final: false), .. Wire.Frame(WebSocketOpcode.Continuation)];
        var input = new ReadOnlySequence<byte>(bytes);
        Assert.Equal(WebSocketRead.Fragment, reader.Read(ref input));
        Assert.Equal(WebSocketRead.Fault, reader.Read(ref input));
        Assert.Equal(CloseCode.InvalidPayload, reader.Fault!.Code);
    }

    [Fact]
    public void Binary_isNotLookedAt_whileItComes()
    {
        byte[] frame = Wire.Frame(WebSocketOpcode.Binary, [0xFF, 0xFE, 0xFD]);
        using WebSocketReader reader = Accepting();
        var part = new ReadOnlySequence<byte>(frame[..^1]);
        Assert.Equal(WebSocketRead.NeedMore, reader.Read(ref part));
        var input = new ReadOnlySequence<byte>(frame);
        Assert.Equal(WebSocketRead.Message, reader.Read(ref input));
    }

    [Fact]
    public void ControlFrames_allocateOnlyForTheFirstPing()
    {
        byte[] pong = Wire.Frame(WebSocketOpcode.Pong, "!"u8), ping = Wire.Frame(WebSocketOpcode.Ping, "?"u8);
        using WebSocketReader warm = Accepting(), reader = Accepting();
        Allocated(warm, pong);
        Allocated(warm, ping);
        Assert.Equal(0, Allocated(reader, pong));
        Assert.InRange(Allocated(reader, ping), WebSocketFrameHeader.MaxControlPayload, 2 * WebSocketFrameHeader.MaxControlPayload);
        Assert.Equal(0, Allocated(reader, ping));
    }

    [Theory]
    [InlineData(WebSocketOpcode.Text)]
    [InlineData(WebSocketOpcode.Binary)]
    [InlineData(WebSocketOpcode.Pong)]
    public void Buffer_isSealedAsAnyKindOfFrame(WebSocketOpcode opcode)
    {
        SharedBuffer buffer = _pool.Rent(3);
        "abc"u8.CopyTo(buffer.Writable);
        buffer.Seal(3, opcode);
        byte[] message = [(byte)(0x80 | (byte)opcode), 3, .. "abc"u8];
        Assert.Equal(message, buffer.WebSocketMessage);
        Assert.Equal("abc"u8, buffer.Frames);
        buffer.Release();
    }

    private WebSocketReader Accepting() => new(1 << 20, 64, _pool, acceptText: true);

    private static long Allocated(WebSocketReader reader, byte[] frame)
    {
        var input = new ReadOnlySequence<byte>(frame);
        long before = GC.GetAllocatedBytesForCurrentThread();
        reader.Read(ref input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
