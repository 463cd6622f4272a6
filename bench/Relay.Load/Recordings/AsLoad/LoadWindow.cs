using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.Recordings.AsLoad;

/// <summary>The time in which a run is measured, and what the server costs meanwhile.</summary>
internal sealed class LoadWindow(Target target, LoadOptions options, WireCounter wire, Progress progress)
{
    private const double BytesPerMib = 1024 * 1024;

    private const long StepNanos = 500_000_000;

    /// <summary>When it begins; never, until that is set.</summary>
    public long FromNanos { get; set; } = long.MaxValue;

    public long ToNanos => FromNanos == long.MaxValue ? long.MaxValue : FromNanos + (long)(options.Seconds * 1e9);

    public bool Holds(long nanos) => nanos >= FromNanos && nanos < ToNanos;

    /// <summary>Waits until it is over.</summary>
    /// <returns>What the server cost; what is by delivery is still a total.</returns>
    public async Task<Figures> MeasureAsync(Func<long> deliveries, CancellationToken cancellationToken)
    {
        await Clock.UntilAsync(FromNanos - (StepNanos / 10), cancellationToken).ConfigureAwait(false);
        DiagnosticsReading? before = await target.Diagnostics.ReadAsync(cancellationToken).ConfigureAwait(false);
        await Clock.UntilAsync(FromNanos, cancellationToken).ConfigureAwait(false);
        ResidentPeak.Restart(target.Pid);
        long? serverBefore = target.ProcessorNanos();
        TimeSpan testerBefore = Environment.CpuUsage.TotalTime;
        wire.On = true;
        long begun = Clock.NowNanos;
        for (long next = FromNanos + StepNanos; next < ToNanos; next += StepNanos)
        {
            await Clock.UntilAsync(next, cancellationToken).ConfigureAwait(false);
            target.ThrowIfGone();
            double seconds = (next - FromNanos) / 1e9;
            progress.Say(FormattableString.Invariant(
                $"Measuring: {seconds:0.0} of {options.Seconds:0.#} s, {deliveries() / seconds:N0} deliveries/s"));
        }

        await Clock.UntilAsync(ToNanos, cancellationToken).ConfigureAwait(false);
        wire.On = false;
        long? server = target.ProcessorNanos() - serverBefore;
        TimeSpan tester = Environment.CpuUsage.TotalTime - testerBefore;
        double elapsed = Clock.NowNanos - begun;
        long? peak = ResidentPeak.ReadBytes(target.Pid);
        DiagnosticsReading? after = await target.Diagnostics.ReadAsync(cancellationToken).ConfigureAwait(false);
        target.ThrowIfGone();
        return new Figures
        {
            ServerCpuNanosPerDelivery = server,
            ServerCpuPercent = server / elapsed * 100,
            TesterCpuPercent = tester.TotalNanoseconds / elapsed * 100,
            ServerAllocBytesPerDelivery = after?.AllocatedBytes - before?.AllocatedBytes,
            GcGen2 = after?.Gen2 - before?.Gen2,
            RssBeforeMib = before?.RssBytes / BytesPerMib,
            RssAfterMib = after?.RssBytes / BytesPerMib,
            RssPeakMib = peak / BytesPerMib,
        };
    }
}
