using System.Buffers;
using System.IO.Pipelines;
using Relay.Core.Rooms;
using Relay.Core.Transport.Ingress;
using Relay.Core.Transport.Pipe;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Primitives;

namespace Relay.Core.Transport;

/// <summary>
/// From a connection's first bytes to the decision on its Hello. It runs on Kestrel's pipes and off the shards' threads, whichever road
/// the connection takes afterwards.
/// </summary>
internal sealed class Greeting
{
    private readonly IDuplexPipe _transport;
    private readonly ConnectionOrigin _origin;
    private readonly IConnectionGate _gate;
    private readonly TimeSpan _waited;

    /// <summary>Makes a greeting.</summary>
    /// <param name="transport">The connection's pipes.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="gate">Decides who comes in.</param>
    /// <param name="waited">How long the peer has been waited for already.</param>
    public Greeting(IDuplexPipe transport, ConnectionOrigin origin, IConnectionGate gate, TimeSpan waited)
    {
        _waited = waited;
        _transport = transport;
        _origin = origin;
        _gate = gate;
        Source = origin.IsWebSocket ? new WebSocketFrameSource(gate.Limits, gate.Pool) : new StreamFrameSource(gate.Limits.MaxFrameBody);
    }

    /// <summary>Finds frames in the connection's bytes; goes on to do so after the Hello.</summary>
    public FrameSource Source { get; }

    /// <summary>Reads the Hello and has it decided.</summary>
    /// <param name="outlet">The way out that the connection will have.</param>
    /// <param name="turnAway">Why the server takes nobody in now, or null.</param>
    /// <param name="aborted">The transport has ended.</param>
    public async Task<Admission> AdmitAsync(Outlet outlet, CloseReason? turnAway, CancellationToken aborted)
    {
        (HelloAsk? hello, CloseReason? fault) = await ReadHelloAsync(aborted).ConfigureAwait(false);
        return hello is null ? new Admission(null, null, fault)
            : turnAway is not null ? new Admission(null, null, turnAway)
            : await _gate.AdmitAsync(hello, _origin, outlet, aborted).ConfigureAwait(false);
    }

    /// <summary>Tells a peer why it is turned away.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="outlet">The way out of the pipes.</param>
    /// <param name="aborted">The transport has ended.</param>
    public async Task RefuseAsync(CloseReason reason, PipeOutlet outlet, CancellationToken aborted)
    {
        if (reason.Code is CloseCode.BadPreface or CloseCode.Abnormal)
        {
            // Not one of ours, or gone: no answer. §2.1.
            return;
        }

        SharedBuffer buffer = _gate.Pool.Rent(Protocol.Messages.CloseFrame.MaxSize);
        buffer.Seal(WriteClose(buffer.Writable, reason));
        outlet.Write(buffer);
        buffer.Release();
        outlet.Close(reason);

        await Farewell.DiscardAsync(_transport.Input, Source, _gate.Clock.Time, aborted).ConfigureAwait(false);

        static int WriteClose(Span<byte> destination, CloseReason reason)
        {
            var writer = new FrameWriter(destination);
            CloseFrames.Write(ref writer, reason);
            return writer.Written;
        }
    }

    private async Task<(HelloAsk? Hello, CloseReason? Fault)> ReadHelloAsync(CancellationToken aborted)
    {
        TimeSpan left = _gate.HelloTimeout - _waited;
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, _gate.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, aborted);
        PipeReader input = _transport.Input;
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(either.Token).ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = result.Buffer;
                HelloAsk? hello = TakeHello(ref buffer, out CloseReason? fault);
                input.AdvanceTo(buffer.Start, hello is null ? buffer.End : buffer.Start);
                if (hello is not null || fault is not null)
                {
                    return (hello, fault);
                }

                if (result.IsCompleted)
                {
                    return (null, CloseReason.Abnormal);
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            double limit = _gate.HelloTimeout.TotalMilliseconds;
            return (null, new CloseReason(
                CloseCode.Unauthorized, "No Hello came in time (milliseconds).", CloseCode.HelloTimeout, limit, limit));
        }
    }

    private HelloAsk? TakeHello(ref ReadOnlySequence<byte> buffer, out CloseReason? fault)
    {
        while (true)
        {
            switch (Source.Next(ref buffer))
            {
                case SourceStatus.NeedMore:
                    fault = null;
                    return null;
                case SourceStatus.Fault:
                    fault = Source.Fault;
                    return null;
                case SourceStatus.Frame:
                    HelloAsk? hello = HelloAsk.Read(Source.Type, Source.Body, out fault);
                    Source.Consume(ref buffer);
                    return hello;
            }
        }
    }
}
