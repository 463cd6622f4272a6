using System.Text;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.Stores;

/// <summary>
/// What of a room is not stored yet. The store is one more receiver that is behind: what changes is marked, not copied, and when the store
/// has taken what it was given last it gets everything that was marked meanwhile, as it is then. So what waits is bounded by what the room
/// may hold. The shard's thread.
/// </summary>
internal sealed class RoomKeeper
{
    private readonly Shard _shard;
    private readonly Room _room;
    private readonly RoomSaver _saver;
    private readonly bool _isDetached;
    private readonly HashSet<uint> _strangers = [];
    private readonly HashSet<uint> _objects = [];
    private readonly HashSet<uint> _removed = [];
    private readonly Dictionary<AttributeName, StoredAttribute?> _attributes = [];
    private readonly Dictionary<string, StoredPlace> _places = new(StringComparer.Ordinal);
    private readonly Queue<Waiter> _waiters = [];
    private ulong _changes;
    private ulong _handed;
    private ulong _saved;
    private ulong _placesUpTo;
    private int _inFlight;
    private bool _hasFailed;
    private long _nextPeriod;

    public RoomKeeper(Shard shard, Room room, RoomSaver saver, bool isDetached = false)
    {
        _isDetached = isDetached;
        _shard = shard;
        _room = room;
        _saver = saver;
        _placesUpTo = room.Slots.Version;
        _nextPeriod = shard.Now + shard.Settings.SavePeriodMicros;
        Visitors = new Visitors(shard, room, this);
    }

    /// <summary>Who was here and may come again.</summary>
    public Visitors Visitors { get; }

    /// <summary>Whether the room could not be fetched: nothing of it is stored.</summary>
    public bool IsDetached => _isDetached;

    /// <summary>Rises with each change that must be stored before it is answered.</summary>
    public ulong Mark { get; private set; }

    /// <summary>Whether it is on the desk's list of those that want to hand something over.</summary>
    public bool IsDue { get; set; }

    /// <summary>How many things have changed and are not known to be stored.</summary>
    public int Unsaved => Marked + _inFlight;

    /// <summary>Whether it wants to be looked at from time to time.</summary>
    public bool IsBusy => _waiters.Count > 0 || Unsaved > 0;

    private int Marked => _objects.Count + _removed.Count + _attributes.Count + _places.Count;

    private bool IsInFlight => _handed > _saved;

    /// <summary>Whether anything more may change that has to be stored. While the store is well there is no bound but the room's
    /// own.</summary>
    public Fault MayChange()
    {
        if (_isDetached)
        {
            return new Fault(
                CloseCode.StoreUnavailable,
                "The room was opened while the store was away, and is not stored until it has been empty: nothing has changed.");
        }

        int limit = _shard.Settings.MaxUnsaved;
        return (_hasFailed || _saver.IsFailing) && Unsaved >= limit
            ? new Fault(
                CloseCode.StoreUnavailable, "The store fails and as much waits for it as may: nothing has changed.", limit, Unsaved + 1)
            : Fault.None;
    }

    /// <summary>Whether an attribute may change that has to be stored.</summary>
    public Fault MayChange(in AttributeTarget target)
    {
        Fault fault = MayChange();
        return fault.IsNone && target.Kind is TargetKind.Member or TargetKind.ObjectMember && _strangers.Contains(target.Member)
            ? new Fault(
                CloseCode.StoreUnavailable,
                "The member came in while the store was away, and what it has is not known: nothing has changed.", Value: target.Member)
            : fault;
    }

    /// <summary>Somebody came in of whom the store could not be asked: what it has must not be overwritten.</summary>
    public void Came(Member stranger) => _strangers.Add(stranger.Id);

    /// <summary>An object is new, or otherwise than before.</summary>
    public void Changed(RoomObject changed)
    {
        if (changed.IsPersistent)
        {
            _objects.Add(changed.Id);
            MustBeStored();
        }
    }

