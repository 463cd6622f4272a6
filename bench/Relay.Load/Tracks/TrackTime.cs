namespace Relay.Load.Tracks;

/// <summary>How the time of a recording stands to the clock.</summary>
/// <param name="StartNanos">The clock at the recording's beginning.</param>
/// <param name="Speed">How many recorded seconds pass in one.</param>
internal readonly record struct TrackTime(long StartNanos, double Speed)
{
    public long ToNanos(double seconds) => StartNanos + (long)(seconds / Speed * 1e9);

    public double ToSeconds(long nanos) => (nanos - StartNanos) / 1e9 * Speed;
}
