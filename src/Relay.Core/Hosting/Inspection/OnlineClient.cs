namespace Relay.Core.Hosting;

/// <summary>Somebody who is connected, and where.</summary>
/// <param name="Session">Names the session in the log.</param>
/// <param name="UserId">Who the user is; null for one whom nobody knows. <see cref="ConnectDecision.UserId"/>.</param>
/// <param name="Name">The name that others see.</param>
/// <param name="Room">The room, with the number of an instance; null outside rooms.</param>
/// <param name="Member">The member's id there; 0 outside rooms.</param>
/// <param name="IsAway">Whether the connection broke and the client may come back.</param>
/// <param name="Connected">How long ago it was let in, or came back.</param>
public sealed record OnlineClient(Guid Session, string? UserId, string Name, string? Room, uint Member, bool IsAway, TimeSpan Connected);
