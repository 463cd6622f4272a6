using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.Durable;

/// <summary>Members set persistent attributes one after the other, and wait for each to be stored: what durability costs.</summary>
internal sealed class DurableRun(Target target, LoadOptions options, RunDatabase? database, Progress progress)
{
    public async Task<Figures> RunAsync(CancellationToken cancellationToken)
    {
        var wire = new WireCounter();
        using var writers = new DurableWriters(options.Writers!, options.Window);
        await writers.JoinAsync(target, options.Transport, wire, progress, cancellationToken).ConfigureAwait(false);
        progress.Say("Warming up");
        database?.BeginDelay();
        long from = Clock.NowNanos + (long)(options.Warmup * 1e9), to = from + (long)(options.Seconds * 1e9);
        writers.Begin(from, to);
        var meter = new WindowMeter(target, wire, progress);
        Figures window = await meter.MeasureAsync(from, to, () => writers.Acknowledged, cancellationToken).ConfigureAwait(false);
        return writers.End(window, options.Seconds, window.ServerCpuNanosPerDelivery) with
        {
            ServerCpuNanosPerDelivery = null,
            ServerAllocBytesPerDelivery = null,
            Connections = writers.Count,
        };
    }
}
