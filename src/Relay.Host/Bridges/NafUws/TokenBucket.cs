namespace Relay.Host.Bridges.NafUws;

/// <summary>So many a second in the long run, and so many at once. For one thread at a time.</summary>
/// <param name="perSecond">Tokens that come back in a second.</param>
/// <param name="burst">The most that there are; at first it is full.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(int perSecond, int burst, TimeProvider time)
{
    private double _tokens = burst;
    private long _filled = time.GetTimestamp();

    /// <summary>Takes tokens if there are as many.</summary>
    public bool TryTake(int count)
    {
        long now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_filled, now).TotalSeconds * perSecond));
        _filled = now;
        if (_tokens < count)
        {
            return false;
        }

        _tokens -= count;
        return true;
    }
}
