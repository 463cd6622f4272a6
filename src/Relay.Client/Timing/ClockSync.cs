namespace Relay.Client;

/// <summary>
/// Keeps the server's clock from ping and pong: each exchange gives an offset and a round trip (RFC 5905 §8), and of the last few the one
/// with the shortest round trip is believed, since delay that is not symmetric is the only thing that falsifies an offset.
/// protocol-spec.md §5.6.
/// </summary>
/// <remarks>
/// The error is at most half of <see cref="RoundTripMicros"/>. One thread adds samples; any thread may read. Nothing is allocated after
/// construction.
/// </remarks>
public sealed class ClockSync
{
    /// <summary>
    /// Exchanges that are remembered by default: 8, as NTP's clock filter does. At one in 5 s a changed route is believed within 40 s.
    /// </summary>
    public const int DefaultWindow = 8;

    private readonly Sample[] _samples;
    private readonly object _gate = new();
    private int _count;
    private int _next;
    private Sample _best;

    /// <summary>Makes a filter that knows nothing.</summary>
    /// <param name="window">How many exchanges are remembered, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="window"/> is below 1.</exception>
    public ClockSync(int window = DefaultWindow)
    {
        if (window < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(window), window, "The window must hold at least one exchange.");
        }

        _samples = new Sample[window];
    }

    /// <summary>Whether at least one exchange is known.</summary>
    public bool IsSynchronized
    {
        get
        {
            lock (_gate)
            {
                return _count > 0;
            }
        }
    }

    /// <summary>How far the server's clock is ahead of the local one, in microseconds; 0 before the first exchange.</summary>
    public long OffsetMicros
    {
        get
        {
            lock (_gate)
            {
                return _best.Offset;
            }
        }
    }

    /// <summary>Round trip of the exchange that is believed, in microseconds, without the time that the server took; 0 before the
    /// first.</summary>
    public long RoundTripMicros
    {
        get
        {
            lock (_gate)
            {
                return _best.RoundTrip;
            }
        }
    }

    /// <summary>Adds one exchange. One that runs backwards (a negative round trip) is not believed and changes nothing.</summary>
    /// <param name="sent">Local clock when the question was sent, in microseconds.</param>
    /// <param name="received">The server's clock when it arrived there, in microseconds.</param>
    /// <param name="answered">The server's clock when the answer was sent, in microseconds.</param>
    /// <param name="arrived">Local clock when the answer arrived, in microseconds.</param>
    /// <returns>Whether the exchange was kept.</returns>
    public bool Add(long sent, ulong received, ulong answered, long arrived)
    {
        long serverReceived = unchecked((long)received), serverAnswered = unchecked((long)answered);
        long roundTrip = arrived - sent - (serverAnswered - serverReceived);
        if (roundTrip < 0 || arrived < sent)
        {
            return false;
        }

        // Half of each difference first: their sum could overflow when the clocks' origins lie far apart.
        long outward = serverReceived - sent, homeward = serverAnswered - arrived;
        long offset = (outward >> 1) + (homeward >> 1) + (outward & homeward & 1);
        lock (_gate)
        {
            _samples[_next] = new Sample(offset, roundTrip);
            _next = (_next + 1) % _samples.Length;
            _count = Math.Min(_count + 1, _samples.Length);
            _best = Best();
        }

        return true;
    }

    /// <summary>The server's clock for a reading of the local one, both in microseconds.</summary>
    /// <param name="localMicros">Local clock.</param>
    public long ToServer(long localMicros) => localMicros + OffsetMicros;

    /// <summary>The local clock for a reading of the server's, both in microseconds.</summary>
    /// <param name="serverMicros">The server's clock.</param>
    public long ToLocal(long serverMicros) => serverMicros - OffsetMicros;

    /// <summary>Forgets every exchange: another server's clock has another origin.</summary>
    internal void Reset()
    {
        lock (_gate)
        {
            _count = _next = 0;
            _best = default;
        }
    }

    private Sample Best()
    {
        Sample best = _samples[0];
        for (int i = 1; i < _count; i++)
        {
            if (_samples[i].RoundTrip < best.RoundTrip)
            {
                best = _samples[i];
            }
        }

        return best;
    }

    private readonly record struct Sample(long Offset, long RoundTrip);
}
