using System.Text;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms.World;

/// <summary>Creating, changing, removing and cloning objects: checks, then does, then tells. Nothing is done unless everything may be.
/// protocol-spec.md §11.3.</summary>
internal static class ObjectDeeds
{
    /// <summary>Makes an object.</summary>
    /// <param name="world">Where.</param>
    /// <param name="actor">Who; null for the server.</param>
    /// <param name="message">What.</param>
    /// <param name="now">The server's clock in microseconds.</param>
    /// <param name="id">The new object's id.</param>
    public static Fault Create(RoomWorld world, Member? actor, ref CreateObject message, long now, out uint id)
    {
        id = 0;
        bool byName = (message.Flags & ObjectFlags.ParentByName) != 0;
        string? awaited = byName ? Encoding.UTF8.GetString(message.ParentNameUtf8) : null;
        RoomObject? parent = byName ? world.Find(awaited!) : world.Find(message.Parent);
        TransformUpdateEntry place = default;
        Fault fault = Permissions.Check(actor, Deed.CreateObject);
        fault = fault.IsNone ? MayPin(actor, message.Flags) : fault;
        fault = fault.IsNone && !byName && message.Parent != 0 && parent is null
            ? Fault.NotFound("No such parent in the room.", message.Parent)
            : fault;
        fault = fault.IsNone && byName ? Names.Check("The parent's name", message.ParentNameUtf8, mayBeEmpty: false) : fault;
        fault = fault.IsNone ? Names.Check("A type", message.TypeUtf8, mayBeEmpty: true) : fault;
        fault = fault.IsNone ? NameIsFree(world, message.NameUtf8, null) : fault;
        fault = fault.IsNone ? HasRoomFor(world, actor, 1) : fault;
        fault = fault.IsNone ? FitsUnder(world, parent, 1) : fault;
        fault = fault.IsNone ? ReadPlace(world.Room.Space, message.Place, out place) : fault;
        fault = fault.IsNone ? CheckAttributes(world, actor, message) : fault;
        fault = fault.IsNone && (message.Flags & ObjectFlags.Persistent) != 0 ? MayStore(world) : fault;
        if (!fault.IsNone)
        {
            return fault;
        }

        RoomObject made = world.Add(actor, message.Flags & ~ObjectFlags.ParentByName, message.TypeUtf8.ToArray());
        id = made.Id;
        made.MoveTo(parent);
        if (byName && parent is null)
        {
            world.Await(made, awaited!);
        }

        world.Rename(made, message.NameUtf8.ToArray());
        if (!message.Place.IsEmpty)
        {
            world.Room.Slots.Set(made.Slot, place.Value, place.Extension, now);
        }

        world.Keeper?.Changed(made);
        world.News.Tell(made);
        while (message.TryReadAttribute(out InitialAttribute attribute))
        {
            AttributeDeeds.AddNew(world, actor, AttributeTarget.OfObject(id), attribute.KeyUtf8, attribute.Terms, attribute.Value);
        }

        TakeIn(world, made);
        world.News.Publish();
        return Fault.None;
    }

    /// <summary>Changes an object, or moves it in the tree.</summary>
    public static Fault Update(RoomWorld world, Member? actor, in UpdateObject message)
    {
        if (world.Find(message.Object) is not { } changed)
        {
            return NoSuchObject(message.Object);
        }

        bool moves = (message.Fields & ObjectFields.Parent) != 0;
        bool renames = (message.Fields & ObjectFields.Name) != 0;
        bool reflags = (message.Fields & ObjectFields.Flags) != 0;
        RoomObject? parent = moves ? world.Find(message.Parent) : changed.Parent;
        Fault fault = MayChange(actor, Deed.UpdateObject, changed);
        fault = fault.IsNone && reflags && !changed.IsPersistent ? MayPin(actor, message.Flags) : fault;
        fault = fault.IsNone && moves && message.Parent != 0 && parent is null
            ? Fault.NotFound("No such parent in the room.", message.Parent)
            : fault;
        fault = fault.IsNone && moves && parent is not null && parent.IsWithin(changed)
            ? new Fault(CloseCode.Cycle, "The object would be under itself: the value is the parent.", Value: message.Parent)
            : fault;
        fault = fault.IsNone && moves ? FitsUnder(world, parent, changed.Height) : fault;
        fault = fault.IsNone ? Names.Check("A type", message.TypeUtf8, mayBeEmpty: true) : fault;
        fault = fault.IsNone && renames ? NameIsFree(world, message.NameUtf8, changed) : fault;
        bool lasted = changed.IsPersistent;
        fault = fault.IsNone && (lasted || (message.Flags & ObjectFlags.Persistent) != 0) ? MayStore(world) : fault;
        if (!fault.IsNone)
        {
            return fault;
        }

        if (moves)
        {
            world.StopWaiting(changed);
            changed.MoveTo(parent);
        }

        if ((message.Fields & ObjectFields.Type) != 0)
        {
            changed.Type = message.TypeUtf8.ToArray();
        }

        if (renames)
        {
            world.Rename(changed, message.NameUtf8.ToArray());
        }

        if (reflags)
        {
            changed.Flags = (changed.Flags & ObjectFlags.Placed) | message.Flags;
        }

        if (changed.IsPersistent == lasted)
        {
            world.Keeper?.Changed(changed);
        }
        else
        {
            world.Keeper?.Toggled(changed);
        }

        world.News.Tell(changed);
        if (renames)
        {
            TakeIn(world, changed);
        }

        world.News.Publish();
        return Fault.None;
    }

