using System.Text;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>One member as a <see cref="RoomView"/> knows it.</summary>
/// <param name="Member">The member's id.</param>
/// <param name="Slot">The slot of its avatar.</param>
/// <param name="Generation">The slot's generation.</param>
/// <param name="Name">Its name.</param>
/// <param name="Transform">Where it is, or <c>null</c> while it has not said.</param>
public readonly record struct RoomMember(uint Member, uint Slot, byte Generation, string Name, Transform? Transform);

/// <summary>
/// Keeps who is in the room and where everybody is: feed it from a handler's OnJoined, OnPresence and OnBatch, and ask it whenever you
/// like. protocol-spec.md §6.4 and §8.4.
/// </summary>
/// <remarks>
/// Safe to ask from any thread while the receive thread feeds it: a lock is held for one batch or one question. Applying a batch
/// allocates nothing, unless it names a higher slot than ever before.
/// </remarks>
public sealed class RoomView
{
    /// <summary>Slots come from the peer: beyond this one is not believed. Rooms hold at most 65,535 members.</summary>
    private const uint MaxSlot = 1 << 20;

    private readonly object _gate = new();
    private readonly Dictionary<uint, (uint Slot, byte Generation, string Name)> _members = [];
    private RoomInfo? _room;
    private Entry[] _slots = [];
    private ulong _epoch;
    private ulong _cursor;

    /// <summary>The room, or <c>null</c>.</summary>
    public RoomInfo? Room
    {
        get
        {
            lock (_gate)
            {
                return _room;
            }
        }
    }

    /// <summary>The version up to which transforms are known: the cursor for a later join. 0 before the first batch. protocol-spec.md
    /// §1.1.</summary>
    public ulong Cursor
    {
        get
        {
            lock (_gate)
            {
                return _cursor;
            }
        }
    }

