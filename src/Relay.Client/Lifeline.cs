using Relay.Client.Transport;
using Relay.Protocol;

namespace Relay.Client;

/// <summary>
/// The life of a client: one <see cref="Link"/> after another, with back-off between them, until it ends for good. What outlives a
/// connection is here. protocol-spec.md §5.8.
/// </summary>
internal sealed class Lifeline : IDisposable
{
    private readonly object _gate = new();
    private readonly RelayHandler _handler;
    private readonly RelayClientOptions _options;
    private readonly LocalClock _clock;
    private readonly Journal? _journal;
    private readonly BackOff _backOff;
    private readonly CancellationTokenSource _stop = new();
    private Func<CancellationToken, Task<ByteTransport>>? _place;
    private Link? _link;
    private CloseInfo? _end;
    private Task _living = Task.CompletedTask;

    public Lifeline(RelayHandler handler, RelayClientOptions options, LocalClock clock, ClockSync sync)
    {
        _handler = handler;
        _options = options;
        _clock = clock;
        _backOff = new BackOff(options.Reconnect);
        _journal = options.Reconnect.Enabled
            ? new Journal(options.Reconnect.MaxUnconfirmedMessages, options.Reconnect.MaxUnconfirmedBytes)
            : null;
        Outbox = new Outbox(options.MaxQueuedBytes, clock, _journal);
        Inbound = new Inbound(handler, options, Outbox, Replies, sync, clock);
    }

    public Outbox Outbox { get; }

    public Inbound Inbound { get; }

    public PendingReplies Replies { get; } = new();

    /// <summary>Whether there is or was a connection.</summary>
    public bool IsStarted => Volatile.Read(ref _link) is not null;

    /// <summary>How the client ended; <c>null</c> while it has not.</summary>
    public CloseInfo? Closed => Volatile.Read(ref _end);

    public RelayClientState State =>
        Closed is not null ? RelayClientState.Ended
        : Inbound.IsGreeted ? RelayClientState.Connected
        : Inbound.Session is not null ? RelayClientState.Reconnecting
        : Volatile.Read(ref _place) is not null ? RelayClientState.Connecting
        : RelayClientState.Created;

    /// <summary>Connects for the first time.</summary>
    public async Task StartAsync(Func<CancellationToken, Task<ByteTransport>> place, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _place, place);
        using CancellationTokenSource timeout = Waiting.Timeout(_options.ConnectTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken, _stop.Token);
        try
        {
            Inbound.Credentials = await FreshCredentialsAsync(either.Token).ConfigureAwait(false);
            Link link = Begin(await place(either.Token).ConfigureAwait(false), lost: null);
            _living = LiveAsync(link);
            await Waiting.ForAsync(link.Welcomed.Task, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            CloseInfo info = TooSlow();
            EndNow(info);
            throw new RelayException(info);
        }
        catch (OperationCanceledException)
        {
            EndNow(CloseInfo.Local(CloseCode.Normal, "Connecting was cancelled."));
            throw;
        }
        catch (Exception e) when (!IsStarted)
        {
            EndNow(CloseInfo.Local((e as RelayException)?.Code ?? CloseCode.Abnormal, e.Message, e));
            throw;
        }
    }

    /// <summary>Says goodbye, waits a while for the peer to end, then ends. Everybody has been told when it completes.</summary>
    public Task CloseAsync()
    {
        CloseInfo info = CloseInfo.Local(CloseCode.Normal, string.Empty);
        Link? link;
        lock (_gate)
        {
            if (Interlocked.CompareExchange(ref _end, info, null) is not null)
            {
                return _living;
            }

            link = _link;
        }

        _stop.Cancel();
        link?.Leave(info, CloseCode.Normal);
        return _living;
    }

    /// <summary>What to show now.</summary>
    public ValueTask<ReadOnlyMemory<byte>> FreshCredentialsAsync(CancellationToken cancellationToken) =>
        _options.CredentialsProvider is { } provider ? provider(cancellationToken) : new(_options.Credentials);

    /// <summary>What a sender is told while the client is away and nothing more can be kept.</summary>
    public Refusal TooManyUnconfirmed(Protocol.Frames.FrameType type, int size)
    {
        ReconnectOptions limits = _options.Reconnect;
        bool many = _journal!.Count >= limits.MaxUnconfirmedMessages;
        return new Refusal(
            type,
            0,
            CloseCode.TryAgainLater,
            many ? limits.MaxUnconfirmedMessages : limits.MaxUnconfirmedBytes,
            many ? _journal.Count + 1 : _journal.Bytes + size,
            many
                ? "The client is away, and as many messages wait as MaxUnconfirmedMessages allows."
                : "The client is away, and as many bytes wait as MaxUnconfirmedBytes allows.");
    }

    public void Dispose()
    {
        _link?.Dispose();
        _stop.Dispose();
    }

    private void EndNow(CloseInfo info)
    {
        Interlocked.CompareExchange(ref _end, info, null);
        Volatile.Read(ref _link)?.End(info);
    }

    private CloseInfo TooSlow()
    {
        double limit = _options.ConnectTimeout.TotalMilliseconds;
        return CloseInfo.Local(CloseCode.Timeout, "The server did not answer in time (limit and value in ms).", limit: limit, value: limit);
    }

