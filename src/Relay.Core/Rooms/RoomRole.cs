using System.Text;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms;

/// <summary>A role that members of a room may have. Its place in the list is its number and its rank: moderators act on members of lower
/// roles only. protocol-spec.md §11.6.</summary>
public sealed class RoomRole
{
    /// <summary>What the role is called: 1 to 32 characters.</summary>
    public string Name { get; set; } = "";

    /// <summary>What its members may do.</summary>
    public RoomPermissions Permissions { get; set; }

    /// <summary>The roles of a room that names none: guest (looks on), member, moderator, owner (everything).</summary>
    internal static IReadOnlyList<RoomRole> Defaults { get; } =
    [
        new() { Name = "guest" },
        new() { Name = "member", Permissions = MemberPermissions },
        new() { Name = "moderator", Permissions = MemberPermissions | ModeratorPermissions },
        new() { Name = "owner", Permissions = (RoomPermissions)((uint)RoomPermissions.CloseRoom * 2) - 1 },
    ];

    private const RoomPermissions MemberPermissions =
        RoomPermissions.Move | RoomPermissions.SendEvents | RoomPermissions.Chat | RoomPermissions.CreateObjects |
        RoomPermissions.Pin | RoomPermissions.TakeObjects | RoomPermissions.LockObjects;

    private const RoomPermissions ModeratorPermissions =
        RoomPermissions.Direct | RoomPermissions.EditObjects | RoomPermissions.SetRoomAttributes | RoomPermissions.SetMemberAttributes |
        RoomPermissions.Mute | RoomPermissions.Kick;

    /// <summary>The roles as Joined tells them.</summary>
    internal static byte[] Encode(IReadOnlyList<RoomRole> roles)
    {
        byte[] bytes = new byte[1 + roles.Sum(role => 5 + 1 + Encoding.UTF8.GetByteCount(role.Name))];
        var writer = new FrameWriter(bytes);
        writer.WriteByte((byte)roles.Count);
        foreach (RoomRole role in roles)
        {
            RoleList.WriteRole(ref writer, role.Permissions, role.Name);
        }

        return writer.WrittenSpan.ToArray();
    }
}
