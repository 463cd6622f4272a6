using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>Who owns an object and who holds its lock: the server decides, in the order in which it is asked. protocol-spec.md
/// §11.5.</summary>
internal static class ClaimDeeds
{
    /// <summary>Takes, gives, releases, locks or unlocks an object.</summary>
    /// <param name="world">Where.</param>
    /// <param name="actor">Who.</param>
    /// <param name="message">What.</param>
    /// <param name="now">The server's clock in microseconds.</param>
    public static Fault Claim(RoomWorld world, Member actor, in Claim message, long now)
    {
        if (world.Find(message.Object) is not { } claimed)
        {
            return ObjectDeeds.NoSuchObject(message.Object);
        }

        Fault fault = message.Action switch
        {
            ClaimAction.Take => Take(world, actor, claimed, message.Argument),
            ClaimAction.Give => Give(world, actor, claimed, message.Argument),
            ClaimAction.Release => Release(world, actor, claimed),
            ClaimAction.Lock => Lock(world, actor, claimed, message.Argument == 0 ? 0 : now + (message.Argument * 1000L)),
            _ => Unlock(world, actor, claimed),
        };
        world.News.Publish();
        return fault;
    }

    /// <summary>A member leaves: its locks end, its persistent objects get another owner, the others vanish, and what it wrote for the
    /// time of its stay goes too. Told in this order, all before the member's departure.</summary>
    public static void Depart(RoomWorld world, Member leaver)
    {
        if (world.IsEmpty)
        {
            return;
        }

        AttributeDeeds.DropEphemeral(world, leaver);
        Member? heir = Heir(world, leaver);
        foreach (RoomObject place in world.Objects.Values.Where(place => place.Owner == leaver.Id && !place.IsPersistent).ToArray())
        {
            if (world.Find(place.Id) is not null)
            {
                SaveWhatIsToStay(world, place);
                ObjectDeeds.Drop(world, place);
            }
        }

        foreach (RoomObject place in world.Objects.Values)
        {
            if (place.LockHolder == leaver.Id)
            {
                world.Unlock(place);
                if (place.Owner != leaver.Id)
                {
                    world.News.Tell(place);
                }
            }

            if (place.Owner == leaver.Id)
            {
                HandOver(world, place, heir);
            }
        }

        world.ForgetAttributesOf(leaver);
        world.News.Publish();
    }

    private static Fault Take(RoomWorld world, Member actor, RoomObject claimed, uint expected)
    {
        Fault fault = Permissions.Check(actor, Deed.Take);
        if (!fault.IsNone || claimed.Owner == actor.Id)
        {
            return fault;
        }

        if (claimed.Owner != expected)
        {
            return new Fault(CloseCode.Conflict, "The owner is the member in value, not the one expected.", expected, claimed.Owner);
        }

        if (claimed.IsTheServers || ((claimed.Flags & ObjectFlags.Fixed) != 0 && claimed.Owner != 0))
        {
            return new Fault(
                CloseCode.Forbidden, "Only its owner, the member in value (0: the server), hands the object on.", 0, claimed.Owner);
        }

        if (claimed.IsLockedFor(actor.Id))
        {
            return ObjectDeeds.LockedBy(claimed);
        }

        return HasRoomFor(world, actor) is { IsNone: false } full ? full : HandOver(world, claimed, actor);
    }

    /// <summary>Gives an object to a member, or to nobody.</summary>
    /// <param name="world">Where.</param>
    /// <param name="actor">Who gives it; null for the server.</param>
    /// <param name="claimed">What.</param>
    /// <param name="to">To whom; 0 for nobody.</param>
    public static Fault HandOn(RoomWorld world, Member? actor, RoomObject claimed, uint to)
    {
        Fault fault = to == 0 ? Release(world, actor, claimed) : Give(world, actor, claimed, to);
        world.News.Publish();
        return fault;
    }

    private static Fault Give(RoomWorld world, Member? actor, RoomObject claimed, uint to)
    {
        Fault fault = ObjectDeeds.MayChange(actor, Deed.Give, claimed);
        if (!fault.IsNone)
        {
            return fault;
        }

        if (world.Room.Find(to) is not { } receiver)
        {
            return Fault.NotFound("No such member in the room.", to);
        }

        if (receiver.Id == claimed.Owner)
        {
            return Fault.None;
        }

        return HasRoomFor(world, receiver) is { IsNone: false } full ? full : HandOver(world, claimed, receiver);
    }

    private static Fault Release(RoomWorld world, Member? actor, RoomObject claimed)
    {
        Fault fault = ObjectDeeds.MayChange(actor, Deed.Release, claimed);
        return fault.IsNone && claimed.Owner != 0 ? HandOver(world, claimed, null) : fault;
    }

    private static Fault HasRoomFor(RoomWorld world, Member owner)
    {
        int limit = world.Room.Options.MaxObjectsPerMember;
        return owner.Owned >= limit
            ? new Fault(CloseCode.QuotaExceeded, "The member owns as many objects as it may.", limit, owner.Owned + 1)
            : Fault.None;
    }

    private static Fault Lock(RoomWorld world, Member actor, RoomObject claimed, long until)
    {
        Fault fault = Permissions.Check(actor, Deed.Lock, claimed.Owner == actor.Id || (claimed.Owner == 0 && !claimed.IsTheServers));
        fault = fault.IsNone && claimed.IsLockedFor(actor.Id) ? ObjectDeeds.LockedBy(claimed) : fault;
        if (fault.IsNone)
        {
            world.Lock(claimed, actor, until);
            world.News.Tell(claimed);
        }

        return fault;
    }

    private static Fault Unlock(RoomWorld world, Member actor, RoomObject claimed)
    {
        Fault fault = Permissions.Check(actor, Deed.Unlock, !claimed.IsLockedFor(actor.Id));
        if (fault.IsNone && claimed.LockHolder != 0)
        {
            world.Unlock(claimed);
            world.News.Tell(claimed);
        }

        return fault;
    }

    private static Fault HandOver(RoomWorld world, RoomObject claimed, Member? to)
    {
        Member? from = world.Room.Find(claimed.Owner);
        IEnumerable<StoredAttribute> attributes = RoomWorld.AttributesOf(claimed);
        HashSet<StoredAttribute> fromSaw = Sight.Before(from, attributes, world);
        HashSet<StoredAttribute> toSaw = Sight.Before(to, attributes, world);
        world.Unlock(claimed);
        world.SetOwner(claimed, to);
        world.News.Tell(claimed);
        Sight.TellDifference(from, fromSaw, attributes, world);
        Sight.TellDifference(to, toSaw, attributes, world);
        return Fault.None;
    }

    /// <summary>Who gets what a leaver owned: the member that has been here longest among those that may take objects.</summary>
    private static Member? Heir(RoomWorld world, Member leaver) => world.Room.Members
        .Where(member => member != leaver && Permissions.Allows(member, Deed.Take))
        .MinBy(member => member.Id);

    /// <summary>Persistent objects under one that vanishes move to the root, with what is under them.</summary>
    private static void SaveWhatIsToStay(RoomWorld world, RoomObject vanishing)
    {
        foreach (RoomObject part in vanishing.Children.ToArray())
        {
            if (part.IsPersistent)
            {
                part.MoveTo(null);
                world.Keeper?.Changed(part);
                world.News.Tell(part);
            }
            else
            {
                SaveWhatIsToStay(world, part);
            }
        }
    }
}
