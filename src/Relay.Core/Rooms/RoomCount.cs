namespace Relay.Core.Rooms;

/// <summary>How many rooms all shards hold together: the one number that shards share.</summary>
internal sealed class RoomCount
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
