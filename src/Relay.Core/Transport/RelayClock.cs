namespace Relay.Core.Transport;

/// <summary>The server's clock: microseconds since shortly before the server was made, monotonic. Welcome, Pong and batches tell it
/// (protocol-spec.md §5.6).</summary>
internal sealed class RelayClock
{
    /// <summary>What it begins at: one second, so that zero can mean "never".</summary>
    public const long Start = 1_000_000;

    private readonly TimeProvider _time;
    private readonly long _start;

    public RelayClock(TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
    }

    /// <summary>Now.</summary>
    public long Micros => Start + (long)_time.GetElapsedTime(_start).TotalMicroseconds;

    /// <summary>Where timers come from.</summary>
    public TimeProvider Time => _time;
}
