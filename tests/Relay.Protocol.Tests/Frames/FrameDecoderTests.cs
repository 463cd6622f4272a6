using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>Finding frames in a stream (§3), with every example of the document at every split.</summary>
public class FrameDecoderTests
{
    private const int Limit = 16_384;

    public static TheoryData<string> FrameNames => new(SpecDocument.Frames.Select(example => example.Name));

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Frame_cut_at_any_byte_needs_more(string name)
    {
        byte[] frame = SpecDocument.Example(name).Bytes;
        for (int cut = 0; cut < frame.Length; cut++)
        {
            // Right-sized: an exact copy, so that reading past the end is caught by the array's bounds.
            Assert.Equal(FrameStatus.NeedMore, FrameDecoder.Find(frame.AsSpan(0, cut).ToArray(), Limit, out FrameHeader header));
            Assert.Equal(cut < FrameHeader.Size ? 0 : frame.Length - FrameHeader.Size, header.BodyLength);
        }

        Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(frame, Limit, out _));
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Frame_delivered_in_two_pieces_reads_the_same(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        for (int cut = 0; cut <= example.Bytes.Length; cut++)
        {
            AssertReadsAs(example, Deliver([example.Bytes[..cut], example.Bytes[cut..]]));
        }
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Frame_delivered_byte_by_byte_reads_the_same(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        AssertReadsAs(example, Deliver(example.Bytes.Select(b => new[] { b })));
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Frame_among_guard_bytes_reads_the_same(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        foreach (byte guard in new byte[] { 0x00, 0x01, 0x7F, 0x80, 0xFF })
        {
            byte[] oversized = new byte[example.Bytes.Length + 64];
            oversized.AsSpan().Fill(guard);
            example.Bytes.CopyTo(oversized, 32);
            ReadOnlySpan<byte> input = oversized.AsSpan(32);
            Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(input, Limit, out FrameHeader header));
            AssertReadsAs(example, [(header.Type, input.Slice(FrameHeader.Size, header.BodyLength).ToArray())]);

            // The body as a window on the larger buffer: what stands behind it must not leak into the last fields.
            DecodedMessage message = DecodedMessage.Read(header.Type, input.Slice(FrameHeader.Size, header.BodyLength), RoomSpace.Default)!;
            Assert.Equal(example.Fields.Skip(1), message.Fields);
        }
    }

    [Fact]
    public void Whole_session_in_one_segment_gives_every_frame_in_order()
    {
        SpecExample[] session = SpecDocument.Frames.ToArray();
        List<(FrameType Type, byte[] Body)> frames = Deliver([session.SelectMany(example => example.Bytes).ToArray()]);
        Assert.Equal(session.Length, frames.Count);
        for (int i = 0; i < session.Length; i++)
        {
            AssertReadsAs(session[i], [frames[i]]);
        }
    }

    [Fact]
    public void Whole_session_byte_by_byte_gives_every_frame_in_order()
    {
        SpecExample[] session = SpecDocument.Frames.ToArray();
        List<(FrameType Type, byte[] Body)> frames = Deliver(session.SelectMany(example => example.Bytes).Select(b => new[] { b }));
        Assert.Equal(session.Select(example => FrameHeader.Read(example.Bytes).Type), frames.Select(frame => frame.Type));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_384)]
    [InlineData(FrameHeader.MaxBodyLength - 1)]
    public void Length_at_the_limit_is_allowed_and_one_more_is_refused(int limit)
    {
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader(FrameType.Ping, limit).Write(header);
        Assert.Equal(limit == 0 ? FrameStatus.Complete : FrameStatus.NeedMore, FrameDecoder.Find(header, limit, out _));
        new FrameHeader(FrameType.Ping, limit + 1).Write(header);
        Assert.Equal(FrameStatus.TooLarge, FrameDecoder.Find(header, limit, out FrameHeader read));
        Assert.Equal(limit + 1, read.BodyLength);
    }

    [Fact]
    public void Header_round_trips_for_every_type()
    {
        byte[] bytes = new byte[FrameHeader.Size];
        for (int type = 0; type <= byte.MaxValue; type++)
        {
            foreach (int length in new[] { 0, 1, 255, 256, 65_535, 65_536, FrameHeader.MaxBodyLength })
            {
                new FrameHeader((FrameType)type, length).Write(bytes);
                FrameHeader header = FrameHeader.Read(bytes);
                Assert.Equal(((FrameType)type, length, type >= 0x80), (header.Type, header.BodyLength, header.IsOptional));
            }
        }
    }

    private static List<(FrameType Type, byte[] Body)> Deliver(IEnumerable<byte[]> segments)
    {
        var frames = new List<(FrameType Type, byte[] Body)>();
        byte[] pending = [];
        foreach (byte[] segment in segments)
        {
            pending = [.. pending, .. segment];
            while (FrameDecoder.Find(pending, Limit, out FrameHeader header) == FrameStatus.Complete)
            {
                int size = FrameHeader.Size + header.BodyLength;
                frames.Add((header.Type, pending[FrameHeader.Size..size]));
                pending = pending[size..];
            }
        }

        Assert.Empty(pending);
        return frames;
    }

    private static void AssertReadsAs(SpecExample example, List<(FrameType Type, byte[] Body)> frames)
    {
        (FrameType type, byte[] body) = Assert.Single(frames);
        DecodedMessage message = DecodedMessage.Read(type, body, RoomSpace.Default)!;
        Assert.Equal(ReadStatus.Ok, message.Status);
        Assert.Equal(example.Fields.Skip(1), message.Fields);
    }
}
