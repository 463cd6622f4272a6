namespace Relay.Client;

/// <summary>A <see cref="TimeProvider"/>'s timestamp in whole microseconds.</summary>
internal readonly struct LocalClock
{
    private readonly TimeProvider _time;
    private readonly double _microsPerTick;

    public LocalClock(TimeProvider time)
    {
        _time = time;
        _microsPerTick = 1_000_000.0 / time.TimestampFrequency;
    }

    public TimeProvider Time => _time;

    public long NowMicros => (long)(_time.GetTimestamp() * _microsPerTick);
}
