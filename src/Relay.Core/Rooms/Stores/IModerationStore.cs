namespace Relay.Core.Rooms.Stores;

/// <summary>
/// Where bans, roles and closed rooms are kept. The default keeps them in memory, for the life of the process; a durable one is the
/// embedder's (or Relay.Host's) to add. Called off the shards, from many threads at once; a call that throws or takes too long is answered
/// with Error 4500, and nothing has changed then.
/// </summary>
public interface IModerationStore
{
    /// <summary>How somebody stands to a room that they want to enter.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="subject">Who: <c>user:</c> and the user's id, or <c>address:</c> and the network address of one who has none.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask<RoomStanding> CheckAsync(string room, string subject, CancellationToken cancellationToken);

    /// <summary>Bans somebody from a room. Completes when that is stored.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="subject">Who.</param>
    /// <param name="until">Until when; null for good.</param>
    /// <param name="reason">Why, for people; may be empty.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask BanAsync(string room, string subject, DateTimeOffset? until, string reason, CancellationToken cancellationToken);

    /// <summary>Lifts a ban. Completes when that is stored.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="subject">Who.</param>
    /// <param name="cancellationToken">The time is up.</param>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> UnbanAsync(string room, string subject, CancellationToken cancellationToken);

    /// <summary>Gives somebody a role in a room, for this and every later stay. Completes when that is stored.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="subject">Who; always a user.</param>
    /// <param name="role">The role's name.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask SetRoleAsync(string room, string subject, string role, CancellationToken cancellationToken);

    /// <summary>Closes a room, or opens it again. Completes when that is stored.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="closed">Closed or open.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask SetClosedAsync(string room, bool closed, CancellationToken cancellationToken);
}

/// <summary>How somebody stands to a room.</summary>
/// <param name="Admission">Whether they may enter.</param>
/// <param name="Role">The name of the role that they were given there; null if they were given none. What the authorizer says goes before
/// it.</param>
public readonly record struct RoomStanding(RoomAdmission Admission, string? Role = null);

/// <summary>What an <see cref="IModerationStore"/> says of somebody at a room's door.</summary>
public enum RoomAdmission
{
    /// <summary>They may enter.</summary>
    Open,

    /// <summary>They are banned.</summary>
    Banned,

    /// <summary>Nobody may: the room is closed.</summary>
    Closed,
}
