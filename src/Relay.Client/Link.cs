using System.Text;
using Relay.Client.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Client;

/// <summary>
/// The life of one connection: a loop that writes what waits in the <see cref="Outbox"/>, a loop that hands what arrives to
/// <see cref="Inbound"/>, and one reason for the end.
/// </summary>
/// <remarks>
/// The receiving loop is the last to leave: whoever else ends the connection notes the reason and closes the transport, and the loop then
/// tells everybody.
/// </remarks>
internal sealed class Link : IDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly RelayHandler _handler;
    private readonly RelayClientOptions _options;
    private readonly LocalClock _clock;
    private readonly FrameBuffer _frames = new();
    private ByteTransport? _transport;
    private Heartbeat? _heartbeat;
    private CloseInfo? _end;
    private Task _receiving = Task.CompletedTask;

    public Link(RelayHandler handler, RelayClientOptions options, LocalClock clock, ClockSync sync)
    {
        _handler = handler;
        _options = options;
        _clock = clock;
        Outbox = new Outbox(options.MaxQueuedBytes, clock);
        Inbound = new Inbound(handler, Outbox, Replies, sync, clock);
    }

    public Outbox Outbox { get; }

    public Inbound Inbound { get; }

    public PendingReplies Replies { get; } = new();

    /// <summary>Whether there is or was a transport.</summary>
    public bool IsOpen => _transport is not null;

    /// <summary>How the connection ended; <c>null</c> while it has not.</summary>
    public CloseInfo? Closed => Volatile.Read(ref _end);

    /// <summary>Starts on a transport: says Hello and begins to receive.</summary>
    public void Start(ByteTransport transport)
    {
        _transport = transport;
        AddHello();
        _ = WriteAsync(transport);
        _receiving = ReceiveAsync(transport);
    }

    /// <summary>Says goodbye, waits a while for the peer to end, then ends. Everybody has been told when it completes.</summary>
    public async Task CloseAsync()
    {
        CloseInfo info = CloseInfo.Local(CloseCode.Normal, string.Empty);
        if (Interlocked.CompareExchange(ref _end, info, null) is null)
        {
            SendClose(info);
        }

        try
        {
            await Waiting.ForAsync(_receiving, CloseTimeout, _options.TimeProvider, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _transport?.Dispose();
            await _receiving.ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection at once, from any thread; the receiving loop then tells everybody.</summary>
    public void End(CloseInfo info)
    {
        Interlocked.CompareExchange(ref _end, info, null);
        Outbox.Complete(drop: true);
        _transport?.Dispose();
    }

    public void Dispose()
    {
        _heartbeat?.Dispose();
        _transport?.Dispose();
    }

    private void AddHello()
    {
        Inbound.HelloSent();
        int size = 64 + _options.Credentials.Length + Encoding.UTF8.GetByteCount(_options.Agent);
        Outbox.TryAdd(
            size,
            numbered: false,
            _options,
            static (ref FrameWriter writer, ulong _, in RelayClientOptions options) => new Hello
            {
                VersionOldest = ProtocolVersion.Oldest,
                VersionNewest = ProtocolVersion.Newest,
                Credentials = options.Credentials.Span,
                AgentUtf8 = Encoding.UTF8.GetBytes(options.Agent),
            }.Write(ref writer),
            out _);
    }

    private async Task WriteAsync(ByteTransport transport)
    {
        try
        {
            while (true)
            {
                await Outbox.WaitAsync().ConfigureAwait(false);
                bool last = Outbox.IsCompleted;
                ReadOnlyMemory<byte> waiting = Outbox.Take(Inbound.Room);
                while (!waiting.IsEmpty)
                {
                    int size = MessageSize(waiting.Span, transport.PreferredMessageSize);
                    await transport.SendAsync(waiting[..size]).ConfigureAwait(false);
                    waiting = waiting[size..];
                }

                if (last)
                {
                    await transport.FinishAsync(_end?.Code ?? CloseCode.Normal).ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (Exception e)
        {
            End(CloseInfo.Local(CloseCode.Abnormal, "Sending failed: " + e.Message, e));
        }
    }

    /// <summary>Bytes of the whole frames at the front that go into one message: at least one frame.</summary>
    private static int MessageSize(ReadOnlySpan<byte> frames, int preferred)
    {
        if (frames.Length <= preferred)
        {
            return frames.Length;
        }

        int size = 0;
        while (size < frames.Length)
        {
            int next = FrameHeader.Size + FrameHeader.Read(frames[size..]).BodyLength;
            if (size > 0 && size + next > preferred)
            {
                break;
            }

            size += next;
        }

        return size;
    }

    private async Task ReceiveAsync(ByteTransport transport)
    {
        // Callbacks never run inside ConnectAsync's caller.
        await Task.Yield();
        try
        {
            CloseInfo? over = null;
            while (over is null)
            {
                Received received = await transport.ReceiveAsync(_frames.Free()).ConfigureAwait(false);
                over = Accept(transport, received);
            }

            EndReceiving(over);
        }
        catch (Exception e)
        {
            CloseCode code = e is IOException or ObjectDisposedException or System.Net.Sockets.SocketException or System.Net.WebSockets.WebSocketException
                ? CloseCode.Abnormal
                : CloseCode.InternalError;
            EndReceiving(CloseInfo.Local(code, e.Message, e));
        }

        CloseInfo reason = _end!;
        _heartbeat?.Dispose();
        transport.Dispose();
        Outbox.Complete(drop: true);
        Replies.FailAll(reason);
        if (!Inbound.Welcomed.TrySetException(new RelayException(reason)))
        {
            _handler.OnClosed(reason);
        }
        else
        {
            _ = Inbound.Welcomed.Task.Exception;
        }
    }

    private CloseInfo? Accept(ByteTransport transport, Received received)
    {
        if (received.Problem != CloseCode.None)
        {
            return CloseInfo.Local(received.Problem, "The server sent a WebSocket text message.");
        }

        if (received.Count == 0 && !received.EndOfMessage)
        {
            CloseCode code = transport.PeerCloseCode ?? CloseCode.Abnormal;
            return new CloseInfo(code, CloseCode.None, 0, 0, "The connection ended without a Close frame.", ByPeer: true, Exception: null);
        }

        _frames.Added(received.Count);
        _heartbeat?.Received();
        CloseInfo? over = Inbound.Process(_frames);
        if (_heartbeat is null && Inbound.Session is { } session)
        {
            _heartbeat = new Heartbeat(Outbox, _clock, _options, session, End);
        }

        if (over is null && received.EndOfMessage && !_frames.IsEmpty)
        {
            over = CloseInfo.Local(CloseCode.InvalidPayload, "A WebSocket message ended inside a frame.");
        }

        return over;
    }

    private void EndReceiving(CloseInfo info)
    {
        if (Interlocked.CompareExchange(ref _end, info, null) is not null)
        {
            return;
        }

        if (info.ByPeer)
        {
            // A peer that said Close gets no more frames (§5.3).
            Outbox.Complete(drop: true);
        }
        else
        {
            SendClose(info);
        }
    }

    private void SendClose(CloseInfo info)
    {
        if (info.Code != CloseCode.Abnormal)
        {
            Outbox.TryAdd(
                CloseFrame.MaxSize,
                numbered: false,
                info,
                static (ref FrameWriter writer, ulong _, in CloseInfo close) => new CloseFrame
                {
                    Code = close.Code,
                    Cause = close.Cause,
                    Limit = close.Limit,
                    Value = close.Value,
                }.Write(ref writer),
                out _);
        }

        Outbox.Complete(drop: false);
    }
}
