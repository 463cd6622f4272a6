using System.Buffers;
using Relay.Core.Rooms;
using Relay.Protocol;

namespace Relay.Core.Transport.Ingress;

/// <summary>Why <see cref="FramePump.Pump"/> came back.</summary>
internal enum Pumped
{
    /// <summary>No whole frame is left.</summary>
    NeedMore,

    /// <summary>A join, or fresh credentials: <see cref="FramePump.TakePending"/> must be decided before anything that follows is
    /// read.</summary>
    Join,

    /// <summary>The connection's queue is full: wait for room, then pump again.</summary>
    QueueFull,

    /// <summary>The connection must be closed: <see cref="FramePump.Fault"/>.</summary>
    Fault,
}

/// <summary>What both roads do with the bytes of a connection after its Hello: find frames, dispatch them, stop where something must be
/// awaited. How one awaits is the road's matter.</summary>
internal sealed class FramePump
{
    private readonly FrameSource _source;
    private readonly FrameDispatcher _dispatcher;
    private readonly Connection _connection;

    public FramePump(FrameSource source, Connection connection, IConnectionGate gate)
    {
        _source = source;
        _connection = connection;
        _dispatcher = new FrameDispatcher(connection, gate.Limits, gate.Pool, gate.Stats, gate.Clock.Micros);
    }

    /// <summary>After <see cref="Pumped.Join"/>: what is asked for.</summary>
    public PendingAsk TakePending() => _dispatcher.TakePending();

    /// <summary>A join was not decided before the connection ended: the client is to ask again when it takes its session up.</summary>
    public void ForgetJoin() => _connection.LastSequence--;

    /// <summary>After <see cref="Pumped.Fault"/>: why.</summary>
    public CloseReason? Fault { get; private set; }

    /// <summary>Handles frames until there is no whole one left or something must be awaited.</summary>
    /// <param name="input">What has arrived; moved on past what was handled.</param>
    /// <param name="now">When it arrived, in microseconds.</param>
    public Pumped Pump(ref ReadOnlySequence<byte> input, long now)
    {
        while (true)
        {
            SourceStatus found = _source.Next(ref input);
            switch (found)
            {
                case SourceStatus.NeedMore:
                    TrackPartial(!input.IsEmpty || _source.IsInMessage, now);
                    return Pumped.NeedMore;
                case SourceStatus.Fault:
                    Fault = _source.Fault;
                    return Pumped.Fault;
                case SourceStatus.Overhead or SourceStatus.Ping:
                    if (!_dispatcher.CountOverhead(now))
                    {
                        Fault = _dispatcher.Fault;
                        return Pumped.Fault;
                    }

                    if (found == SourceStatus.Ping)
                    {
                        _connection.Outlet.Owe(_source.Body);
                        _connection.Attend();
                    }

                    continue;
            }

            DispatchStatus status = _dispatcher.Dispatch(_source.Type, _source.Body, now);

            // A whole frame has come: whatever is still partial has begun later.
            TrackPartial(partial: false, now);
            if (status == DispatchStatus.QueueFull)
            {
                return Pumped.QueueFull;
            }

            _source.Consume(ref input);
            switch (status)
            {
                case DispatchStatus.JoinPending:
                    return Pumped.Join;
                case DispatchStatus.Fault:
                    Fault = _dispatcher.Fault;
                    if (Fault!.Code == CloseCode.Normal)
                    {
                        _source.NoteClose();
                    }

                    return Pumped.Fault;
            }
        }
    }

    private void TrackPartial(bool partial, long now)
    {
        if (!partial)
        {
            _connection.PartialSince = 0;
        }
        else if (_connection.PartialSince == 0)
        {
            _connection.PartialSince = now;
        }
    }
}
