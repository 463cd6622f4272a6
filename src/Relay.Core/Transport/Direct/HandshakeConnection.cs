using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Relay.Core.Transport.Direct;

/// <summary>
/// A relay client's connection while it shakes hands: to Kestrel an ordinary connection with two pipes. After the Hello
/// <see cref="DetachAsync"/> takes the descriptor out of it. A client that never gets so far (a plain request, a refusal) is served to
/// its end like this.
/// </summary>
/// <remarks>The descriptor is watched once at a time for each direction (<c>EPOLLONESHOT</c>), and read and written by this class's two
/// loops on the thread pool, never by .NET's sockets: those would keep it registered in the runtime's own epoll set for good.</remarks>
internal sealed class HandshakeConnection : ConnectionContext,
    IConnectionIdFeature, IConnectionItemsFeature, IConnectionTransportFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature
{
    private static long _lastId;

    private readonly DirectTransport _door;
    private readonly DuplexPipe _original;
    private readonly PipeWriter _input;
    private readonly PipeReader _output;
    private readonly Readiness _readable = new();
    private readonly Readiness _writable = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private Task _receiving = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private Task _closing = Task.CompletedTask;
    private volatile bool _detaching;
    private volatile bool _aborted;
    private bool _detached;
    private bool _isClosed;
    private uint _interest;

    private HandshakeConnection(int descriptor, DirectTransport door)
    {
        Descriptor = descriptor;
        _door = door;
        var input = new System.IO.Pipelines.Pipe(PipeOptionsFor(door.SocketOptions.MaxReadBufferSize));
        var output = new System.IO.Pipelines.Pipe(PipeOptionsFor(door.SocketOptions.MaxWriteBufferSize));
        _input = input.Writer;
        _output = output.Reader;
        _original = new DuplexPipe(input.Reader, output.Writer);
        Transport = _original;
        ConnectionId = $"relay-{Interlocked.Increment(ref _lastId)}";
        Items = new ConnectionItems();
        ConnectionClosed = _closed.Token;
        LocalEndPoint = Libc.Address(descriptor, ofPeer: false);
        RemoteEndPoint = Libc.Address(descriptor, ofPeer: true);
        Features = new FeatureCollection();
        Features.Set(this);
        Features.Set<IConnectionIdFeature>(this);
        Features.Set<IConnectionItemsFeature>(this);
        Features.Set<IConnectionTransportFeature>(this);
        Features.Set<IConnectionLifetimeFeature>(this);
        Features.Set<IConnectionEndPointFeature>(this);
    }

    public int Descriptor { get; }

    /// <summary>What the doorkeeper knows it by.</summary>
    public ulong Tag { get; set; }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items { get; set; }

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    /// <summary>Whether these are the very bytes of the socket: no TLS and no other middleware in between, so that the connection can be
    /// detached.</summary>
    public bool Carries(IDuplexPipe transport) => ReferenceEquals(transport, _original) && ReferenceEquals(Transport, _original);

    /// <summary>Makes a connection of a descriptor and begins to read it.</summary>
    /// <returns>Null when the system refuses; then the descriptor is closed.</returns>
    public static HandshakeConnection? TryStart(int descriptor, DirectTransport door)
    {
        Libc.Tune(descriptor, door.KernelLimits);
        var connection = new HandshakeConnection(descriptor, door);
        if (!door.Doorkeeper.TryAdd(connection))
        {
            _ = Libc.Close(descriptor);
            return null;
        }

        connection._receiving = connection.ReceiveAsync();
        connection._sending = connection.SendAsync();
        return connection;
    }

    /// <summary>The descriptor is ready for something, or broken. The doorkeeper's thread.</summary>
    public void OnReady(uint events)
    {
        bool broken = (events & (EpollSet.Error | EpollSet.HangUp)) != 0;
        bool readable = broken || (events & EpollSet.Readable) != 0;
        bool writable = broken || (events & EpollSet.Writable) != 0;
        lock (_gate)
        {
            _interest &= ~((readable ? EpollSet.Readable : 0) | (writable ? EpollSet.Writable : 0));
            if (_interest != 0)
            {
                _door.Doorkeeper.Watch(this, _interest);
            }
        }

        if (readable)
        {
            _readable.End(isReady: true);
        }

        if (writable)
        {
            _writable.End(isReady: true);
        }
    }

    /// <summary>
    /// Takes the connection from Kestrel: sends what was written, stops reading, and gives away the descriptor with whatever had arrived
    /// by then. Kestrel may then end the connection as it likes; the descriptor is not touched.
    /// </summary>
    public async ValueTask<Detached> DetachAsync()
    {
        _detaching = true;
        _input.CancelPendingFlush();
        _readable.End(isReady: false);
        await _receiving.ConfigureAwait(false);
        _output.CancelPendingRead();
        await _sending.ConfigureAwait(false);

        // From here on nothing but the new owner uses the descriptor; DisposeAsync keeps off.
        lock (_gate)
        {
            _detached = true;
        }

        _door.Doorkeeper.Remove(this);
        byte[] arrived = [];
        try
        {
            ReadResult rest = await _original.Input.ReadAsync().ConfigureAwait(false);
            arrived = rest.Buffer.ToArray();
            _original.Input.AdvanceTo(rest.Buffer.End);
        }
        catch (Exception e) when (TransportFault.Is(e))
        {
            // The peer has reset it meanwhile, which the new owner finds out.
        }

        return new Detached(Descriptor, arrived);
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        lock (_gate)
        {
            if (_aborted || _detached || _isClosed)
            {
                return;
            }

            _aborted = true;
            _ = Libc.Shutdown(Descriptor, 2);
        }

        _output.CancelPendingRead();
        _input.CancelPendingFlush();
        _readable.End(isReady: true);
        _writable.End(isReady: true);
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_detached)
        {
            await _original.Input.CompleteAsync().ConfigureAwait(false);
            await _original.Output.CompleteAsync().ConfigureAwait(false);
            await _sending.ConfigureAwait(false);
            _readable.End(isReady: true);
            await _receiving.ConfigureAwait(false);
            _door.Doorkeeper.Remove(this);
            lock (_gate)
            {
                _isClosed = true;
                _ = Libc.Close(Descriptor);
            }
        }

        await _closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closed.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private static PipeOptions PipeOptionsFor(long? threshold) => new(
        MemoryPool<byte>.Shared,
        readerScheduler: PipeScheduler.ThreadPool,
        writerScheduler: PipeScheduler.ThreadPool,
        pauseWriterThreshold: threshold ?? 0,
        resumeWriterThreshold: (threshold ?? 0) / 2,
        useSynchronizationContext: false);

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        while (!_detaching && await BecomesAsync(_readable, EpollSet.Readable).ConfigureAwait(false))
        {
            int count = Libc.Receive(Descriptor, _input.GetSpan(2048));
            if (count < 0 && Libc.Errno is Libc.WouldBlock or Libc.Interrupted && !_aborted)
            {
                continue;
            }

            if (count <= 0)
            {
                error = _aborted ? new ConnectionAbortedException()
                    : count < 0 ? new ConnectionResetException("The peer has reset the connection.")
                    : null;
                break;
            }

            _input.Advance(count);
            FlushResult flushed = await _input.FlushAsync().ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                break;
            }
        }

        await _input.CompleteAsync(error).ConfigureAwait(false);
        if (!_detaching)
        {
            // The callbacks are anybody's code: not on this loop, and what they throw is not its matter.
            _closing = _closed.CancelAsync();
        }
    }

    private async Task SendAsync()
    {
        bool ended = false;
        while (!ended)
        {
            ReadResult result = await _output.ReadAsync().ConfigureAwait(false);
            bool sent = await SendAsync(result.Buffer).ConfigureAwait(false);
            _output.AdvanceTo(result.Buffer.End);
            ended = !sent || result.IsCompleted || (result.IsCanceled && (_detaching || _aborted));
        }

        await _output.CompleteAsync().ConfigureAwait(false);
        if (!_detaching)
        {
            _ = Libc.Shutdown(Descriptor, 2);
        }
    }

    private async ValueTask<bool> SendAsync(ReadOnlySequence<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = Libc.Send(Descriptor, bytes.FirstSpan);
            if (count > 0)
            {
                bytes = bytes.Slice(count);
            }
            else if (_aborted || (count < 0 && Libc.Errno is not (Libc.WouldBlock or Libc.Interrupted)))
            {
                return false;
            }
            else if (!await BecomesAsync(_writable, EpollSet.Writable).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Waits until the descriptor is ready.</summary>
    private ValueTask<bool> BecomesAsync(Readiness readiness, uint interest)
    {
        ValueTask<bool> wait = readiness.Begin();
        lock (_gate)
        {
            _interest |= interest;
            _door.Doorkeeper.Watch(this, _interest);
        }

        // Whoever gave up before the wait began did not find it.
        if (_aborted || (_detaching && interest == EpollSet.Readable))
        {
            readiness.End(isReady: _aborted);
        }

        return wait;
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

/// <summary>A connection that Kestrel has nothing to do with any more.</summary>
/// <param name="Descriptor">Its descriptor; the new owner closes it.</param>
/// <param name="Arrived">Bytes that had arrived and that nobody has read.</param>
internal readonly record struct Detached(int Descriptor, byte[] Arrived);
