namespace Relay.Load.Measure;

/// <summary>The tester's one clock, in nanoseconds since an arbitrary origin.</summary>
internal static class Clock
{
    private static readonly double NanosPerTick = 1e9 / TimeProvider.System.TimestampFrequency;

    public static long NowNanos => (long)(TimeProvider.System.GetTimestamp() * NanosPerTick);

    public static Task UntilAsync(long nanos, CancellationToken cancellationToken)
    {
        long left = nanos - NowNanos;
        return left <= 0
            ? Task.CompletedTask
            : Task.Delay(TimeSpan.FromMilliseconds(left / 1e6), TimeProvider.System, cancellationToken);
    }
}
