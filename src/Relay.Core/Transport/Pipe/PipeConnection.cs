using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Relay.Core.Rooms;
using Relay.Core.Transport.Ingress;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Primitives;

namespace Relay.Core.Transport.Pipe;

/// <summary>
/// The pipe road: one connection over any <see cref="IDuplexPipe"/>. Its reading side lives here: bytes → <see cref="FrameSource"/> →
/// <see cref="FrameDispatcher"/> → the shard's lane; its writing side is <see cref="PipeOutlet"/>, which the shard drives.
/// </summary>
internal sealed class PipeConnection
{
    private static readonly CloseReason HelloTimeout = new(CloseCode.Unauthorized, "No Hello came in time.", CloseCode.HelloTimeout);

    /// <summary>How long a peer that was told to go may take to hang up by itself.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(1);

    private readonly IDuplexPipe _transport;
    private readonly IConnectionGate _gate;
    private readonly ConnectionOrigin _origin;
    private readonly PipeOutlet _outlet;
    private readonly FrameSource _source;
    private readonly RoomSignal _roomInQueue = new();
    private Connection? _connection;
    private FrameDispatcher? _dispatcher;
    private HelloAsk? _hello;
    private CloseReason? _fault;

    public PipeConnection(IDuplexPipe transport, Socket? socket, ConnectionOrigin origin, IConnectionGate gate, Action abort)
    {
        _transport = transport;
        _origin = origin;
        _gate = gate;
        SocketTuning.Apply(socket, gate.KernelSendBufferBytes, gate.UnsentLowWaterBytes);
        _outlet = new PipeOutlet(transport.Output, socket, origin.IsWebSocket, abort);
        _source = origin.IsWebSocket
            ? new WebSocketFrameSource(gate.Limits, gate.Pool, OnPing)
            : new StreamFrameSource(gate.Limits.MaxFrameBody);
    }

    private enum Pumped
    {
        NeedMore,
        Hello,
        Join,
        QueueFull,
        Fault,
    }

    /// <summary>The session's id, once a Hello was accepted.</summary>
    public Guid? Session => _connection?.Session;

