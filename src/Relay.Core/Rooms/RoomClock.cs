namespace Relay.Core.Rooms;

/// <summary>The clock of a shard's step under way, for the rooms that it has: it stands still during a step.</summary>
internal sealed class RoomClock
{
    /// <summary>Microseconds.</summary>
    public long Now { get; set; }
}
