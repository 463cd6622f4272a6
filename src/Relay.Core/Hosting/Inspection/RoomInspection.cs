using Relay.Core.Rooms;
using Relay.Core.Rooms.World;

namespace Relay.Core.Hosting;

/// <summary>What is in a room at one moment, with nothing left out that somebody may not see: for an operator's eyes. It does not change
/// and may be kept.</summary>
public sealed class RoomInspection
{
    internal RoomInspection(Room room, long now, int mostObjects)
    {
        Figures = new RoomReading(room, now);
        string[] roles = [.. room.Roles.Select(role => role.Name)];
        Members = [.. room.Members.Select(member => new InspectedMember(member, now, roles))];
        Attributes = Copy(room.World.Attributes, roles);
        Objects = [.. room.World.Objects.Values.Take(mostObjects).Select(made => new InspectedObject(made, room, roles))];
    }

    /// <summary>The room's figures.</summary>
    public RoomReading Figures { get; }

    /// <summary>Who is there, in no order.</summary>
    public IReadOnlyList<InspectedMember> Members { get; }

    /// <summary>The room's own attributes.</summary>
    public IReadOnlyList<InspectedAttribute> Attributes { get; }

    /// <summary>What is there, in no order: at most as many objects as were asked for. How many there are:
    /// <see cref="RoomReading.Objects"/>.</summary>
    public IReadOnlyList<InspectedObject> Objects { get; }

    internal static IReadOnlyList<InspectedAttribute> Copy(AttributeSet? attributes, string[] roles)
    {
        if (attributes is null)
        {
            return [];
        }

        var copies = new List<InspectedAttribute>(attributes.Count);
        foreach (StoredAttribute attribute in attributes)
        {
            copies.Add(new InspectedAttribute(attribute, roles));
        }

        return copies;
    }
}
