using System.Text;
using Relay.Core.Rooms;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Hosting;

/// <summary>A member of a room, as it was at one moment.</summary>
public sealed class RoomMember
{
    private readonly byte[] _name;
    private readonly RoomSpace _space;
    private readonly PackedTransform _place;
    private readonly bool _hasPlace;

    internal RoomMember(Member member)
    {
        Connection connection = member.Receiver.Connection;
        Id = member.Id;
        Role = member.Room.Roles[member.Role].Name;
        Standing = member.Standing;
        UserId = connection.Who.UserId;
        Identity = connection.Identity;
        _name = member.NameUtf8;
        _space = member.Room.Space;
        _hasPlace = member.Room.Slots.TryGet(member.Slot, out _place);
    }

    /// <summary>Its id: never 0, and never given again while the room is open.</summary>
    public uint Id { get; }

    /// <summary>The name that others see.</summary>
    public string Name => Encoding.UTF8.GetString(_name);

    /// <summary>The name of its role.</summary>
    public string Role { get; }

    /// <summary>Whether it is muted, or waits in the lobby.</summary>
    public MemberStanding Standing { get; }

    /// <summary>Where its avatar is, in metres; null until it has said so.</summary>
    public Transform? Place => _hasPlace ? _space.Unpack(_place) : null;

    /// <summary>Who the user is; null for one whom nobody knows. <see cref="ConnectDecision.UserId"/>.</summary>
    public string? UserId { get; }

    /// <summary>What the authorizer gave the connection. <see cref="ConnectDecision.Identity"/>.</summary>
    public object? Identity { get; }
}
