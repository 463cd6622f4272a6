using System.Globalization;
using Relay.Protocol.Frames;
using Relay.Protocol.MessagePack;
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
        ["expiring"] = FrameType.Expiring,
        ["renew"] = FrameType.Renew,
        ["join"] = FrameType.Join,
        ["joined"] = FrameType.Joined,
        ["leave"] = FrameType.Leave,
        ["left"] = FrameType.Left,
        ["presence-change"] = FrameType.Presence,
        ["presence-snapshot"] = FrameType.Presence,
        ["presence-standing"] = FrameType.Presence,
        ["send-event"] = FrameType.SendEvent,
        ["send-event-nearby"] = FrameType.SendEvent,
        ["event"] = FrameType.Event,
        ["event-chat"] = FrameType.Event,
        ["transform-update"] = FrameType.TransformUpdate,
        ["transform-batch"] = FrameType.TransformBatch,
        ["transform-batch-reset"] = FrameType.TransformBatch,
        ["create-object"] = FrameType.CreateObject,
        ["update-object"] = FrameType.UpdateObject,
        ["clone-object"] = FrameType.CloneObject,
        ["remove-object"] = FrameType.RemoveObject,
        ["set-attribute"] = FrameType.SetAttribute,
        ["set-attribute-merge"] = FrameType.SetAttribute,
        ["claim"] = FrameType.Claim,
        ["manage"] = FrameType.Manage,
        ["done"] = FrameType.Done,
        ["state-change"] = FrameType.State,
        ["settings-change"] = FrameType.State,
        ["state-snapshot"] = FrameType.State,
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

    [Fact]
    public void Create_object_example_has_its_place_where_its_remark_says()
    {
        ReadOnlySpan<byte> body = SpecDocument.Example("create-object").Bytes.AsSpan(FrameHeader.Size);
        Assert.Equal(ReadStatus.Ok, Messages.CreateObject.TryRead(body, out Messages.CreateObject message));

        // A place is what an entry of TransformUpdate has after slot and generation.
        byte[] update = [1, 0, 0, .. message.Place];
        Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead(update, RoomSpace.Default, out TransformUpdate entries));
        Assert.True(entries.TryReadEntry(out TransformUpdateEntry entry));
        Assert.Equal((67_536u, 66_286u, 61_536u, 0xDFF7FDFFu), RoomSpace.Default.UnpackSteps(entry.Value));
        Assert.Equal(PackStatus.Ok, RoomSpace.Default.TryPack(new Transform(2, 0.75, -4, 0, 0, 0, 1), out PackedTransform packed));
        Assert.Equal(packed, entry.Value);
    }

    [Fact]
    public void Attribute_examples_hold_what_their_remarks_say()
    {
        var limits = new MessagePackLimits { MaxBytes = 4_096, MaxDepth = 16, MaxNodes = 1_024 };
        foreach (string name in new[] { "set-attribute", "set-attribute-merge" })
        {
            ReadOnlySpan<byte> body = SpecDocument.Example(name).Bytes.AsSpan(FrameHeader.Size);
            Assert.Equal(ReadStatus.Ok, Messages.SetAttribute.TryRead(body, out Messages.SetAttribute message));
            Assert.Equal(MessagePackStatus.Ok, MessagePackValidator.Check(message.Value, limits).Status);
        }

        byte[] before = SpecDocument.Example("set-attribute").Lines[^1].Bytes;
        byte[] merge = SpecDocument.Example("set-attribute-merge").Bytes[FrameHeader.Size..];
        Assert.Equal(ReadStatus.Ok, Messages.SetAttribute.TryRead(merge, out Messages.SetAttribute clock));
        byte[] after = new byte[64];
        Assert.Equal(MessagePackStatus.Ok, MessagePackSubKey.TrySet(before, clock.Path, clock.Value, after, out int written));
        Assert.Equal("""{"turn": "b", "last": "e4", "clock": {"w": 300}}""", MessagePackText.Format(after.AsSpan(0, written)));
    }

    private static DecodedMessage Decode(SpecExample example, FrameType type) =>
        DecodedMessage.Read(type, example.Bytes.AsSpan(FrameHeader.Size), RoomSpace.Default)!;
}
