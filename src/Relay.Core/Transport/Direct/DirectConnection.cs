using System.Buffers;
using Relay.Core.Rooms;
using Relay.Core.Transport.Ingress;

namespace Relay.Core.Transport.Direct;

/// <summary>
/// The direct road: one connection, after its Hello, read on the thread of its shard. Bytes → <see cref="FramePump"/> → the shard's
/// lane, as on the pipe road; what would be awaited there pauses the socket here.
/// </summary>
internal sealed class DirectConnection : DirectSocket
{
    private readonly Connection _connection;
    private readonly FrameSource _source;
    private readonly FramePump _pump;
    private readonly IConnectionGate _gate;
    private CancellationTokenSource? _joining;
    private CloseReason? _fault;
    private bool _owesClose;
    private bool _isGone;
    private bool _owesGone;

    private DirectConnection(Detached detached, Connection connection, FrameSource source, IConnectionGate gate)
        : base(detached)
    {
        _connection = connection;
        _source = source;
        _gate = gate;
        _pump = new FramePump(source, connection, gate);
    }

    /// <summary>Gives a connection to its shard, which reads and writes it from then on.</summary>
    public static void Start(
        Detached detached, DirectOutlet outlet, FrameSource source, Connection connection, IConnectionGate gate, DirectRoad road)
    {
        outlet.Attach(new DirectConnection(detached, connection, source, gate), road);
        connection.Shard.Lane.Push(new Arrival(connection));
    }

    protected override void OnBytes(ref ReadOnlySequence<byte> input, int arrived)
    {
        _gate.Stats.BytesIn += arrived;
        if (_fault is not null || _connection.Closing is not null)
        {
            SkipToClose(ref input);
            return;
        }

        // Not the time of the wake-up: a Ping is answered with when it was read, and much may have been read before it.
        long now = _gate.Clock.Micros;
        _connection.LastInbound = now;
        while (true)
        {
            switch (_pump.Pump(ref input, now))
            {
                case Pumped.Join when TryAuthorizeJoin():
                    continue;
                case Pumped.QueueFull when !WaitsForRoom():
                    continue;
                case Pumped.Fault:
                    _fault = _pump.Fault;
                    _owesClose = true;
                    PayWhatIsOwed();
                    SkipToClose(ref input);
                    return;
                default:
                    return;
            }
        }
    }

    protected override void OnEnd()
    {
        if (!_isGone)
        {
            _isGone = true;
            _owesGone = true;
            if (_joining is not null)
            {
                // What is called then is the embedder's code: not on this thread.
                _ = _joining.CancelAsync();
                _pump.ForgetJoin();
            }

            PayWhatIsOwed();
        }
    }

    protected override void OnReady() => _connection.Attend();

    protected override void OnWritingEnded()
    {
        if (_source.PeerClosed)
        {
            Break();
        }
    }

    protected override void OnReleased()
    {
        _source.Dispose();
        _gate.Ended(
            _connection, new ConnectionKind(_source is WebSocketFrameSource, IsDirect: true), _connection.Closing ?? CloseReason.Abnormal);
    }

    /// <summary>After our Close, or when it is about to be sent: only the peer's own is of interest.</summary>
    private void SkipToClose(ref ReadOnlySequence<byte> input)
    {
        if (_source.SkipToClose(ref input) && _connection.Closing is not null && IsWritingEnded)
        {
            Break();
        }
    }

    /// <summary>Has a join decided.</summary>
    /// <returns>False when that takes time; the socket is paused.</returns>
    private bool TryAuthorizeJoin()
    {
        var joining = new CancellationTokenSource();
        ValueTask<Command> decision = _gate.DecideAsync(_connection, _pump.TakePending(), joining.Token);
        if (decision.IsCompletedSuccessfully)
        {
            // There is room: the dispatcher has looked before it read the Join, and nobody else posts.
            joining.Dispose();
            _connection.Post(decision.Result);
            return true;
        }

        _joining = joining;
        Pause(noticesEnd: true);
        _ = PostLaterAsync(decision);
        return false;
    }

    private async Task PostLaterAsync(ValueTask<Command> decision)
    {
        try
        {
            Command command = await decision.ConfigureAwait(false);
            _connection.Shard.Lane.Push(new JoinDecided(this, command));
        }
        catch (OperationCanceledException)
        {
            // The connection ended first.
        }
    }

    /// <summary>Waits for room in the connection's queue.</summary>
    /// <returns>False when there is room by now.</returns>
    private bool WaitsForRoom()
    {
        _connection.RoomInQueue ??= OnRoomInQueue;
        if (!_connection.BeginWaitForRoom())
        {
            return false;
        }

        Pause();
        return true;
    }

    private void OnRoomInQueue()
    {
        PayWhatIsOwed();
        if (!_isGone)
        {
            Resume();
        }
    }

    /// <summary>Posts what the shard must be told of the connection's end, as soon as its queue has room.</summary>
    private void PayWhatIsOwed()
    {
        while (_owesClose || _owesGone)
        {
            Command command = _owesClose
                ? new Command(CommandKind.Close) { Close = _fault }
                : new Command(CommandKind.Gone) { Close = _fault ?? CloseReason.Abnormal };
            if (_connection.Post(command))
            {
                (_owesClose, _owesGone) = (false, _owesClose && _owesGone);
                continue;
            }

            _connection.RoomInQueue ??= OnRoomInQueue;
            if (_connection.BeginWaitForRoom())
            {
                return;
            }
        }
    }

    /// <summary>To the connection's shard: its join has been decided.</summary>
    private sealed class JoinDecided(DirectConnection socket, Command command) : ShardMessage
    {
        public override void Handle(Shard shard)
        {
            Connection connection = socket._connection;
            if (!ReferenceEquals(connection.Shard, shard))
            {
                connection.Shard.Lane.Push(this);
                return;
            }

            if (socket._isGone)
            {
                // Too late: the client asks again.
                return;
            }

            socket._joining!.Dispose();
            socket._joining = null;
            connection.Post(command);
            socket.Resume();
        }
    }
}
