using Relay.Load.Cli;
using Relay.Load.Durable;
using Relay.Load.Measure;
using Relay.Load.Neighbours;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.Walkers;

/// <summary>One run of random walkers: join, warm up, measure for a while, let the last values arrive.</summary>
internal sealed class WalkersRun(Target target, LoadOptions options, RunDatabase? database, Progress progress)
{
    /// <summary>Values older than this, at the walkers' rate, are not recognised any more.</summary>
    private const double RememberedSeconds = 12;

    private readonly WireCounter _wire = new();

    public async Task<Figures> RunAsync(CancellationToken cancellationToken)
    {
        LoadRoom[] rooms = MakeRooms();
        Walker[] walkers = MakeWalkers(rooms);
        DiagnosticsReading? before = await target.Diagnostics.CollectAsync(cancellationToken).ConfigureAwait(false);
        using var crowd = new Crowd();
        await crowd.OpenAsync(
            walkers, target.Address, options.Transport, _wire, (walker, connection) => walker.Connection = connection, progress, cancellationToken).ConfigureAwait(false);
        using var neighbours = new NeighbourLoad(target, options);
        await neighbours.JoinAsync(rooms[0].Name, cancellationToken).ConfigureAwait(false);
        using DurableWriters? writers = options.Writers is { } load ? new DurableWriters(load, options.Window) : null;
        if (writers is not null)
        {
            await writers.JoinAsync(target, options.Transport, new WireCounter(), progress, cancellationToken).ConfigureAwait(false);
        }

        int presenceErrors = await CheckPresenceAsync(walkers, neighbours.Stalled, cancellationToken).ConfigureAwait(false);

        long start = Clock.NowNanos + 100_000_000;
        long from = start + (long)(options.Warmup * 1e9), to = from + (long)(options.Seconds * 1e9);
        var schedule = new Schedule(start, walkers.Length, options.Rate);
        foreach (LoadRoom room in rooms)
        {
            room.Begin(schedule, from, to);
        }

        using var sender = new Sender(walkers, schedule);
        progress.Say("Warming up");
        neighbours.Begin();
        database?.BeginDelay();
        writers?.Begin(from, to);
        var meter = new WindowMeter(target, _wire, progress);
        Figures window = await meter.MeasureAsync(from, to, () => rooms.Sum(room => room.Deliveries), cancellationToken).ConfigureAwait(false);

        window = await neighbours.EndAsync(window, cancellationToken).ConfigureAwait(false);
        window = writers?.End(window, options.Seconds, serverNanos: null) ?? window;

        // The last values of the window are still on their way; senders go on meanwhile, so that newer ones stand for them.
        await Clock.UntilAsync(to + 500_000_000 + (long)(options.TickMillis * 2e6), cancellationToken).ConfigureAwait(false);
        sender.Stop();
        ThrowOnFault(walkers);
        double? left = await neighbours.LeftInServerAsync(crowd.Count, cancellationToken).ConfigureAwait(false);
        DiagnosticsReading? after = await target.Diagnostics.CollectAsync(cancellationToken).ConfigureAwait(false);
        presenceErrors += walkers.Sum(walker => walker.Members.Errors);
        return Finish(window, rooms, sender, presenceErrors, crowd.Count) with
        {
            RssKibPerConnection = after is null || before is null ? null : (after.RssBytes - before.RssBytes) / 1024.0 / crowd.Count,
            HeapKibPerConnection = (after?.HeapBytes - before?.HeapBytes) / 1024.0 / crowd.Count,
            ChurnLeftInServer = left,
        };
    }

    private LoadRoom[] MakeRooms()
    {
        int remembered = (int)Math.Ceiling(RememberedSeconds * options.Rate);
        string suffix = options.Connect is null ? string.Empty : "-" + Guid.NewGuid().ToString("N")[..8];
        return [.. Enumerable.Range(0, options.Rooms).Select(i =>
            new LoadRoom($"load-{i}{suffix}", firstWalker: i, stride: options.Rooms, options.Clients, remembered))];
    }

