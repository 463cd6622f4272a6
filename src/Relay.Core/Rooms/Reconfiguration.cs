using Relay.Core.Rooms.World;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms;

/// <summary>Gives an open room other settings: what its members may do and see follows at once, and they are told of it.</summary>
internal static class Reconfiguration
{
    private static readonly Setting[] Settings =
    [
        new(nameof(RoomOptions.Capacity), true, options => options.Capacity),
        new(nameof(RoomOptions.Roles), true, options => Convert.ToHexString(RoomRole.Encode(options.EffectiveRoles))),
        new(nameof(RoomOptions.DefaultRole), true, options => options.DefaultRole),
        new(nameof(RoomOptions.HasLobby), true, options => options.HasLobby),
        new(nameof(RoomOptions.Overflow), true, options => options.Overflow),
        new(nameof(RoomOptions.DoubleLogin), true, options => options.DoubleLogin),
        new(nameof(RoomOptions.MaxObjects), true, options => options.MaxObjects),
        new(nameof(RoomOptions.MaxObjectsPerMember), true, options => options.MaxObjectsPerMember),
        new(nameof(RoomOptions.MaxTreeDepth), true, options => options.MaxTreeDepth),
        new(nameof(RoomOptions.MaxAttributes), true, options => options.MaxAttributes),
        new(nameof(RoomOptions.MaxAttributesPerTarget), true, options => options.MaxAttributesPerTarget),
        new(nameof(RoomOptions.MaxAttributeBytes), true, options => options.MaxAttributeBytes),
        new(nameof(RoomOptions.MaxAttributeDepth), true, options => options.MaxAttributeDepth),
        new(nameof(RoomOptions.MaxStateBytes), true, options => options.MaxStateBytes),
        new(nameof(RoomOptions.RestorePlaces), true, options => options.RestorePlaces),
        new(nameof(RoomOptions.Info), true, options => Convert.ToHexString(options.Info.Span)),
        new(nameof(RoomOptions.TickRate), false, options => options.TickRate),
        new(nameof(RoomOptions.Min), false, options => options.Min),
        new(nameof(RoomOptions.Max), false, options => options.Max),
        new(nameof(RoomOptions.Precision), false, options => options.Precision),
        new(nameof(RoomOptions.ReliableRingMessages), false, options => options.ReliableRingMessages),
        new(nameof(RoomOptions.ReliableRingBytes), false, options => options.ReliableRingBytes),
        new(nameof(RoomOptions.ReliableRingTime), false, options => options.ReliableRingTime),
        new(nameof(RoomOptions.RecorderBytes), false, options => options.RecorderBytes),
        new(nameof(RoomOptions.MaxCursorGroups), false, options => options.MaxCursorGroups),
        new(nameof(RoomOptions.MaxTombstones), false, options => options.MaxTombstones),
    ];

    /// <summary>Applies options.</summary>
    /// <param name="shard">The room's shard.</param>
    /// <param name="room">The room.</param>
    /// <param name="options">Valid ones.</param>
    public static SettingsChange Apply(Shard shard, Room room, RoomOptions options)
    {
        string[] applied = [.. Names(room.Options, options, isLive: true)], waiting = [.. Names(room.OpenedWith, options, isLive: false)];
        RoomWorld world = room.World;
        Member[] members = [.. room.Members];
        HashSet<StoredAttribute>[] saw = [.. members.Select(member => Sight.Before(member, world.AllAttributes(), world))];
        string[] roles = [.. members.Select(member => room.Roles[member.Role].Name)];
        room.Reconfigure(options);
        for (int i = 0; i < members.Length; i++)
        {
            int role = room.FindRole(roles[i]);
            Settle(shard, members[i], (byte)(role >= 0 ? role : room.FindRole(options.DefaultRole)));
        }

        for (int i = 0; i < members.Length; i++)
        {
            Sight.TellDifference(members[i], saw[i], world.AllAttributes(), world);
        }

        world.News.Publish();
        RoomFacts.Tell(room);
        return new SettingsChange(IsOpen: true, applied, waiting);
    }

    /// <summary>A member keeps its role by its name, and comes out of a lobby that is no more.</summary>
    private static void Settle(Shard shard, Member member, byte role)
    {
        MemberStanding standing = member.Room.Options.HasLobby ? member.Standing : member.Standing & ~MemberStanding.Lobby;
        if (member.Role != role || member.Standing != standing)
        {
            member.Role = role;
            member.Standing = standing;
            member.Room.PublishStanding(member);
        }

        if (member.Receiver.Connection.Seat?.Hindrance != Permissions.Check(member, Deed.MoveAvatar).Code)
        {
            shard.Membership.RenewSeat(member);
        }
    }

    private static IEnumerable<string> Names(RoomOptions before, RoomOptions after, bool isLive) => Settings
        .Where(setting => setting.IsLive == isLive && !setting.Read(before).Equals(setting.Read(after)))
        .Select(setting => setting.Name);

    private sealed record Setting(string Name, bool IsLive, Func<RoomOptions, object> Read);
}

/// <summary>What became of new settings for a room.</summary>
/// <param name="IsOpen">Whether the room is open; if it is not, it has them when it is opened with them.</param>
/// <param name="Applied">The names of those properties of <see cref="RoomOptions"/> that were different and now hold.</param>
/// <param name="Waiting">The names of those that are different and cannot change while the room is open.</param>
public sealed record SettingsChange(bool IsOpen, IReadOnlyList<string> Applied, IReadOnlyList<string> Waiting);
