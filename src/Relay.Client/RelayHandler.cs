using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>
/// What a client does with what arrives: override what is of interest. The methods are called one at a time, in the order of the stream,
/// on the connection's receive thread (a thread of the pool, not always the same one).
/// </summary>
/// <remarks>
/// A method must not block: nothing else is received meanwhile. It may call every method of <see cref="RelayClient"/> that sends, but
/// must not wait for an answer, which could only arrive after it has returned. Messages point into the receive buffer and are gone when
/// the method returns. An exception that leaves a method ends the client with <see cref="CloseCode.InternalError"/>. Nothing is
/// allocated for batches and for state.
/// </remarks>
public abstract class RelayHandler
{
    /// <summary>
    /// The client is in a room now: the next calls are <see cref="OnPresence"/> and <see cref="OnState"/> with the snapshot, then batches.
    /// If <see cref="RoomInfo.Epoch"/> is that of the room before, which the client has joined again by itself, batches may go on where
    /// they stopped: forget values only when a batch says so (<see cref="BatchFlags.Reset"/>). protocol-spec.md §6.1 and §6.2.
    /// </summary>
    /// <param name="room">The room.</param>
    public virtual void OnJoined(RoomInfo room)
    {
    }

    /// <summary>The client is no longer in the room. protocol-spec.md §6.3.</summary>
    /// <param name="room">The room that was left.</param>
    /// <param name="reason"><see cref="CloseCode.Normal"/> when the client asked; otherwise why the server took it out, or why the
    /// connection broke whose session was lost.</param>
    public virtual void OnLeft(RoomInfo room, CloseCode reason)
    {
    }

    /// <summary>
    /// Presence changes, state changes and events for this client were lost, since it was away or slow for too long. The snapshot that
    /// comes next says who and what is here now; the events do not come any more. protocol-spec.md §6.4.
    /// </summary>
    /// <param name="room">The room.</param>
    public virtual void OnGap(RoomInfo room)
    {
    }

    /// <summary>Who came, who went, whose role or standing is another, or a snapshot of everybody. protocol-spec.md §6.4.</summary>
    /// <param name="room">The room.</param>
    /// <param name="presence">Stands before its first entry; well formed.</param>
    public virtual void OnPresence(RoomInfo room, ref Presence presence)
    {
    }

    /// <summary>
    /// What changed among the room's objects and attributes, or a part of a snapshot of them, after the members. Nothing is allocated for
    /// it; <see cref="RoomView"/> puts it together. protocol-spec.md §11.8.
    /// </summary>
    /// <param name="room">The room.</param>
    /// <param name="state">Stands before its first entry; well formed.</param>
    public virtual void OnState(RoomInfo room, ref State state)
    {
    }

    /// <summary>What moved, members and objects alike. protocol-spec.md §8.4.</summary>
    /// <param name="room">The room.</param>
    /// <param name="batch">Stands before its first removal; well formed. It may hold the client's own slot.</param>
    public virtual void OnBatch(RoomInfo room, ref TransformBatch batch)
    {
    }

    /// <summary>Somebody's event. protocol-spec.md §7.2.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The event; the sender is stamped by the server.</param>
    public virtual void OnEvent(RoomInfo room, in RoomEvent message)
    {
    }

    /// <summary>
    /// A message was refused for which nobody waits: an event, a transform, or the join by which the client wanted to return to its room.
    /// Other refusals throw where the call is awaited.
    /// protocol-spec.md §5.4.
    /// </summary>
    /// <param name="refusal">What and why.</param>
    public virtual void OnRefused(in Refusal refusal)
    {
    }

    /// <summary>What the client was let in by has expired: without fresh credentials the server closes the connection. With
    /// <see cref="RelayClientOptions.CredentialsProvider"/> the client gets them by itself. protocol-spec.md §5.9.</summary>
    /// <param name="grace">How long the connection stays.</param>
    public virtual void OnCredentialsExpiring(TimeSpan grace)
    {
    }

    /// <summary>The server will close soon. protocol-spec.md §5.5.</summary>
    /// <param name="goodbye">Why, when, and when to come back.</param>
    public virtual void OnGoAway(ServerGoodbye goodbye)
    {
    }

    /// <summary>The connection broke, or an attempt to connect again failed: the client waits, and then tries. Rooms and members stay as
    /// they are.</summary>
    /// <param name="attempt">How long it waits, and why.</param>
    public virtual void OnReconnecting(ReconnectAttempt attempt)
    {
    }

    /// <summary>The client is connected again. If its session goes on, all that it has missed comes next. Otherwise
    /// <see cref="OnLeft"/> follows if it was in a room, and <see cref="OnJoined"/> when it has joined that again.</summary>
    /// <param name="reconnection">Whether the session goes on.</param>
    public virtual void OnReconnected(Reconnection reconnection)
    {
    }

    /// <summary>The client has ended and will not connect again. Called exactly once if it was ever welcomed, after every other
    /// call.</summary>
    /// <param name="info">Why.</param>
    public virtual void OnClosed(CloseInfo info)
    {
    }
}
