using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms;

/// <summary>Who gets an event, fixed when it is published: by its audience, less those who are blocked. protocol-spec.md §7.1.</summary>
internal static class RoomEventAudience
{
    /// <summary>Resolves the audience of an event.</summary>
    /// <param name="room">The room.</param>
    /// <param name="sender">Who sends it; null for the server.</param>
    /// <param name="command">What was asked for.</param>
    /// <param name="members">Whom the audience names.</param>
    public static Audience Resolve(Room room, Member? sender, in Command command, out AudienceMembers members)
    {
        uint self = sender?.Id ?? 0;
        switch (command.Audience)
        {
            case EventAudience.Member:
                members = sender is not null && sender.IsBlocked(command.Member)
                    ? new AudienceMembers(0, [])
                    : new AudienceMembers(command.Member);
                return members.Some is null ? Audience.Only : Audience.Some;
            case EventAudience.Roles:
                members = OfRoles(room, sender, command.Roles);
                return Audience.Some;
            case EventAudience.Nearby:
                members = Near(room, sender!, command.Radius);
                return Audience.Some;
            default:
                bool others = command.Audience == EventAudience.Others && self != 0;
                if (sender?.Blocked is { } blocked)
                {
                    members = new AudienceMembers(0, others ? [self, .. blocked] : [.. blocked]);
                    return Audience.AllButSome;
                }

                members = new AudienceMembers(others ? self : 0);
                return others ? Audience.AllBut : Audience.Everyone;
        }
    }

    /// <summary>Whether a member has said where it is.</summary>
    public static bool HasPlace(Room room, Member member) => room.Slots.TryGet(member.Slot, out _);

    private static AudienceMembers OfRoles(Room room, Member? sender, uint roles) =>
        Some(room, sender, member => (roles >> member.Role & 1) != 0);

    private static AudienceMembers Near(Room room, Member sender, float radius)
    {
        if (!room.Slots.TryGet(sender.Slot, out PackedTransform centre))
        {
            return new AudienceMembers(0, []);
        }

        (uint x, uint y, uint z, _) = room.Space.UnpackSteps(centre);
        double limit = radius / room.Space.Precision;
        return Some(room, sender, member =>
        {
            if (!room.Slots.TryGet(member.Slot, out PackedTransform place))
            {
                return false;
            }

            (uint px, uint py, uint pz, _) = room.Space.UnpackSteps(place);
            double dx = (double)px - x, dy = (double)py - y, dz = (double)pz - z;
            return (dx * dx) + (dy * dy) + (dz * dz) <= limit * limit;
        });
    }

    private static AudienceMembers Some(Room room, Member? sender, Func<Member, bool> belongs) => new(
        0,
        [.. room.Members
            .Where(member => member != sender && sender?.IsBlocked(member.Id) != true && belongs(member))
            .Select(member => member.Id)]);
}
