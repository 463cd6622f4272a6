namespace Relay.Core.Transport.Ingress;

/// <summary>What the roads have read: plain numbers that each reading thread adds to without a lock. A lost count in a race is the price;
/// metrics bear it.</summary>
internal sealed class IngressStats
{
    /// <summary>Frames read.</summary>
    public long FramesIn;

    /// <summary>Bytes read, with transport headers.</summary>
    public long BytesIn;

    /// <summary>Frames dropped for want of a token, or for an old generation.</summary>
    public long FramesDropped;

    /// <summary>Transforms replaced by a newer one before the shard fetched them.</summary>
    public long Superseded;

    /// <summary>Refusals that were not told, since one of the same code had just been; shards count those that are.</summary>
    public long RefusedUntold;

    /// <summary>Times that accepting had to pause for want of descriptors.</summary>
    public long AcceptPauses;

    /// <summary>Connections that were reset at the door since descriptors were scarce.</summary>
    public long Shed;
}
