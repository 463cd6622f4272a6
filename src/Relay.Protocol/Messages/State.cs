using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>What a state entry says.</summary>
public enum StateKind : byte
{
    /// <summary>The object is so: everything about it but its attributes and its place.</summary>
    Object = 0,

    /// <summary>The object and everything under it have gone.</summary>
    ObjectRemoved = 1,

    /// <summary>The attribute is so.</summary>
    Attribute = 2,

    /// <summary>The attribute's value at a path is so; an empty value: it has gone from there.</summary>
    AttributeMerged = 3,

    /// <summary>The attribute has gone, or is not for the receiver any more.</summary>
    AttributeRemoved = 4,
}

/// <summary>One object or attribute in a <see cref="State"/> frame. protocol-spec.md §11.8.</summary>
/// <remarks>
/// Wire: <c>u8 kind</c>, then for Object <c>varint object | u8 flags | varint parent | varint owner | varint creator |
/// [varint lockHolder] | [varint slot | u8 generation] | string8 type | string8 name | [string8 awaitedParent]</c>; for ObjectRemoved
/// <c>varint object</c>; for the rest <c>target | string8 key</c>, then for Attribute <c>terms | varint version | varint author | varint
/// length | value</c>, for AttributeMerged <c>varint version | varint author | bytes8 path | varint length | value</c>.
/// </remarks>
public readonly ref struct StateEntry
{
    /// <summary>The fewest bytes that an entry takes.</summary>
    public const int MinSize = 2;

    /// <summary>The most bytes that an object takes.</summary>
    public const int MaxObjectSize = 1 + 5 + 1 + 5 + 5 + 5 + 5 + 5 + 1 + (3 * (1 + byte.MaxValue));

    /// <summary>The most bytes that an attribute takes beside the value.</summary>
    public const int MaxAttributeOverhead =
        1 + AttributeTarget.MaxSize + 1 + byte.MaxValue + AttributeTerms.MaxSize + 10 + 5 + 1 + byte.MaxValue + 5;

    /// <summary>What this entry says.</summary>
    public StateKind Kind { get; init; }

    /// <summary>Object and ObjectRemoved: its id.</summary>
    public uint Object { get; init; }

    /// <summary>Object: what it is like.</summary>
    public ObjectFlags ObjectFlags { get; init; }

    /// <summary>Object: its parent's id; 0 for the root.</summary>
    public uint Parent { get; init; }

    /// <summary>Object: its owner's member id; 0 for nobody.</summary>
    public uint Owner { get; init; }

    /// <summary>Object: the member that made it; 0 for the server.</summary>
    public uint Creator { get; init; }

    /// <summary>Object, when <see cref="ObjectFlags.Locked"/>: the member that holds the lock.</summary>
    public uint LockHolder { get; init; }

    /// <summary>Object, when <see cref="ObjectFlags.Placed"/>: its slot.</summary>
    public uint Slot { get; init; }

    /// <summary>Object, when <see cref="ObjectFlags.Placed"/>: the slot's generation.</summary>
    public byte Generation { get; init; }

    /// <summary>Object: its type.</summary>
    public ReadOnlySpan<byte> TypeUtf8 { get; init; }

    /// <summary>Object: its name; empty for none.</summary>
    public ReadOnlySpan<byte> NameUtf8 { get; init; }

    /// <summary>Object, when <see cref="ObjectFlags.ParentByName"/>: the name that it waits for.</summary>
    public ReadOnlySpan<byte> AwaitedParentUtf8 { get; init; }

    /// <summary>Attributes: what it is of.</summary>
    public AttributeTarget Target { get; init; }

    /// <summary>Attributes: its key.</summary>
    public ReadOnlySpan<byte> KeyUtf8 { get; init; }

    /// <summary>Attribute: its terms.</summary>
    public AttributeTerms Terms { get; init; }

    /// <summary>Attribute and AttributeMerged: its version, the room sequence of the change that made it so.</summary>
    public ulong Version { get; init; }

    /// <summary>Attribute and AttributeMerged: the member that wrote it last; 0 for the server.</summary>
    public uint Author { get; init; }

    /// <summary>AttributeMerged: the keys that lead to the place, each as a MessagePack str.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    /// <summary>Attribute and AttributeMerged: one MessagePack value.</summary>
    public ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Writes the entry into a State frame that is being written.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.WriteByte((byte)Kind);
        switch (Kind)
        {
            case StateKind.Object:
                WriteObject(ref writer);
                break;
            case StateKind.ObjectRemoved:
                writer.WriteVarint(Object);
                break;
            default:
                WriteAttribute(ref writer);
                break;
        }
    }

    internal static StateEntry Read(scoped ref BodyReader reader)
    {
        byte kind = reader.ReadByte();
        switch (kind)
        {
            case (byte)StateKind.Object:
                return ReadObject(ref reader);
            case (byte)StateKind.ObjectRemoved:
                return new StateEntry { Kind = StateKind.ObjectRemoved, Object = reader.ReadVarint32() };
            case (byte)StateKind.Attribute or (byte)StateKind.AttributeMerged or (byte)StateKind.AttributeRemoved:
                return ReadAttribute((StateKind)kind, ref reader);
            default:
                reader.Fail(ReadStatus.BadValue);
                return default;
        }
    }

    private static StateEntry ReadObject(scoped ref BodyReader reader)
    {
        uint id = reader.ReadVarint32();
        byte bits = reader.ReadByte();
        if (bits > 31)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        var flags = (ObjectFlags)bits;
        uint parent = reader.ReadVarint32();
        uint owner = reader.ReadVarint32();
        uint creator = reader.ReadVarint32();
        uint holder = (flags & ObjectFlags.Locked) != 0 ? reader.ReadVarint32() : 0;
        bool placed = (flags & ObjectFlags.Placed) != 0;
        uint slot = placed ? reader.ReadVarint32() : 0;
        byte generation = placed ? reader.ReadByte() : (byte)0;
        ReadOnlySpan<byte> type = reader.ReadUtf8String8();
        ReadOnlySpan<byte> name = reader.ReadUtf8String8();
        return new StateEntry
        {
            Kind = StateKind.Object,
            Object = id,
            ObjectFlags = flags,
            Parent = parent,
            Owner = owner,
            Creator = creator,
            LockHolder = holder,
            Slot = slot,
            Generation = generation,
            TypeUtf8 = type,
            NameUtf8 = name,
            AwaitedParentUtf8 = (flags & ObjectFlags.ParentByName) != 0 ? reader.ReadUtf8String8() : default,
        };
    }

    private static StateEntry ReadAttribute(StateKind kind, scoped ref BodyReader reader)
    {
        AttributeTarget target = AttributeTarget.Read(ref reader);
        ReadOnlySpan<byte> key = reader.ReadUtf8String8();
        if (kind == StateKind.AttributeRemoved)
        {
            return new StateEntry { Kind = kind, Target = target, KeyUtf8 = key };
        }

        AttributeTerms terms = kind == StateKind.Attribute ? AttributeTerms.Read(ref reader) : default;
        ulong version = reader.ReadVarint();
        uint author = reader.ReadVarint32();
        ReadOnlySpan<byte> path = kind == StateKind.AttributeMerged ? reader.ReadBytes8() : default;
        return new StateEntry
        {
            Kind = kind,
            Target = target,
            KeyUtf8 = key,
            Terms = terms,
            Version = version,
            Author = author,
            Path = path,
            Value = reader.Take(reader.ReadCount(1)),
        };
    }

    private void WriteObject(ref FrameWriter writer)
    {
        writer.WriteVarint(Object);
        writer.WriteByte((byte)ObjectFlags);
        writer.WriteVarint(Parent);
        writer.WriteVarint(Owner);
        writer.WriteVarint(Creator);
        if ((ObjectFlags & ObjectFlags.Locked) != 0)
        {
            writer.WriteVarint(LockHolder);
        }

        if ((ObjectFlags & ObjectFlags.Placed) != 0)
        {
            writer.WriteVarint(Slot);
            writer.WriteByte(Generation);
        }

        writer.WriteBytes8(TypeUtf8);
        writer.WriteBytes8(NameUtf8);
        if ((ObjectFlags & ObjectFlags.ParentByName) != 0)
        {
            writer.WriteBytes8(AwaitedParentUtf8);
        }
    }

    private void WriteAttribute(ref FrameWriter writer)
    {
        Target.Write(ref writer);
        writer.WriteBytes8(KeyUtf8);
        if (Kind == StateKind.AttributeRemoved)
        {
            return;
        }

        if (Kind == StateKind.Attribute)
        {
            Terms.Write(ref writer);
        }

        writer.WriteVarint(Version);
        writer.WriteVarint(Author);
        if (Kind == StateKind.AttributeMerged)
        {
            writer.WriteBytes8(Path);
        }

        writer.WriteVarint((ulong)Value.Length);
        writer.WriteRaw(Value);
    }
}

