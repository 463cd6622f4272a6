using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.RoomState;

/// <summary>
/// Clients change the state of their rooms, and everything that each of them is told is held against what all of them did. At the end, when
/// it is quiet, all must believe the same.
/// </summary>
internal sealed class StateRun(Target target, LoadOptions options, StateSetup setup, Progress progress)
{
    /// <summary>How long everybody may take to get everything once nothing happens any more.</summary>
    private const long PatienceNanos = 30_000_000_000;

    private const long PollNanos = 20_000_000;

    /// <summary>Joins under way at once.</summary>
    private const int AtOnce = 64;

    private readonly WireCounter _wire = new();

    /// <summary>The first things that went wrong, in words.</summary>
    public IReadOnlyList<string> Words { get; private set; } = [];

    public async Task<Figures> RunAsync(CancellationToken cancellationToken)
    {
        RoomRecord[] rooms = MakeRooms();
        StateClient[] clients = MakeClients(rooms);
        try
        {
            await OpenAsync(clients, cancellationToken).ConfigureAwait(false);
            return await PlayAsync(rooms, clients, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Array.ForEach(clients, client => client.Dispose());
        }
    }

    private RoomRecord[] MakeRooms()
    {
        string suffix = options.Connect is null ? string.Empty : "-" + Guid.NewGuid().ToString("N")[..8];
        RingLimits? ring = options.Connect is null ? RingLimits.Usual : null;
        return [.. Enumerable.Range(0, options.Rooms).Select(i => new RoomRecord($"state-{i}{suffix}", options.Clients, ring))];
    }

    /// <summary>In the order of the schedule: the first of each room, then the second.</summary>
    private StateClient[] MakeClients(RoomRecord[] rooms) =>
    [
        .. from index in Enumerable.Range(0, options.Clients)
           from room in rooms
           select new StateClient(index, room, Connection, unchecked((options.Seed * 1_000_003) + index), setup.Seam),
    ];

    private LoadConnection Connection(FrameSink sink) => new(target.Address.EndPoint(options.Transport), options.Transport, sink, _wire);

    private async Task OpenAsync(StateClient[] clients, CancellationToken cancellationToken)
    {
        int done = 0;
        foreach (StateClient[] group in clients.Chunk(AtOnce))
        {
            foreach (StateClient client in group)
            {
                lock (client.Room.Gate)
                {
                    client.Connect();
                }
            }

            if (!await WaitAsync(group, client => client.IsLive, cancellationToken).ConfigureAwait(false))
            {
                throw new LoadException($"a client could not join within {PatienceNanos / 1_000_000_000} s");
            }

            done += group.Length;
            progress.Say($"Joined {done} of {clients.Length}");
        }
    }

    private async Task<Figures> PlayAsync(RoomRecord[] rooms, StateClient[] clients, CancellationToken cancellationToken)
    {
        using var driver = new StateDriver(clients, setup.Workload, setup.Plan);
        progress.Say("Warming up");
        long from = Clock.NowNanos + (long)(options.Warmup * 1e9), to = from + (long)(options.Seconds * 1e9);
        await Clock.UntilAsync(from, cancellationToken).ConfigureAwait(false);
        ThrowOnFault(clients);
        SetMeasuring(rooms, isOn: true);
        long deedsBefore = driver.Deeds;
        var meter = new WindowMeter(target, _wire, progress);
        Figures window = await meter
            .MeasureAsync(from, to, () => rooms.Sum(room => room.Deliveries), cancellationToken).ConfigureAwait(false);
        SetMeasuring(rooms, isOn: false);
        long deeds = driver.Deeds - deedsBefore;
        driver.Stop();

        progress.Say("Waiting until all is quiet");
        bool isQuiet = await CalmAsync(clients, cancellationToken).ConfigureAwait(false);
        foreach (RoomRecord room in rooms)
        {
            lock (room.Gate)
            {
                if (!isQuiet)
                {
                    room.Counts.Lose("not everything came, or not everything was answered, in time", 0);
                }

                room.Finish();
            }
        }

        Words = [.. rooms.SelectMany(room => room.Counts.Words.Select(words => $"room '{room.Name}': {words}"))];
        return Finish(window, rooms, clients, driver, deeds);
    }

    private static void SetMeasuring(RoomRecord[] rooms, bool isOn)
    {
        foreach (RoomRecord room in rooms)
        {
            lock (room.Gate)
            {
                room.IsMeasuring = isOn;
            }
        }
    }

    /// <summary>Everybody comes back, says where it stands and sends a mark to all: when all marks have come, so has everything before
    /// them; when all have the same version, so have the places.</summary>
    /// <returns>Whether that came to pass.</returns>
    private async Task<bool> CalmAsync(StateClient[] clients, CancellationToken cancellationToken)
    {
        bool isQuiet = await WaitAsync(clients, Return, cancellationToken).ConfigureAwait(false);
        ILookup<RoomRecord, Deed> marks = SendMarks(clients).ToLookup(mark => mark.Room, mark => mark.Deed);
        isQuiet &= await WaitAsync(clients, HasAll, cancellationToken).ConfigureAwait(false);
        bool isSettled = await WaitAsync([clients[0]], _ => clients.GroupBy(client => client.Room).All(IsSettled), cancellationToken)
            .ConfigureAwait(false);
        return isQuiet && isSettled;

        bool HasAll(StateClient client) =>
            client.Unanswered == 0 && client.Stay is { } stay &&
            marks[client.Room].All(mark => mark.SeenAt != 0 && mark.SeenAt <= stay.Position);
    }

    private static List<(RoomRecord Room, Deed Deed)> SendMarks(StateClient[] clients)
    {
        var marks = new List<(RoomRecord, Deed)>(clients.Length);
        foreach (StateClient client in clients)
        {
            lock (client.Room.Gate)
            {
                if (client.IsLive)
                {
                    client.Move();
                    marks.Add((client.Room, EventDeeds.SendMark(client, Clock.NowNanos)));
                }
            }
        }

        return marks;
    }

    /// <summary>Whether a client is in its room; if not, it is on its way.</summary>
    private static bool Return(StateClient client)
    {
        if (!client.IsConnected)
        {
            client.Connect();
        }
        else if (client is { IsOnline: true, Stay: null })
        {
            client.Join(withCursor: false);
        }

        return client.IsLive;
    }

    private static bool IsSettled(IGrouping<RoomRecord, StateClient> room)
    {
        lock (room.Key.Gate)
        {
            return PlaceComparison.IsSettled([.. room.Key.Present]);
        }
    }

    /// <summary>Waits until something is true of all clients.</summary>
    /// <returns>False: it did not become so in time.</returns>
    private async Task<bool> WaitAsync(
        IReadOnlyList<StateClient> clients, Func<StateClient, bool> isSo, CancellationToken cancellationToken)
    {
        long deadline = Clock.NowNanos + PatienceNanos;
        var left = new List<StateClient>(clients);
        while (true)
        {
            ThrowOnFault(clients);
            left.RemoveAll(client =>
            {
                lock (client.Room.Gate)
                {
                    return isSo(client);
                }
            });
            if (left.Count == 0 || Clock.NowNanos > deadline)
            {
                return left.Count == 0;
            }

            await Clock.UntilAsync(Clock.NowNanos + PollNanos, cancellationToken).ConfigureAwait(false);
        }
    }

    private void ThrowOnFault(IReadOnlyList<StateClient> clients)
    {
        target.ThrowIfGone();
        if (clients.FirstOrDefault(client => client.Fault is not null) is { } broken)
        {
            throw new LoadException($"client {broken.Index} in room '{broken.Room.Name}' failed: {broken.Fault}");
        }
    }

    private Figures Finish(Figures totals, RoomRecord[] rooms, StateClient[] clients, StateDriver driver, long deeds)
    {
        var latency = new LatencyHistogram();
        foreach (RoomRecord room in rooms)
        {
            latency.Add(room.Latency);
        }

        double deliveries = rooms.Sum(room => room.Deliveries);
        return totals with
        {
            ServerCpuNanosPerDelivery = null,
            ServerCpuNanosPerReliableDelivery = Share(totals.ServerCpuNanosPerDelivery),
            ServerAllocBytesPerDelivery = Share(totals.ServerAllocBytesPerDelivery),
            WireBytesPerDelivery = Share(_wire.Bytes),
            ReliablePerSecond = deliveries / options.Seconds,
            DeedsPerSecond = deeds / options.Seconds,
            P50Millis = latency.Quantile(0.5) / 1e6,
            P99Millis = latency.Quantile(0.99) / 1e6,
            P999Millis = latency.Quantile(0.999) / 1e6,
            Lost = Sum(counts => counts.Lost),
            Duplicated = Sum(counts => counts.Duplicated),
            Reordered = Sum(counts => counts.Reordered),
            Misdirected = Sum(counts => counts.Misdirected),
            StateMismatches = Sum(counts => counts.Mismatches),
            Snapshots = Sum(counts => counts.Snapshots),
            Disconnects = driver.Cuts,
            Resumed = clients.Sum(client => client.Resumed),
            Rejoins = driver.Leaves,
            Refused = clients.Sum(client => client.Refused),
            Objects = rooms.Sum(room => room.Objects),
            Attributes = rooms.Sum(room => room.Attributes),
            TesterLagP99Millis = driver.Lag.Quantile(0.99) / 1e6,
            Connections = clients.Length,
        };

        double Sum(Func<CheckCounts, long> count) => rooms.Sum(room => count(room.Counts));

        double? Share(double? total) => deliveries > 0 ? total / deliveries : null;
    }
}
