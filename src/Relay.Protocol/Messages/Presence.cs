using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>What a presence entry says of a member.</summary>
public enum PresenceKind : byte
{
    /// <summary>The member is in the room and holds this slot.</summary>
    Present = 0,

    /// <summary>The member has left; its slot is free.</summary>
    Left = 1,

    /// <summary>The member has another role or standing.</summary>
    Standing = 2,
}

/// <summary>How a member stands in the room.</summary>
[Flags]
public enum MemberStanding : byte
{
    /// <summary>In the room like everybody.</summary>
    None = 0,

    /// <summary>What it says is not handed on.</summary>
    Muted = 1,

    /// <summary>It waits in the lobby: it sees the room and does nothing in it.</summary>
    Lobby = 2,
}

/// <summary>The flags byte of a <see cref="Presence"/> frame. protocol-spec.md §6.4.</summary>
[Flags]
public enum PresenceFlags : byte
{
    /// <summary>A change.</summary>
    None = 0,

    /// <summary>Part of a snapshot, cut at the declared epoch, sequence and version.</summary>
    Snapshot = 1,

    /// <summary>The first part of a snapshot: forget every member known so far.</summary>
    First = 2,

    /// <summary>The last part of a snapshot: it is whole.</summary>
    Last = 4,

    /// <summary>The list of members is whole; objects and attributes follow in <see cref="State"/> frames, of which one is the
    /// last.</summary>
    StateFollows = 8,
}

/// <summary>One member in a <see cref="Presence"/> frame.</summary>
/// <remarks>Wire: <c>u8 kind | varint member</c>, then for Present <c>varint slot | u8 generation | u8 role | u8 standing | string8
/// name</c>, for Left <c>u16 reason</c>, for Standing <c>u8 role | u8 standing</c>.</remarks>
public readonly ref struct PresenceEntry
{
    /// <summary>The fewest bytes that an entry takes.</summary>
    public const int MinSize = 4;

    /// <summary>The most bytes that an entry takes.</summary>
    public const int MaxSize = 1 + 5 + 5 + 1 + 1 + 1 + 1 + byte.MaxValue;

    private const MemberStanding KnownStanding = MemberStanding.Muted | MemberStanding.Lobby;

    /// <summary>What this entry says.</summary>
    public PresenceKind Kind { get; init; }

    /// <summary>The member's id within the room's epoch.</summary>
    public uint Member { get; init; }

    /// <summary>Present: the slot of the member's avatar.</summary>
    public uint Slot { get; init; }

    /// <summary>Present: the slot's generation.</summary>
    public byte Generation { get; init; }

    /// <summary>Left: why, from the table of §9.</summary>
    public CloseCode Reason { get; init; }

    /// <summary>Present and Standing: the member's role, a place in the list of Joined.</summary>
    public byte Role { get; init; }

    /// <summary>Present and Standing: how the member stands.</summary>
    public MemberStanding Standing { get; init; }

    /// <summary>Present: the member's name as the server knows it, in UTF-8.</summary>
    public ReadOnlySpan<byte> NameUtf8 { get; init; }

    /// <summary>Writes the entry into a Presence frame that is being written.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.WriteByte((byte)Kind);
        writer.WriteVarint(Member);
        switch (Kind)
        {
            case PresenceKind.Present:
                writer.WriteVarint(Slot);
                writer.WriteByte(Generation);
                writer.WriteByte(Role);
                writer.WriteByte((byte)Standing);
                writer.WriteBytes8(NameUtf8);
                break;
            case PresenceKind.Standing:
                writer.WriteByte(Role);
                writer.WriteByte((byte)Standing);
                break;
            default:
                writer.WriteUInt16((ushort)Reason);
                break;
        }
    }

    internal static PresenceEntry Read(scoped ref BodyReader reader)
    {
        byte kind = reader.ReadByte();
        uint member = reader.ReadVarint32();
        switch (kind)
        {
            case (byte)PresenceKind.Present:
                return new PresenceEntry
                {
                    Kind = PresenceKind.Present,
                    Member = member,
                    Slot = reader.ReadVarint32(),
                    Generation = reader.ReadByte(),
                    Role = reader.ReadByte(),
                    Standing = ReadStanding(ref reader),
                    NameUtf8 = reader.ReadUtf8String8(),
                };
            case (byte)PresenceKind.Left:
                return new PresenceEntry { Kind = PresenceKind.Left, Member = member, Reason = (CloseCode)reader.ReadUInt16() };
            case (byte)PresenceKind.Standing:
                return new PresenceEntry
                {
                    Kind = PresenceKind.Standing,
                    Member = member,
                    Role = reader.ReadByte(),
                    Standing = ReadStanding(ref reader),
                };
            default:
                reader.Fail(ReadStatus.BadValue);
                return default;
        }
    }

    private static MemberStanding ReadStanding(scoped ref BodyReader reader)
    {
        var standing = (MemberStanding)reader.ReadByte();
        if ((standing & ~KnownStanding) != 0)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        return standing;
    }
}