    /// <summary>An object has become persistent, or is so no more.</summary>
    public void Toggled(RoomObject changed)
    {
        if (!changed.IsPersistent)
        {
            Removed(changed);
        }
        else
        {
            Changed(changed);
            foreach (StoredAttribute attribute in RoomWorld.AttributesOf(changed))
            {
                Changed(attribute);
            }
        }

        foreach (RoomObject child in changed.Children)
        {
            // It is stored under this one now, or not any more.
            Changed(child);
        }
    }

    /// <summary>An object that was persistent is gone, or is so no more.</summary>
    public void Removed(RoomObject removed)
    {
        _objects.Remove(removed.Id);
        _removed.Add(removed.Id);
        MustBeStored();
    }

    /// <summary>An attribute is new, or otherwise than before.</summary>
    public void Changed(StoredAttribute changed)
    {
        if (changed.IsPersistent && NameOf(changed) is { } name)
        {
            _attributes[name] = changed;
            MustBeStored();
        }
    }

    /// <summary>An attribute that was persistent is gone, or is so no more.</summary>
    public void Removed(StoredAttribute removed)
    {
        if (NameOf(removed) is { } name)
        {
            _attributes[name] = null;
            MustBeStored();
        }
    }

    /// <summary>A user leaves: where they were is stored by and by, and what they had is at hand until that is done.</summary>
    public void Leaving(Member member)
    {
        bool isStranger = _strangers.Remove(member.Id);
        if (_isDetached || member.Receiver.Connection.Who.UserId is not { } user)
        {
            return;
        }

        StoredPlace? place = _room.Options.RestorePlaces ? _room.PlaceOf(member.Slot) : null;
        if (place is not null)
        {
            _places[user] = place;
            _changes++;
        }

        if (isStranger)
        {
            // The store knows more.
            return;
        }

        Visitors.Left(user, new StoredVisitor { Place = place, Attributes = AttributesOf(member, user) }, _changes);
    }

    /// <summary>Somebody wants to know when everything that was changed until now is stored.</summary>
    public void Await(Waiter waiter)
    {
        waiter.Mark = Mark;
        waiter.Deadline = _shard.Now + _shard.Settings.AnswerTimeoutMicros;
        _waiters.Enqueue(waiter);
    }

    /// <summary>Gives the store what it has not been given, if it has taken what it was given last.</summary>
    public void Hand()
    {
        if (IsInFlight || Marked == 0)
        {
            return;
        }

        _inFlight = Marked;
        _handed = _changes;
        _saver.Post(new SaveJob(_shard, _room, this, Build(), _handed));
        _objects.Clear();
        _removed.Clear();
        _attributes.Clear();
        _places.Clear();
    }

    /// <summary>The store has taken what it was given.</summary>
    public void Stored(ulong upTo)
    {
        _saved = upTo;
        _inFlight = 0;
        _hasFailed = false;
        while (_waiters.TryPeek(out Waiter? waiter) && waiter.Mark <= upTo)
        {
            _waiters.Dequeue().Settle(Fault.None);
        }

        Visitors.Forget(upTo);
        if (Marked > 0 && Mark > upTo)
        {
            _shard.SaveDesk.Wants(this);
        }
    }

    /// <summary>The store has not taken what it was given; it is being tried again.</summary>
    public void Failed() => _hasFailed = true;

    /// <summary>Looks after what waits, and after what moved.</summary>
    public void Sweep(long now)
    {
        while (_waiters.TryPeek(out Waiter? waiter) && waiter.Deadline <= now)
        {
            _hasFailed = true;
            _waiters.Dequeue().Settle(new Fault(
                CloseCode.StoreUnavailable,
                "The change is in the room and will be stored when the store is back (milliseconds waited).",
                _shard.Settings.AnswerTimeoutMicros / 1000));
        }

        Visitors.Forget(_saved);
        if (now >= _nextPeriod)
        {
            _nextPeriod = now + _shard.Settings.SavePeriodMicros;
            GatherMoved();
            Hand();
        }
    }

