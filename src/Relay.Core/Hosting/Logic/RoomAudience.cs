using Relay.Protocol.Messages;

namespace Relay.Core.Hosting;

/// <summary>Who gets an event of the server's. The default is everyone.</summary>
public readonly record struct RoomAudience
{
    /// <summary>Everyone in the room.</summary>
    public static RoomAudience Everyone => default;

    internal EventAudience Kind => RoleNames is not null ? EventAudience.Roles
        : MemberId is not null ? EventAudience.Member
        : EventAudience.Everyone;

    internal uint? MemberId { get; private init; }

    internal string[]? RoleNames { get; private init; }

    /// <summary>One member.</summary>
    /// <param name="id">Its id.</param>
    public static RoomAudience Member(uint id) => new() { MemberId = id };

    /// <summary>The members of some roles.</summary>
    /// <param name="names">The roles' names in this room.</param>
    public static RoomAudience Roles(params string[] names) => new() { RoleNames = names };
}