/// <summary>
/// Server → client, reliable: what changed among a room's objects and attributes, or a part of a snapshot of them. protocol-spec.md §11.8.
/// Read the frame with <see cref="TryRead"/>, then the entries with <see cref="TryReadEntry"/>.
/// </summary>
/// <remarks>Body: as <see cref="Presence"/>, with other entries.</remarks>
public ref struct State
{
    private BodyReader _reader;
    private int _left;

    /// <summary>Change or part of a snapshot; <see cref="PresenceFlags.First"/> never stands here.</summary>
    public PresenceFlags Flags { get; private set; }

    /// <summary>The room sequence of a change; of a snapshot, the last one that it includes.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Snapshot: the room's epoch.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>Snapshot: the room's version at the cut.</summary>
    public ulong Version { get; private set; }

    /// <summary>How many entries follow.</summary>
    public int Count { get; private set; }

    /// <summary>Reads a body: checks every entry, then stands before the first.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out State message)
    {
        var reader = new BodyReader(body);
        message = default;
        byte flags = reader.ReadByte();
        message.Flags = (PresenceFlags)flags;
        message.Sequence = reader.ReadVarint();
        if (flags is not (0 or 1 or 5))
        {
            reader.Fail(ReadStatus.BadValue);
        }

        if (flags != 0)
        {
            message.Epoch = reader.ReadUInt64();
            message.Version = reader.ReadVarint();
        }

        message.Count = reader.ReadCount(StateEntry.MinSize);
        message._left = message.Count;
        message._reader = reader;
        for (int i = 0; i < message.Count; i++)
        {
            StateEntry.Read(ref reader);
        }

        return reader.Finish();
    }

    /// <summary>Gives the next entry.</summary>
    /// <param name="entry">The entry when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> after the last.</returns>
    public bool TryReadEntry(out StateEntry entry)
    {
        if (_left == 0)
        {
            entry = default;
            return false;
        }

        _left--;
        entry = StateEntry.Read(ref _reader);
        return true;
    }

    /// <summary>Begins a change with <paramref name="count"/> entries; the caller writes them and ends the frame as
    /// <see cref="FrameType.State"/>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="sequence">The room sequence of the change.</param>
    /// <param name="count">How many entries follow.</param>
    public static void BeginChange(ref FrameWriter writer, ulong sequence, int count) => Presence.BeginChange(ref writer, sequence, count);

    /// <summary>Begins one part of a snapshot with <paramref name="count"/> entries; the caller writes them and ends the frame as
    /// <see cref="FrameType.State"/>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="isLast">Whether the snapshot ends with it.</param>
    /// <param name="epoch">The room's epoch.</param>
    /// <param name="sequence">The last room sequence that the snapshot includes.</param>
    /// <param name="version">The room's version at the cut.</param>
    /// <param name="count">How many entries follow.</param>
    public static void BeginSnapshotPart(ref FrameWriter writer, bool isLast, ulong epoch, ulong sequence, ulong version, int count) =>
        Presence.BeginSnapshotPart(ref writer, isLast ? PresenceFlags.Last : PresenceFlags.None, epoch, sequence, version, count);
}
