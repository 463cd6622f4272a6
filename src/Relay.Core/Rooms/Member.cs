using Relay.Core.Rooms.World;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms;

/// <summary>Somebody in a room: who, in which slot, with which role, and the receiver through which they look at it.</summary>
internal sealed class Member
{
    private HashSet<StoredAttribute>? _ephemeral;
    private HashSet<RoomObject>? _objects;

    public Member(Room room, uint id, byte[] nameUtf8, int slot, byte generation, Receiver receiver)
    {
        Room = room;
        Id = id;
        NameUtf8 = nameUtf8;
        Slot = slot;
        Generation = generation;
        Receiver = receiver;
    }

    /// <summary>The room.</summary>
    public Room Room { get; }

    /// <summary>Unique within the room's epoch, never 0.</summary>
    public uint Id { get; }

    /// <summary>The name that others see.</summary>
    public byte[] NameUtf8 { get; }

    /// <summary>The avatar's slot.</summary>
    public int Slot { get; }

    /// <summary>The slot's generation.</summary>
    public byte Generation { get; }

    /// <summary>The number of the message by which it joined.</summary>
    public ulong JoinSequence { get; init; }

    /// <summary>How this member is told of the room.</summary>
    public Receiver Receiver { get; }

    /// <summary>Its role: a place in the room's list.</summary>
    public byte Role { get; set; }

    /// <summary>What it may do.</summary>
    public RoomPermissions Permissions => Room.Roles[Role].Permissions;

    /// <summary>How it stands.</summary>
    public MemberStanding Standing { get; set; }

    /// <summary>How many objects it owns.</summary>
    public int Owned { get; set; }

    /// <summary>Its attributes.</summary>
    public AttributeSet? Attributes { get; set; }

    /// <summary>The attributes that vanish with it: ephemeral ones that it wrote last.</summary>
    public HashSet<StoredAttribute> Ephemeral => _ephemeral ??= [];

    /// <summary>The objects with regard to which it has attributes.</summary>
    public HashSet<RoomObject> ObjectsWithAttributes => _objects ??= [];

    /// <summary>The members that it blocks or that block it; null for none.</summary>
    public List<uint>? Blocked { get; set; }

    /// <summary>The member as presence tells it.</summary>
    public PresenceEntry EntryForPresence() => new()
    {
        Kind = PresenceKind.Present,
        Member = Id,
        Slot = (uint)Slot,
        Generation = Generation,
        Role = Role,
        Standing = Standing,
        NameUtf8 = NameUtf8,
    };

    /// <summary>Whether nothing is to pass between it and another.</summary>
    public bool IsBlocked(uint member) => Blocked is { } blocked && blocked.Contains(member);
}
