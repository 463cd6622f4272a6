namespace Relay.Core.Transport.Ingress;

/// <summary>
/// How many frames a connection may send: a token bucket. Frames without a token are dropped; a connection that goes on regardless is
/// closed. One thread. protocol-spec.md §5.2.
/// </summary>
internal struct FrameBudget
{
    /// <summary>A connection is closed when it has overdrawn its bucket by so many bursts.</summary>
    public const int BurstsUntilClose = 16;

    private readonly double _perMicro;
    private readonly double _burst;
    private double _tokens;
    private long _lastRefill;
    private long _dropped;

    /// <summary>Makes a full bucket.</summary>
    /// <param name="perSecond">Tokens that come back each second; 0 for no limit.</param>
    /// <param name="burst">Tokens that fit.</param>
    /// <param name="now">Microseconds.</param>
    public FrameBudget(int perSecond, int burst, long now)
    {
        _perMicro = perSecond / 1e6;
        _burst = burst;
        _tokens = burst;
        _lastRefill = now;
    }

    /// <summary>Frames dropped since the bucket was last half full.</summary>
    public readonly long Dropped => _dropped;

    /// <summary>Whether the connection has been flooding for so long that it must be closed.</summary>
    public readonly bool IsExhausted => _dropped > BurstsUntilClose * _burst;

    /// <summary>Takes a token for one frame.</summary>
    /// <param name="now">Microseconds.</param>
    /// <returns>False: drop the frame.</returns>
    public bool TryTake(long now)
    {
        if (_perMicro == 0)
        {
            return true;
        }

        _tokens = Math.Min(_burst, _tokens + ((now - _lastRefill) * _perMicro));
        _lastRefill = now;
        if (_tokens < 1)
        {
            _dropped++;
            return false;
        }

        if (_tokens >= _burst / 2)
        {
            // It has kept quiet for long enough: old sins are forgotten.
            _dropped = 0;
        }

        _tokens--;
        return true;
    }
}
