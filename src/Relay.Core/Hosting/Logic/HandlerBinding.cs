using System.Reflection;

namespace Relay.Core.Hosting;

/// <summary>A room handler, the rooms that it is for, and what it overrides.</summary>
internal sealed class HandlerBinding
{
    private static readonly TimeSpan ShortestTick = TimeSpan.FromMilliseconds(1), LongestTick = TimeSpan.FromHours(1);

    public HandlerBinding(IRoomHandler handler, Func<string, bool> covers)
    {
        Handler = handler;
        Covers = covers;
        Name = handler.GetType().Name;
        Tick = handler.TickInterval;
        if (Tick != TimeSpan.Zero && (Tick < ShortestTick || Tick > LongestTick))
        {
            throw new InvalidOperationException($"{Name}.TickInterval must be zero or {ShortestTick} to {LongestTick}; it is {Tick}.");
        }

        WantsJoining = Overrides(nameof(IRoomHandler.JoiningAsync));
        WantsJoined = Overrides(nameof(IRoomHandler.JoinedAsync));
        WantsMessages = Overrides(nameof(IRoomHandler.MessageAsync));
        WantsState = Overrides(nameof(IRoomHandler.StateChangingAsync));
        WantsLeaving = Overrides(nameof(IRoomHandler.LeavingAsync));
    }

    public IRoomHandler Handler { get; }

    /// <summary>Whether it is for a room; the embedder's code.</summary>
    public Func<string, bool> Covers { get; }

    /// <summary>Its type, for the log.</summary>
    public string Name { get; }

    public TimeSpan Tick { get; }

    public bool WantsJoining { get; }

    public bool WantsJoined { get; }

    public bool WantsMessages { get; }

    public bool WantsState { get; }

    public bool WantsLeaving { get; }

    private bool Overrides(string method)
    {
        InterfaceMapping map = Handler.GetType().GetInterfaceMap(typeof(IRoomHandler));
        int index = Array.FindIndex(map.InterfaceMethods, candidate => candidate.Name == method);
        return map.TargetMethods[index].DeclaringType != typeof(IRoomHandler);
    }
}
