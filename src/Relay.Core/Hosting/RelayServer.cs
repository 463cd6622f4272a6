using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Core.Rooms;
using Relay.Core.Transport;
using Relay.Core.Transport.Ingress;
using Relay.Core.Transport.Pipe;
using Relay.Protocol;
using Relay.Protocol.Buffers;

namespace Relay.Core.Hosting;

/// <summary>The relay in a host: its shards and their threads, its connections, its end. One for each host; made by
/// <c>AddRelay</c>.</summary>
public sealed class RelayServer : IHostedLifecycleService, IDisposable
{
    /// <summary>What a drain may take beyond its time-out, to close those who are still there.</summary>
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(4);

    private readonly RelayOptions _options;
    private readonly ILogger _log;
    private readonly RelayMetrics _metrics;
    private readonly RelayClock _clock;
    private readonly AdmissionDesk _desk;
    private readonly Shard[] _shards;
    private readonly ShardThread[] _threads;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly Lock _gate = new();
    private int _connections;
    private int _nextShard;
    private volatile bool _draining;
    private Task? _drained;

    internal RelayServer(
        RelayOptions options, IRelayAuthorizer authorizer, RelayMetrics metrics, TimeProvider time, ILogger<RelayServer> log, IHostApplicationLifetime lifetime)
    {
        _options = options;
        _log = log;
        _metrics = metrics;
        _lifetime = lifetime;
        _clock = new RelayClock(time);
        var pool = new SharedBufferPool();
        var rooms = new RoomCount();
        _shards = new Shard[options.Shards > 0 ? options.Shards : Environment.ProcessorCount];
        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new Shard(SettingsFrom(options.Limits), pool, rooms, ShardOf);
        }

        _threads = [.. _shards.Select((shard, i) => new ShardThread(i, shard, _clock, options.InputCadence, OnShardCrash))];
        _desk = new AdmissionDesk(options, authorizer, _clock, pool, metrics, log, PickShard);
        metrics.Observe(this);
    }

    /// <summary>Connections that are open, those included that have not said Hello.</summary>
    public int ConnectionCount => Volatile.Read(ref _connections);

    /// <summary>Rooms that are open.</summary>
    public long RoomCount => Sum(stats => stats.Rooms);

    /// <summary>Members in all rooms.</summary>
    public long MemberCount => Sum(stats => stats.Members);

    /// <summary>Whether the server is going away: it takes nobody in any more and is not ready.</summary>
    public bool IsDraining => _draining;

    internal IngressStats IngressStats => _desk.Stats;

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken)
    {
        foreach (ShardThread thread in _threads)
        {
            thread.Start();
        }

        _log.Started(_shards.Length, RelayRoad.Pipe, _options.InputCadence.ToString(), _options.Room.TickRate, _options.Room.Capacity);
        if (_options.AllowAnonymous)
        {
            _log.AnonymousAllowed();
        }

        return Task.CompletedTask;
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before anything of the host stops: tell the clients, give them their time, close who is left.</summary>
    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => DrainAsync(CloseCode.GoingAway, cancellationToken);

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
    }

    /// <summary>Ends the shards' threads.</summary>
    public void Dispose()
    {
        foreach (ShardThread thread in _threads)
        {
            thread.Dispose();
        }
    }

    /// <summary>Serves one connection on the pipe road until it has ended.</summary>
    internal async Task ServeAsync(IDuplexPipe transport, Socket? socket, ConnectionOrigin origin, Action abort, CancellationToken aborted)
    {
        long start = _clock.Time.GetTimestamp();
        int open = Interlocked.Increment(ref _connections);
        try
        {
            var connection = new PipeConnection(transport, socket, origin, _desk, abort);
            CloseReason reason = await connection.RunAsync(TurnAway(open), aborted).ConfigureAwait(false);
            Report(connection.Session, origin, reason, _clock.Time.GetElapsedTime(start));
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    internal long Sum(Func<ShardStats, long> read) => _shards.Sum(shard => read(shard.Stats));

    /// <summary>A connection has ended, or was turned away.</summary>
    private void Report(Guid? session, ConnectionOrigin origin, CloseReason reason, TimeSpan lasted)
    {
        string name = CloseCodes.Name(reason.Code), cause = CloseCodes.Name(reason.Cause);
        if (session is { } id)
        {
            _log.Closed(id, (int)reason.Code, name, cause, reason.Limit, reason.Value, reason.Text);
            _metrics.Closed(origin, reason.Code, lasted);
        }
        else
        {
            _log.Rejected(origin.TransportName, origin.Remote, (int)reason.Code, name, cause, reason.Text);
            _metrics.Rejected(origin, reason.Code);
        }
    }

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

    /// <summary>Rooms are spread by their names, so that every shard knows where each room is without asking.</summary>
    private Shard ShardOf(string roomName) =>
        _shards[(uint)string.GetHashCode(roomName, StringComparison.Ordinal) % (uint)_shards.Length];

    /// <summary>Until it joins a room a connection may be anywhere: in turn.</summary>
    private Shard PickShard() => _shards[(uint)Interlocked.Increment(ref _nextShard) % (uint)_shards.Length];

    private void OnShardCrash(Exception exception)
    {
        _log.ShardCrashed(exception);
        Environment.ExitCode = 70;
        _lifetime.StopApplication();
    }

    private static ShardSettings SettingsFrom(RelayLimits limits) => new()
    {
        HeartbeatMicros = (long)limits.Heartbeat.TotalMicroseconds,
        IdleTimeoutMicros = (long)limits.IdleTimeout.TotalMicroseconds,
        FrameDeadlineMicros = (long)limits.FrameDeadline.TotalMicroseconds,
        SlowReceiverMicros = (long)limits.SlowReceiverTimeout.TotalMicroseconds,
        MaxRooms = limits.MaxRooms,
    };

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
