using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Recordings.Replay;
using Relay.Load.Server;
using Relay.Load.Tracks;
using Relay.Load.Wire;

namespace Relay.Load.Recordings.AsLoad;

/// <summary>One run of a recording as load: copies of the recorded room, each in a room of its own, over and over until the time is
/// up.</summary>
internal sealed class FromRun(Target target, LoadOptions options, ReplayScript script, Progress progress)
{
    /// <summary>What the figures of such a run are, for its readers.</summary>
    public const string Remarks =
        "A delivery is a new value of an avatar, or a newer one, reaching another member of its room; latency is from when the recording " +
        "would have it sent to its arrival. Recorded times are those at which the recorded server read its input: what came between two " +
        "readings is sent at once. A value equal to an earlier one is taken for the newest of them. Objects, events and state are load and " +
        "are checked by nobody: they are in the server's processor time, bytes and allocations, and what arrives of them in " +
        "reliable_per_s. The delivery ratio is below 1 also for members who leave or block each other. When the recording ends before the " +
        "run, it begins anew with new connections in a new room.";

    /// <summary>Those who are there at the start connect this much before it.</summary>
    private const long EarlyNanos = 1_500_000_000;

    private const long SoonNanos = 100_000_000;

    /// <summary>Handshakes of a room under way at once.</summary>
    private const int AtOnce = 16;

    /// <summary>A recording is not begun anew more often than that.</summary>
    private const long ShortestNanos = 2_000_000_000;

    private readonly ReplayCounts _counts = new();
    private readonly WireCounter _wire = new();
    private volatile DeliveryWatch[] _watches = [];
    private volatile ReplayRoom[] _rooms = [];
    private readonly string _suffix = options.Connect is null ? string.Empty : "-" + Guid.NewGuid().ToString("N")[..8];

    /// <summary>How many connections the server must take: while one round ends the next comes in.</summary>
    public static (int Total, int PerRoom) Shape(LoadOptions options, ReplayScript script)
    {
        int members = script.Cast.Members.Count();
        return (members * options.Scale * 3, members);
    }

    public async Task<Figures> RunAsync(CancellationToken cancellationToken)
    {
        using var dialler = new Dialler(target.Address, options.Transport, _wire);
        using var player = new ReplayPlayer();
        var window = new LoadWindow(target, options, _wire, progress);
        progress.Say("Joining");
        _rooms = await EnterAsync(dialler, round: 0, window, cancellationToken).ConfigureAwait(false);
        progress.Say("Warming up");
        long start = Clock.NowNanos + SoonNanos;
        window.FromNanos = start + (long)(options.Warmup * 1e9);
        Begin(player, start);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task rounds = GoRoundAsync(dialler, player, start, window, over.Token);
        try
        {
            Figures totals = await window.MeasureAsync(() => _watches.Sum(watch => watch.Deliveries), cancellationToken).ConfigureAwait(false);
            int connections = _rooms.Sum(room => room.PresentCount);

            // The last values of the window are still on their way; the load goes on meanwhile, so that newer ones stand for them.
            long settled = window.ToNanos + 500_000_000 + (long)(options.TickMillis * 2e6);
            await Clock.UntilAsync(settled, cancellationToken).ConfigureAwait(false);
            ThrowOnFault(player);
            return Finish(totals, connections);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await rounds.ConfigureAwait(false);
        }
    }

    /// <summary>Begins the recording anew whenever it has ended.</summary>
    private async Task GoRoundAsync(
        Dialler dialler, ReplayPlayer player, long start, LoadWindow window, CancellationToken cancellationToken)
    {
        long length = Math.Max(ShortestNanos, (long)(script.File.DurationMicros * 1e3 / options.Speed));
        try
        {
            for (int round = 1; ; round++)
            {
                await Clock.UntilAsync(start + length - EarlyNanos, cancellationToken).ConfigureAwait(false);
                ReplayRoom[] following = await EnterAsync(dialler, round, window, cancellationToken).ConfigureAwait(false);
                await Clock.UntilAsync(start + length, cancellationToken).ConfigureAwait(false);
                ReplayRoom[] ended = _rooms;
                _rooms = following;
                start = Math.Max(start + length, Clock.NowNanos);
                Begin(player, start);
                foreach (ReplayRoom room in ended)
                {
                    _ = room.LeaveAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The time is up.
        }
    }

    private async Task<ReplayRoom[]> EnterAsync(Dialler dialler, int round, LoadWindow window, CancellationToken cancellationToken)
    {
        var rooms = new ReplayRoom[options.Scale];
        for (int copy = 0; copy < rooms.Length; copy++)
        {
            var watch = new DeliveryWatch(window);
            _watches = [.. _watches, watch];
            rooms[copy] = new ReplayRoom(script, $"load-{copy}-{round}{_suffix}", isInOrder: false, _counts, dialler.Open, watch);
            await rooms[copy].EnterAsync(AtOnce, cancellationToken).ConfigureAwait(false);
        }

        return rooms;
    }

    private void Begin(ReplayPlayer player, long nanos)
    {
        foreach (ReplayRoom room in _rooms)
        {
            room.Begin(new TrackTime(nanos, options.Speed));
        }

        player.Play(_rooms);
    }

    private void ThrowOnFault(ReplayPlayer player)
    {
        target.ThrowIfGone();
        if (player.Fault is { IsFaulted: true, Exception: { } fault })
        {
            throw fault;
        }

        if (_counts.Lost.Count > 0)
        {
            throw new LoadException($"{_counts.Lost.Count} session(s) of the recording were lost; the first: {_counts.Lost[0]}");
        }
    }

    private Figures Finish(Figures totals, int connections)
    {
        var latency = new LatencyHistogram();
        foreach (DeliveryWatch watch in _watches)
        {
            latency.Add(watch.Latency);
        }

        double deliveries = _watches.Sum(watch => watch.Deliveries), expected = _watches.Sum(watch => watch.Expected);
        return totals with
        {
            DeliveredPerSecond = deliveries / options.Seconds,
            DeliveryRatio = expected > 0 ? deliveries / expected : null,
            ServerCpuNanosPerDelivery = Share(totals.ServerCpuNanosPerDelivery),
            ServerAllocBytesPerDelivery = Share(totals.ServerAllocBytesPerDelivery),
            WireBytesPerDelivery = Share(_wire.Bytes),
            P50Millis = deliveries > 0 ? latency.Quantile(0.5) / 1e6 : null,
            P99Millis = deliveries > 0 ? latency.Quantile(0.99) / 1e6 : null,
            P999Millis = deliveries > 0 ? latency.Quantile(0.999) / 1e6 : null,
            BadValues = _watches.Sum(watch => watch.BadValues),
            TesterLagP99Millis = _counts.LagP99Nanos / 1e6,
            Connections = connections,
            ReliablePerSecond = _watches.Sum(watch => watch.Reliable) / options.Seconds,
            ReplaySent = _counts.Sent.Values.Sum(),
            ReplaySkipped = _counts.Skipped.Values.Sum(),
            ReplayRefused = _counts.Refused.Values.Sum(),
        };

        double? Share(double? total) => deliveries > 0 ? total / deliveries : null;
    }
}
