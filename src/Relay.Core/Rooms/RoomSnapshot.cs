using Relay.Core.Rooms.World;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms;

/// <summary>
/// Who and what is in a room, cut at a declared (epoch, sequence, version) and encoded once, in parts, for every receiver that needs it
/// then: the members, and if there are any the objects and attributes that are for everybody, and an end. What only some may see is encoded
/// for each of them. Counted references, one thread. protocol-spec.md §6.4 and §11.8.
/// </summary>
internal sealed class RoomSnapshot
{
    /// <summary>The most bytes of a part's body: a receiver with the smallest limits takes it.</summary>
    private const int MaxPart = 8 * 1024;

    private const int PartHeader = FrameHeader.Size + 1 + 10 + 8 + 10 + 5;

    private readonly List<SharedBuffer> _parts = [];
    private readonly Room _room;
    private readonly ulong _version;
    private int _references = 1;

    private RoomSnapshot(Room room)
    {
        _room = room;
        _version = room.Slots.Version;
        Sequence = room.Ring.Head;
    }

    /// <summary>The last reliable sequence that it includes.</summary>
    public ulong Sequence { get; }

    /// <summary>How many parts, at least 1.</summary>
    public int PartCount => _parts.Count;

    /// <summary>The part in front of which the receiver's own comes: the end. Meaningless if there is no state.</summary>
    public int LastPart => _parts.Count - 1;

    /// <summary>A part: one frame.</summary>
    public SharedBuffer this[int part] => _parts[part];

    /// <summary>Encodes a snapshot of the present.</summary>
    public static RoomSnapshot Encode(Room room)
    {
        var snapshot = new RoomSnapshot(room);
        bool hasState = !room.World.IsEmpty;
        snapshot.EncodeMembers(hasState ? PresenceFlags.StateFollows : PresenceFlags.Last);
        if (hasState)
        {
            snapshot.EncodeState();
            snapshot._parts.Add(snapshot.StatePart([], 0, isLast: true));
        }

        return snapshot;
    }

    /// <summary>Encodes what one member sees and not everybody.</summary>
    /// <returns>Some frames, to be released once each; null or empty if there is nothing.</returns>
    public Queue<SharedBuffer>? EncodePrivateParts(uint member)
    {
        RoomWorld world = _room.World;
        if (world.RestrictedCount == 0 || _room.Find(member) is not { } viewer)
        {
            return null;
        }

        var entries = new StateEntries();
        var frames = new List<SharedBuffer>();
        foreach (StoredAttribute attribute in world.AllAttributes())
        {
            if (!attribute.IsPublic && Sight.Sees(viewer, attribute, world))
            {
                entries.Add(attribute.Entry, attribute.EntrySize);
                Flush(entries, frames, MaxPart);
            }
        }

        Flush(entries, frames, 0);
        return new Queue<SharedBuffer>(frames);
    }

    public void Retain() => _references++;

    public void Release()
    {
        if (--_references > 0)
        {
            return;
        }

        foreach (SharedBuffer part in _parts)
        {
            part.Release();
        }

        _parts.Clear();
    }

    private static int EntrySize(Member member) => 1 + 5 + 5 + 1 + 1 + 1 + 1 + member.NameUtf8.Length;

    private void EncodeMembers(PresenceFlags end)
    {
        IReadOnlyList<Member> members = _room.Members;
        int next = 0;
        do
        {
            int first = next;
            int size = 0;
            while (next < members.Count && size + EntrySize(members[next]) <= MaxPart)
            {
                size += EntrySize(members[next++]);
            }

            PresenceFlags part = (first == 0 ? PresenceFlags.First : 0) | (next == members.Count ? end : 0);
            SharedBuffer buffer = _room.Pool.Rent(PartHeader + size);
            var writer = new FrameWriter(buffer.Writable);
            Presence.BeginSnapshotPart(ref writer, part, _room.Epoch, Sequence, _version, next - first);
            for (int i = first; i < next; i++)
            {
                members[i].EntryForPresence().Write(ref writer);
            }

            writer.EndFrame(FrameType.Presence);
            buffer.Seal(writer.Written);
            _parts.Add(buffer);
        }
        while (next < members.Count);
    }

    /// <summary>Objects come after their parents, attributes after what they are of.</summary>
    private void EncodeState()
    {
        RoomWorld world = _room.World;
        var entries = new StateEntries();
        foreach (RoomObject root in world.Objects.Values)
        {
            if (root.Parent is not null)
            {
                continue;
            }

            foreach (RoomObject part in root.Subtree())
            {
                entries.Add(StateNews.EntryFor(part), StateEntry.MaxObjectSize);
                Flush(entries, _parts, MaxPart);
            }
        }

        foreach (StoredAttribute attribute in world.AllAttributes())
        {
            if (attribute.IsPublic)
            {
                entries.Add(attribute.Entry, attribute.EntrySize);
                Flush(entries, _parts, MaxPart);
            }
        }

        Flush(entries, _parts, 0);
    }

    private void Flush(StateEntries entries, List<SharedBuffer> frames, int above)
    {
        if (entries.Count > 0 && entries.Length > above)
        {
            frames.Add(StatePart(entries.Written, entries.Count, isLast: false));
            entries.Clear();
        }
    }

    private SharedBuffer StatePart(ReadOnlySpan<byte> entries, int count, bool isLast)
    {
        SharedBuffer buffer = _room.Pool.Rent(PartHeader + entries.Length);
        var writer = new FrameWriter(buffer.Writable);
        State.BeginSnapshotPart(ref writer, isLast, _room.Epoch, Sequence, _version, count);
        writer.WriteRaw(entries);
        writer.EndFrame(FrameType.State);
        buffer.Seal(writer.Written);
        return buffer;
    }
}
