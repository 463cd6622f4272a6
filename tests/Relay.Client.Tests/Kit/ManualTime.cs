namespace Relay.Client.Tests.Kit;

/// <summary>A clock that stands still until it is moved. Timers never fire.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _micros = 1_000_000;

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => _micros;

    public void Advance(TimeSpan by) => _micros += (long)by.TotalMicroseconds;
}
