using System.Text;
using Relay.Core.Rooms.Stores;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>
/// The objects and attributes of a room: what is where, nothing of who may (that is for the deeds) and nothing of who is told
/// (<see cref="StateNews"/>). One thread.
/// </summary>
internal sealed class RoomWorld
{
    private readonly Dictionary<uint, RoomObject> _objects = [];
    private readonly Dictionary<string, RoomObject> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RoomObject>> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, RoomObject> _bySlot = [];
    private readonly List<RoomObject> _timedLocks = [];

    public RoomWorld(Room room)
    {
        Room = room;
        News = new StateNews(room);
    }

    public Room Room { get; }

    public StateNews News { get; }

    /// <summary>What of it must be stored and is not yet; null if the room is not stored.</summary>
    public RoomKeeper? Keeper { get; set; }

    /// <summary>The highest id that an object ever had.</summary>
    public uint LastId { get; set; }

    /// <summary>Attributes of the room.</summary>
    public AttributeSet Attributes { get; } = new();

    /// <summary>All objects, by id.</summary>
    public IReadOnlyDictionary<uint, RoomObject> Objects => _objects;

    /// <summary>Attributes in the whole room.</summary>
    public int AttributeCount { get; set; }

    /// <summary>Attributes that are not for everybody.</summary>
    public int RestrictedCount { get; set; }

    /// <summary>Bytes of all keys and values.</summary>
    public long StateBytes { get; set; }

    public bool IsEmpty => _objects.Count == 0 && AttributeCount == 0;

    public RoomObject? Find(uint id) => _objects.GetValueOrDefault(id);

    public RoomObject? Find(string name) => _names.GetValueOrDefault(name);

    /// <summary>The object whose place a slot holds.</summary>
    public RoomObject? AtSlot(uint slot) => _bySlot.GetValueOrDefault(slot);

    /// <summary>The objects that have a place.</summary>
    public Dictionary<uint, RoomObject>.ValueCollection Placed => _bySlot.Values;

    /// <summary>Makes an object at the root, without a name, owned by its creator.</summary>
    public RoomObject Add(Member? creator, ObjectFlags flags, byte[] type)
    {
        var made = new RoomObject(++LastId, creator) { Flags = flags, Type = type };
        Add(made);
        SetOwner(made, creator);
        return made;
    }

    /// <summary>Makes an object as it was stored: at the root, without a name, owned by nobody.</summary>
    public RoomObject PutBack(StoredObject stored)
    {
        var made = new RoomObject(stored.Id, null)
        {
            Flags = stored.Flags,
            Type = Encoding.UTF8.GetBytes(stored.Type),
            CreatorUser = stored.Creator,
            IsMadeByServer = stored.IsServers,
        };
        LastId = Math.Max(LastId, stored.Id);
        Add(made);
        return made;
    }

    /// <summary>Forgets an object that has no children any more, and what is attached to it.</summary>
    public void Forget(RoomObject gone)
    {
        _objects.Remove(gone.Id);
        if (gone.IsPersistent)
        {
            Keeper?.Removed(gone);
        }

        Rename(gone, []);
        StopWaiting(gone);
        Unlock(gone);
        SetOwner(gone, null);
        if (gone.Slot >= 0)
        {
            _bySlot.Remove((uint)gone.Slot);
            Room.Slots.Free(gone.Slot);
        }

        ForgetAll(gone.Attributes);
        foreach ((uint member, AttributeSet attributes) in gone.MemberAttributes ?? [])
        {
            ForgetAll(attributes);
            Room.Find(member)?.ObjectsWithAttributes.Remove(gone);
        }

        gone.Attributes = null;
        gone.MemberAttributes = null;
    }

    /// <summary>Gives an object another name, which nothing else has; empty for none.</summary>
    public void Rename(RoomObject named, byte[] name)
    {
        if (named.Name.Length > 0)
        {
            _names.Remove(Encoding.UTF8.GetString(named.Name));
        }

        named.Name = name;
        if (name.Length > 0)
        {
            _names.Add(Encoding.UTF8.GetString(name), named);
        }
    }

