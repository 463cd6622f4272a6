namespace Relay.Load.RoomState;

/// <summary>What the clients of a room do.</summary>
internal abstract class Workload
{
    /// <summary>Has a client that is live do one thing. The caller holds the gate of its room.</summary>
    /// <param name="client">Which.</param>
    /// <param name="dueNanos">When it was meant to be done.</param>
    public abstract void Act(StateClient client, long dueNanos);
}
