using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Relay.Core.Rooms;
using Relay.Core.Transport.WebSockets;
using Relay.Protocol.Buffers;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Transport.Pipe;

/// <summary>
/// The way out through a <see cref="PipeWriter"/>: Kestrel's sockets, TLS, anything. Copies what it is given into the pipe; a flush that
/// does not finish at once makes it unready until it does.
/// </summary>
/// <remarks>
/// A pipe takes some 64 KiB before a flush waits, and the kernel more: unread batches would queue there. So after every
/// <see cref="ProbeBytes"/> it asks the socket whether it is writable; with <c>TCP_NOTSENT_LOWAT</c> set (<see cref="SocketTuning"/>) it
/// is not as soon as a few KiB wait unsent. What a stalled reader can hold is then ProbeBytes + one transmission in user space, and the
/// send buffer in the kernel. Called by the shard, one flush at a time; its continuation comes from elsewhere, and until it has run the
/// outlet is not ready and the shard keeps off.
/// </remarks>
internal sealed class PipeOutlet : Outlet
{
    /// <summary>How many bytes may be written between two looks at the socket.</summary>
    public const int ProbeBytes = 16 * 1024;

    private readonly PipeWriter _output;
    private readonly Socket? _socket;
    private readonly bool _webSocket;
    private readonly Action _abort;
    private readonly Action _onFlushed;
    private readonly PongBox _pong = new();
    private readonly TaskCompletionSource _whenClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ValueTaskAwaiter<FlushResult> _flush;
    private Connection? _connection;
    private int _flushing;
    private int _sinceProbe;
    private volatile bool _closed;

    /// <summary>Makes an outlet.</summary>
    /// <param name="output">Where bytes go.</param>
    /// <param name="socket">The socket below it, if it is known.</param>
    /// <param name="webSocket">Whether transmissions are WebSocket messages.</param>
    /// <param name="abort">Cuts the connection off.</param>
    public PipeOutlet(PipeWriter output, Socket? socket, bool webSocket, Action abort)
    {
        _output = output;
        _socket = socket;
        _webSocket = webSocket;
        _abort = abort;
        _onFlushed = OnFlushed;
    }

    /// <summary>Why the shard has ended the connection; null if it has not. The session may go on and forget it.</summary>
    public CloseReason? EndedFor { get; private set; }

    /// <summary>Ends when the last bytes have been handed to the transport, or will never be.</summary>
    public Task WhenClosed => _whenClosed.Task;

    /// <summary>Ends when the shard will not call again.</summary>
    public Task WhenReleased => _released.Task;

    public override bool IsReady => !_closed && Volatile.Read(ref _flushing) == 0 && (_sinceProbe < ProbeBytes || Probe());

    public override bool OwesControl => _pong.IsFull;

    /// <summary>Says whose outlet it is, before the shard gets it.</summary>
    public void Attach(Connection connection) => _connection = connection;

    public override void Owe(ReadOnlySpan<byte> pingPayload) => _pong.Put(pingPayload);

    public override void Write(SharedBuffer frames) => Copy(_webSocket ? frames.WebSocketMessage : frames.Frames);

    public override void WriteControl()
    {
        Span<byte> frame = stackalloc byte[2 + WebSocketFrameHeader.MaxControlPayload];
        int length = _pong.Take(frame[2..]);
        if (length >= 0)
        {
            WebSocketFrameHeader.WriteServerHeader(frame, WebSocketOpcode.Pong, length);
            Copy(frame[..(2 + length)]);
        }
    }

    public override void Flush()
    {
        if (_closed)
        {
            return;
        }

        try
        {
#pragma warning disable CA2012 // The awaiter is kept, and its result taken exactly once, in EndFlush: awaiting would allocate.
            _flush = _output.FlushAsync().GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception)
        {
            Break();
            return;
        }

        if (_flush.IsCompleted)
        {
            EndFlush();
            return;
        }

        Volatile.Write(ref _flushing, 1);
        _flush.UnsafeOnCompleted(_onFlushed);
    }

    public override void Close(CloseReason reason)
    {
        EndedFor ??= reason;
        if (_closed)
        {
            return;
        }

        if (_webSocket)
        {
            Span<byte> frame = stackalloc byte[4];
            WebSocketFrameHeader.WriteServerHeader(frame, WebSocketOpcode.Close, 2);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)WebSocketCloseCode.EchoOf(reason));
            Copy(frame);
        }

        Flush();
        _closed = true;
        if (Volatile.Read(ref _flushing) == 0)
        {
            _whenClosed.TrySetResult();
        }
    }

    public override void Abort(CloseReason reason)
    {
        EndedFor ??= reason;
        Break();
    }

    public override void Released()
    {
        _whenClosed.TrySetResult();
        _released.TrySetResult();
    }

    private void EndFlush()
    {
        try
        {
            _ = _flush.GetResult();
        }
        catch (Exception)
        {
            Break();
        }

        _flush = default;
    }

    private void OnFlushed()
    {
        EndFlush();
        Volatile.Write(ref _flushing, 0);
        if (_closed)
        {
            _whenClosed.TrySetResult();
        }

        _connection?.Attend();
    }

    private bool Probe()
    {
        if (_socket is null)
        {
            _sinceProbe = 0;
            return true;
        }

        try
        {
            if (!_socket.Poll(0, SelectMode.SelectWrite))
            {
                return false;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already; the reading side will say so.
            return false;
        }

        _sinceProbe = 0;
        return true;
    }

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        if (_closed)
        {
            return;
        }

        try
        {
            bytes.CopyTo(_output.GetSpan(bytes.Length));
            _output.Advance(bytes.Length);
            _sinceProbe += bytes.Length;
        }
        catch (Exception)
        {
            Break();
        }
    }

    /// <summary>The pipe is broken, however the transport puts it: this connection ends, and its shard must not feel it.</summary>
    private void Break()
    {
        _closed = true;
        _abort();
        _whenClosed.TrySetResult();
    }
}