    /// <summary>Has an object wait at the root for its parent to come.</summary>
    public void Await(RoomObject child, string parent)
    {
        child.AwaitedParent = parent;
        if (!_waiting.TryGetValue(parent, out List<RoomObject>? waiting))
        {
            _waiting.Add(parent, waiting = []);
        }

        waiting.Add(child);
    }

    public void StopWaiting(RoomObject child)
    {
        if (child.AwaitedParent is { } awaited && _waiting.TryGetValue(awaited, out List<RoomObject>? waiting))
        {
            waiting.Remove(child);
            if (waiting.Count == 0)
            {
                _waiting.Remove(awaited);
            }
        }

        child.AwaitedParent = null;
    }

    /// <summary>Those who wait for a parent of a name.</summary>
    public IReadOnlyList<RoomObject> WaitingFor(byte[] name) =>
        name.Length > 0 && _waiting.TryGetValue(Encoding.UTF8.GetString(name), out List<RoomObject>? waiting) ? [.. waiting] : [];

    public void SetOwner(RoomObject owned, Member? owner)
    {
        if (Room.Find(owned.Owner) is { } former)
        {
            former.Owned--;
        }

        owned.Owner = owner?.Id ?? 0;
        if (owner is not null)
        {
            owner.Owned++;
        }
    }

    /// <summary>Locks an object.</summary>
    /// <param name="locked">Which.</param>
    /// <param name="holder">For whom.</param>
    /// <param name="until">When it ends, in microseconds; 0 for with its holder.</param>
    public void Lock(RoomObject locked, Member holder, long until)
    {
        Unlock(locked);
        locked.LockHolder = holder.Id;
        locked.LockedUntil = until;
        if (until != 0)
        {
            _timedLocks.Add(locked);
        }
    }

    public void Unlock(RoomObject locked)
    {
        if (locked.LockedUntil != 0)
        {
            _timedLocks.Remove(locked);
        }

        locked.LockHolder = 0;
        locked.LockedUntil = 0;
    }

    /// <summary>Ends the locks whose time is up.</summary>
    public void EndOverdueLocks(long now)
    {
        for (int i = _timedLocks.Count - 1; i >= 0; i--)
        {
            RoomObject locked = _timedLocks[i];
            if (locked.LockedUntil <= now)
            {
                Unlock(locked);
                News.Tell(locked);
            }
        }

        News.Publish();
    }

    /// <summary>The attributes of a target; null if the target is not there.</summary>
    /// <param name="target">What they are of.</param>
    /// <param name="make">Whether to make the set if there is none.</param>
    public AttributeSet? AttributesOf(AttributeTarget target, bool make)
    {
        switch (target.Kind)
        {
            case TargetKind.Room:
                return Attributes;
            case TargetKind.Object when Find(target.Object) is { } found:
                return make ? found.Attributes ??= new AttributeSet() : found.Attributes;
            case TargetKind.Member when Room.Find(target.Member) is { } member:
                return make ? member.Attributes ??= new AttributeSet() : member.Attributes;
            case TargetKind.ObjectMember when Find(target.Object) is { } found && Room.Find(target.Member) is { } member:
                return OfObjectMember(found, member, make);
            default:
                return null;
        }
    }

    /// <summary>Whether what an attribute would be of is there.</summary>
    public bool Has(AttributeTarget target) =>
        (target.Kind is not (TargetKind.Object or TargetKind.ObjectMember) || Find(target.Object) is not null) &&
        (target.Kind is not (TargetKind.Member or TargetKind.ObjectMember) || Room.Find(target.Member) is not null);

    /// <summary>An attribute has come.</summary>
    public void Count(StoredAttribute added)
    {
        AttributeCount++;
        StateBytes += added.Key.Length + added.Value.Length;
        RestrictedCount += added.IsPublic ? 0 : 1;
    }

