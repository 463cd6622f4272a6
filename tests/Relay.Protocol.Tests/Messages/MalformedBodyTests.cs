using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>Bodies that do not follow their grammar (§3.4) give a status, never an exception.</summary>
public class MalformedBodyTests
{
    public static TheoryData<string> FrameNames => new(SpecDocument.Frames.Select(example => example.Name));

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Body_cut_anywhere_is_refused(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        FrameType type = FrameHeader.Read(example.Bytes).Type;

        // A payload, a value or a place is the rest of the body: cutting into it makes it shorter, not the frame malformed.
        int payload = HasOpenEnd(type) ? example.Lines[^1].Bytes.Length : 0;
        byte[] body = example.Bytes[FrameHeader.Size..];
        for (int length = 0; length < body.Length; length++)
        {
            ReadStatus status = Read(type, body[..length]);
            if (length >= body.Length - payload)
            {
                Assert.Equal(ReadStatus.Ok, status);
            }
            else
            {
                Assert.Contains(status, new[] { ReadStatus.Truncated, ReadStatus.CountTooLarge });
            }
        }
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Body_with_a_byte_too_many_has_trailing_bytes(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        FrameType type = FrameHeader.Read(example.Bytes).Type;
        foreach (byte extra in new byte[] { 0x00, 0x01, 0x80, 0xFF })
        {
            ReadStatus status = Read(type, [.. example.Bytes[FrameHeader.Size..], extra]);
            Assert.Equal(HasOpenEnd(type) ? ReadStatus.Ok : ReadStatus.TrailingBytes, status);
        }
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Body_with_any_byte_replaced_gives_a_status(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        FrameType type = FrameHeader.Read(example.Bytes).Type;
        byte[] body = example.Bytes[FrameHeader.Size..];
        for (int i = 0; i < body.Length; i++)
        {
            foreach (byte value in new byte[] { 0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF })
            {
                byte[] changed = (byte[])body.Clone();
                changed[i] = value;
                Assert.True(Enum.IsDefined(Read(type, changed)));
            }
        }
    }

    [Theory]
    [InlineData("hello", "agent")]
    [InlineData("welcome", "name")]
    [InlineData("close", "text")]
    [InlineData("error", "text")]
    [InlineData("join", "room")]
    [InlineData("joined", "room")]
    [InlineData("joined", "name")]
    [InlineData("presence-change", "name")]
    [InlineData("create-object", "type")]
    [InlineData("create-object", "name")]
    [InlineData("create-object", "key")]
    [InlineData("update-object", "name")]
    [InlineData("clone-object", "name")]
    [InlineData("set-attribute", "key")]
    [InlineData("manage", "text")]
    [InlineData("state-change", "key")]
    [InlineData("state-snapshot", "type")]
    [InlineData("state-snapshot", "awaitedParent")]
    public void Text_that_is_not_UTF8_is_refused(string name, string field)
    {
        SpecExample example = SpecDocument.Example(name);
        SpecLine line = example.Lines.Last(candidate => candidate.Field.StartsWith(field + " =", StringComparison.Ordinal));
        int end = 0;
        foreach (SpecLine candidate in example.Lines)
        {
            end += candidate.Bytes.Length;
            if (ReferenceEquals(candidate, line))
            {
                break;
            }
        }

        // A lone continuation byte, a lead byte without its end, an overlong lead, a byte that UTF-8 never has.
        foreach (byte wrong in new byte[] { 0x80, 0xC3, 0xC0, 0xFF })
        {
            byte[] frame = (byte[])example.Bytes.Clone();
            frame[end - 1] = wrong;
            Assert.Equal(ReadStatus.BadText, Read(FrameHeader.Read(frame).Type, frame[FrameHeader.Size..]));
        }
    }

    [Fact]
    public void Nop_with_a_body_is_malformed()
    {
        Assert.Equal(ReadStatus.Ok, Read(FrameType.Nop, []));
        Assert.Equal(ReadStatus.TrailingBytes, Read(FrameType.Nop, [0]));
    }

    private static bool HasOpenEnd(FrameType type) =>
        type is FrameType.SendEvent or FrameType.Event or FrameType.CreateObject or FrameType.SetAttribute;

    private static ReadStatus Read(FrameType type, byte[] body) => DecodedMessage.Read(type, body, RoomSpace.Default)!.Status;
}
