using System.Globalization;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>The hex blocks of protocol-spec.md, read out of the document and held against the library, field by field and byte by
/// byte.</summary>
public class SpecExamplesTests
{
    /// <summary>Every block of the document with the type of its frame; the preface is no frame.</summary>
    private static readonly Dictionary<string, FrameType?> Known = new(StringComparer.Ordinal)
    {
        ["preface"] = null,
        ["hello"] = FrameType.Hello,
        ["hello-resume"] = FrameType.Hello,
        ["welcome"] = FrameType.Welcome,
        ["close"] = FrameType.Close,
        ["error"] = FrameType.Error,
        ["goaway"] = FrameType.GoAway,
        ["ping"] = FrameType.Ping,
        ["pong"] = FrameType.Pong,
        ["join"] = FrameType.Join,
        ["joined"] = FrameType.Joined,
        ["leave"] = FrameType.Leave,
        ["left"] = FrameType.Left,
        ["presence-change"] = FrameType.Presence,
        ["presence-snapshot"] = FrameType.Presence,
        ["send-event"] = FrameType.SendEvent,
        ["event"] = FrameType.Event,
        ["transform-update"] = FrameType.TransformUpdate,
        ["transform-batch"] = FrameType.TransformBatch,
        ["transform-batch-reset"] = FrameType.TransformBatch,
    };

    public static TheoryData<string> FrameNames => new(SpecDocument.Frames.Select(example => example.Name));

    [Fact]
    public void Document_has_the_blocks_that_this_test_knows_and_no_others()
    {
        Assert.Equal(Known.Keys.Order(StringComparer.Ordinal), SpecDocument.Examples.Select(example => example.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_frame_type_but_Nop_and_ChangeRoom_has_an_example()
    {
        IEnumerable<FrameType> shown = Known.Values.OfType<FrameType>().Append(FrameType.Nop).Append(FrameType.ChangeRoom);
        Assert.Equal(Enum.GetValues<FrameType>().Order(), shown.Distinct().Order());
    }

    [Fact]
    public void Preface_block_is_the_preface()
    {
        Assert.Equal(ConnectionPreface.Bytes.ToArray(), SpecDocument.Example("preface").Bytes);
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Example_decodes_to_the_fields_that_its_comments_state(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(example.Bytes, 16_384, out FrameHeader header));
        Assert.Equal(example.Bytes.Length, FrameHeader.Size + header.BodyLength);
        Assert.Equal(Known[name], header.Type);
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"bodyLength = {header.BodyLength}, type = 0x{(byte)header.Type:X2} {header.Type}"),
            example.Fields[0]);

        DecodedMessage message = Decode(example, header.Type);
        Assert.Equal(ReadStatus.Ok, message.Status);
        Assert.Equal(example.Fields.Skip(1), message.Fields);
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Example_written_again_is_the_same_bytes(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        Assert.Equal(Convert.ToHexString(example.Bytes), Convert.ToHexString(Decode(example, FrameHeader.Read(example.Bytes).Type).Encoded));
    }

    [Fact]
    public void Joined_example_is_the_default_space()
    {
        Assert.Equal(ReadStatus.Ok, Messages.Joined.TryRead(SpecDocument.Example("joined").Bytes.AsSpan(FrameHeader.Size), out Messages.Joined joined));
        RoomSpace space = Assert.IsType<RoomSpace>(joined.Space);
        RoomSpace expected = RoomSpace.Default;
        Assert.Equal(
            (expected.MinX, expected.MinY, expected.MinZ, expected.Precision, expected.StepsX, expected.StepsY, expected.StepsZ),
            (space.MinX, space.MinY, space.MinZ, space.Precision, space.StepsX, space.StepsY, space.StepsZ));
        Assert.Equal((17, 17, 17), (space.BitsX, space.BitsY, space.BitsZ));
    }

    [Fact]
    public void Transform_update_example_is_where_its_remark_says()
    {
        ReadOnlySpan<byte> body = SpecDocument.Example("transform-update").Bytes.AsSpan(FrameHeader.Size);
        Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead(body, RoomSpace.Default, out TransformUpdate update));
        Assert.True(update.TryReadEntry(out TransformUpdateEntry entry));
        Transform transform = RoomSpace.Default.Unpack(entry.Value);
        Assert.Equal(1.5, transform.X, 1e-9);
        Assert.Equal(0, transform.Y, 1e-9);
        Assert.Equal(-2.25, transform.Z, 1e-9);
        Assert.InRange(Rotations.AngleDegrees((0, 0.5f, 0, 0.8660254f), transform), 0, 0.28);
        Assert.Equal(PackStatus.Ok, RoomSpace.Default.TryPack(new Transform(1.5, 0, -2.25, 0, 0.5f, 0, 0.8660254f), out PackedTransform packed));
        Assert.Equal(packed, entry.Value);
    }

    private static DecodedMessage Decode(SpecExample example, FrameType type) =>
        DecodedMessage.Read(type, example.Bytes.AsSpan(FrameHeader.Size), RoomSpace.Default)!;
}
