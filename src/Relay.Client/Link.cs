using System.Net.Sockets;
using System.Net.WebSockets;
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
/// The receiving loop is the first to leave: whoever else ends the connection notes the reason and closes the transport. Nothing of the
/// connection runs any more when <see cref="Ended"/> completes.
/// </remarks>
internal sealed class Link(
    ByteTransport transport, RelayClientOptions options, LocalClock clock, Outbox outbox, Inbound inbound) : IDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly IFrameObserver? _observer = options.FrameObserver;
    private readonly FrameBuffer _frames = new();
    private readonly TaskCompletionSource<CloseInfo> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Heartbeat? _heartbeat;
    private CloseInfo? _end;
    private CloseCode _goodbye;
    private bool _isDetached;

    /// <summary>Completed by Welcome, or failed by the end before it.</summary>
    public TaskCompletionSource<SessionInfo> Welcomed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason when everything of this connection is over. Never fails.</summary>
    public Task<CloseInfo> Ended => _ended.Task;

    /// <summary>Says Hello and begins to receive.</summary>
    /// <param name="lost">Why the connection before this one ended; <c>null</c> for the first one.</param>
    public void Start(CloseInfo? lost)
    {
        inbound.Begin(Welcomed, lost);
        _ = RunAsync();
    }

    /// <summary>Says goodbye and gives the peer a while to end, then ends. From any thread.</summary>
    /// <param name="reason">Why the connection ends.</param>
    /// <param name="code">What the peer is told.</param>
    public void Leave(CloseInfo reason, CloseCode code)
    {
        if (Interlocked.CompareExchange(ref _end, reason, null) is null)
        {
            SayGoodbye(reason, code);
            _ = BoundAsync(Ended);
        }
    }

    /// <summary>Ends the connection at once, from any thread.</summary>
    public void End(CloseInfo info)
    {
        Interlocked.CompareExchange(ref _end, info, null);
        lock (_ended)
        {
            // The outbox is no longer this connection's once that is over.
            if (!_isDetached)
            {
                outbox.Cut();
            }
        }

        transport.Dispose();
    }

    public void Dispose()
    {
        _heartbeat?.Dispose();
        transport.Dispose();
    }

    private static CloseInfo Failure(Exception e)
    {
        bool isNetwork = e is IOException or ObjectDisposedException or SocketException or WebSocketException;
        return CloseInfo.Local(isNetwork ? CloseCode.Abnormal : CloseCode.InternalError, e.Message, e);
    }

    private async Task RunAsync()
    {
        Task writing = WriteAsync();
        // Callbacks never run inside ConnectAsync's caller.
        await Task.Yield();
        EndReceiving(await ReceiveAsync().ConfigureAwait(false));
        _heartbeat?.Dispose();
        if (_goodbye != CloseCode.None)
        {
            await BoundAsync(writing).ConfigureAwait(false);
        }

        outbox.Cut();
        transport.Dispose();
        await writing.ConfigureAwait(false);
        lock (_ended)
        {
            _isDetached = true;
        }

        outbox.Detach();
        inbound.End();
        CloseInfo reason = _end!;
        if (Welcomed.TrySetException(new RelayException(reason)))
        {
            _ = Welcomed.Task.Exception;
        }

        _ended.SetResult(reason);
    }

    /// <summary>Closes the transport if a task takes too long.</summary>
    private async Task BoundAsync(Task task)
    {
        try
        {
            await Waiting.ForAsync(task, CloseTimeout, options.TimeProvider, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            transport.Dispose();
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                await outbox.WaitAsync().ConfigureAwait(false);
                bool last = outbox.IsClosing;
                ReadOnlyMemory<byte> waiting = outbox.Take(inbound.Room, inbound.Session?.MaxFrameBody ?? 0);
                while (!waiting.IsEmpty)
                {
                    int size = MessageSize(waiting.Span, transport.PreferredMessageSize);
                    Show(waiting.Span[..size]);
                    await transport.SendAsync(waiting[..size]).ConfigureAwait(false);
                    waiting = waiting[size..];
                }

                if (last)
                {
                    // A connection that only broke is not said goodbye to: that would end the session.
                    if (_goodbye != CloseCode.None)
                    {
                        await transport.FinishAsync(_goodbye).ConfigureAwait(false);
                    }

                    return;
                }
            }
        }
        catch (Exception e)
        {
            End(Failure(e));
        }
    }

    private void Show(ReadOnlySpan<byte> frames)
    {
        while (_observer is not null && !frames.IsEmpty)
        {
            FrameHeader header = FrameHeader.Read(frames);
            _observer.OnFrame(FrameDirection.Out, header.Type, frames.Slice(FrameHeader.Size, header.BodyLength), clock.NowMicros);
            frames = frames[(FrameHeader.Size + header.BodyLength)..];
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

    private async Task<CloseInfo> ReceiveAsync()
    {
        try
        {
            CloseInfo? over = null;
            while (over is null)
            {
                Received received = await transport.ReceiveAsync(_frames.Free()).ConfigureAwait(false);
                over = Accept(received);
            }

            return over;
        }
        catch (Exception e)
        {
            return Failure(e);
        }
    }

    private CloseInfo? Accept(Received received)
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
        CloseInfo? over = inbound.Process(_frames);
        if (_heartbeat is null && inbound.IsGreeted)
        {
            _heartbeat = new Heartbeat(outbox, clock, options, inbound.Session!, End);
        }

        if (over is null && received.EndOfMessage && !_frames.IsEmpty)
        {
            over = CloseInfo.Local(CloseCode.InvalidPayload, "A WebSocket message ended inside a frame.");
        }

        if (over is null && inbound.Goodbye is { } goodbye && options.Reconnect.Enabled)
        {
            // The server has told where and when to come back; staying until it hangs up would only make it wait.
            Leave(
                new CloseInfo(goodbye.Reason, CloseCode.None, 0, 0, "The server said GoAway.", ByPeer: true, Exception: null),
                CloseCode.Normal);
        }

        return over;
    }

    private void EndReceiving(CloseInfo info)
    {
        if (Interlocked.CompareExchange(ref _end, info, null) is not null || info.Code == CloseCode.Abnormal)
        {
            return;
        }

        if (info.ByPeer)
        {
            // A peer that said Close gets no more frames (§5.3), only the end of the transport.
            _goodbye = info.Code;
            outbox.Cut();
        }
        else
        {
            SayGoodbye(info, info.Code);
        }
    }

    private void SayGoodbye(CloseInfo info, CloseCode code)
    {
        _goodbye = code;
        outbox.Close(
            CloseFrame.MaxSize,
            (Info: info, Code: code),
            static (ref FrameWriter writer, ulong _, in (CloseInfo Info, CloseCode Code) close) => new CloseFrame
            {
                Code = close.Code,
                Cause = close.Info.Cause,
                Limit = close.Info.Limit,
                Value = close.Info.Value,
            }.Write(ref writer));
    }
}
