using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>What an object is like. protocol-spec.md §11.1.</summary>
[Flags]
public enum ObjectFlags : byte
{
    /// <summary>It vanishes when its owner leaves, and has no place.</summary>
    None = 0,

    /// <summary>It outlives its owner's stay: another member becomes its owner.</summary>
    Persistent = 1,

    /// <summary>It has a place in the room and a slot among those that move.</summary>
    Placed = 2,

    /// <summary>Only its owner hands it on; nobody takes it.</summary>
    Fixed = 4,

    /// <summary>From the server: it is locked.</summary>
    Locked = 8,

    /// <summary>Its parent is given by name. From the server: nothing has that name yet, so it stands at the root for now.</summary>
    ParentByName = 16,
}

/// <summary>An attribute that a new object is born with.</summary>
/// <remarks>Wire: <c>terms | string8 key | varint length | value</c>.</remarks>
public readonly ref struct InitialAttribute
{
    /// <summary>The fewest bytes that it takes.</summary>
    public const int MinSize = 5;

    /// <summary>The most bytes that it takes beside the value.</summary>
    public const int MaxOverhead = AttributeTerms.MaxSize + 1 + byte.MaxValue + 5;

    /// <summary>How it behaves, who sees it, who may write it.</summary>
    public AttributeTerms Terms { get; init; }

    /// <summary>The key, in UTF-8.</summary>
    public ReadOnlySpan<byte> KeyUtf8 { get; init; }

    /// <summary>One MessagePack value.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Writes it into a CreateObject frame that is being written.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        Terms.Write(ref writer);
        writer.WriteBytes8(KeyUtf8);
        writer.WriteVarint((ulong)Value.Length);
        writer.WriteRaw(Value);
    }

    internal static InitialAttribute Read(scoped ref BodyReader reader)
    {
        AttributeTerms terms = AttributeTerms.Read(ref reader);
        ReadOnlySpan<byte> key = reader.ReadUtf8String8();
        return new InitialAttribute { Terms = terms, KeyUtf8 = key, Value = reader.Take(reader.ReadCount(1)) };
    }
}

/// <summary>Client → server, reliable: make an object. protocol-spec.md §11.3. Read the frame with <see cref="TryRead"/>, which checks it
/// whole, then the attributes with <see cref="TryReadAttribute"/>.</summary>
/// <remarks>Body: <c>varint sequence | u8 flags | (varint parent or string8 parentName) | string8 type | string8 name | varint attributes |
/// attributes × attribute | place…</c>. The place, the rest of the body, is one record with its extension (§8.2), or nothing.</remarks>
public ref struct CreateObject
{
    private const ObjectFlags Allowed = ObjectFlags.Persistent | ObjectFlags.Placed | ObjectFlags.Fixed | ObjectFlags.ParentByName;

    private BodyReader _attributes;
    private int _left;

    /// <summary>The message's place among the client's numbered messages. §5.7.</summary>
    public ulong Sequence { get; set; }

    /// <summary>What the object is like.</summary>
    public ObjectFlags Flags { get; set; }

    /// <summary>The parent's id, 0 for the root; without <see cref="ObjectFlags.ParentByName"/>.</summary>
    public uint Parent { get; set; }

    /// <summary>The parent's name, with <see cref="ObjectFlags.ParentByName"/>.</summary>
    public ReadOnlySpan<byte> ParentNameUtf8 { get; set; }

    /// <summary>What kind of thing it is: the application's word.</summary>
    public ReadOnlySpan<byte> TypeUtf8 { get; set; }

    /// <summary>Its name, unique in the room; empty for none.</summary>
    public ReadOnlySpan<byte> NameUtf8 { get; set; }

    /// <summary>How many attributes it is born with.</summary>
    public int AttributeCount { get; private set; }

    /// <summary>With <see cref="ObjectFlags.Placed"/>: where it is, packed by the room's measures; empty for nowhere yet.</summary>
    public ReadOnlySpan<byte> Place { get; set; }

    /// <summary>Reads a body. Names, values and the place are the caller's to check.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out CreateObject message)
    {
        var reader = new BodyReader(body);
        message = default;
        message.Sequence = reader.ReadVarint();
        message.Flags = (ObjectFlags)reader.ReadByte();
        if ((message.Flags & ~Allowed) != 0)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        if ((message.Flags & ObjectFlags.ParentByName) != 0)
        {
            message.ParentNameUtf8 = reader.ReadUtf8String8();
        }
        else
        {
            message.Parent = reader.ReadVarint32();
        }

        message.TypeUtf8 = reader.ReadUtf8String8();
        message.NameUtf8 = reader.ReadUtf8String8();
        message.AttributeCount = reader.ReadCount(InitialAttribute.MinSize);
        message._left = message.AttributeCount;
        message._attributes = reader;
        for (int i = 0; i < message.AttributeCount; i++)
        {
            InitialAttribute.Read(ref reader);
        }

        message.Place = (message.Flags & ObjectFlags.Placed) != 0 ? reader.TakeRest() : default;
        return reader.Finish();
    }

    /// <summary>Gives the next attribute.</summary>
    /// <param name="attribute">The attribute when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> after the last.</returns>
    public bool TryReadAttribute(out InitialAttribute attribute)
    {
        if (_left == 0)
        {
            attribute = default;
            return false;
        }

        _left--;
        attribute = InitialAttribute.Read(ref _attributes);
        return true;
    }

    /// <summary>Begins a frame; the caller writes <paramref name="attributes"/> attributes, then the place if there is one, and ends the
    /// frame as <see cref="FrameType.CreateObject"/>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="attributes">How many attributes follow.</param>
    public readonly void Begin(ref FrameWriter writer, int attributes)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteByte((byte)Flags);
        if ((Flags & ObjectFlags.ParentByName) != 0)
        {
            writer.WriteBytes8(ParentNameUtf8);
        }
        else
        {
            writer.WriteVarint(Parent);
        }

        writer.WriteBytes8(TypeUtf8);
        writer.WriteBytes8(NameUtf8);
        writer.WriteVarint((ulong)attributes);
    }
}