    /// <summary>
    /// In the order of the schedule: the first member of each room, then the second, so that members of a room are spread over the period.
    /// </summary>
    private Walker[] MakeWalkers(LoadRoom[] rooms)
    {
        var walkers = new Walker[options.Rooms * options.Clients];
        for (int i = 0; i < walkers.Length; i++)
        {
            walkers[i] = new Walker(rooms[i % options.Rooms], i / options.Rooms, unchecked((options.Seed * 1_000_003) + i), options.Rate);
        }

        return walkers;
    }

    /// <summary>Everybody must have been told of everybody in their room, and of nobody else.</summary>
    private async Task<int> CheckPresenceAsync(
        Walker[] walkers, IReadOnlyList<StalledMember> inFirstRoom, CancellationToken cancellationToken)
    {
        IGrouping<int, Walker>[] rooms =
            [.. walkers.Select((walker, i) => (walker, i)).GroupBy(pair => pair.i % options.Rooms, pair => pair.walker)];
        progress.Say("Checking presence");
        long deadline = Clock.NowNanos + 5_000_000_000;
        while (rooms.Any(room => room.Any(walker => walker.Members.Count != Expected(room))) && Clock.NowNanos < deadline)
        {
            ThrowOnFault(walkers);
            await Clock.UntilAsync(Clock.NowNanos + 20_000_000, cancellationToken).ConfigureAwait(false);
        }

        int errors = 0;
        foreach (IGrouping<int, Walker> room in rooms)
        {
            uint[] members = [.. Members(room)];
            errors += room.Sum(walker => members.Count(member => !walker.Members.Contains(member)) + Math.Max(0, walker.Members.Count - members.Length));
        }

        return errors;

        int Expected(IGrouping<int, Walker> room) => options.Clients + (room.Key == 0 ? inFirstRoom.Count : 0);

        IEnumerable<uint> Members(IGrouping<int, Walker> room) =>
            room.Concat(room.Key == 0 ? inFirstRoom : Enumerable.Empty<RelaySession>()).Select(session => session.Member);
    }

    private Figures Finish(Figures totals, LoadRoom[] rooms, Sender sender, int presenceErrors, int connections)
    {
        var latency = new LatencyHistogram();
        foreach (LoadRoom room in rooms)
        {
            latency.Add(room.Latency);
        }

        double deliveries = rooms.Sum(room => room.Deliveries), expected = rooms.Sum(room => room.Expected);
        return totals with
        {
            DeliveredPerSecond = deliveries / options.Seconds,
            DeliveryRatio = expected > 0 ? deliveries / expected : null,
            ServerCpuNanosPerDelivery = Share(totals.ServerCpuNanosPerDelivery),
            ServerAllocBytesPerDelivery = Share(totals.ServerAllocBytesPerDelivery),
            WireBytesPerDelivery = Share(_wire.Bytes),
            P50Millis = latency.Quantile(0.5) / 1e6,
            P99Millis = latency.Quantile(0.99) / 1e6,
            P999Millis = latency.Quantile(0.999) / 1e6,
            BadValues = rooms.Sum(room => room.BadValues + room.StaleValues),
            PresenceErrors = presenceErrors,
            TesterLagP99Millis = sender.Lag.Quantile(0.99) / 1e6,
            SendsSkipped = sender.Skipped,
            Connections = connections,
        };

        double? Share(double? total) => deliveries > 0 ? total / deliveries : null;
    }

    private void ThrowOnFault(Walker[] walkers)
    {
        target.ThrowIfGone();
        if (walkers.FirstOrDefault(walker => walker.Fault is not null) is { } broken)
        {
            throw new LoadException($"a client in room '{broken.RoomName}' failed: {broken.Fault}");
        }
    }
}
