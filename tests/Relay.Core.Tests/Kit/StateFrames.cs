using System.Text;
using Relay.Core.Tests.Rooms;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Tests.Kit;

/// <summary>Frames of the room's state, for peers on real connections.</summary>
internal static class StateFrames
{
    /// <summary>The bytes of one frame.</summary>
    public static byte[] Write(WriteFrame write, ulong sequence)
    {
        byte[] frame = new byte[64 * 1024];
        var writer = new FrameWriter(frame);
        write(ref writer, sequence);
        Assert.False(writer.Overflowed);
        return writer.WrittenSpan.ToArray();
    }

    public static WriteFrame Create(string name, ObjectFlags flags = ObjectFlags.Persistent) => (ref FrameWriter writer, ulong sequence) =>
    {
        new CreateObject { Sequence = sequence, Flags = flags, TypeUtf8 = "thing"u8, NameUtf8 = Bytes(name) }.Begin(ref writer, 0);
        writer.EndFrame(Protocol.Frames.FrameType.CreateObject);
    };

    public static WriteFrame Set(AttributeTarget target, string key, byte[] value, ulong? expected = null) =>
        (ref FrameWriter writer, ulong sequence) => new SetAttribute
        {
            Sequence = sequence,
            Target = target,
            KeyUtf8 = Bytes(key),
            Value = value,
            Expected = expected,
        }.Write(ref writer);

    public static WriteFrame Claim(uint id, ClaimAction action, uint argument = 0) => (ref FrameWriter writer, ulong sequence) =>
        new Claim { Sequence = sequence, Object = id, Action = action, Argument = argument }.Write(ref writer);

    public static WriteFrame Manage(ManageAction action, uint member = 0, uint argument = 0, string text = "") =>
        (ref FrameWriter writer, ulong sequence) =>
            new Manage { Sequence = sequence, Action = action, Member = member, Argument = argument, TextUtf8 = Bytes(text) }.Write(ref writer);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
