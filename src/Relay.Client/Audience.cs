using Relay.Protocol.Messages;

namespace Relay.Client;

/// <summary>Who is to get an event. The default value is <see cref="Others"/>. protocol-spec.md §7.1.</summary>
public readonly record struct Audience
{
    private Audience(EventAudience kind, uint member = 0, uint roles = 0, float radius = 0) =>
        (Kind, MemberId, RoleMask, Radius) = (kind, member, roles, radius);

    /// <summary>Everybody in the room but the sender.</summary>
    public static Audience Others => default;

    /// <summary>Everybody in the room, the sender too, in the same order.</summary>
    public static Audience Everyone => new(EventAudience.Everyone);

    /// <summary>Which of them.</summary>
    public EventAudience Kind { get; }

    /// <summary>With <see cref="EventAudience.Member"/>: the member's id; otherwise 0.</summary>
    public uint MemberId { get; }

    /// <summary>With <see cref="EventAudience.Roles"/>: bit n for role n; otherwise 0.</summary>
    public uint RoleMask { get; }

    /// <summary>With <see cref="EventAudience.Nearby"/>: metres; otherwise 0.</summary>
    public float Radius { get; }

    /// <summary>One member.</summary>
    /// <param name="id">Its id. Nobody of it in the room: refused with 4404.</param>
    public static Audience Member(uint id) => new(EventAudience.Member, member: id);

    /// <summary>The members of some roles, the sender not included.</summary>
    /// <param name="mask">Bit n for role n of <see cref="RoomInfo.Roles"/>.</param>
    public static Audience Roles(uint mask) => new(EventAudience.Roles, roles: mask);

    /// <summary>Those whose avatar is near the sender's, as the server knows them, the sender not included.</summary>
    /// <param name="radius">Metres, finite and above 0; otherwise, and while the sender has no place, refused with 4422.</param>
    public static Audience Nearby(float radius) => new(EventAudience.Nearby, radius: radius);
}