    /// <summary>Whether everything is stored; if it is not, sees to it that it will be.</summary>
    public bool TryFinish()
    {
        if (_room.Members.Count == 0)
        {
            _room.Slots.Advance();
        }

        GatherMoved();
        Hand();
        return Unsaved == 0;
    }

    /// <summary>The server ends: nobody waits any more.</summary>
    public void GiveUp()
    {
        while (_waiters.TryDequeue(out Waiter? waiter))
        {
            waiter.Settle(new Fault(CloseCode.StoreUnavailable, "The server has ended before it was stored."));
        }
    }

    private void MustBeStored()
    {
        Mark = ++_changes;
        _shard.SaveDesk.Wants(this);
    }

    /// <summary>Marks the objects whose place has changed.</summary>
    private void GatherMoved()
    {
        SlotTable slots = _room.Slots;
        if (!slots.IsDirty && slots.Version == _placesUpTo)
        {
            return;
        }

        foreach (RoomObject placed in _room.World.Placed)
        {
            if (placed.IsPersistent && slots.StampOf(placed.Slot) > _placesUpTo && _objects.Add(placed.Id))
            {
                _changes++;
            }
        }

        // What is stamped with the version to come may be written once more under that stamp.
        _placesUpTo = slots.Version;
    }

    private RoomChanges Build()
    {
        RoomWorld world = _room.World;
        return new RoomChanges
        {
            Room = _room.Name,
            LastObject = world.LastId,
            RemovedObjects = [.. _removed],
            RemovedAttributes = [.. _attributes.Where(change => change.Value is null).Select(change => change.Key)],
            Objects = [.. _objects
                .Select(world.Find).OfType<RoomObject>()
                .Where(changed => changed.IsPersistent)
                .OrderBy(changed => changed.Depth).Select(Copy)],
            Attributes = [.. _attributes
                .Where(change => change.Value is not null && IsStored(change.Key.Object))
                .Select(change => new StoredValue(change.Key, change.Value!.Terms, change.Value.Value.ToArray()))],
            Places = [.. _places],
        };
    }

    private bool IsStored(uint id) => id == 0 || _room.World.Find(id) is { IsPersistent: true };

    private StoredObject Copy(RoomObject copied) => new()
    {
        Id = copied.Id,
        Parent = copied.Parent is { IsPersistent: true } parent ? parent.Id : 0,
        AwaitedParent = copied.AwaitedParent ?? "",
        Flags = copied.Flags,
        Type = Encoding.UTF8.GetString(copied.Type),
        Name = Encoding.UTF8.GetString(copied.Name),
        Creator = copied.CreatorUser,
        IsServers = copied.IsMadeByServer,
        Place = copied.Slot >= 0 ? _room.PlaceOf(copied.Slot) : null,
    };

    /// <summary>What an attribute is stored under.</summary>
    /// <returns>Null if it is of something that is not stored.</returns>
    private AttributeName? NameOf(StoredAttribute named)
    {
        AttributeTarget target = named.Target;
        string user = "";
        if (target.Kind is TargetKind.Member or TargetKind.ObjectMember)
        {
            if (_room.Find(target.Member)?.Receiver.Connection.Who.UserId is not { } known)
            {
                return null;
            }

            user = known;
        }

        return IsStored(target.Object) ? new AttributeName(target.Object, user, Encoding.UTF8.GetString(named.Key)) : null;
    }

    private List<StoredValue> AttributesOf(Member member, string user)
    {
        var kept = new List<StoredValue>();
        foreach (StoredAttribute attribute in RoomWorld.AttributesOf(member))
        {
            bool vanishes = (attribute.Terms.Flags & AttributeFlags.Ephemeral) != 0 && attribute.Author == member.Id;
            if (attribute.IsPersistent && !vanishes && IsStored(attribute.Target.Object))
            {
                var name = new AttributeName(attribute.Target.Object, user, Encoding.UTF8.GetString(attribute.Key));
                kept.Add(new StoredValue(name, attribute.Terms, attribute.Value.ToArray()));
            }
        }

        return kept;
    }
}
