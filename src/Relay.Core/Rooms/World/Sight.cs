using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>Whom an <see cref="Access"/> means, and what comes into or goes out of sight when roles and owners change.</summary>
internal static class Sight
{
    /// <summary>Whether an access names a member.</summary>
    /// <param name="access">Who is named.</param>
    /// <param name="target">What the attribute is of.</param>
    /// <param name="member">The member.</param>
    /// <param name="world">Where owners are looked up.</param>
    public static bool Names(Access access, AttributeTarget target, Member member, RoomWorld world) => access.Kind switch
    {
        AccessKind.Everyone => true,
        AccessKind.Member => access.Argument == member.Id,
        AccessKind.Roles => (access.Argument >> member.Role & 1) != 0,
        _ => target.Kind switch
        {
            TargetKind.Room => (member.Permissions & RoomPermissions.SetRoomAttributes) != 0,
            TargetKind.Object => world.Find(target.Object)?.Owner == member.Id,
            _ => target.Member == member.Id,
        },
    };

    /// <summary>Whether a member may see an attribute.</summary>
    public static bool Sees(Member member, StoredAttribute attribute, RoomWorld world) =>
        attribute.IsPublic || Names(attribute.Terms.Readers, attribute.Target, member, world);

    /// <summary>The members that see an attribute.</summary>
    public static uint[] ReadersOf(StoredAttribute attribute, RoomWorld world) =>
        [.. world.Room.Members.Where(member => Sees(member, attribute, world)).Select(member => member.Id)];

    /// <summary>Tells everybody who sees an attribute how it is now.</summary>
    public static void Tell(StoredAttribute attribute, RoomWorld world)
    {
        if (attribute.IsPublic)
        {
            world.News.Tell(attribute.Entry, attribute.EntrySize);
        }
        else
        {
            world.News.TellSome(attribute.Entry, attribute.EntrySize, ReadersOf(attribute, world));
        }
    }

    /// <summary>Tells everybody who sees an attribute that it has gone.</summary>
    public static void TellGone(StoredAttribute attribute, RoomWorld world)
    {
        if (attribute.IsPublic)
        {
            world.News.Tell(GoneEntry(attribute), attribute.EntrySize);
        }
        else
        {
            world.News.TellSome(GoneEntry(attribute), attribute.EntrySize, ReadersOf(attribute, world));
        }
    }

    /// <summary>Takes an attribute out of the sight of some.</summary>
    public static void Hide(StoredAttribute attribute, uint[] members, RoomWorld world)
    {
        if (members.Length > 0)
        {
            world.News.TellSome(GoneEntry(attribute), attribute.EntrySize, members);
        }
    }

    /// <summary>What a member saw of some attributes before something changes; <see cref="TellDifference"/> tells it what it sees
    /// after.</summary>
    public static HashSet<StoredAttribute> Before(Member? member, IEnumerable<StoredAttribute> attributes, RoomWorld world) =>
        member is null ? [] : [.. attributes.Where(attribute => !attribute.IsPublic && Sees(member, attribute, world))];

    /// <summary>Tells a member what came into its sight and what went out of it.</summary>
    /// <param name="member">Who.</param>
    /// <param name="before">What it saw of them.</param>
    /// <param name="attributes">The attributes that the change may concern.</param>
    /// <param name="world">The room's world.</param>
    public static void TellDifference(
        Member? member, HashSet<StoredAttribute> before, IEnumerable<StoredAttribute> attributes, RoomWorld world)
    {
        if (member is null)
        {
            return;
        }

        uint[] only = [member.Id];
        foreach (StoredAttribute attribute in attributes)
        {
            bool sees = !attribute.IsPublic && Sees(member, attribute, world);
            if (sees && !before.Contains(attribute))
            {
                world.News.TellSome(attribute.Entry, attribute.EntrySize, only);
            }
            else if (!sees && before.Contains(attribute))
            {
                Hide(attribute, only, world);
            }
        }
    }

    private static StateEntry GoneEntry(StoredAttribute attribute) =>
        new() { Kind = StateKind.AttributeRemoved, Target = attribute.Target, KeyUtf8 = attribute.Key };
}
