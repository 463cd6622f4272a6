using Relay.Protocol.Messages;

namespace Relay.Load.Neighbours;

/// <summary>
/// How far the server's clock is ahead of the tester's. A ping was received after it was sent, and its pong was sent before it arrived: each
/// gives a bound on either side, and the tightest of several count. The mean of protocol-spec.md §5.6 alone would be off by half of what a
/// ping waits for a server that reads its input once a tick.
/// </summary>
internal sealed class ServerClock
{
    private long _atLeast = long.MinValue;
    private long _atMost = long.MaxValue;

    /// <summary>Pongs so far.</summary>
    public int Count { get; private set; }

    /// <summary>Microseconds by which the server's clock is ahead; known after the first pong.</summary>
    public long AheadMicros => _atLeast + ((_atMost - _atLeast) / 2);

    /// <summary>How wrong that may be, to either side.</summary>
    public long ErrorMicros => Math.Max(0, _atMost - _atLeast) / 2;

    /// <summary>Takes a pong.</summary>
    /// <param name="pong">Its stamp is when the ping was sent, in microseconds of the tester's clock.</param>
    /// <param name="arrivedMicros">When it arrived.</param>
    public void Take(in Pong pong, long arrivedMicros)
    {
        _atLeast = Math.Max(_atLeast, (long)pong.SentMicros - arrivedMicros);
        _atMost = Math.Min(_atMost, (long)pong.ReceivedMicros - (long)pong.Stamp);
        Count++;
    }
}
