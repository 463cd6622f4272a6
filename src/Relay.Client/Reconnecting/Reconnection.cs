namespace Relay.Client;

/// <summary>The client is connected again. protocol-spec.md §5.8.</summary>
/// <param name="Resumed">Whether the session goes on, and nothing was lost. Otherwise it is a new one: calls that waited for an answer
/// fail with <see cref="RelaySessionLostException"/>, and the room is left.</param>
/// <param name="Session">What the server said in Welcome.</param>
/// <param name="LostMessages">With a new session: numbered messages that the server had not confirmed. Some of them may have been
/// applied; none will be sent again.</param>
public sealed record Reconnection(bool Resumed, SessionInfo Session, int LostMessages);