/// <summary>
/// Server → client, reliable: who came and who went, or a snapshot of everybody. protocol-spec.md §6.4. Read the frame with
/// <see cref="TryRead"/>, then the entries with <see cref="TryReadEntry"/>.
/// </summary>
/// <remarks>Body: <c>u8 flags | varint sequence | [u64 epoch | varint version] | varint count | count × entry</c>; the bracket is there
/// in a snapshot.</remarks>
public ref struct Presence
{
    private BodyReader _reader;
    private int _left;

    /// <summary>Change or snapshot, and which part.</summary>
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
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Presence message)
    {
        var reader = new BodyReader(body);
        message = default;
        byte flags = reader.ReadByte();
        message.Flags = (PresenceFlags)flags;
        message.Sequence = reader.ReadVarint();
        bool snapshot = (message.Flags & PresenceFlags.Snapshot) != 0;
        bool closed = (flags & (byte)PresenceFlags.Last) != 0;
        bool followed = (flags & (byte)PresenceFlags.StateFollows) != 0;
        if (flags > 15 || (!snapshot && flags != 0) || (closed && followed))
        {
            reader.Fail(ReadStatus.BadValue);
        }

        if (snapshot)
        {
            message.Epoch = reader.ReadUInt64();
            message.Version = reader.ReadVarint();
        }

        message.Count = reader.ReadCount(PresenceEntry.MinSize);
        message._left = message.Count;
        message._reader = reader;
        for (int i = 0; i < message.Count; i++)
        {
            PresenceEntry.Read(ref reader);
        }

        return reader.Finish();
    }

    /// <summary>Gives the next entry.</summary>
    /// <param name="entry">The entry when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> after the last.</returns>
    public bool TryReadEntry(out PresenceEntry entry)
    {
        if (_left == 0)
        {
            entry = default;
            return false;
        }

        _left--;
        entry = PresenceEntry.Read(ref _reader);
        return true;
    }

    /// <summary>Begins a change with <paramref name="count"/> entries; the caller writes them and ends the frame as
    /// <see cref="FrameType.Presence"/>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="sequence">The room sequence of the change.</param>
    /// <param name="count">How many entries follow.</param>
    public static void BeginChange(ref FrameWriter writer, ulong sequence, int count)
    {
        writer.BeginFrame();
        writer.WriteByte((byte)PresenceFlags.None);
        writer.WriteVarint(sequence);
        writer.WriteVarint((ulong)count);
    }

    /// <summary>Begins one part of a snapshot with <paramref name="count"/> entries; the caller writes them and ends the frame as
    /// <see cref="FrameType.Presence"/>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="part"><see cref="PresenceFlags.First"/>, and <see cref="PresenceFlags.Last"/> or
    /// <see cref="PresenceFlags.StateFollows"/>, as they apply.</param>
    /// <param name="epoch">The room's epoch.</param>
    /// <param name="sequence">The last room sequence that the snapshot includes.</param>
    /// <param name="version">The room's version at the cut.</param>
    /// <param name="count">How many entries follow.</param>
    public static void BeginSnapshotPart(ref FrameWriter writer, PresenceFlags part, ulong epoch, ulong sequence, ulong version, int count)
    {
        writer.BeginFrame();
        writer.WriteByte((byte)(PresenceFlags.Snapshot | part));
        writer.WriteVarint(sequence);
        writer.WriteUInt64(epoch);
        writer.WriteVarint(version);
        writer.WriteVarint((ulong)count);
    }
}
