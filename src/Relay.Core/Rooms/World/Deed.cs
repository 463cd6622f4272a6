using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>Everything that a member may ask a room for.</summary>
internal enum Deed
{
    MoveAvatar,
    MoveObject,
    SendEvent,
    SendChat,
    SendTyping,
    SendHighFive,
    SendHandRaised,
    SendNotification,
    SendFlyToMe,
    SendStageMode,
    CreateObject,
    UpdateObject,
    RemoveObject,
    CloneObject,
    Pin,
    Take,
    Give,
    Release,
    Lock,
    Unlock,
    SetRoomAttribute,
    SetObjectAttribute,
    SetMemberAttribute,
    SetObjectMemberAttribute,
    Enter,
    Mute,
    Unmute,
    Kick,
    Ban,
    Unban,
    Block,
    Unblock,
    SetRole,
    CloseRoom,
    OpenRoom,
}

/// <summary>
/// The one table of who may do what: for each deed the permissions that it needs, all of them, on one's own thing and on another's. What
/// is one's own: the object that one owns, the attribute that one may write. Live messages and REST ask here alike. protocol-spec.md
/// §11.6.
/// </summary>
internal static class Permissions
{
    private static readonly Need[] Needs = Fill(
        (Deed.MoveAvatar, new(RoomPermissions.Move)),
        (Deed.MoveObject, new(RoomPermissions.Move, Need.Never)),
        (Deed.SendEvent, new(RoomPermissions.SendEvents)),
        (Deed.SendChat, new(RoomPermissions.Chat)),
        (Deed.SendTyping, new(RoomPermissions.Chat)),
        (Deed.SendHighFive, new(RoomPermissions.SendEvents)),
        (Deed.SendHandRaised, new(RoomPermissions.SendEvents)),
        (Deed.SendNotification, new(RoomPermissions.Direct)),
        (Deed.SendFlyToMe, new(RoomPermissions.Direct)),
        (Deed.SendStageMode, new(RoomPermissions.Direct)),
        (Deed.CreateObject, new(RoomPermissions.CreateObjects)),
        (Deed.UpdateObject, new(RoomPermissions.CreateObjects, RoomPermissions.EditObjects)),
        (Deed.RemoveObject, new(RoomPermissions.CreateObjects, RoomPermissions.EditObjects)),
        (Deed.CloneObject, new(RoomPermissions.CreateObjects)),
        (Deed.Pin, new(RoomPermissions.Pin)),
        (Deed.Take, new(RoomPermissions.TakeObjects)),
        (Deed.Give, new(RoomPermissions.None, RoomPermissions.EditObjects)),
        (Deed.Release, new(RoomPermissions.None, RoomPermissions.EditObjects)),
        (Deed.Lock, new(RoomPermissions.LockObjects, Need.Never)),
        (Deed.Unlock, new(RoomPermissions.None, RoomPermissions.EditObjects)),
        (Deed.SetRoomAttribute, new(RoomPermissions.SendEvents, RoomPermissions.SetRoomAttributes)),
        (Deed.SetObjectAttribute, new(RoomPermissions.SendEvents, RoomPermissions.EditObjects)),
        (Deed.SetMemberAttribute, new(RoomPermissions.SendEvents, RoomPermissions.SetMemberAttributes)),
        (Deed.SetObjectMemberAttribute, new(RoomPermissions.SendEvents, RoomPermissions.SetMemberAttributes)),
        (Deed.Enter, new(RoomPermissions.None)),
        (Deed.Mute, new(RoomPermissions.Mute)),
        (Deed.Unmute, new(RoomPermissions.Mute)),
        (Deed.Kick, new(RoomPermissions.Kick)),
        (Deed.Ban, new(RoomPermissions.Ban)),
        (Deed.Unban, new(RoomPermissions.Ban)),
        (Deed.Block, new(RoomPermissions.None)),
        (Deed.Unblock, new(RoomPermissions.None)),
        (Deed.SetRole, new(RoomPermissions.SetRoles)),
        (Deed.CloseRoom, new(RoomPermissions.CloseRoom)),
        (Deed.OpenRoom, new(RoomPermissions.CloseRoom)));

    /// <summary>What a deed needs.</summary>
    public static Need For(Deed deed) => Needs[(int)deed];

    /// <summary>Whether a member may do something, without a word why not: for what may come by the thousand.</summary>
    public static bool Allows(Member actor, Deed deed, bool own = true)
    {
        RoomPermissions needed = own ? For(deed).Own : For(deed).Others;
        return (actor.Standing & MemberStanding.Lobby) == 0 && (actor.Permissions & needed) == needed;
    }

    /// <summary>Whether a member may do something; the server itself (null) may do everything.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="deed">What.</param>
    /// <param name="own">Whether on something of its own.</param>
    public static Fault Check(Member? actor, Deed deed, bool own = true)
    {
        if (actor is null)
        {
            return Fault.None;
        }

        if ((actor.Standing & MemberStanding.Lobby) != 0 && deed != Deed.Enter)
        {
            return new Fault(CloseCode.InLobby, "The sender waits in the lobby.");
        }

        Need need = For(deed);
        RoomPermissions needed = own ? need.Own : need.Others;
        return (actor.Permissions & needed) == needed
            ? Fault.None
            : new Fault(
                CloseCode.Forbidden,
                own
                    ? $"{deed} needs the permissions in limit; the role has those in value."
                    : $"{deed} on what is another's needs the permissions in limit; the role has those in value.",
                (uint)needed,
                (uint)actor.Permissions);
    }

    private static Need[] Fill(params (Deed Deed, Need Need)[] rows)
    {
        var needs = new Need[rows.Length];
        foreach ((Deed deed, Need need) in rows)
        {
            needs[(int)deed] = need;
        }

        return needs;
    }
}

/// <summary>The permissions that a deed needs.</summary>
/// <param name="Own">On one's own thing.</param>
/// <param name="Others">On another's.</param>
internal readonly record struct Need(RoomPermissions Own, RoomPermissions Others)
{
    /// <summary>A bit that no role has.</summary>
    public const RoomPermissions Never = (RoomPermissions)0x8000_0000;

    /// <summary>The same whoever's it is.</summary>
    public Need(RoomPermissions permissions)
        : this(permissions, permissions)
    {
    }
}
