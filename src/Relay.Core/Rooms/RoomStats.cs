namespace Relay.Core.Rooms;

/// <summary>What a room has done since it was opened, as plain numbers. Its shard's thread alone touches them.</summary>
internal sealed class RoomStats(long opened)
{
    /// <summary>When it was opened, in microseconds.</summary>
    public long Opened { get; } = opened;

    /// <summary>How long it took, each time, to tell its members what was new.</summary>
    public TickTimes Times { get; } = new();

    /// <summary>Ticks that came more than one interval late.</summary>
    public long LateTicks { get; set; }

    /// <summary>Frames and whole buffers handed to its members' connections.</summary>
    public long TransmissionsOut { get; set; }

    /// <summary>Bytes of them, without transport headers.</summary>
    public long BytesOut { get; set; }

    /// <summary>Times that a member was passed over because its last write had not gone.</summary>
    public long Conflated { get; set; }

    /// <summary>Refusals told to its members.</summary>
    public long Refusals { get; set; }
}