    /// <summary>Removes an object and everything under it.</summary>
    public static Fault Remove(RoomWorld world, Member? actor, uint id)
    {
        if (world.Find(id) is not { } removed)
        {
            return NoSuchObject(id);
        }

        Fault fault = MayChange(actor, Deed.RemoveObject, removed);
        fault = fault.IsNone && removed.Subtree().Any(part => part.IsPersistent) ? MayStore(world) : fault;
        if (fault.IsNone)
        {
            Drop(world, removed);
            world.News.Publish();
        }

        return fault;
    }

    /// <summary>Copies an object and everything under it.</summary>
    public static Fault Clone(RoomWorld world, Member? actor, in CloneObject message, long now, out uint id)
    {
        id = 0;
        if (world.Find(message.Object) is not { } original)
        {
            return NoSuchObject(message.Object);
        }

        RoomObject? parent = world.Find(message.Parent);
        RoomObject[] originals = [.. original.Subtree()];
        Fault fault = Permissions.Check(actor, Deed.CloneObject);
        fault = fault.IsNone && message.Parent != 0 && parent is null
            ? Fault.NotFound("No such parent in the room.", message.Parent)
            : fault;
        bool lasts = originals.Any(part => part.IsPersistent);
        fault = fault.IsNone && lasts ? MayPin(actor, ObjectFlags.Persistent) : fault;
        fault = fault.IsNone ? NameIsFree(world, message.NameUtf8, null) : fault;
        fault = fault.IsNone ? HasRoomFor(world, actor, originals.Length) : fault;
        fault = fault.IsNone ? FitsUnder(world, parent, original.Height) : fault;
        fault = fault.IsNone ? AttributeDeeds.MayCopy(world, actor, originals.SelectMany(part => Cloneable(world, actor, part))) : fault;
        fault = fault.IsNone && lasts ? MayStore(world) : fault;
        if (!fault.IsNone)
        {
            return fault;
        }

        var copies = new Dictionary<RoomObject, RoomObject>();
        foreach (RoomObject part in originals)
        {
            RoomObject copy = world.Add(actor, part.Flags, part.Type);
            copy.MoveTo(ReferenceEquals(part, original) ? parent : copies[part.Parent!]);
            copies.Add(part, copy);
            if (ReferenceEquals(part, original))
            {
                world.Rename(copy, message.NameUtf8.ToArray());
                id = copy.Id;
            }

            if (part.Slot >= 0)
            {
                world.Room.Slots.Copy(part.Slot, copy.Slot, now);
            }

            world.Keeper?.Changed(copy);
            world.News.Tell(copy);
            foreach (StoredAttribute attribute in Cloneable(world, actor, part))
            {
                AttributeDeeds.AddNew(world, actor, AttributeTarget.OfObject(copy.Id), attribute.Key, attribute.Terms, attribute.Value);
            }
        }

        TakeIn(world, copies[original]);
        world.News.Publish();
        return Fault.None;
    }

    /// <summary>Takes an object and everything under it out of the world, and gathers the news.</summary>
    public static void Drop(RoomWorld world, RoomObject top)
    {
        uint id = top.Id;
        RoomObject[] gone = [.. top.Subtree()];
        for (int i = gone.Length - 1; i >= 0; i--)
        {
            gone[i].MoveTo(null);
            world.Forget(gone[i]);
        }

        world.News.Tell(new StateEntry { Kind = StateKind.ObjectRemoved, Object = id }, StateEntry.MinSize + 5);
    }

    /// <summary>Whether somebody may change an object, by permission and by lock.</summary>
    public static Fault MayChange(Member? actor, Deed deed, RoomObject changed)
    {
        if (actor is null)
        {
            return Fault.None;
        }

        Fault fault = Permissions.Check(actor, deed, changed.Owner == actor.Id);
        bool mayBreak = (actor.Permissions & RoomPermissions.EditObjects) != 0;
        return fault.IsNone && changed.IsLockedFor(actor.Id) && !mayBreak ? LockedBy(changed) : fault;
    }

    public static Fault LockedBy(RoomObject locked) =>
        new(CloseCode.Locked, "The member in value holds the object's lock.", Value: locked.LockHolder);

    public static Fault NoSuchObject(uint id) => Fault.NotFound("No such object in the room.", id);

    /// <summary>Those who wait for an object's name move below it.</summary>
    private static void TakeIn(RoomWorld world, RoomObject parent)
    {
        foreach (RoomObject child in world.WaitingFor(parent.Name))
        {
            if (parent.IsWithin(child) || !FitsUnder(world, parent, child.Height).IsNone)
            {
                // It would be under itself, or too deep: it goes on waiting where it is.
                continue;
            }

            world.StopWaiting(child);
            child.MoveTo(parent);
            world.Keeper?.Changed(child);
            world.News.Tell(child);
        }
    }