    private Link Begin(ByteTransport transport, CloseInfo? lost)
    {
        var link = new Link(transport, _options, _clock, Outbox, Inbound);
        lock (_gate)
        {
            if (_end is not null)
            {
                link.Dispose();
                throw new OperationCanceledException("The client was closed.");
            }

            Volatile.Write(ref _link, link);
        }

        link.Start(lost);
        return link;
    }

    private async Task LiveAsync(Link first)
    {
        CloseInfo over = await first.Ended.ConfigureAwait(false);
        bool wasWelcomed = Inbound.Session is not null;
        try
        {
            while (wasWelcomed && Closed is null && MayReturn(over))
            {
                over = await ReturnAsync(over).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Closed while away; the reason is known.
        }
        catch (Exception e)
        {
            over = CloseInfo.Local(CloseCode.InternalError, e.Message, e);
        }

        CloseInfo reason = Interlocked.CompareExchange(ref _end, over, null) ?? over;
        Outbox.End();
        Replies.End(reason);
        if (wasWelcomed)
        {
            _handler.OnClosed(reason);
        }
    }

    /// <summary>Whether a connection that ended so is to be made again: as the table of codes says, but not after a fault of our own, such
    /// as an exception in the handler.</summary>
    private bool MayReturn(CloseInfo over) =>
        _options.Reconnect.Enabled && (CloseCodes.IsRetryable(over.Code) || CloseCodes.IsRetryable(over.Cause)) &&
        (over.ByPeer || over.Code != CloseCode.InternalError);

    /// <summary>Comes back, if that can be.</summary>
    /// <returns>Why the connection that was made ended, or why there is none.</returns>
    private async Task<CloseInfo> ReturnAsync(CloseInfo cause)
    {
        TimeProvider time = _options.TimeProvider;
        TimeSpan giveUp = _options.Reconnect.GiveUpAfter ?? TimeSpan.MaxValue;
        long start = time.GetTimestamp();
        ServerGoodbye? goodbye = Inbound.Goodbye;
        Func<CancellationToken, Task<ByteTransport>>? elsewhere = goodbye is null ? null : PlaceOf(goodbye.AlternateUrl);
        CloseInfo lost = cause;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan left = giveUp - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                Interlocked.CompareExchange(ref _end, GivenUp(giveUp, giveUp - left, cause), null);
                return cause;
            }

            TimeSpan delay = attempt == 1 && goodbye is not null ? _backOff.After(goodbye) : Shorter(_backOff.Next(), left);
            _handler.OnReconnecting(new ReconnectAttempt(attempt, delay, cause));
            await Waiting.DelayAsync(delay, time, _stop.Token).ConfigureAwait(false);

            // A server that sends its clients elsewhere may be wrong about the other place: try both in turn.
            Func<CancellationToken, Task<ByteTransport>> place = attempt % 2 == 1 && elsewhere is not null ? elsewhere : _place!;
            (Link? link, cause) = await TryConnectAsync(place, lost).ConfigureAwait(false);
            if (link is not null)
            {
                _place = place;
                return await HoldAsync(link).ConfigureAwait(false);
            }

            if (!MayReturn(cause) || Closed is not null)
            {
                return cause;
            }
        }
    }

    /// <summary>Waits for the end of a good connection.</summary>
    private async Task<CloseInfo> HoldAsync(Link link)
    {
        long start = _options.TimeProvider.GetTimestamp();
        CloseInfo over = await link.Ended.ConfigureAwait(false);
        if (_options.TimeProvider.GetElapsedTime(start) >= _options.Reconnect.LongestDelay)
        {
            // One that is cut off right after Welcome, again and again, must not be made again at once each time.
            _backOff.Reset();
        }

        return over;
    }

    /// <summary>Connects and waits for Welcome.</summary>
    /// <returns>The connection, or why there is none.</returns>
    private async Task<(Link? Link, CloseInfo Failure)> TryConnectAsync(Func<CancellationToken, Task<ByteTransport>> place, CloseInfo lost)
    {
        using CancellationTokenSource timeout = Waiting.Timeout(_options.ConnectTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        Link? link = null;
        try
        {
            Inbound.Credentials = await FreshCredentialsAsync(either.Token).ConfigureAwait(false);
            link = Begin(await place(either.Token).ConfigureAwait(false), lost);
            await Waiting.ForAsync(link.Welcomed.Task, either.Token).ConfigureAwait(false);
            return (link, lost);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !_stop.IsCancellationRequested)
        {
            link?.End(TooSlow());
            return (null, link is null ? TooSlow() : await link.Ended.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (link is not null)
        {
            // Closed by the user, who has said goodbye to this link.
            return (null, await link.Ended.ConfigureAwait(false));
        }
        catch (RelayException e)
        {
            return (null, link is null ? CloseInfo.Local(e.Code, e.Message, e) : await link.Ended.ConfigureAwait(false));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return (null, CloseInfo.Local(CloseCode.Abnormal, e.Message, e));
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static CloseInfo GivenUp(TimeSpan limit, TimeSpan value, CloseInfo cause) => CloseInfo.Local(
        CloseCode.Timeout,
        $"Gave up coming back (limit and value in ms); the last attempt: {cause}",
        cause.Exception,
        limit: limit.TotalMilliseconds,
        value: value.TotalMilliseconds);

    private static Func<CancellationToken, Task<ByteTransport>>? PlaceOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "ws" or "wss"
            ? token => Dialer.WebSocketAsync(uri!, token)
            : null;
}
