namespace Relay.Client;

/// <summary>The client is about to wait, and then to connect again.</summary>
/// <param name="Attempt">Counts from 1 since the client was last connected.</param>
/// <param name="Delay">The time before this attempt.</param>
/// <param name="Cause">Why the connection ended, or why the attempt before failed.</param>
public sealed record ReconnectAttempt(int Attempt, TimeSpan Delay, CloseInfo Cause);
