using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Tests;

/// <summary>The fields that bodies are made of (§3.3).</summary>
public class PrimitivesTests
{
    [Fact]
    public void Varint_round_trips_in_its_shortest_form() => Properties.ForAll(
        Properties.UInt64,
        value =>
        {
            var writer = new FrameWriter(new byte[10]);
            writer.WriteVarint(value);
            int bits = 64 - System.Numerics.BitOperations.LeadingZeroCount(value | 1);
            Assert.Equal((bits + 6) / 7, writer.Written);
            var reader = new BodyReader(writer.WrittenSpan);
            Assert.Equal(value, reader.ReadVarint());
            Assert.Equal(ReadStatus.Ok, reader.Finish());
            var narrow = new BodyReader(writer.WrittenSpan);
            Assert.Equal(value <= uint.MaxValue ? (uint)value : 0, narrow.ReadVarint32());
            Assert.Equal(value <= uint.MaxValue ? ReadStatus.Ok : ReadStatus.BadInteger, narrow.Status);
        },
        2_000);

    [Theory]
    [InlineData(new byte[] { 0x80, 0x00 })]
    [InlineData(new byte[] { 0xFF, 0x80, 0x00 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })]
    public void Varint_that_is_longer_than_it_need_be_or_may_be_is_refused(byte[] bytes)
    {
        var reader = new BodyReader(bytes);
        Assert.Equal(0UL, reader.ReadVarint());
        Assert.Equal(ReadStatus.BadInteger, reader.Status);
    }

    [Fact]
    public void Varint_cut_anywhere_is_truncated()
    {
        byte[] longest = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
        for (int length = 0; length < longest.Length; length++)
        {
            var reader = new BodyReader(longest.AsSpan(0, length));
            reader.ReadVarint();
            Assert.Equal(ReadStatus.Truncated, reader.Finish());
        }
    }

    [Fact]
    public void First_failure_sticks_and_later_reads_give_nothing()
    {
        var reader = new BodyReader([0x80, 0x00, 0x05, 0x41, 0x42, 0x43, 0x44, 0x45]);
        reader.ReadVarint();
        Assert.Equal(0, reader.ReadByte());
        Assert.Equal(0UL, reader.ReadUInt64());
        Assert.Equal(0, reader.ReadCount(1));
        Assert.True(reader.ReadBytes8().IsEmpty);
        Assert.True(reader.TakeRest().IsEmpty);
        Assert.Equal(0, reader.Remaining);
        reader.Fail(ReadStatus.BadText);
        Assert.Equal(ReadStatus.BadInteger, reader.Finish());
    }

    [Fact]
    public void Writer_without_room_overflows_for_good_and_does_not_throw()
    {
        for (int room = 0; room < 40; room++)
        {
            var writer = new FrameWriter(new byte[room]);
            writer.BeginFrame();
            writer.WriteByte(1);
            writer.WriteUInt16(2);
            writer.WriteUInt32(3);
            writer.WriteUInt64(4);
            writer.WriteDouble(5);
            writer.WriteVarint(300);
            writer.WriteBytes8("ab"u8);
            writer.WriteBytes16("cd"u8);
            writer.WriteString8("é");
            writer.EndFrame(FrameType.Nop);
            Assert.Equal(room < 39, writer.Overflowed);
            Assert.InRange(writer.Written, 0, room);
        }
    }

    [Fact]
    public void Bytes_that_are_longer_than_their_length_field_overflow()
    {
        var first = new FrameWriter(new byte[100_000]);
        first.WriteBytes8(new byte[256]);
        Assert.True(first.Overflowed);
        var second = new FrameWriter(new byte[100_000]);
        second.WriteBytes16(new byte[65_536]);
        Assert.True(second.Overflowed);
        var third = new FrameWriter(new byte[100_000]);
        third.WriteString8(new string('é', 128));
        Assert.True(third.Overflowed);
    }
}
