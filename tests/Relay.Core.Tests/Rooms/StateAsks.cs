using System.Text;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Tests.Rooms;

/// <summary>What a simulated client may ask of the room's state, in a line each. Each returns the message's number.</summary>
internal static class StateAsks
{
    public static ulong Create(
        this SimulatedClient client,
        string name = "",
        uint parent = 0,
        ObjectFlags flags = ObjectFlags.Persistent,
        string type = "thing",
        string? parentName = null,
        byte[]? place = null,
        params (string Key, AttributeTerms Terms, byte[] Value)[] attributes) => client.Ask((ref FrameWriter writer, ulong sequence) =>
    {
        new CreateObject
        {
            Sequence = sequence,
            Flags = flags | (parentName is null ? 0 : ObjectFlags.ParentByName),
            Parent = parent,
            ParentNameUtf8 = Bytes(parentName ?? ""),
            TypeUtf8 = Bytes(type),
            NameUtf8 = Bytes(name),
        }.Begin(ref writer, attributes.Length);
        foreach ((string key, AttributeTerms terms, byte[] value) in attributes)
        {
            new InitialAttribute { KeyUtf8 = Bytes(key), Terms = terms, Value = value }.Write(ref writer);
        }

        writer.WriteRaw(place);
        writer.EndFrame(Protocol.Frames.FrameType.CreateObject);
    });

    public static ulong Update(
        this SimulatedClient client, uint id, uint? parent = null, string? type = null, string? name = null, ObjectFlags? flags = null) =>
        client.Ask((ref FrameWriter writer, ulong sequence) => new UpdateObject
        {
            Sequence = sequence,
            Object = id,
            Fields = (parent is null ? 0 : ObjectFields.Parent) | (type is null ? 0 : ObjectFields.Type) | (name is null ? 0 : ObjectFields.Name) |
                (flags is null ? 0 : ObjectFields.Flags),
            Parent = parent ?? 0,
            TypeUtf8 = Bytes(type ?? ""),
            NameUtf8 = Bytes(name ?? ""),
            Flags = flags ?? 0,
        }.Write(ref writer));

    public static ulong Remove(this SimulatedClient client, uint id) => client.Ask((ref FrameWriter writer, ulong sequence) =>
        new RemoveObject { Sequence = sequence, Object = id }.Write(ref writer));

    public static ulong Clone(this SimulatedClient client, uint id, uint parent = 0, string name = "") =>
        client.Ask((ref FrameWriter writer, ulong sequence) =>
            new CloneObject { Sequence = sequence, Object = id, Parent = parent, NameUtf8 = Bytes(name) }.Write(ref writer));

    public static ulong Claim(this SimulatedClient client, uint id, ClaimAction action, uint argument = 0) =>
        client.Ask((ref FrameWriter writer, ulong sequence) =>
            new Claim { Sequence = sequence, Object = id, Action = action, Argument = argument }.Write(ref writer));

    public static ulong Set(
        this SimulatedClient client, AttributeTarget target, string key, byte[] value, AttributeTerms? terms = null, ulong? expected = null) =>
        client.Ask((ref FrameWriter writer, ulong sequence) => new SetAttribute
        {
            Sequence = sequence,
            Target = target,
            KeyUtf8 = Bytes(key),
            Value = value,
            Terms = terms,
            Expected = expected,
        }.Write(ref writer));

    public static ulong Merge(this SimulatedClient client, AttributeTarget target, string key, string path, byte[] value) =>
        client.Ask((ref FrameWriter writer, ulong sequence) => new SetAttribute
        {
            Sequence = sequence,
            Operation = AttributeOperation.Merge,
            Target = target,
            KeyUtf8 = Bytes(key),
            Path = Text(path),
            Value = value,
        }.Write(ref writer));

    public static ulong RemovePath(this SimulatedClient client, AttributeTarget target, string key, string path) =>
        client.Ask((ref FrameWriter writer, ulong sequence) => new SetAttribute
        {
            Sequence = sequence,
            Operation = AttributeOperation.RemovePath,
            Target = target,
            KeyUtf8 = Bytes(key),
            Path = Text(path),
        }.Write(ref writer));

    public static ulong Delete(this SimulatedClient client, AttributeTarget target, string key, ulong? expected = null) =>
        client.Ask((ref FrameWriter writer, ulong sequence) => new SetAttribute
        {
            Sequence = sequence,
            Operation = AttributeOperation.Delete,
            Target = target,
            KeyUtf8 = Bytes(key),
            Expected = expected,
        }.Write(ref writer));

    /// <summary>Writes an attribute in any way that there is.</summary>
    public static ulong Write(
        this SimulatedClient client,
        AttributeOperation operation,
        AttributeTarget target,
        string key,
        byte[]? path = null,
        byte[]? value = null,
        AttributeTerms? terms = null,
        ulong? expected = null) => client.Ask((ref FrameWriter writer, ulong sequence) => new SetAttribute
        {
            Sequence = sequence,
            Operation = operation,
            Target = target,
            KeyUtf8 = Bytes(key),
            Path = path,
            Value = value,
            Terms = terms,
            Expected = expected,
        }.Write(ref writer));

    public static ulong Manage(this SimulatedClient client, ManageAction action, uint member = 0, uint argument = 0, string text = "") =>
        client.Ask((ref FrameWriter writer, ulong sequence) =>
            new Manage { Sequence = sequence, Action = action, Member = member, Argument = argument, TextUtf8 = Bytes(text) }.Write(ref writer));

    /// <summary>An integer as MessagePack.</summary>
    public static byte[] Number(long value)
    {
        Span<byte> room = stackalloc byte[16];
        var writer = new MessagePackWriter(room);
        writer.WriteInt64(value);
        return room[..writer.Written].ToArray();
    }

    /// <summary>Text as MessagePack.</summary>
    public static byte[] Text(string value)
    {
        byte[] room = new byte[8 + (3 * value.Length)];
        var writer = new MessagePackWriter(room);
        writer.WriteString(value);
        return room[..writer.Written];
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}

/// <summary>Writes one frame.</summary>
internal delegate void WriteFrame(ref FrameWriter writer, ulong sequence);
