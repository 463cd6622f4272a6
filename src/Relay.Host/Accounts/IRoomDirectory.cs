using Relay.Core.Hosting;

namespace Relay.Host.Accounts;

/// <summary>Knows the rooms' settings and decides by them who comes into a room. Asked after who it is has been made sure of.</summary>
internal interface IRoomDirectory
{
    /// <summary>Decides on a join.</summary>
    /// <param name="attempt">Who wants to go where. Its ticket is an invite, or empty: a room permission token has become a
    /// grant.</param>
    /// <param name="accountId">The account; null for somebody whom nobody knows (development mode only).</param>
    /// <param name="grant">What a room permission token says; null if none was shown.</param>
    /// <param name="cancellationToken">The connection ended, or the time is up.</param>
    ValueTask<JoinDecision> DecideAsync(JoinAttempt attempt, string? accountId, RoomGrant? grant, CancellationToken cancellationToken);
}

/// <summary>What a verified room permission token says: its bearer may enter this room.</summary>
/// <param name="Room">The room that it is for.</param>
/// <param name="Role">The role that its bearer gets there; null for the one that the bearer has anyway.</param>
internal sealed record RoomGrant(string Room, string? Role);