    /// <summary>The attributes of an object that its clone gets: nobody sees by cloning what they may not see.</summary>
    private static IEnumerable<StoredAttribute> Cloneable(RoomWorld world, Member? actor, RoomObject part)
    {
        if (part.Attributes is { } attributes)
        {
            foreach (StoredAttribute attribute in attributes)
            {
                if ((attribute.Terms.Flags & AttributeFlags.Cloneable) != 0 && (actor is null || Sight.Sees(actor, attribute, world)))
                {
                    yield return attribute;
                }
            }
        }
    }

    private static Fault MayStore(RoomWorld world) => world.Keeper?.MayChange() ?? Fault.None;

    private static Fault MayPin(Member? actor, ObjectFlags flags) =>
        (flags & ObjectFlags.Persistent) != 0 ? Permissions.Check(actor, Deed.Pin) : Fault.None;

    private static Fault NameIsFree(RoomWorld world, ReadOnlySpan<byte> name, RoomObject? self)
    {
        Fault fault = Names.Check("A name", name, mayBeEmpty: true);
        return fault.IsNone && !name.IsEmpty && world.Find(Encoding.UTF8.GetString(name)) is { } other && !ReferenceEquals(other, self)
            ? new Fault(CloseCode.NameTaken, "The object in value has that name.", Value: other.Id)
            : fault;
    }

    private static Fault HasRoomFor(RoomWorld world, Member? owner, int more)
    {
        RoomOptions options = world.Room.Options;
        if (world.Objects.Count + more > options.MaxObjects)
        {
            return new Fault(
                CloseCode.QuotaExceeded, "The room has as many objects as it may.", options.MaxObjects, world.Objects.Count + more);
        }

        return owner is not null && owner.Owned + more > options.MaxObjectsPerMember
            ? new Fault(
                CloseCode.QuotaExceeded, "The member owns as many objects as it may.", options.MaxObjectsPerMember, owner.Owned + more)
            : Fault.None;
    }

    private static Fault FitsUnder(RoomWorld world, RoomObject? parent, int height)
    {
        int levels = (parent is null ? 0 : parent.Depth + 1) + height;
        int limit = world.Room.Options.MaxTreeDepth;
        return levels > limit ? new Fault(CloseCode.TooDeep, "The tree would have more levels than it may.", limit, levels) : Fault.None;
    }

    private static Fault ReadPlace(RoomSpace space, ReadOnlySpan<byte> place, out TransformUpdateEntry entry)
    {
        entry = default;
        if (place.IsEmpty)
        {
            return Fault.None;
        }

        if (TransformRecord.TryRead(place, space, out PackedTransform value, out TransformExtension extension) != ReadStatus.Ok)
        {
            return new Fault(CloseCode.BadValue, "The place is not one record with its extension (bytes).", space.RecordSize, place.Length);
        }

        entry = new TransformUpdateEntry(0, 0, value, extension);
        if (!space.Contains(value))
        {
            (uint x, uint y, uint z, _) = space.UnpackSteps(value);
            (string axis, uint steps, uint q) =
                x >= space.StepsX ? ("x", space.StepsX, x) : y >= space.StepsY ? ("y", space.StepsY, y) : ("z", space.StepsZ, z);
            return new Fault(CloseCode.OutOfBounds, $"The place lies outside the room along {axis} (steps).", steps, q);
        }

        return extension.IsValid
            ? Fault.None
            : new Fault(
                CloseCode.BadValue, "The scale is not a number from 0.0001 to 10,000.", TransformExtension.MaxScale, extension.Scale);
    }

    private static Fault CheckAttributes(RoomWorld world, Member? actor, CreateObject message)
    {
        int count = 0;
        long bytes = 0;
        CreateObject seen = message;
        while (message.TryReadAttribute(out InitialAttribute attribute))
        {
            Fault fault = AttributeDeeds.CheckNew(world, actor, attribute.KeyUtf8, attribute.Terms, attribute.Value);
            if (!fault.IsNone)
            {
                return fault;
            }

            CreateObject before = seen;
            for (int i = 0; i < count; i++)
            {
                before.TryReadAttribute(out InitialAttribute earlier);
                if (earlier.KeyUtf8.SequenceEqual(attribute.KeyUtf8))
                {
                    return new Fault(CloseCode.BadValue, "A key comes twice: the value is the second's place.", Value: count);
                }
            }

            count++;
            bytes += attribute.KeyUtf8.Length + attribute.Value.Length;
            if (count > world.Room.Options.MaxAttributesPerTarget)
            {
                return new Fault(
                    CloseCode.QuotaExceeded, "The object has as many attributes as it may.", world.Room.Options.MaxAttributesPerTarget,
                    message.AttributeCount);
            }
        }

        return AttributeDeeds.HasRoomFor(world, count, bytes);
    }
}
