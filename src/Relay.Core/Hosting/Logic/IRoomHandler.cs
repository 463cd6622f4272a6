using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>
/// The embedder's logic in rooms: who comes in, what may be said and done there, and what happens by itself. One instance serves all the
/// rooms that it is registered for (<see cref="RelayBuilder.AddRoomHandler{T}(string)"/>); what it keeps of one belongs into
/// <see cref="RoomContext.State"/>. What is not overridden costs nothing.
/// </summary>
/// <remarks>
/// <para>Nothing here runs on the thread of a room: a call may wait or block, and the room goes on. Each is given
/// <see cref="RelayLimits.HandlerTimeout"/>; one that takes longer or throws is logged, and what its caller asked for is refused with 4403.
/// A call that has overrun its time is cancelled by its token and given up, but not stopped: it may go on beside later ones.</para>
/// <para>Within a room <see cref="JoinedAsync"/>, <see cref="LeavingAsync"/> and <see cref="TickAsync"/> are called one after the other, in
/// the order of what they tell. <see cref="MessageAsync"/> and <see cref="StateChangingAsync"/> are called one after the other for each
/// sender, after its <see cref="JoinedAsync"/>, but at once for different senders and beside the others: what they share needs a
/// lock. A sender's next message waits until the last is decided, so it gets through at most one in each wake-up of its shard
/// (<see cref="RelayOptions.InputCadence"/>).</para>
/// </remarks>
public interface IRoomHandler
{
    /// <summary>How often <see cref="TickAsync"/> is called in each room with members. Default zero: never. Range 1 ms to 1 h. Read once,
    /// when the server is made.</summary>
    TimeSpan TickInterval => TimeSpan.Zero;

    /// <summary>Decides on a join, after the <see cref="IRelayAuthorizer"/> has allowed it. Options and role that it gives go before those
    /// that the authorizer gave; null leaves them. A refusal is Error 4403. The room may still refuse what is allowed here: it may be
    /// full.</summary>
    /// <param name="attempt">Who wants to come into which room.</param>
    /// <param name="cancellationToken">The connection ended, or the time is up.</param>
    ValueTask<JoinDecision> JoiningAsync(JoinAttempt attempt, CancellationToken cancellationToken) => new(JoinDecision.Allow());

    /// <summary>A member has come in; once for each.</summary>
    /// <param name="room">The room.</param>
    /// <param name="member">Who.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask JoinedAsync(RoomContext room, RoomMember member, CancellationToken cancellationToken) => default;

    /// <summary>Decides on an event that a member sends, the protocol's signals included. Only what the member may send is asked
    /// about.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The event.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask<MessageVerdict> MessageAsync(RoomContext room, RoomMessage message, CancellationToken cancellationToken) =>
        new(MessageVerdict.Pass);

    /// <summary>Decides on a change of objects or attributes that a member asks for. What passes is done only if the rules of the room
    /// allow it too.</summary>
    /// <param name="room">The room.</param>
    /// <param name="request">The change.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask<MessageVerdict> StateChangingAsync(RoomContext room, StateRequest request, CancellationToken cancellationToken) =>
        new(MessageVerdict.Pass);

    /// <summary>A member leaves, for whatever reason; once for each that <see cref="JoinedAsync"/> told of. It may be gone when this is
    /// called. A session that waits for its client to come back (<see cref="ResumeOptions.Window"/>) has not left.</summary>
    /// <param name="room">The room.</param>
    /// <param name="member">Who, as it was at the end.</param>
    /// <param name="reason">Why, from the table of protocol-spec.md §9.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask LeavingAsync(RoomContext room, RoomMember member, CloseCode reason, CancellationToken cancellationToken) => default;

    /// <summary>Time has passed. A tick is skipped while the one before is still running, whether or not it is within its time.</summary>
    /// <param name="room">The room.</param>
    /// <param name="image">The room as it was at the tick.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask TickAsync(RoomContext room, RoomImage image, CancellationToken cancellationToken) => default;
}
