using System.Net;
using System.Net.Sockets;
using Relay.Load.Measure;
using Relay.Protocol.Frames;

namespace Relay.Load.Wire;

/// <summary>
/// One client's socket: opens it, finds frames in what arrives and hands them to a <see cref="FrameSink"/>, sends without ever blocking.
/// </summary>
/// <remarks>
/// Receives run on the socket engine's thread (inline completions), one at a time. <see cref="TrySend"/> may be called from any thread.
/// After the handshake nothing is allocated unless a frame is longer than all before.
/// </remarks>
internal sealed class LoadConnection : IDisposable
{
    /// <summary>Longest body accepted from a server; one is a batch of all members of a room.</summary>
    private const int MaxBody = 4 << 20;

    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _receive;
    private readonly IPEndPoint _endPoint;
    private readonly LoadTransport _transport;
    private readonly FrameSink _sink;
    private readonly WireCounter _wire;
    private readonly SocketWriter _writer;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebSocketUnwrapper _unwrapper;
    private byte[] _buffer = new byte[4096];
    private int _filled;
    private bool _handshaken;
    private volatile bool _paused;
    private int _closed;

    /// <summary>Makes one that is not connected yet.</summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="transport">What is spoken there.</param>
    /// <param name="sink">Gets the frames.</param>
    /// <param name="wire">Counts received bytes.</param>
    /// <param name="receiveBuffer">The kernel's receive buffer; 0 leaves it to the system.</param>
    public LoadConnection(IPEndPoint endPoint, LoadTransport transport, FrameSink sink, WireCounter wire, int receiveBuffer = 0)
    {
        _endPoint = endPoint;
        _transport = transport;
        _sink = sink;
        _wire = wire;
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            // Before connecting: it decides the window that the peer is told.
            _socket.ReceiveBufferSize = receiveBuffer;
        }

        _writer = new SocketWriter(_socket, masked: transport == LoadTransport.Ws);
        _receive = new SocketAsyncEventArgs(true);
        _receive.Completed += (_, args) => OnReceived(args);
    }

    /// <summary>Connects, and completes when the sink may send.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync(_endPoint, cancellationToken).ConfigureAwait(false);
        _socket.Blocking = false;
        if (_transport == LoadTransport.Tcp)
        {
            _handshaken = true;
            _writer.SendRaw(ConnectionPreface.Bytes);
            Opened();
        }
        else
        {
            _writer.SendRaw(WebSocketHandshake.Request(_endPoint.ToString(), ServerAddress.Path));
        }

        StartReceiving();
        await _opened.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends one or more whole frames; see <see cref="SocketWriter.TrySend"/>.</summary>
    public bool TrySend(ReadOnlySpan<byte> frames, bool keep) => _closed == 0 && _writer.TrySend(frames, keep);

    /// <summary>Receives nothing more until <see cref="Resume"/>. Only from a call of the sink: then no receive is under way that would
    /// still take something.</summary>
    public void Pause() => _paused = true;

    /// <summary>Receives again.</summary>
    public void Resume()
    {
        _paused = false;
        StartReceiving();
    }

    /// <summary>Closes by a reset (RST) instead of an orderly end.</summary>
    public void Reset()
    {
        if (_closed == 0)
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        Close("reset by the tester");
    }

    /// <summary>Breaks off in the middle of a frame: sends the first half of it, then resets.</summary>
    public void Break(ReadOnlySpan<byte> frame)
    {
        if (_closed == 0)
        {
            _writer.SendHalf(frame);
        }

        Reset();
    }

    public void Dispose() => Close("closed by the tester");

    private void Opened()
    {
        _sink.OnOpen(this);
        _opened.TrySetResult();
    }

    private void StartReceiving()
    {
        try
        {
            do
            {
                SetFreeBuffer();
            }
            while (!_socket.ReceiveAsync(_receive) && Accept(_receive));
        }
        catch (ObjectDisposedException)
        {
            // Closed by the tester meanwhile.
        }
    }

    private void OnReceived(SocketAsyncEventArgs args)
    {
        if (Accept(args))
        {
            StartReceiving();
        }
    }

    private bool Accept(SocketAsyncEventArgs args)
    {
        if (args.SocketError != SocketError.Success || args.BytesTransferred == 0)
        {
            Close(args.SocketError == SocketError.Success ? "closed by the server" : args.SocketError.ToString());
            return false;
        }

        long now = Clock.NowNanos;
        _wire.Received(args.BytesTransferred);
        _filled += args.BytesTransferred;
        string? problem = Process(now);
        if (problem is not null)
        {
            Close(problem);
            return false;
        }

        _writer.Flush();
        return _closed == 0 && !_paused;
    }

    private string? Process(long now)
    {
        if (!_handshaken)
        {
            string? problem = WebSocketHandshake.Check(_buffer.AsSpan(0, _filled), out int length);
            if (problem is not null)
            {
                _opened.TrySetException(new RefusedException(problem));
                return problem;
            }

            if (length == 0)
            {
                return null;
            }

            _handshaken = true;
            Discard(length);
            Opened();
        }

        int whole = _filled;

        // What came before the fault is handed on: a server says why it closes.
        string? fault = _transport == LoadTransport.Ws ? _unwrapper.Unwrap(_buffer, _filled, out whole, out _filled) : null;

        int position = 0;
        while (true)
        {
            FrameStatus status = FrameDecoder.Find(_buffer.AsSpan(position, whole - position), MaxBody, out FrameHeader header);
            if (status == FrameStatus.TooLarge)
            {
                return $"the server sent a frame of {header.BodyLength} bytes";
            }

            if (status == FrameStatus.NeedMore)
            {
                break;
            }

            _sink.OnFrame(this, header, _buffer.AsSpan(position + FrameHeader.Size, header.BodyLength), now);
            position += FrameHeader.Size + header.BodyLength;
        }

        Discard(position);
        _unwrapper.Discarded(position);
        return fault;
    }

    private void Discard(int count)
    {
        if (count > 0)
        {
            _buffer.AsSpan(count, _filled - count).CopyTo(_buffer);
            _filled -= count;
        }
    }

    private void SetFreeBuffer()
    {
        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        _receive.SetBuffer(_buffer.AsMemory(_filled));
    }

    private void Close(string reason)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        _socket.Dispose();
        _receive.Dispose();
        _opened.TrySetException(new IOException($"{_endPoint}: {reason}"));
        _sink.OnClosed(this, reason);
    }
}
