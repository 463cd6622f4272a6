using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>
/// Is told of rooms that open and close and of members who come and go. Off the rooms' threads, one call at a time, for each room in the
/// order of what happened. Nothing in a room waits for it: if it is too slow, what comes while 8,192 calls wait is not told, and counted
/// (<c>relay.observer.dropped</c>). A call that throws is logged, and the next one is made. Whoever comes back to their session has not
/// left. It is made before the server is, so it cannot ask for a <see cref="RelayServer"/> in its constructor.
/// </summary>
public interface IRoomObserver
{
    /// <summary>A room was opened: for its first member, or for somebody who holds it open (<see cref="RelayRooms"/>).</summary>
    /// <param name="room">Which.</param>
    /// <param name="cancellationToken">The server ends and waits no longer.</param>
    ValueTask RoomOpenedAsync(RoomNews room, CancellationToken cancellationToken) => default;

    /// <summary>A room was closed: nobody is in it, and nobody holds it open. What is persistent in it is stored.</summary>
    /// <param name="room">Which.</param>
    /// <param name="cancellationToken">The server ends and waits no longer.</param>
    ValueTask RoomClosedAsync(RoomNews room, CancellationToken cancellationToken) => default;

    /// <summary>Somebody has come into a room.</summary>
    /// <param name="member">Who, and where.</param>
    /// <param name="cancellationToken">The server ends and waits no longer.</param>
    ValueTask MemberJoinedAsync(MemberNews member, CancellationToken cancellationToken) => default;

    /// <summary>Somebody has left a room, or was taken out of it.</summary>
    /// <param name="member">Who, and where.</param>
    /// <param name="reason">Why: <see cref="CloseCode.Normal"/> for one who left, else the code that others in the room were told.</param>
    /// <param name="cancellationToken">The server ends and waits no longer.</param>
    ValueTask MemberLeftAsync(MemberNews member, CloseCode reason, CancellationToken cancellationToken) => default;
}

/// <summary>A room that something happened to.</summary>
/// <param name="Room">Its name.</param>
/// <param name="Instance">The name of the instance: the room's name, or <c>NAME~2</c> and so on where the room was full and spilled
/// over.</param>
/// <param name="Epoch">Which opening of it this is: another one each time, never 0.</param>
/// <param name="At">When it happened.</param>
public sealed record RoomNews(string Room, string Instance, ulong Epoch, DateTimeOffset At);

/// <summary>A member that something happened to.</summary>
/// <param name="Room">Where and when.</param>
/// <param name="Member">The member's number, which is theirs alone in this epoch.</param>
/// <param name="UserId">Who, as the authorizer says (<see cref="ConnectDecision.UserId"/>); null for one whom nobody knows.</param>
/// <param name="Name">The name that others see.</param>
/// <param name="Role">The role at that time.</param>
public sealed record MemberNews(RoomNews Room, uint Member, string? UserId, string Name, string Role);
