using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>An object of a room: a node of its tree.</summary>
internal sealed class RoomObject
{
    private List<RoomObject>? _children;

    /// <summary>Makes an object.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="creator">The member that makes it; null for none that is here.</param>
    public RoomObject(uint id, Member? creator)
    {
        Id = id;
        Creator = creator?.Id ?? 0;
        CreatorUser = creator?.Receiver.Connection.Who.UserId ?? "";
        IsMadeByServer = creator is null;
    }

    public uint Id { get; }

    /// <summary>The member that made it; 0 for the server, or for one of an earlier life of the room.</summary>
    public uint Creator { get; }

    /// <summary>The user that made it; empty for one whom nobody knows, and for the server.</summary>
    public string CreatorUser { get; init; }

    /// <summary>Whether the server made it.</summary>
    public bool IsMadeByServer { get; init; }

    /// <summary>Its parent; null for the root.</summary>
    public RoomObject? Parent { get; private set; }

    public IReadOnlyList<RoomObject> Children => _children ?? [];

    /// <summary>Its owner's member id; 0 for nobody.</summary>
    public uint Owner { get; set; }

    /// <summary>The member that holds its lock; 0 for nobody.</summary>
    public uint LockHolder { get; set; }

    /// <summary>When the lock ends, in microseconds; 0 for with its holder.</summary>
    public long LockedUntil { get; set; }

    /// <summary>Persistent, placed, fixed.</summary>
    public ObjectFlags Flags { get; set; }

    public byte[] Type { get; set; } = [];

    public byte[] Name { get; set; } = [];

    /// <summary>The name of the parent that it waits for at the root; null if it waits for none.</summary>
    public string? AwaitedParent { get; set; }

    /// <summary>Its slot; −1 without <see cref="ObjectFlags.Placed"/>.</summary>
    public int Slot { get; set; } = -1;

    public byte Generation { get; set; }

    public AttributeSet? Attributes { get; set; }

    /// <summary>Attributes of members with regard to it, by member.</summary>
    public Dictionary<uint, AttributeSet>? MemberAttributes { get; set; }

    public bool IsPersistent => (Flags & ObjectFlags.Persistent) != 0;

    /// <summary>Whether the server made it for itself alone: then having no owner does not make it anybody's.</summary>
    public bool IsTheServers => (Flags & ObjectFlags.Fixed) != 0 && IsMadeByServer && Owner == 0;

    /// <summary>Whether somebody else than the member holds its lock.</summary>
    public bool IsLockedFor(uint member) => LockHolder != 0 && LockHolder != member;

    /// <summary>How many levels above it are objects.</summary>
    public int Depth
    {
        get
        {
            int depth = 0;
            for (RoomObject? above = Parent; above is not null; above = above.Parent)
            {
                depth++;
            }

            return depth;
        }
    }

    /// <summary>How many levels the tree under it has, itself included.</summary>
    public int Height => 1 + (_children is { Count: > 0 } children ? children.Max(child => child.Height) : 0);

    public void MoveTo(RoomObject? parent)
    {
        Parent?._children!.Remove(this);
        Parent = parent;
        if (parent is not null)
        {
            (parent._children ??= []).Add(this);
        }
    }

    /// <summary>Whether it is the other or stands under it.</summary>
    public bool IsWithin(RoomObject other)
    {
        for (RoomObject? place = this; place is not null; place = place.Parent)
        {
            if (ReferenceEquals(place, other))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>It and everything under it, parents first.</summary>
    public IEnumerable<RoomObject> Subtree()
    {
        var open = new Stack<RoomObject>();
        open.Push(this);
        while (open.TryPop(out RoomObject? next))
        {
            yield return next;
            for (int i = next.Children.Count - 1; i >= 0; i--)
            {
                open.Push(next.Children[i]);
            }
        }
    }
}
