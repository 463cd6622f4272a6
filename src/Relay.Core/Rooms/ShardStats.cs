namespace Relay.Core.Rooms;

/// <summary>
/// What a shard has done, as plain numbers that its thread alone writes. Readers on other threads see values that are a moment old: good
/// enough for metrics, and free.
/// </summary>
internal sealed class ShardStats
{
    /// <summary>Frames and whole buffers handed to outlets by fan-outs.</summary>
    public long TransmissionsOut;

    /// <summary>Bytes of them, without transport headers.</summary>
    public long BytesOut;

    /// <summary>Times that a receiver was passed over because its last write had not gone.</summary>
    public long Conflated;

    /// <summary>Snapshots of presence given to receivers, newcomers included.</summary>
    public long Snapshots;

    /// <summary>Batches that left later than one tick after they were due.</summary>
    public long LateTicks;

    /// <summary>Ticks that sent something.</summary>
    public long Ticks;

    /// <summary>Refusals told to clients.</summary>
    public long Refusals;

    /// <summary>Connections that the shard owns.</summary>
    public long Connections;

    /// <summary>Sessions that wait for their client to come back.</summary>
    public long Suspended;

    /// <summary>Sessions that were taken up again.</summary>
    public long Resumed;

    /// <summary>Members in its rooms.</summary>
    public long Members;

    /// <summary>Things in its rooms that have changed and are not stored yet; a quarter of a second old.</summary>
    public long Unsaved;

    /// <summary>Its rooms.</summary>
    public long Rooms;
}
