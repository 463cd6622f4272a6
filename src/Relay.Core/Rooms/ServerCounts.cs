namespace Relay.Core.Rooms;

/// <summary>What the shards of a server share: a few counts and who is to be thrown out, and nothing else.</summary>
internal sealed class ServerCounts
{
    /// <summary>Rooms that are open.</summary>
    public SharedCount Rooms { get; } = new();

    /// <summary>Sessions that have no connection now.</summary>
    public SharedCount Suspended { get; } = new();

    /// <summary>Who was thrown out of late.</summary>
    public Expulsions Expulsions { get; } = new();
}

/// <summary>How many of something all shards hold together, and its limit.</summary>
internal sealed class SharedCount
{
    private int _count;

    /// <summary>Counts one more unless the limit is reached.</summary>
    public bool TryAdd(int limit)
    {
        if (Interlocked.Increment(ref _count) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Counts one less.</summary>
    public void Remove() => Interlocked.Decrement(ref _count);
}
