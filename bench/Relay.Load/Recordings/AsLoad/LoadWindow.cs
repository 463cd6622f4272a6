using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.Recordings.AsLoad;

/// <summary>The time in which a run is measured, and what the server costs meanwhile.</summary>
internal sealed class LoadWindow(Target target, LoadOptions options, WireCounter wire, Progress progress)
{
    /// <summary>When it begins; never, until that is set.</summary>
    public long FromNanos { get; set; } = long.MaxValue;

    public long ToNanos => FromNanos == long.MaxValue ? long.MaxValue : FromNanos + (long)(options.Seconds * 1e9);

    public bool Holds(long nanos) => nanos >= FromNanos && nanos < ToNanos;

    /// <summary>Waits until it is over.</summary>
    /// <returns>What the server cost; what is by delivery is still a total.</returns>
    public Task<Figures> MeasureAsync(Func<long> deliveries, CancellationToken cancellationToken) =>
        new WindowMeter(target, wire, progress).MeasureAsync(FromNanos, ToNanos, deliveries, cancellationToken);
}
