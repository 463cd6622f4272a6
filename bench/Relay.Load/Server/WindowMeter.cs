using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Wire;

namespace Relay.Load.Server;

/// <summary>Measures what a server and the tester spend in a stretch of time.</summary>
internal sealed class WindowMeter(Target target, WireCounter wire, Progress progress)
{
    private const double BytesPerMib = 1024 * 1024;

    /// <summary>Measures it.</summary>
    /// <param name="from">When it begins.</param>
    /// <param name="to">When it ends.</param>
    /// <param name="deliveries">Deliveries so far, to tell how it goes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Figures of which those "per delivery" are still totals, to be divided.</returns>
    public async Task<Figures> MeasureAsync(long from, long to, Func<long> deliveries, CancellationToken cancellationToken)
    {
        await Clock.UntilAsync(from - 50_000_000, cancellationToken).ConfigureAwait(false);
        DiagnosticsReading? memoryBefore = await target.Diagnostics.ReadAsync(cancellationToken).ConfigureAwait(false);
        await Clock.UntilAsync(from, cancellationToken).ConfigureAwait(false);
        ResidentPeak.Restart(target.Pid);
        long? serverBefore = target.ProcessorNanos();
        TimeSpan testerBefore = Environment.CpuUsage.TotalTime;
        wire.On = true;
        long begun = Clock.NowNanos;
        for (long next = from + 500_000_000; next < to; next += 500_000_000)
        {
            await Clock.UntilAsync(next, cancellationToken).ConfigureAwait(false);
            target.ThrowIfGone();
            double passed = (next - from) / 1e9;
            progress.Say(FormattableString.Invariant(
                $"Measuring: {passed:0.0} of {(to - from) / 1e9:0.#} s, {deliveries() / passed:N0} deliveries/s"));
        }

        await Clock.UntilAsync(to, cancellationToken).ConfigureAwait(false);
        wire.On = false;
        long? server = target.ProcessorNanos() - serverBefore;
        TimeSpan tester = Environment.CpuUsage.TotalTime - testerBefore;
        double elapsed = Clock.NowNanos - begun;
        long? peak = ResidentPeak.ReadBytes(target.Pid);
        DiagnosticsReading? memory = await target.Diagnostics.ReadAsync(cancellationToken).ConfigureAwait(false);
        target.ThrowIfGone();
        return new Figures
        {
            ServerCpuNanosPerDelivery = server,
            ServerCpuPercent = server / elapsed * 100,
            TesterCpuPercent = tester.TotalNanoseconds / elapsed * 100,
            ServerAllocBytesPerDelivery = memory?.AllocatedBytes - memoryBefore?.AllocatedBytes,
            GcGen2 = memory?.Gen2 - memoryBefore?.Gen2,
            RssBeforeMib = memoryBefore?.RssBytes / BytesPerMib,
            RssAfterMib = memory?.RssBytes / BytesPerMib,
            RssPeakMib = peak / BytesPerMib,
        };
    }
}
