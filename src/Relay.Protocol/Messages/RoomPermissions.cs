namespace Relay.Protocol.Messages;

/// <summary>What the members of a role may do. Bits of a role on the wire (Joined) and in the server's options. protocol-spec.md
/// §11.6.</summary>
[Flags]
public enum RoomPermissions : uint
{
    /// <summary>Look on.</summary>
    None = 0,

    /// <summary>Move one's avatar and the objects that one owns.</summary>
    Move = 1 << 0,

    /// <summary>Send the application's events, and the signals that are about oneself.</summary>
    SendEvents = 1 << 1,

    /// <summary>Send chat messages.</summary>
    Chat = 1 << 2,

    /// <summary>Send notifications, fly-to-me and stage signals, which all clients act upon.</summary>
    Direct = 1 << 3,

    /// <summary>Create and clone objects; change and remove one's own.</summary>
    CreateObjects = 1 << 4,

    /// <summary>Make objects and attributes persistent.</summary>
    Pin = 1 << 5,

    /// <summary>Take objects from their owners.</summary>
    TakeObjects = 1 << 6,

    /// <summary>Lock objects that one owns.</summary>
    LockObjects = 1 << 7,

    /// <summary>Change, move and remove others' objects, whoever holds their lock.</summary>
    EditObjects = 1 << 8,

    /// <summary>Set attributes of the room.</summary>
    SetRoomAttributes = 1 << 9,

    /// <summary>Set attributes of other members.</summary>
    SetMemberAttributes = 1 << 10,

    /// <summary>Mute and unmute members of lower roles.</summary>
    Mute = 1 << 11,

    /// <summary>Take members of lower roles out of the room.</summary>
    Kick = 1 << 12,

    /// <summary>Ban members of lower roles, and lift bans.</summary>
    Ban = 1 << 13,

    /// <summary>Give members of lower roles another role, up to one's own.</summary>
    SetRoles = 1 << 14,

    /// <summary>Close and open the room.</summary>
    CloseRoom = 1 << 15,
}
