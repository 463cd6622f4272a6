using System.Buffers;
using System.IO.Pipelines;
using Relay.Core.Rooms;
using Relay.Core.Transport.Ingress;

namespace Relay.Core.Transport.Pipe;

/// <summary>
/// The pipe road: one connection over any <see cref="IDuplexPipe"/>, after its Hello. Its reading side lives here: bytes →
/// <see cref="FramePump"/> → the shard's lane; its writing side is <see cref="PipeOutlet"/>, which the shard drives.
/// </summary>
internal sealed class PipeConnection
{
    private readonly IDuplexPipe _transport;
    private readonly IConnectionGate _gate;
    private readonly PipeOutlet _outlet;
    private readonly Connection _connection;
    private readonly FrameSource _source;
    private readonly FramePump _pump;
    private readonly RoomSignal _roomInQueue = new();

    public PipeConnection(IDuplexPipe transport, PipeOutlet outlet, FrameSource source, Connection connection, IConnectionGate gate)
    {
        _transport = transport;
        _gate = gate;
        _outlet = outlet;
        _source = source;
        _connection = connection;
        _pump = new FramePump(source, connection, gate);
    }

    /// <summary>Gives the connection to its shard and reads it until it has ended and the shard has let go of it.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<CloseReason> RunAsync(CancellationToken aborted)
    {
        _outlet.Attach(_connection);
        _connection.RoomInQueue = _roomInQueue.Set;
        _connection.Shard.Lane.Push(new Arrival(_connection));
        try
        {
            await ReadAsync(aborted).ConfigureAwait(false);
        }
        catch (Exception e) when (TransportFault.Is(e))
        {
            // The transport is gone; there is nobody left to tell.
        }

        // Only when the shard has let go may the pipe be given back.
        CloseReason reason = _pump.Fault ?? CloseReason.Abnormal;
        await PostAsync(new Command(CommandKind.Gone) { Close = reason }, CancellationToken.None).ConfigureAwait(false);
        await _outlet.WhenReleased.ConfigureAwait(false);
        return _outlet.EndedFor ?? reason;
    }

    /// <summary>Reads until the connection ends or must be closed.</summary>
    private async Task ReadAsync(CancellationToken aborted)
    {
        PipeReader input = _transport.Input;

        // Frames may have come in one WebSocket message with the Hello: the first read does not wait for more bytes.
        input.CancelPendingRead();
        long seen = 0;
        bool ended = false;
        while (!ended)
        {
            ReadResult result;
            try
            {
                result = await input.ReadAsync(aborted).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (input.TryRead(out ReadResult last))
            {
                // The end of the stream may be told before its last bytes are read, and they may say why it ends.
                result = last;
                ended = true;
            }

            ended |= result.IsCompleted;
            ReadOnlySequence<byte> buffer = result.Buffer;
            long now = _gate.Clock.Micros;
            _connection.LastInbound = now;
            _gate.Stats.BytesIn += buffer.Length - seen;

            Pumped pumped = _pump.Pump(ref buffer, now);
            while (pumped is Pumped.Join or Pumped.QueueFull)
            {
                await (pumped == Pumped.Join ? AuthorizeJoinAsync(aborted) : WaitForRoomAsync(aborted)).ConfigureAwait(false);
                pumped = _pump.Pump(ref buffer, now);
            }

            if (pumped == Pumped.Fault)
            {
                input.AdvanceTo(buffer.End);
                await CloseAsync(_pump.Fault!, aborted).ConfigureAwait(false);
                return;
            }

            seen = buffer.Length;
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Has the shard say why the connection ends, and lets the peer hang up first.</summary>
    private async Task CloseAsync(CloseReason reason, CancellationToken aborted)
    {
        await PostAsync(new Command(CommandKind.Close) { Close = reason }, aborted).ConfigureAwait(false);
        await _outlet.WhenClosed.WaitAsync(aborted).ConfigureAwait(false);
        if (!_source.PeerClosed)
        {
            await Farewell.DiscardAsync(_transport.Input, _source, _gate.Clock.Time, aborted).ConfigureAwait(false);
        }
    }

    private async Task AuthorizeJoinAsync(CancellationToken aborted)
    {
        Command command;
        try
        {
            command = await _gate.DecideAsync(_connection, _pump.TakePending(), aborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _pump.ForgetJoin();
            throw;
        }

        await PostAsync(command, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task PostAsync(Command command, CancellationToken aborted)
    {
        while (!_connection.Post(command))
        {
            await WaitForRoomAsync(aborted).ConfigureAwait(false);
        }
    }

    private Task WaitForRoomAsync(CancellationToken aborted)
    {
        _roomInQueue.Reset();
        return _connection.BeginWaitForRoom() ? _roomInQueue.WaitAsync(aborted) : Task.CompletedTask;
    }
}
