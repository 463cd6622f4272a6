using Relay.Load.Measure;
using Relay.Load.Wire;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Neighbours;

/// <summary>
/// A member that stops reading once it is in the room, and later reads everything that was waiting. Batches carry the server's clock, and
/// pings before it stalls tell how that stands to the tester's: so it knows how old each batch is.
/// </summary>
internal sealed class StalledMember(string room) : RelaySession(room), IDisposable
{
    /// <summary>The smallest receive buffer that every system grants: what waits is then with the server.</summary>
    private const int ReceiveBuffer = 4096;

    /// <summary>Pings that are sent, at such a distance that one of them arrives just before a server reads that reads once a tick.</summary>
    private const int Pings = 20;

    private static readonly TimeSpan BetweenPings = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan PongPatience = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WireCounter _wire = new();
    private readonly ServerClock _clock = new();
    private LoadConnection? _connection;
    private long _resumedServerMicros;
    private ulong _version;
    private int _batches;
    private double? _oldestMillis;
    private double? _newestMillis;
    private long? _waitingBytes;

    /// <summary>Ends when, having read again, it has got a batch of the present, or is closed.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Connects, joins, and stops reading.</summary>
    public async Task JoinAsync(ServerAddress address, LoadTransport transport, CancellationToken cancellationToken)
    {
        _connection = new LoadConnection(address.EndPoint(transport), transport, this, _wire, ReceiveBuffer);
        await _connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await WaitJoinedAsync(cancellationToken).ConfigureAwait(false);
        using ITimer pings = TimeProvider.System.CreateTimer(_ => SendPing(), state: null, TimeSpan.Zero, BetweenPings);
        await _stalled.Task.WaitAsync(PongPatience, TimeProvider.System, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a Nop: it does not read, but it is not idle either.</summary>
    public void ShowLife() => _connection!.TrySend(new byte[FrameHeader.Size], keep: false);

    /// <summary>Reads again.</summary>
    public void Resume()
    {
        _resumedServerMicros = (Clock.NowNanos / 1000) + _clock.AheadMicros;
        _wire.On = true;
        _connection!.Resume();
    }

    /// <summary>What it found.</summary>
    public StalledFigures Result() => new()
    {
        WaitingBytes = _waitingBytes ?? _wire.Bytes,
        Batches = _batches,
        OldestMillis = _oldestMillis,
        NewestMillis = _newestMillis,
        AgeErrorMillis = _clock.ErrorMicros / 1000.0,
        CaughtUp = _waitingBytes is not null,
        Closed = Fault is not null,
    };

    public void Dispose() => _connection?.Dispose();

    public override void OnClosed(LoadConnection connection, string reason)
    {
        base.OnClosed(connection, reason);
        _stalled.TrySetException(new IOException(reason));
        _caughtUp.TrySetResult();
    }

    protected override ReadStatus OnPong(LoadConnection connection, ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = Pong.TryRead(body, out Pong pong);
        if (status == ReadStatus.Ok)
        {
            _clock.Take(pong, nowNanos / 1000);
            if (_clock.Count == Pings)
            {
                connection.Pause();
                _stalled.TrySetResult();
            }
        }

        return status;
    }

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = TransformBatch.TryRead(body, Space!, out TransformBatch batch);
        if (status != ReadStatus.Ok || _waitingBytes is not null)
        {
            return status;
        }

        if (batch.Version < _version)
        {
            Fail($"the server sent version {batch.Version} after {_version}");
        }

        _version = batch.Version;
        if (_wire.On)
        {
            Count(AgeMillis(batch.ServerMillis));
        }

        return status;
    }

    private void SendPing()
    {
        Span<byte> bytes = stackalloc byte[Ping.FrameSize];
        var writer = new FrameWriter(bytes);
        new Ping { Stamp = (ulong)(Clock.NowNanos / 1000) }.Write(ref writer);
        _connection!.TrySend(writer.WrittenSpan, keep: true);
    }

    private void Count(double ageMillis)
    {
        // What may as well have been made later did not surely wait.
        if (ageMillis <= _clock.ErrorMicros / 1000.0)
        {
            _waitingBytes = _wire.Bytes;
            _caughtUp.TrySetResult();
            return;
        }

        _batches++;
        _oldestMillis = Math.Max(ageMillis, _oldestMillis ?? ageMillis);
        _newestMillis = Math.Min(ageMillis, _newestMillis ?? ageMillis);
    }

    /// <summary>How old a batch was when reading began again; negative if it was made later. Batches tell 32 bits of the clock.</summary>
    private double AgeMillis(uint serverMillis)
    {
        long resumedMillis = _resumedServerMicros / 1000;
        return unchecked((int)((uint)resumedMillis - serverMillis));
    }
}
