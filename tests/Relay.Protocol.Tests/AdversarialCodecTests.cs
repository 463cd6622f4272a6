using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;
using Relay.Protocol.WebSockets;

namespace Relay.Protocol.Tests;

/// <summary>What a hostile peer sends, as far as the codec has to answer it. The numbers are those of the list of adversarial
/// cases.</summary>
public class AdversarialCodecTests
{
    private static readonly RoomSpace Space = RoomSpace.Default;

    [Fact]
    public void Case01_length_of_24_ones_is_refused_on_the_header_alone_without_allocating()
    {
        byte[] header = [0xFF, 0xFF, 0xFF, 0x01];
        FrameDecoder.Find(header, 16_384, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        FrameStatus status = FrameDecoder.Find(header, 16_384, out FrameHeader read);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(FrameStatus.TooLarge, status);
        Assert.Equal((FrameType.Hello, 0xFF_FFFF), (read.Type, read.BodyLength));
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Case02_no_header_has_a_negative_length_or_a_size_that_wraps()
    {
        foreach (uint word in new[] { 0xFFFF_FFFFu, 0x8000_0001u, 0x80FF_FFFFu, 0x7FFF_FFFFu, 0xFF80_0000u })
        {
            FrameHeader header = FrameHeader.Read(BitConverter.GetBytes(word));
            Assert.InRange(header.BodyLength, 0, FrameHeader.MaxBodyLength);
            Assert.InRange(FrameHeader.Size + header.BodyLength, FrameHeader.Size, int.MaxValue);
            Assert.NotEqual(FrameStatus.Complete, FrameDecoder.Find(BitConverter.GetBytes(word), FrameHeader.MaxBodyLength, out _));
        }
    }

    [Fact]
    public void Case02_lengths_inside_a_body_that_pass_its_end_are_refused()
    {
        Assert.Equal(ReadStatus.Truncated, Hello.TryRead([1, 1, 0, 0xFF, 0xFF], out _));
        Assert.Equal(ReadStatus.BadInteger, Leave.TryRead([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], out _));
        Assert.Equal(ReadStatus.Ok, Leave.TryRead([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], out Leave leave));
        Assert.Equal(ulong.MaxValue, leave.Sequence);
        Assert.Equal(ReadStatus.BadInteger, Leave.TryRead([0x81, 0x00], out _));
        Assert.Equal(ReadStatus.BadInteger, Leave.TryRead([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00], out _));
    }

    [Fact]
    public void Case04_frame_without_a_body_is_complete_and_moves_the_stream_on()
    {
        byte[] stream = new byte[40];
        int frames = 0;
        for (ReadOnlySpan<byte> rest = stream; FrameDecoder.Find(rest, 16_384, out FrameHeader header) == FrameStatus.Complete; frames++)
        {
            Assert.Equal((FrameType.Nop, 0), (header.Type, header.BodyLength));
            rest = rest[(FrameHeader.Size + header.BodyLength)..];
        }

        Assert.Equal(10, frames);
    }

    [Fact]
    public void Case04_empty_body_is_well_formed_for_Nop_alone()
    {
        foreach (FrameType type in Enum.GetValues<FrameType>())
        {
            ReadStatus status = DecodedMessage.Read(type, [], Space)!.Status;
            Assert.Equal(type == FrameType.Nop, status == ReadStatus.Ok);
        }
    }

    [Fact]
    public void Case05_unknown_type_is_framed_and_says_whether_it_may_be_skipped()
    {
        for (int type = 0; type <= byte.MaxValue; type++)
        {
            byte[] frame = [2, 0, 0, (byte)type, 0xAA, 0xBB];
            Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(frame, 16_384, out FrameHeader header));
            Assert.Equal(((FrameType)type, 2), (header.Type, header.BodyLength));
            Assert.Equal(type >= 0x80, header.IsOptional);
            Assert.False(type >= 0x80 && Enum.IsDefined(header.Type));
        }
    }

    [Fact]
    public void Case06_trailing_byte_is_refused_and_no_entry_is_seen_before()
    {
        byte[] body = [1, 3, 1, .. new byte[Space.RecordSize], 0];
        Assert.Equal(ReadStatus.TrailingBytes, TransformUpdate.TryRead(body, Space, out _));
    }

    [Fact]
    public void Case06_count_larger_than_the_body_is_refused()
    {
        Assert.Equal(ReadStatus.CountTooLarge, TransformUpdate.TryRead([2, 3, 1, .. new byte[Space.RecordSize]], Space, out _));
        Assert.Equal(ReadStatus.CountTooLarge, TransformBatch.TryRead([0, 0, 0, 0, 0, 0, 0, 3, 0, 0], Space, out _));
        Assert.Equal(ReadStatus.CountTooLarge, TransformBatch.TryRead([0, 0, 0, 0, 0, 0, 0, 0, 2, 0, .. new byte[Space.RecordSize]], Space, out _));
        Assert.Equal(ReadStatus.CountTooLarge, Presence.TryRead([0, 1, 2, 1, 1, 0, 0], out _));
        Assert.Equal(ReadStatus.CountTooLarge, State.TryRead([0, 1, 2, 1, 1, 1], out _));
        Assert.Equal(ReadStatus.CountTooLarge, CreateObject.TryRead([1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], out _));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(7, true)]
    [InlineData(8, false)]
    [InlineData(9, true)]
    [InlineData(11, true)]
    [InlineData(10, false)]
    [InlineData(13, false)]
    [InlineData(15, false)]
    [InlineData(17, false)]
    [InlineData(0x81, false)]
    public void Case06_presence_flags_without_a_meaning_are_refused(byte flags, bool allowed)
    {
        byte[] bracket = (flags & 1) != 0 ? new byte[9] : [];
        Assert.Equal(allowed ? ReadStatus.Ok : ReadStatus.BadValue, Presence.TryRead([flags, 1, .. bracket, 0], out _));
    }

    [Fact]
    public void Case06_state_flags_without_a_meaning_are_refused()
    {
        for (int flags = 0; flags <= byte.MaxValue; flags++)
        {
            byte[] bracket = flags != 0 ? new byte[9] : [];
            ReadStatus status = State.TryRead([(byte)flags, 1, .. bracket, 0], out _);
            Assert.Equal(flags is 0 or 1 or 5 ? ReadStatus.Ok : ReadStatus.BadValue, status);
        }
    }

    [Fact]
    public void Case06_second_entry_that_is_cut_refuses_the_first_too()
    {
        // Two entries are promised and the bytes would do, but the first has an extension that eats into the second.
        byte[] extended = [1, .. new byte[Space.RecordSize - 1]];
        byte[] body = [2, 3, 1, .. extended, 6, .. new byte[10], 4, 1, .. new byte[Space.RecordSize - 1]];
        Assert.Equal(ReadStatus.Truncated, TransformUpdate.TryRead(body, Space, out _));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.Epsilon)]
    [InlineData(-float.Epsilon)]
    [InlineData(1e38f)]
    [InlineData(-1e38f)]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(0.00009f)]
    [InlineData(10_001f)]
    public void Case07_scale_that_is_no_usable_number_is_well_formed_but_not_valid(float scale)
    {
        byte[] extended = [1, .. new byte[Space.RecordSize - 1]];
        byte[] body = [1, 3, 1, .. extended, (byte)TransformFlags.Scale, .. BitConverter.GetBytes(scale)];

        // One bad entry must not refuse the others, so it is the entry that says so, not the frame.
        Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead(body, Space, out TransformUpdate update));
        Assert.True(update.TryReadEntry(out TransformUpdateEntry entry));
        Assert.False(entry.Extension.IsValid);
    }

    [Theory]
    [InlineData(0.0001f)]
    [InlineData(1f)]
    [InlineData(10_000f)]
    public void Case07_scale_within_its_range_is_valid(float scale)
    {
        Assert.True(new TransformExtension { Flags = TransformFlags.Scale, Scale = scale }.IsValid);
    }

    [Fact]
    public void Case07_scale_that_is_not_flagged_is_not_looked_at()
    {
        Assert.True(new TransformExtension { Flags = TransformFlags.Velocity, Scale = float.NaN }.IsValid);
    }

    [Theory]
    [InlineData(99_999u, true)]
    [InlineData(100_000u, false)]
    [InlineData(131_071u, false)]
    public void Case07_steps_outside_the_room_are_told(uint q, bool inside)
    {
        // 100,000 steps leave patterns of the seventeen bits unused: those are out of bounds.
        Assert.Null(RoomSpace.TryCreate(0, 0, 0, 0.001, 100_000, 100_000, 100_000, out RoomSpace? space));
        Assert.Equal(17, space!.BitsX);
        Assert.Equal(inside, space.Contains(space.Pack(q, 0, 0, 0)));
        Assert.Equal(inside, space.Contains(space.Pack(0, q, 0, 0)));
        Assert.Equal(inside, space.Contains(space.Pack(0, 0, q, 0)));
        Assert.True(space.Contains(space.Pack(99_999, 99_999, 99_999, uint.MaxValue).WithPrefix(15, true)));
    }

    [Theory]
    [InlineData(1_000_000_000UL)]
    [InlineData(uint.MaxValue)]
    [InlineData(ulong.MaxValue)]
    public void Case08_count_of_a_thousand_million_is_refused_without_allocating(ulong count)
    {
        var writer = new FrameWriter(new byte[16]);
        writer.WriteVarint(count);
        byte[] varint = writer.WrittenSpan.ToArray();
        byte[] update = [.. varint, .. new byte[2_000]];
        byte[] removals = [0, 0, 0, 0, 0, 0, 0, .. varint, .. new byte[2_000]];
        byte[] entries = [0, 0, 0, 0, 0, 0, 0, 0, .. varint, .. new byte[2_000]];
        byte[] presence = [0, 1, .. varint, .. new byte[2_000]];
        byte[] state = [0, 1, .. varint, .. new byte[2_000]];
        byte[] attributes = [1, 0, 0, 0, 0, .. varint, .. new byte[2_000]];
        byte[] initialValue = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, .. varint, .. new byte[2_000]];
        byte[] value = [0, 1, 1, 2, 0, 0, 0, 0, 0, 1, 1, .. varint, .. new byte[2_000]];
        var statuses = new ReadStatus[8];
        ReadAll(statuses);
        Array.Clear(statuses);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ReadAll(statuses);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.All(statuses, status => Assert.Equal(ReadStatus.CountTooLarge, status));
        Assert.Equal(0, allocated);

        void ReadAll(ReadStatus[] into)
        {
            into[0] = TransformUpdate.TryRead(update, Space, out _);
            into[1] = TransformBatch.TryRead(removals, Space, out _);
            into[2] = TransformBatch.TryRead(entries, Space, out _);
            into[3] = Presence.TryRead(presence, out _);
            into[4] = State.TryRead(state, out _);
            into[5] = CreateObject.TryRead(attributes, out _);
            into[6] = CreateObject.TryRead(initialValue, out _);
            into[7] = State.TryRead(value, out _);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: example\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("\r\n")]
    public void Case12_text_protocol_on_raw_TCP_is_refused_at_its_first_byte(string text)
    {
        Assert.Equal(PrefaceStatus.Mismatch, ConnectionPreface.Check(Encoding.ASCII.GetBytes(text)));
        Assert.Equal(PrefaceStatus.Mismatch, ConnectionPreface.Check([(byte)text[0]]));
    }

    [Fact]
    public void Case12_TLS_ClientHello_on_raw_TCP_is_refused_at_its_first_byte()
    {
        byte[] clientHello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03];
        Assert.Equal(PrefaceStatus.Mismatch, ConnectionPreface.Check(clientHello));
        Assert.Equal(PrefaceStatus.Mismatch, ConnectionPreface.Check(clientHello.AsSpan(0, 1)));
    }

    [Fact]
    public void Case14_unmasked_frame_says_that_it_is_not_masked()
    {
        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead([0x82, 0x05], out WebSocketFrameHeader header));
        Assert.False(header.IsMasked);
        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead([0x82, 0x85, 1, 2, 3, 4], out header));
        Assert.True(header.IsMasked);
        Assert.Equal(0x0403_0201u, header.Mask);
    }

    [Fact]
    public void Case15_reserved_bits_and_opcodes_are_refused_on_the_first_byte()
    {
        for (int first = 0; first <= byte.MaxValue; first++)
        {
            int opcode = first & 0x0F;
            bool reserved = (first & 0x70) != 0 || opcode is (>= 3 and <= 7) or (>= 11 and <= 15);
            bool fragmentedControl = opcode >= 8 && first < 0x80;
            WebSocketHeaderStatus expected = reserved || fragmentedControl ? WebSocketHeaderStatus.ProtocolError : WebSocketHeaderStatus.NeedMore;
            Assert.Equal(expected, WebSocketFrameHeader.TryRead([(byte)first], out _));
        }
    }

    [Theory]
    [InlineData(WebSocketOpcode.Close)]
    [InlineData(WebSocketOpcode.Ping)]
    [InlineData(WebSocketOpcode.Pong)]
    public void Case17_control_frame_that_is_long_or_fragmented_is_refused(WebSocketOpcode opcode)
    {
        byte first = (byte)(0x80 | (byte)opcode);
        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead([first, 0x80 | 125, 0, 0, 0, 0], out WebSocketFrameHeader header));
        Assert.True(header.IsControl);
        Assert.Equal(125, header.PayloadLength);
        Assert.Equal(WebSocketHeaderStatus.ProtocolError, WebSocketFrameHeader.TryRead([first, 0x80 | 126], out _));
        Assert.Equal(WebSocketHeaderStatus.ProtocolError, WebSocketFrameHeader.TryRead([first, 0x80 | 127], out _));
        Assert.Equal(WebSocketHeaderStatus.ProtocolError, WebSocketFrameHeader.TryRead([(byte)opcode, 0x80], out _));
    }

    [Theory]
    [InlineData(126, new byte[] { 0x00, 0x00 })]
    [InlineData(126, new byte[] { 0x00, 0x7D })]
    [InlineData(127, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0x05 })]
    [InlineData(127, new byte[] { 0, 0, 0, 0, 0, 0, 0xFF, 0xFF })]
    [InlineData(127, new byte[] { 0x80, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(127, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    public void Case17_length_that_is_not_the_shortest_or_has_the_top_bit_is_refused(byte marker, byte[] length)
    {
        Assert.Equal(WebSocketHeaderStatus.ProtocolError, WebSocketFrameHeader.TryRead([0x82, (byte)(0x80 | marker), .. length], out _));
        Assert.Equal(WebSocketHeaderStatus.ProtocolError, WebSocketFrameHeader.TryRead([0x82, (byte)(0x80 | marker), .. length, 1, 2, 3, 4], out _));
    }

    [Fact]
    public void Case17_length_of_63_bits_is_told_before_the_mask_has_come()
    {
        byte[] input = [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        Assert.Equal(WebSocketHeaderStatus.NeedMore, WebSocketFrameHeader.TryRead(input, out WebSocketFrameHeader header));
        Assert.Equal(long.MaxValue, header.PayloadLength);
        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead([.. input, 1, 2, 3, 4], out header));
        Assert.Equal((long.MaxValue, 14), (header.PayloadLength, header.Size));
    }
}
