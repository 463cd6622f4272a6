using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Core.Hosting;

/// <summary>
/// Which permissions of a role something takes, for those who ask for it over another way than a connection: the same table as for messages
/// (protocol-spec.md §11.6).
/// </summary>
public static class RoomRights
{
    /// <summary>What a message takes.</summary>
    /// <param name="type"><see cref="FrameType.CreateObject"/>, <see cref="FrameType.UpdateObject"/>, <see cref="FrameType.RemoveObject"/>
    /// or <see cref="FrameType.CloneObject"/>.</param>
    /// <param name="own">Whether on an object that one owns. Default yes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another type.</exception>
    public static RoomPermissions Needs(FrameType type, bool own = true) => Of(
        type switch
        {
            FrameType.CreateObject => Deed.CreateObject,
            FrameType.UpdateObject => Deed.UpdateObject,
            FrameType.RemoveObject => Deed.RemoveObject,
            FrameType.CloneObject => Deed.CloneObject,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
        },
        own);

    /// <summary>What writing an attribute takes.</summary>
    /// <param name="kind">What it is of.</param>
    /// <param name="own">Whether one is among those whom its terms name as its writers.</param>
    public static RoomPermissions ToSet(TargetKind kind, bool own) => Of(
        kind switch
        {
            TargetKind.Room => Deed.SetRoomAttribute,
            TargetKind.Object => Deed.SetObjectAttribute,
            TargetKind.Member => Deed.SetMemberAttribute,
            _ => Deed.SetObjectMemberAttribute,
        },
        own);

    /// <summary>What making something persistent takes.</summary>
    public static RoomPermissions ToPin => Of(Deed.Pin, own: true);

    /// <summary>What acting on other members takes.</summary>
    /// <param name="action">What is to be done.</param>
    public static RoomPermissions Needs(ManageAction action) => Of(Moderation.DeedOf(action), own: true);

    /// <summary>Whether a key of attributes is the server's alone to write.</summary>
    /// <param name="target">What the attribute is of.</param>
    /// <param name="key">The key.</param>
    public static bool IsReservedKey(TargetKind target, string key) =>
        key.StartsWith("relay.", StringComparison.Ordinal) && !(target == TargetKind.Object && key == "relay.file");

    private static RoomPermissions Of(Deed deed, bool own) => own ? Permissions.For(deed).Own : Permissions.For(deed).Others;
}