    /// <summary>Serves the connection until it has ended.</summary>
    /// <param name="turnAway">Why the server takes nobody in now, or null.</param>
    /// <param name="aborted">The transport has ended.</param>
    /// <returns>Why it ended.</returns>
    public async Task<CloseReason> RunAsync(CloseReason? turnAway, CancellationToken aborted)
    {
        CloseReason reason;
        try
        {
            if (await GreetAsync(turnAway, aborted).ConfigureAwait(false))
            {
                await ReadAsync(aborted).ConfigureAwait(false);
            }
            else
            {
                await RefuseAsync(_fault!, aborted).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The transport is gone; for a peer's reset Kestrel throws. There is nobody left to tell.
            _fault ??= CloseReason.Abnormal;
        }
        finally
        {
            reason = await LetGoAsync(_fault ?? CloseReason.Abnormal).ConfigureAwait(false);
            _source.Dispose();
        }

        return reason;
    }

    /// <summary>Reads the Hello, has it authorised, and gives the connection to a shard.</summary>
    private async Task<bool> GreetAsync(CloseReason? turnAway, CancellationToken aborted)
    {
        using var deadline = new CancellationTokenSource(_gate.HelloTimeout, _gate.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, aborted);
        PipeReader input = _transport.Input;
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(either.Token).ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = result.Buffer;
                Pumped pumped = Pump(ref buffer, _gate.Clock.Micros);
                input.AdvanceTo(buffer.Start, pumped == Pumped.NeedMore ? buffer.End : buffer.Start);
                if (pumped == Pumped.Hello)
                {
                    break;
                }

                if (pumped == Pumped.Fault || result.IsCompleted)
                {
                    _fault ??= CloseReason.Abnormal;
                    return false;
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            _fault = HelloTimeout with { Limit = _gate.HelloTimeout.TotalMilliseconds, Value = _gate.HelloTimeout.TotalMilliseconds };
            return false;
        }

        if (turnAway is not null)
        {
            _fault = turnAway;
            return false;
        }

        Admission admission = await _gate.AdmitAsync(_hello!, _origin, _outlet, aborted).ConfigureAwait(false);
        _fault = admission.Refusal;
        if (admission.Connection is not { } connection)
        {
            return false;
        }

        _connection = connection;
        _outlet.Attach(connection);
        connection.RoomInQueue = _roomInQueue.Set;
        _dispatcher = new FrameDispatcher(connection, _gate.Limits, _gate.Pool, _gate.Stats, _gate.Clock.Micros);
        connection.Shard.Lane.Push(new Arrival(connection));
        return true;
    }

    /// <summary>Reads until the connection ends or must be closed.</summary>
    private async Task ReadAsync(CancellationToken aborted)
    {
        PipeReader input = _transport.Input;

        // Frames may have come in one WebSocket message with the Hello: the first read does not wait for more bytes.
        input.CancelPendingRead();
        long seen = 0;
        while (true)
        {
            ReadResult result = await input.ReadAsync(aborted).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            long now = _gate.Clock.Micros;
            _connection!.LastInbound = now;
            _gate.Stats.BytesIn += buffer.Length - seen;

            Pumped pumped = Pump(ref buffer, now);
            while (pumped is Pumped.Join or Pumped.QueueFull)
            {
                await (pumped == Pumped.Join ? AuthorizeJoinAsync(aborted) : WaitForRoomAsync(aborted)).ConfigureAwait(false);
                pumped = Pump(ref buffer, now);
            }

            if (pumped == Pumped.Fault)
            {
                input.AdvanceTo(buffer.End);
                await CloseAsync(aborted).ConfigureAwait(false);
                return;
            }

            seen = buffer.Length;
            TrackPartial(partial: seen > 0 || _source.IsInMessage, now);
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Has the shard say why the connection ends, then gives the peer a moment to hang up first: what it still sends is thrown
    /// away, since a socket that is closed with unread bytes resets, and the reset may overtake the Close.</summary>
    private async Task CloseAsync(CancellationToken aborted)
    {
        await PostAsync(new Command(CommandKind.Close) { Close = _fault }, aborted).ConfigureAwait(false);
        await _outlet.WhenClosed.WaitAsync(aborted).ConfigureAwait(false);
        if (!_source.PeerClosed && _fault!.Code != CloseCode.Normal)
        {
            await DiscardAsync(aborted).ConfigureAwait(false);
        }
    }

    private async Task DiscardAsync(CancellationToken aborted)
    {
        using var grace = new CancellationTokenSource(LingerTime, _gate.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, aborted);
        try
        {
            while (true)
            {
                ReadResult result = await _transport.Input.ReadAsync(either.Token).ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = result.Buffer;
                bool answered = HasPeerClosed(ref buffer);
                _transport.Input.AdvanceTo(buffer.Start, buffer.End);
                if (answered || result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (grace.IsCancellationRequested)
        {
            // It had its moment.
        }
    }

    /// <summary>Skips what a peer still sends after our Close, up to its own.</summary>
    private bool HasPeerClosed(ref ReadOnlySequence<byte> buffer)
    {
        while (_source.Fault is null)
        {
            switch (_source.Next(ref buffer))
            {
                case SourceStatus.NeedMore:
                    return false;
                case SourceStatus.Frame:
                    _source.Consume(ref buffer);
                    break;
            }
        }

        buffer = buffer.Slice(buffer.End);
        return _source.PeerClosed;
    }

    private void TrackPartial(bool partial, long now)
    {
        if (!partial)
        {
            _connection!.PartialSince = 0;
        }
        else if (_connection!.PartialSince == 0)
        {
            _connection.PartialSince = now;
        }
    }

    /// <summary>Handles frames until there is no whole one left or something must be awaited.</summary>
    private Pumped Pump(ref ReadOnlySequence<byte> buffer, long now)
    {
        while (true)
        {
            switch (_source.Next(ref buffer))
            {
                case SourceStatus.NeedMore:
                    return Pumped.NeedMore;
                case SourceStatus.Fault:
                    _fault = _source.Fault;
                    return Pumped.Fault;
                case SourceStatus.Overhead:
                    if (_dispatcher is not null && !_dispatcher.CountOverhead(now))
                    {
                        _fault = _dispatcher.Fault;
                        return Pumped.Fault;
                    }

                    continue;
            }

            if (_dispatcher is null)
            {
                _hello = HelloAsk.Read(_source.Type, _source.Body, out _fault);
                _source.Consume(ref buffer);
                return _hello is null ? Pumped.Fault : Pumped.Hello;
            }

            DispatchStatus status = _dispatcher.Dispatch(_source.Type, _source.Body, now);
            if (status == DispatchStatus.QueueFull)
            {
                return Pumped.QueueFull;
            }

            // A whole frame has come: whatever is still partial has begun later.
            _connection!.PartialSince = 0;
            _source.Consume(ref buffer);
            switch (status)
            {
                case DispatchStatus.JoinPending:
                    return Pumped.Join;
                case DispatchStatus.Fault:
                    _fault = _dispatcher.Fault;
                    return Pumped.Fault;
            }
        }
    }

    private async Task AuthorizeJoinAsync(CancellationToken aborted)
    {
        Command command = await _gate.AuthorizeJoinAsync(_connection!, _dispatcher!.PendingJoin!, aborted).ConfigureAwait(false);
        await PostAsync(command, aborted).ConfigureAwait(false);
    }

    private async Task PostAsync(Command command, CancellationToken aborted)
    {
        while (!_connection!.Post(command))
        {
            await WaitForRoomAsync(aborted).ConfigureAwait(false);
        }
    }

    private Task WaitForRoomAsync(CancellationToken aborted)
    {
        _roomInQueue.Reset();
        return _connection!.BeginWaitForRoom() ? _roomInQueue.WaitAsync(aborted) : Task.CompletedTask;
    }

    /// <summary>Tells a peer that never got as far as a shard why it is turned away.</summary>
    private async Task RefuseAsync(CloseReason reason, CancellationToken aborted)
    {
        if (reason.Code is CloseCode.BadPreface or CloseCode.Abnormal)
        {
            // Not one of ours, or gone: no answer. §2.1.
            return;
        }

        SharedBuffer buffer = _gate.Pool.Rent(Protocol.Messages.CloseFrame.MaxSize);
        buffer.Seal(WriteClose(buffer.Writable, reason));
        _outlet.Write(buffer);
        buffer.Release();
        _outlet.Close(reason);

        await DiscardAsync(aborted).ConfigureAwait(false);

        static int WriteClose(Span<byte> destination, CloseReason reason)
        {
            var writer = new FrameWriter(destination);
            CloseFrames.Write(ref writer, reason);
            return writer.Written;
        }
    }

    /// <summary>Tells the shard that the connection has ended and waits until it has let go: only then may the pipe be given
    /// back.</summary>
    private async Task<CloseReason> LetGoAsync(CloseReason reason)
    {
        if (_connection is null)
        {
            return reason;
        }

        await PostAsync(new Command(CommandKind.Gone) { Close = reason }, CancellationToken.None).ConfigureAwait(false);
        await _outlet.WhenReleased.ConfigureAwait(false);
        return _connection.Closing ?? reason;
    }

    private void OnPing(ReadOnlySpan<byte> payload)
    {
        if (_connection is not null)
        {
            _outlet.Owe(payload);
        }
    }
}
