using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Recording;
using Relay.Core.Rooms.Stores;
using Relay.Core.Transport;
using Relay.Core.Transport.Direct;
using Relay.Core.Transport.Ingress;
using Relay.Protocol;
using Relay.Protocol.Buffers;

namespace Relay.Core.Hosting;

/// <summary>The relay in a host: its shards and their threads, its connections, its end. One for each host; made by
/// <c>AddRelay</c>.</summary>
public sealed class RelayServer : IHostedLifecycleService, IDisposable
{
    /// <summary>What a drain may take beyond its time-out, to close those who are still there.</summary>
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(4);

    /// <summary>What observers may take, after a drain, to be told of the departures.</summary>
    private static readonly TimeSpan TellTime = TimeSpan.FromSeconds(2);

    /// <summary>How often a recording that follows a room asks for more: well before a busy room's recorder is overwritten.</summary>
    private static readonly TimeSpan RecordingInterval = TimeSpan.FromMilliseconds(100);

    private readonly RelayOptions _options;
    private readonly ILogger _log;
    private readonly RelayClock _clock;
    private readonly AdmissionDesk _desk;
    private readonly RoomHandlers _handlers;
    private readonly Shard[] _shards;
    private readonly ShardThread[] _threads;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly Expulsions _expulsions;
    private readonly RoomSaver? _saver;
    private readonly RoomObservation _observation;
    private readonly Lock _gate = new();
    private int _nextShard;
    private volatile bool _draining;
    private Task? _drained;

    internal RelayServer(
        RelayOptions options, IRelayAuthorizer authorizer, IModerationStore store, RelayMetrics metrics, TimeProvider time,
        ILogger<RelayServer> log, IHostApplicationLifetime lifetime, IEnumerable<HandlerBinding> handlers,
        IEnumerable<IRoomObserver> observers, IRoomStore? rooms = null)
    {
        _options = options;
        _log = log;
        _lifetime = lifetime;
        _clock = new RelayClock(time);
        var watch = new StoreWatch(metrics, time, log);
        _saver = rooms is null ? null : new RoomSaver(rooms, new SaverSettings { SlowAfter = options.Store.AnswerTimeout }, time, watch);
        _observation = new RoomObservation(observers, time, log);
        ShardSettings settings = SettingsFrom(options, store, time, log) with
        {
            Saver = _saver,
            LoadFailed = watch.LoadFailed,
            Watch = _observation.IsWanted ? _observation : null,
        };
        var pool = new SharedBufferPool();
        var counts = new ServerCounts();
        _shards = new Shard[options.Shards > 0 ? options.Shards : Environment.ProcessorCount];
        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new Shard(settings, pool, counts, ShardOf);
        }

        _expulsions = counts.Expulsions;

        if (options.Road != RelayRoad.Pipe && DirectTransport.IsSupported)
        {
            Direct = new DirectRoad(_shards);
        }

