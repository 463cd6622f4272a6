namespace Relay.Load.Walkers;

/// <summary>
/// When each value is meant to be sent, whatever really happens: an open loop, so a server that stalls does not slow the load down and hide
/// its own delay. Phases are spread evenly over the period, members of one room too.
/// </summary>
internal sealed class Schedule
{
    private readonly double _periodNanos;
    private readonly double _stepNanos;
    private readonly long _startNanos;
    private readonly int _walkers;

    /// <summary>Makes a schedule.</summary>
    /// <param name="startNanos">When the first value is due.</param>
    /// <param name="walkers">How many walkers take turns.</param>
    /// <param name="rate">Values a second of each.</param>
    public Schedule(long startNanos, int walkers, double rate)
    {
        _startNanos = startNanos;
        _walkers = walkers;
        _periodNanos = 1e9 / rate;
        _stepNanos = _periodNanos / walkers;
    }

    /// <summary>Whose turn it is.</summary>
    public int WalkerOf(long turn) => (int)(turn % _walkers);

    /// <summary>When a turn is due.</summary>
    public long DueNanos(long turn) => _startNanos + (long)(turn * _stepNanos);

    /// <summary>When a walker's value is due.</summary>
    public long DueNanos(int walker, long number) => _startNanos + (long)((walker * _stepNanos) + (number * _periodNanos));

    /// <summary>The number of a walker's first value that is due at or after a time.</summary>
    public long FirstAt(int walker, long nanos) =>
        Math.Max(0, (long)Math.Ceiling((nanos - _startNanos - (walker * _stepNanos)) / _periodNanos));
}
