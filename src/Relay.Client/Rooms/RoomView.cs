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
/// <param name="Role">Its role, a place in <see cref="RoomInfo.Roles"/>.</param>
/// <param name="Standing">Whether it is muted, whether it waits in the lobby.</param>
/// <param name="Transform">Where it is, or <c>null</c> while it has not said.</param>
public readonly record struct RoomMember(
    uint Member, uint Slot, byte Generation, string Name, byte Role, MemberStanding Standing, Transform? Transform);

/// <summary>
/// Keeps who is in the room, where everybody is, and the room's objects and attributes: feed it from a handler's OnJoined, OnPresence,
/// OnState and OnBatch, and ask it whenever you like. protocol-spec.md §6.4, §8.4 and §11.8.
/// </summary>
/// <remarks>
/// Safe to ask from any thread while the receive thread feeds it: a lock is held for one message or one question. Applying a batch
/// allocates nothing, unless it names a higher slot than ever before.
/// </remarks>
public sealed class RoomView
{
    private readonly object _gate = new();
    private readonly Dictionary<uint, RoomMember> _members = [];
    private readonly SlotValues _slots = new();
    private ulong _epoch;
    private ulong _cursor;
    private bool _isWhole;

    /// <summary>Makes a view that knows nothing yet.</summary>
    public RoomView() => State = new RoomState(_gate, _slots, _members.ContainsKey);

    /// <summary>The room's objects and attributes.</summary>
    public RoomState State { get; }

    /// <summary>The room, or <c>null</c>.</summary>
    public RoomInfo? Room
    {
        get
        {
            lock (_gate)
            {
                return _slots.Room;
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
    /// Whether the last snapshot has come in full: members, objects and attributes. <c>false</c> before the first one and between the parts
    /// of one. protocol-spec.md §11.8.
    /// </summary>
    public bool IsWhole
    {
        get
        {
            lock (_gate)
            {
                return _isWhole;
            }
        }
    }

    /// <summary>
    /// Forgets who and what is there and begins with another room. Transforms stay, hidden, until a room of another epoch comes: a client
    /// that joins the same one again may be told only what changed since. protocol-spec.md §6.1.
    /// </summary>
    /// <param name="room">The room, or <c>null</c> for none.</param>
    public void Reset(RoomInfo? room)
    {
        lock (_gate)
        {
            _slots.Room = room;
            Forget();
            if (room is not null && room.Epoch != _epoch)
            {
                _epoch = room.Epoch;
                _cursor = 0;
                _slots.Clear();
            }
        }
    }

    /// <summary>Takes in who came, who went and who has another role or standing. Read a copy of the message if the entries are wanted
    /// afterwards.</summary>
    /// <param name="presence">A message that stands before its first entry.</param>
    public void Apply(ref Presence presence)
    {
        lock (_gate)
        {
            if ((presence.Flags & PresenceFlags.First) != 0)
            {
                Forget();
            }

            while (presence.TryReadEntry(out PresenceEntry entry))
            {
                Apply(entry);
            }

            _isWhole |= (presence.Flags & PresenceFlags.Last) != 0;
        }
    }

    /// <summary>Takes in what changed among objects and attributes. Read a copy of the message if the entries are wanted
    /// afterwards.</summary>
    /// <param name="state">A message that stands before its first entry.</param>
    public void Apply(ref State state)
    {
        lock (_gate)
        {
            while (state.TryReadEntry(out StateEntry entry))
            {
                State.Apply(entry);
            }

            _isWhole |= (state.Flags & PresenceFlags.Last) != 0;
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
                _slots.UnsetAll();
            }

            while (batch.TryReadRemoval(out uint removed))
            {
                _slots.Unset(removed);
            }

            while (batch.TryReadEntry(out TransformBatchEntry entry))
            {
                _slots.Set(entry, batch.ServerMillis);
            }

            _cursor = batch.Version;
            return batch.Finish() == ReadStatus.Ok;
        }
    }

    /// <summary>Asks for a member.</summary>
    /// <param name="member">The member's id.</param>
    /// <param name="found">The member and where it is, when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> when there is none.</returns>
    public bool TryGetMember(uint member, out RoomMember found)
    {
        lock (_gate)
        {
            if (!_members.TryGetValue(member, out found))
            {
                return false;
            }

            found = WithPlace(found);
            return true;
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
            return _members.TryGetValue(member, out RoomMember known) &&
                _slots.TryGetTransform(known.Slot, HolderOf(member), out transform);
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
            extension = default;
            sampledMillis = 0;
            return _members.TryGetValue(member, out RoomMember known) &&
                _slots.TryGetExtension(known.Slot, HolderOf(member), out extension, out sampledMillis);
        }
    }

    /// <summary>A copy of everybody and where they are, this client included; in no order.</summary>
    public IReadOnlyList<RoomMember> Snapshot()
    {
        lock (_gate)
        {
            return [.. _members.Values.Select(WithPlace)];
        }
    }

    private static SlotHolder HolderOf(uint member) => new(IsObject: false, member);

    private void Apply(in PresenceEntry entry)
    {
        bool isKnown = _members.TryGetValue(entry.Member, out RoomMember known);
        switch (entry.Kind)
        {
            case PresenceKind.Present:
                if (isKnown && known.Slot != entry.Slot)
                {
                    _slots.Release(known.Slot, HolderOf(entry.Member));
                }

                if (_slots.TryHold(entry.Slot, entry.Generation, HolderOf(entry.Member)))
                {
                    string name = Encoding.UTF8.GetString(entry.NameUtf8);
                    _members[entry.Member] =
                        new RoomMember(entry.Member, entry.Slot, entry.Generation, name, entry.Role, entry.Standing, Transform: null);
                }

                break;
            case PresenceKind.Left:
                if (_members.Remove(entry.Member))
                {
                    _slots.Release(known.Slot, HolderOf(entry.Member));
                    State.RemoveMember(entry.Member);
                }

                break;
            case PresenceKind.Standing:
                if (isKnown)
                {
                    _members[entry.Member] = known with { Role = entry.Role, Standing = entry.Standing };
                }

                break;
        }
    }

    /// <summary>Forgets who and what is there. Values of transforms stay: nothing but a batch tells that they are no longer so.</summary>
    private void Forget()
    {
        _members.Clear();
        State.Clear();
        _isWhole = false;
    }

    private RoomMember WithPlace(RoomMember member) =>
        member with { Transform = _slots.TryGetTransform(member.Slot, HolderOf(member.Member), out Transform place) ? place : null };
}
