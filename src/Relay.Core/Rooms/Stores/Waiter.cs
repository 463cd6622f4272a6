using Relay.Core.Rooms.World;

namespace Relay.Core.Rooms.Stores;

/// <summary>Somebody whose change has been made and who is told so when it is stored. The shard's thread.</summary>
internal abstract class Waiter
{
    /// <summary>The keeper's mark up to which must be stored.</summary>
    public ulong Mark { get; set; }

    /// <summary>When to wait no more, in microseconds.</summary>
    public long Deadline { get; set; }

    /// <summary>It is stored, or it is not known when it will be. Once.</summary>
    /// <param name="fault">None, or what to say.</param>
    public abstract void Settle(in Fault fault);
}
