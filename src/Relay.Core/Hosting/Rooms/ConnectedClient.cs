namespace Relay.Core.Hosting;

/// <summary>A client's session, for whoever decides which of them end.</summary>
/// <param name="Session">Names it in the log.</param>
/// <param name="UserId">Who the user is; null for one whom nobody knows. <see cref="ConnectDecision.UserId"/>.</param>
/// <param name="Identity">What the authorizer gave the connection. <see cref="ConnectDecision.Identity"/>.</param>
/// <param name="Name">The name that others see.</param>
public sealed record ConnectedClient(Guid Session, string? UserId, object? Identity, string Name);
