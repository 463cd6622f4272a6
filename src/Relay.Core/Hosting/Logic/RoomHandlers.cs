using Microsoft.Extensions.Logging;
using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>The room handlers of a server: asks them on joins, and gives rooms that are opened their logic.</summary>
internal sealed class RoomHandlers
{
    private readonly HandlerBinding[] _bindings;
    private readonly string _names;

    public RoomHandlers(IEnumerable<HandlerBinding> bindings, RelayLimits limits, TimeProvider time, ILogger log)
    {
        _bindings = [.. bindings];
        _names = string.Join(" or ", _bindings.Select(binding => binding.Name).Distinct());
        Limits = limits;
        Log = log;
        Calls = new HandlerCalls(limits.HandlerTimeout, limits.HandlerThreads, time, log);
    }

    public RelayLimits Limits { get; }

    public ILogger Log { get; }

    public HandlerCalls Calls { get; }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _bindings.Length == 0;

    /// <summary>Has the handler of a room decide on a join.</summary>
    /// <returns>What it says, and the logic that the room gets if it is opened; neither if no handler is for it.</returns>
    public async Task<(JoinDecision? Decision, OpenLogic? Logic)> JoiningAsync(
        Connection connection, JoinAttempt attempt, CancellationToken aborted)
    {
        string room = RoomInstance.BaseOf(attempt.Room);
        HandlerBinding? binding = null;
        Called<JoinDecision?> called = await Calls.CallAsync(
            new CallName(_names, nameof(IRoomHandler.JoiningAsync), attempt.Room),
            async token =>
            {
                // Whether a handler is for a room the embedder's code says, so it is asked here.
                binding = Array.Find(_bindings, candidate => candidate.Covers(room));
                return binding is { WantsJoining: true } ? await binding.Handler.JoiningAsync(attempt, token).ConfigureAwait(false) : null;
            },
            connection,
            ended: null,
            aborted).ConfigureAwait(false);
        if (!called.IsDone)
        {
            return (JoinDecision.Refuse(called.Failure), null);
        }

        return (called.Value, LogicOf(binding));
    }

    /// <summary>Finds the logic that a room gets which the server opens by itself.</summary>
    /// <returns>Null if no handler is for it.</returns>
    /// <exception cref="RoomRefusedException">The embedder's code did not say.</exception>
    public async Task<OpenLogic?> FindLogicAsync(string room, CancellationToken cancellationToken)
    {
        if (IsEmpty)
        {
            return null;
        }

        Called<HandlerBinding?> called = await Calls.CallAsync(
            new CallName(_names, nameof(RelayRooms.OpenAsync), room),
            _ => new ValueTask<HandlerBinding?>(Array.Find(_bindings, candidate => candidate.Covers(RoomInstance.BaseOf(room)))),
            caller: null,
            ended: null,
            cancellationToken).ConfigureAwait(false);
        return called.IsDone ? LogicOf(called.Value) : throw new RoomRefusedException(new Fault(CloseCode.Forbidden, called.Failure));
    }

    private OpenLogic? LogicOf(HandlerBinding? binding) =>
        binding is null ? null : (shard, opened) => new RoomLogic(binding, this, shard, opened);
}
