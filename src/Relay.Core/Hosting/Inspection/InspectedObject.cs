using Relay.Core.Rooms;
using Relay.Core.Rooms.World;

namespace Relay.Core.Hosting;

/// <summary>An object of a room at one moment, with its attributes.</summary>
public sealed class InspectedObject
{
    internal InspectedObject(RoomObject made, Room room, string[] roles)
    {
        Image = new ObjectImage(made, room);
        Creator = made.Creator;
        CreatorUser = made.CreatorUser;
        Attributes = RoomInspection.Copy(made.Attributes, roles);
        MemberAttributes = made.MemberAttributes is not { Count: > 0 } byMember
            ? []
            : [.. byMember.Select(entry => KeyValuePair.Create(entry.Key, RoomInspection.Copy(entry.Value, roles)))];
    }

    /// <summary>What it is, whose, and where.</summary>
    public ObjectImage Image { get; }

    /// <summary>The member that made it; 0 for the server.</summary>
    public uint Creator { get; }

    /// <summary>The user that made it; empty for one whom nobody knows, and for the server. <see cref="ConnectDecision.UserId"/>.</summary>
    public string CreatorUser { get; }

    /// <summary>Its attributes.</summary>
    public IReadOnlyList<InspectedAttribute> Attributes { get; }

    /// <summary>Attributes of members with regard to it, by member id.</summary>
    public IReadOnlyList<KeyValuePair<uint, IReadOnlyList<InspectedAttribute>>> MemberAttributes { get; }
}