/// <summary>What an <see cref="UpdateObject"/> changes.</summary>
[Flags]
public enum ObjectFields : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The parent: the object moves in the tree with everything under it.</summary>
    Parent = 1,

    /// <summary>The type.</summary>
    Type = 2,

    /// <summary>The name.</summary>
    Name = 4,

    /// <summary><see cref="ObjectFlags.Persistent"/> and <see cref="ObjectFlags.Fixed"/>.</summary>
    Flags = 8,
}

/// <summary>Client → server, reliable: change an object. protocol-spec.md §11.3.</summary>
/// <remarks>Body: <c>varint sequence | varint object | u8 fields | [varint parent] | [string8 type] | [string8 name] | [u8
/// flags]</c>.</remarks>
public readonly ref struct UpdateObject
{
    private const ObjectFields Known = ObjectFields.Parent | ObjectFields.Type | ObjectFields.Name | ObjectFields.Flags;

    /// <summary>The message's place among the client's numbered messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Which object.</summary>
    public uint Object { get; init; }

    /// <summary>What changes.</summary>
    public ObjectFields Fields { get; init; }

    /// <summary>The new parent's id, 0 for the root.</summary>
    public uint Parent { get; init; }

    /// <summary>The new type.</summary>
    public ReadOnlySpan<byte> TypeUtf8 { get; init; }

    /// <summary>The new name; empty for none.</summary>
    public ReadOnlySpan<byte> NameUtf8 { get; init; }

    /// <summary>The new flags: <see cref="ObjectFlags.Persistent"/> and <see cref="ObjectFlags.Fixed"/> alone.</summary>
    public ObjectFlags Flags { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out UpdateObject message)
    {
        var reader = new BodyReader(body);
        ulong sequence = reader.ReadVarint();
        uint id = reader.ReadVarint32();
        var fields = (ObjectFields)reader.ReadByte();
        if ((fields & ~Known) != 0)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        uint parent = (fields & ObjectFields.Parent) != 0 ? reader.ReadVarint32() : 0;
        ReadOnlySpan<byte> type = (fields & ObjectFields.Type) != 0 ? reader.ReadUtf8String8() : default;
        ReadOnlySpan<byte> name = (fields & ObjectFields.Name) != 0 ? reader.ReadUtf8String8() : default;
        var flags = (ObjectFlags)((fields & ObjectFields.Flags) != 0 ? reader.ReadByte() : 0);
        if ((flags & ~(ObjectFlags.Persistent | ObjectFlags.Fixed)) != 0)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        message = new UpdateObject
        {
            Sequence = sequence,
            Object = id,
            Fields = fields,
            Parent = parent,
            TypeUtf8 = type,
            NameUtf8 = name,
            Flags = flags,
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteVarint(Object);
        writer.WriteByte((byte)Fields);
        if ((Fields & ObjectFields.Parent) != 0)
        {
            writer.WriteVarint(Parent);
        }

        if ((Fields & ObjectFields.Type) != 0)
        {
            writer.WriteBytes8(TypeUtf8);
        }

        if ((Fields & ObjectFields.Name) != 0)
        {
            writer.WriteBytes8(NameUtf8);
        }

        if ((Fields & ObjectFields.Flags) != 0)
        {
            writer.WriteByte((byte)Flags);
        }

        writer.EndFrame(FrameType.UpdateObject);
    }
}

/// <summary>Client → server, reliable: remove an object and everything under it. protocol-spec.md §11.3.</summary>
/// <remarks>Body: <c>varint sequence | varint object</c>.</remarks>
public readonly ref struct RemoveObject
{
    /// <summary>The message's place among the client's numbered messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Which object.</summary>
    public uint Object { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out RemoveObject message)
    {
        var reader = new BodyReader(body);
        message = new RemoveObject { Sequence = reader.ReadVarint(), Object = reader.ReadVarint32() };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteVarint(Object);
        writer.EndFrame(FrameType.RemoveObject);
    }
}

/// <summary>Client → server, reliable: copy an object and everything under it, with the attributes that are cloneable. protocol-spec.md
/// §11.3.</summary>
/// <remarks>Body: <c>varint sequence | varint object | varint parent | string8 name</c>.</remarks>
public readonly ref struct CloneObject
{
    /// <summary>The message's place among the client's numbered messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Which object.</summary>
    public uint Object { get; init; }

    /// <summary>Where the copy goes: the parent's id, 0 for the root.</summary>
    public uint Parent { get; init; }

    /// <summary>The copy's name; empty for none. What is under it has none.</summary>
    public ReadOnlySpan<byte> NameUtf8 { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out CloneObject message)
    {
        var reader = new BodyReader(body);
        message = new CloneObject
        {
            Sequence = reader.ReadVarint(),
            Object = reader.ReadVarint32(),
            Parent = reader.ReadVarint32(),
            NameUtf8 = reader.ReadUtf8String8(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteVarint(Object);
        writer.WriteVarint(Parent);
        writer.WriteBytes8(NameUtf8);
        writer.EndFrame(FrameType.CloneObject);
    }
}