    /// <summary>How many members are in the room, this client included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _members.Count;
            }
        }
    }

    /// <summary>
    /// Forgets who is there and begins with another room. Values stay hidden until a room of another epoch comes: a client that joins the
    /// same one again may be told only what changed since. protocol-spec.md §6.1.
    /// </summary>
    /// <param name="room">The room, or <c>null</c> for none.</param>
    public void Reset(RoomInfo? room)
    {
        lock (_gate)
        {
            _room = room;
            _members.Clear();
            if (room is not null && room.Epoch != _epoch)
            {
                _epoch = room.Epoch;
                _cursor = 0;
                Array.Clear(_slots, 0, _slots.Length);
            }
        }
    }

    /// <summary>Takes in who came and who went. Read a copy of the message if the entries are wanted afterwards.</summary>
    /// <param name="presence">A message that stands before its first entry.</param>
    public void Apply(ref Presence presence)
    {
        lock (_gate)
        {
            if ((presence.Flags & PresenceFlags.First) != 0)
            {
                ForgetMembers();
            }

            while (presence.TryReadEntry(out PresenceEntry entry))
            {
                if (entry.Kind == PresenceKind.Left)
                {
                    Remove(entry.Member);
                }
                else
                {
                    Add(entry);
                }
            }
        }
    }

    /// <summary>Takes in what moved. Read a copy of the message if the entries are wanted afterwards.</summary>
    /// <param name="batch">A message that stands before its first removal.</param>
    /// <returns>Whether the batch was well formed; after a bad one, what came before the fault is applied.</returns>
    public bool Apply(ref TransformBatch batch)
    {
        lock (_gate)
        {
            if ((batch.Flags & BatchFlags.Reset) != 0)
            {
                for (int i = 0; i < _slots.Length; i++)
                {
                    _slots[i].HasValue = false;
                }
            }

            while (batch.TryReadRemoval(out uint removed))
            {
                if (removed < (uint)_slots.Length)
                {
                    _slots[removed].HasValue = false;
                }
            }

            while (batch.TryReadEntry(out TransformBatchEntry entry))
            {
                if (EnsureSlot(entry.Slot))
                {
                    ref Entry slot = ref _slots[entry.Slot];
                    slot.HasValue = true;
                    slot.Value = entry.Value;
                    slot.Extension = entry.Extension;
                    slot.ServerMillis = batch.ServerMillis;
                }
            }

            _cursor = batch.Version;
            return batch.Finish() == ReadStatus.Ok;
        }
    }

    /// <summary>Asks where a member is.</summary>
    /// <param name="member">The member's id.</param>
    /// <param name="transform">Where it is, when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> when the member is unknown or has not said where it is.</returns>
    public bool TryGetTransform(uint member, out Transform transform)
    {
        lock (_gate)
        {
            transform = default;
            return _members.TryGetValue(member, out (uint Slot, byte Generation, string Name) known) && TryUnpack(known.Slot, out transform);
        }
    }

    /// <summary>Asks for what follows a member's transform: velocity, scale, discontinuity.</summary>
    /// <param name="member">The member's id.</param>
    /// <param name="extension">The extension of the newest transform, when the answer is <c>true</c>.</param>
    /// <param name="sampledMillis">When the sample was taken, on the server's clock in milliseconds modulo 2^32. protocol-spec.md
    /// §8.4.</param>
    /// <returns><c>false</c> when the member is unknown or has not said where it is.</returns>
    public bool TryGetExtension(uint member, out TransformExtension extension, out uint sampledMillis)
    {
        lock (_gate)
        {
            if (!_members.TryGetValue(member, out (uint Slot, byte Generation, string Name) known) || !_slots[known.Slot].HasValue)
            {
                extension = default;
                sampledMillis = 0;
                return false;
            }

            ref Entry slot = ref _slots[known.Slot];
            extension = slot.Extension;
            sampledMillis = slot.ServerMillis - (uint)(slot.Value.Age * (_room?.AgeUnitMicros ?? 0) / 1000);
            return true;
        }
    }

    /// <summary>A copy of everybody and where they are, this client included; in no order.</summary>
    public IReadOnlyList<RoomMember> Snapshot()
    {
        lock (_gate)
        {
            var members = new List<RoomMember>(_members.Count);
            foreach (KeyValuePair<uint, (uint Slot, byte Generation, string Name)> known in _members)
            {
                Transform? transform = TryUnpack(known.Value.Slot, out Transform value) ? value : null;
                members.Add(new RoomMember(known.Key, known.Value.Slot, known.Value.Generation, known.Value.Name, transform));
            }

            return members;
        }
    }

    private void Add(in PresenceEntry entry)
    {
        if (!EnsureSlot(entry.Slot))
        {
            return;
        }

        ref Entry slot = ref _slots[entry.Slot];
        if (slot.Member != entry.Member || slot.Generation != entry.Generation)
        {
            // From here on the slot means another member: the old one's place is not the new one's.
            slot = new Entry { Member = entry.Member, Generation = entry.Generation };
        }

        _members[entry.Member] = (entry.Slot, entry.Generation, Encoding.UTF8.GetString(entry.NameUtf8));
    }

    private void Remove(uint member)
    {
        if (_members.Remove(member, out (uint Slot, byte Generation, string Name) known) && _slots[known.Slot].Member == member)
        {
            _slots[known.Slot] = default;
        }
    }

    private void ForgetMembers()
    {
        // Values stay: a snapshot of members tells nothing of transforms, and those of slots that get another owner go in Add.
        _members.Clear();
    }

    private bool EnsureSlot(uint slot)
    {
        if (slot >= (uint)_slots.Length)
        {
            if (slot > MaxSlot)
            {
                return false;
            }

            Array.Resize(ref _slots, (int)Math.Max(slot + 1, Math.Max(64, _slots.Length * 2)));
        }

        return true;
    }

    private bool TryUnpack(uint slot, out Transform transform)
    {
        if (_room is null || !_slots[slot].HasValue)
        {
            transform = default;
            return false;
        }

        transform = _room.Space.Unpack(_slots[slot].Value);
        return true;
    }

    private struct Entry
    {
        public uint Member;
        public byte Generation;
        public bool HasValue;
        public PackedTransform Value;
        public TransformExtension Extension;
        public uint ServerMillis;
    }
}