    /// <summary>An attribute goes, or changes and will be counted again.</summary>
    public void Uncount(StoredAttribute removed)
    {
        AttributeCount--;
        StateBytes -= removed.Key.Length + removed.Value.Length;
        RestrictedCount -= removed.IsPublic ? 0 : 1;
    }

    /// <summary>Takes an attribute away.</summary>
    public void Remove(AttributeSet attributes, StoredAttribute gone)
    {
        attributes.Remove(gone);
        Forget(gone);
    }

    /// <summary>Every attribute in the room: its own, those of the objects, those of the members.</summary>
    public IEnumerable<StoredAttribute> AllAttributes()
    {
        foreach (StoredAttribute attribute in Attributes)
        {
            yield return attribute;
        }

        foreach (RoomObject place in _objects.Values)
        {
            foreach (StoredAttribute attribute in AttributesOf(place))
            {
                yield return attribute;
            }
        }

        foreach (Member member in Room.Members)
        {
            if (member.Attributes is { } attributes)
            {
                foreach (StoredAttribute attribute in attributes)
                {
                    yield return attribute;
                }
            }
        }
    }

    /// <summary>The attributes of an object, and of members with regard to it.</summary>
    public static IEnumerable<StoredAttribute> AttributesOf(RoomObject place)
    {
        if (place.Attributes is { } own)
        {
            foreach (StoredAttribute attribute in own)
            {
                yield return attribute;
            }
        }

        if (place.MemberAttributes is { } byMember)
        {
            foreach (AttributeSet attributes in byMember.Values)
            {
                foreach (StoredAttribute attribute in attributes)
                {
                    yield return attribute;
                }
            }
        }
    }

    /// <summary>The attributes of a member, also those with regard to objects.</summary>
    public static IEnumerable<StoredAttribute> AttributesOf(Member member)
    {
        if (member.Attributes is { } own)
        {
            foreach (StoredAttribute attribute in own)
            {
                yield return attribute;
            }
        }

        foreach (RoomObject place in member.ObjectsWithAttributes)
        {
            foreach (StoredAttribute attribute in place.MemberAttributes![member.Id])
            {
                yield return attribute;
            }
        }
    }

    /// <summary>A member's attributes go with it: clients know that without being told.</summary>
    public void ForgetAttributesOf(Member member)
    {
        ForgetAll(member.Attributes);
        member.Attributes = null;
        foreach (RoomObject place in member.ObjectsWithAttributes)
        {
            if (place.MemberAttributes!.Remove(member.Id, out AttributeSet? attributes))
            {
                ForgetAll(attributes);
            }
        }

        member.ObjectsWithAttributes.Clear();
    }

    private void Add(RoomObject made)
    {
        if ((made.Flags & ObjectFlags.Placed) != 0)
        {
            made.Slot = Room.Slots.Take(out byte generation);
            made.Generation = generation;
            _bySlot.Add((uint)made.Slot, made);
        }

        _objects.Add(made.Id, made);
    }

    private static AttributeSet? OfObjectMember(RoomObject place, Member member, bool make)
    {
        AttributeSet? attributes = place.MemberAttributes?.GetValueOrDefault(member.Id);
        if (attributes is null && make)
        {
            attributes = new AttributeSet();
            (place.MemberAttributes ??= []).Add(member.Id, attributes);
            member.ObjectsWithAttributes.Add(place);
        }

        return attributes;
    }

    private void ForgetAll(AttributeSet? attributes)
    {
        if (attributes is not null)
        {
            foreach (StoredAttribute attribute in attributes)
            {
                Forget(attribute);
            }
        }
    }

    private void Forget(StoredAttribute gone)
    {
        Uncount(gone);
        Room.Find(gone.Author)?.Ephemeral.Remove(gone);
    }
}