        _threads = [.. _shards.Select((shard, i) => new ShardThread(i, shard, SleepOf(shard), _clock, options.InputCadence, OnShardCrash))];
        _handlers = new RoomHandlers(handlers, options.Limits, time, log);
        var closes = new CloseLog();
        _desk = new AdmissionDesk(options, authorizer, store, _handlers, _clock, pool, metrics, closes, log, _shards, PickShard);
        Rooms = new RelayRooms(ShardOf, options, store, _handlers, time);
        Inspector = new RelayInspector(this, _clock, closes, ShardOf);
        Reception = new Reception(_desk, Direct, TurnAway);
        metrics.Observe(this);
    }

    /// <summary>Looks into the rooms.</summary>
    public RelayInspector Inspector { get; }

    /// <summary>What the server does with rooms for others than their members.</summary>
    public RelayRooms Rooms { get; }

    /// <summary>Connections that are open, those included that have not said Hello.</summary>
    public int ConnectionCount => _desk.Open;

    /// <summary>Rooms that are open.</summary>
    public long RoomCount => Sum(stats => stats.Rooms);

    /// <summary>Members in all rooms.</summary>
    public long MemberCount => Sum(stats => stats.Members);

    /// <summary>
    /// Bytes that connections hold in user space since their receivers have not taken them: what slow readers cost now. Only the direct
    /// road tells; what waits in Kestrel's pipes is not known.
    /// </summary>
    public long HeldBytes => Direct?.HeldBytes ?? 0;

    /// <summary>Sessions whose connection broke and whose client may come back.</summary>
    public long SuspendedCount => Sum(stats => stats.Suspended);

    /// <summary>Whether the server is going away: it takes nobody in any more and is not ready.</summary>
    public bool IsDraining => _draining;

    /// <summary>The road that relay clients take where their endpoint allows it: <see cref="RelayRoad.Direct"/> or
    /// <see cref="RelayRoad.Pipe"/>.</summary>
    public RelayRoad Road => Direct is null ? RelayRoad.Pipe : RelayRoad.Direct;

    /// <summary>Whether the store of rooms fails now.</summary>
    internal bool IsStoreFailing => _saver?.IsFailing ?? false;

    internal IngressStats IngressStats => _desk.Stats;

    /// <summary>What observers of rooms were not told.</summary>
    internal long Untold => _observation.Dropped;

    internal HandlerStats HandlerStats => _handlers.Calls.Stats;

    /// <summary>Where connections come in.</summary>
    internal Reception Reception { get; }

    /// <summary>What the kernel may hold for a connection, on either road.</summary>
    internal KernelLimits KernelLimits => _desk.KernelLimits;

    /// <summary>The threads' shards.</summary>
    internal IReadOnlyList<Shard> Shards => _shards;

    /// <summary>The direct road; null if it is not to be taken or not possible here.</summary>
    internal DirectRoad? Direct { get; }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken)
    {
        foreach (ShardThread thread in _threads)
        {
            thread.Start();
        }

        _observation.Start();

        _log.Started(_shards.Length, Road, _options.InputCadence.ToString(), _options.Room.TickRate, _options.Room.Capacity);
        if (_options.AllowAnonymous)
        {
            _log.AnonymousAllowed();
        }

        return Task.CompletedTask;
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken)
    {
        if (_options.Road == RelayRoad.Direct && Direct is not { IsOpen: true })
        {
            _log.NoDirectEndpoint();
        }

        return Task.CompletedTask;
    }

    /// <summary>Before anything of the host stops: tell the clients, give them their time, close who is left.</summary>
    async Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(CloseCode.GoingAway, cancellationToken).ConfigureAwait(false);
        await _observation.StopAsync(TellTime).ConfigureAwait(false);
    }

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After Kestrel has let go of every connection.</summary>
    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Takes nobody in any more, tells every client to leave, and returns when they have or the time of
    /// <see cref="DrainOptions.Timeout"/> is up and they have been closed. Called again, it waits for the drain that is under
    /// way.</summary>
    /// <param name="reason">What clients are told: <see cref="CloseCode.GoingAway"/> or <see cref="CloseCode.ServiceRestart"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the drain.</param>
    public async Task DrainAsync(CloseCode reason = CloseCode.GoingAway, CancellationToken cancellationToken = default)
    {
        Task drained;
        lock (_gate)
        {
            drained = _drained ??= RunDrainAsync(reason);
        }

        try
        {
            await drained.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The host has no more time for us.
        }
    }

    private async Task RunDrainAsync(CloseCode reason)
    {
        _draining = true;
        _log.Draining(Sum(stats => stats.Connections), _options.Drain.Timeout);
        var plan = new DrainPlan(
            reason,
            _clock.Micros + (long)_options.Drain.Timeout.TotalMicroseconds,
            (uint)_options.Drain.RetryAfter.TotalMilliseconds,
            (uint)_options.Drain.Jitter.TotalMilliseconds,
            _options.Drain.AlternateUrl);
        var orders = _shards.Select(shard => new DrainOrder(plan, shard)).ToArray();
        try
        {
            // A shard that has failed never answers: the bound of a drain holds all the same.
            await Task.WhenAll(orders.Select(order => order.Done))
                .WaitAsync(_options.Drain.Timeout + CloseTime, _clock.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A connection does not end: Kestrel cuts off what is left.
        }

        _log.Drained(orders.Sum(order => order.Closed));
        if (_saver is not null)
        {
            await StoreTheRestAsync().ConfigureAwait(false);
        }
    }

    private async Task StoreTheRestAsync()
    {
        var orders = _shards.Select(shard => new StoreOrder(shard)).ToArray();
        try
        {
            await Task.WhenAll(orders.Select(order => order.Done))
                .WaitAsync(_options.Store.DrainTimeout, _clock.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _log.NotStored(Sum(stats => stats.Unsaved), _options.Store.DrainTimeout);
        }
    }

    /// <summary>
    /// Ends sessions wherever they are: in rooms, outside, waiting for their clients to come back, on their way from one room to another.
    /// A client that asked to be let in before this call and is let in after it is ended as well, as soon as it is in.
    /// </summary>
    /// <param name="which">Whose. Called by the threads that own rooms, for each session: it must be quick and must not throw.</param>
    /// <param name="code">What they are told.</param>
    /// <param name="text">One line for a person.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    /// <returns>How many sessions ended at once.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the server has ended.</exception>
    public async Task<int> DisconnectAsync(
        Func<ConnectedClient, bool> which, CloseCode code, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(which);
        var reason = new CloseReason(code, text);
        bool Concerns(Connection connection) => which(new ConnectedClient(
            connection.Session, connection.Who.UserId, connection.Identity, Encoding.UTF8.GetString(connection.NameUtf8)));
        _expulsions.Add(Concerns, reason, _clock.Micros);
        int[] ended = await Task.WhenAll(_shards.Select(shard => ShardQuestion<int>.Ask(shard, asked =>
        {
            Connection[] concerned = [.. asked.Connections.Where(Concerns)];
            return concerned.Count(connection => asked.Expel(connection, reason));
        }))).WaitAsync(cancellationToken).ConfigureAwait(false);
        return ended.Sum();
    }

    /// <summary>
    /// Writes a room's recording: what its flight recorder still has, the room as it is now, and what happens from now on, until the time
    /// is up or the room ends. The format: protocol-spec.md §12. What members sent is in it as it was, so it is for the operator's eyes.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="follow">How long to go on; zero for only what there is.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>False when there is no such room, or it does not record (<see cref="RoomOptions.RecorderBytes"/>): nothing was
    /// written.</returns>
    public async Task<bool> RecordAsync(string room, Stream destination, TimeSpan follow, CancellationToken cancellationToken = default)
    {
        ulong started = (ulong)_clock.Time.GetUtcNow().ToUnixTimeMilliseconds();
        long end = _clock.Micros + (long)follow.TotalMicroseconds;
        RecordingRequest.Position? after = null;
        while (true)
        {
            var request = new RecordingRequest(room, started, after);
            ShardOf(room).Lane.Push(request);
            RecordingRequest.Answer? answer = await request.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (answer is null)
            {
                return after is not null;
            }

            after = answer.Next;
            await destination.WriteAsync(answer.Bytes, cancellationToken).ConfigureAwait(false);
            if (_clock.Micros >= end)
            {
                return true;
            }

            await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(RecordingInterval, _clock.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the shards' threads.</summary>
    public void Dispose()
    {
        foreach (ShardThread thread in _threads)
        {
            thread.Dispose();
        }

        foreach (Shard shard in _shards)
        {
            shard.Abandon();
        }

        _observation.Dispose();
        _saver?.Dispose();
    }

    internal long Sum(Func<ShardStats, long> read) => _shards.Sum(shard => read(shard.Stats));

    private CloseReason? TurnAway(int open)
    {
        if (_draining)
        {
            return new CloseReason(CloseCode.GoingAway, "The server is draining.");
        }

        int limit = _options.Limits.MaxConnections;
        return open > limit
            ? new CloseReason(CloseCode.TryAgainLater, "The server has as many connections as it may.", Limit: limit, Value: open)
            : null;
    }

    /// <summary>Rooms are spread by their names, so that every shard knows where each room is without asking; the instances of one are
    /// together.</summary>
    private Shard ShardOf(string roomName) =>
        _shards[(uint)string.GetHashCode(RoomInstance.BaseOf(roomName), StringComparison.Ordinal) % (uint)_shards.Length];

    /// <summary>Until it joins a room a connection may be anywhere: in turn.</summary>
    private Shard PickShard() => _shards[(uint)Interlocked.Increment(ref _nextShard) % (uint)_shards.Length];

    private IShardSleep SleepOf(Shard shard) => Direct is null ? new LaneSleep() : Direct.PortOf(shard);

    private void OnShardCrash(Exception exception)
    {
        _log.ShardCrashed(exception);
        Environment.ExitCode = 70;
        _lifetime.StopApplication();
    }

    private static ShardSettings SettingsFrom(RelayOptions options, IModerationStore store, TimeProvider time, ILogger log)
    {
        RelayLimits limits = options.Limits;
        return new ShardSettings
        {
            HeartbeatMicros = (long)limits.Heartbeat.TotalMicroseconds,
            IdleTimeoutMicros = (long)limits.IdleTimeout.TotalMicroseconds,
            FrameDeadlineMicros = (long)limits.FrameDeadline.TotalMicroseconds,
            SlowReceiverMicros = (long)limits.SlowReceiverTimeout.TotalMicroseconds,
            CredentialsGraceMicros = (long)limits.CredentialsGrace.TotalMicroseconds,
            ResumeWindowMicros = (long)options.Resume.Window.TotalMicroseconds,
            MaxSuspendedSessions = options.Resume.MaxSuspended,
            MaxRooms = limits.MaxRooms,
            Store = store,
            StoreTimeout = limits.AuthorizeTimeout,
            StoreFailed = log.ModerationStoreFailed,
            LoadTimeout = options.Store.LoadTimeout,
            OpenDetached = options.Store.OpenDetached,
            AnswerTimeoutMicros = (long)options.Store.AnswerTimeout.TotalMicroseconds,
            SavePeriodMicros = (long)options.Store.SavePeriod.TotalMicroseconds,
            MaxUnsaved = options.Store.MaxUnsaved,
            Time = time,
        };
    }

    /// <summary>To a shard: have everything stored.</summary>
    private sealed class StoreOrder : ShardMessage
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public StoreOrder(Shard shard) => shard.Lane.Push(this);

        public Task Done => _done.Task;

        public override void Handle(Shard shard) => shard.SaveDesk.Finish(() => _done.TrySetResult());
    }

    /// <summary>To a shard: drain.</summary>
    private sealed class DrainOrder : ShardMessage
    {
        private readonly DrainPlan _plan;
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public DrainOrder(DrainPlan plan, Shard shard)
        {
            _plan = plan;
            shard.Lane.Push(this);
        }

        public Task Done => _done.Task;

        public long Closed { get; private set; }

        public override void Handle(Shard shard) => shard.Upkeep.Drain(_plan, closed =>
        {
            Closed = closed;
            _done.TrySetResult();
        });
    }
}
