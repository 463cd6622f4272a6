using Relay.Client.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Client;

/// <summary>
/// A client of a Relay server over raw TCP or WebSocket: joins rooms, sends transforms and events, asks for changes of a room's state, and
/// hands what arrives to a <see cref="RelayHandler"/>. protocol-spec.md §10.
/// </summary>
/// <remarks>
/// <para>
/// Every method may be called from any thread. In steady state neither sending a transform nor receiving a batch allocates. Sending never
/// waits for the network: one write is under way at a time, and meanwhile the newest transform replaces the one before.
/// </para>
/// <para>
/// Calls that the server answers complete with its answer, or throw what it refused with: code, limit and value. What became of them comes
/// to all, this client too, as <see cref="RelayHandler.OnState"/> or <see cref="RelayHandler.OnPresence"/>, before the answer or after
/// it: show that, not what was asked for.
/// </para>
/// <para>
/// A connection that breaks is made again (<see cref="RelayClientOptions.Reconnect"/>). If the session goes on, only
/// <see cref="RelayHandler.OnReconnecting"/> and <see cref="RelayHandler.OnReconnected"/> tell of it: what was sent meanwhile arrives,
/// once and in order, calls that wait for an answer get it, and the newest transforms are sent. After the client has ended make a new
/// one.
/// </para>
/// </remarks>
public sealed partial class RelayClient : IAsyncDisposable
{
    private readonly RelayClientOptions _options;
    private readonly LocalClock _localClock;
    private readonly Lifeline _life;
    private int _started;

    /// <summary>Makes a client that is not connected yet.</summary>
    /// <param name="handler">Gets what arrives; see its remarks on threads.</param>
    /// <param name="options">How to connect; <c>null</c> for the defaults.</param>
    public RelayClient(RelayHandler handler, RelayClientOptions? options = null)
    {
        _options = options ?? new RelayClientOptions();
        _localClock = new LocalClock(_options.TimeProvider);
        _life = new Lifeline(handler ?? throw new ArgumentNullException(nameof(handler)), _options, _localClock, Clock);
        if (_options.CredentialsProvider is not null)
        {
            _life.Inbound.Expiring = () => _ = RenewByItselfAsync();
        }
    }

    /// <summary>What the server said in Welcome; <c>null</c> before.</summary>
    public SessionInfo? Session => _life.Inbound.Session;

    /// <summary>The room that the client is in; <c>null</c> outside.</summary>
    public RoomInfo? Room => _life.Inbound.Room;

    /// <summary>What the client is doing now.</summary>
    public RelayClientState State => _life.State;

    /// <summary>How the client ended; <c>null</c> while it has not.</summary>
    public CloseInfo? Closed => _life.Closed;

    /// <summary>The server's clock as measured by ping and pong.</summary>
    public ClockSync Clock { get; } = new();

    /// <summary>
    /// The server's clock now, in microseconds since the origin that the server chose; see <see cref="ClockSync"/> on its error.
    /// protocol-spec.md §5.6.
    /// </summary>
    public long ServerNowMicros => Clock.ToServer(_localClock.NowMicros);

    /// <summary>Connects over raw TCP, or TLS if the options say so, and waits for Welcome. protocol-spec.md §2.1.</summary>
    /// <param name="host">Name or address of the server.</param>
    /// <param name="port">Its port, 1 to 65,535; Relay's own default is 7301.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RelayException">The server closed instead of welcoming (its code), or did not answer in time
    /// (<see cref="CloseCode.Timeout"/>).</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The server cannot be reached.</exception>
    /// <exception cref="InvalidOperationException">This client has been connected before.</exception>
    public Task ConnectAsync(string host, int port, CancellationToken cancellationToken = default) =>
        ConnectAsync(token => Dialer.TcpAsync(host, port, _options.Tls, token), cancellationToken);

    /// <summary>Connects over WebSocket and waits for Welcome. protocol-spec.md §2.2.</summary>
    /// <param name="uri">Scheme <c>ws</c> or <c>wss</c>, and the relay's path, for example <c>ws://127.0.0.1:7300/relay</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RelayException">The server closed instead of welcoming (its code), does not speak the subprotocol, or did not
    /// answer in time.</exception>
    /// <exception cref="System.Net.WebSockets.WebSocketException">The server cannot be reached or refused the upgrade.</exception>
    /// <exception cref="InvalidOperationException">This client has been connected before.</exception>
    public Task ConnectAsync(Uri uri, CancellationToken cancellationToken = default) =>
        ConnectAsync(token => Dialer.WebSocketAsync(uri, token), cancellationToken);

    /// <summary>
    /// Enters a room. Completes when the server has answered; the presence snapshot and the first batch follow. protocol-spec.md §6.1.
    /// </summary>
    /// <param name="room">The room's name.</param>
    /// <param name="ticket">Whatever the operator asks for to enter; default empty.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <returns>The room.</returns>
    /// <exception cref="RelayException">Refused (4400, 4403, 4404, 4409, 4430 with the capacity as limit, 4431), too much waits while
    /// away (1013), or the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: ask again.</exception>
    public Task<RoomInfo> JoinAsync(string room, ReadOnlyMemory<byte> ticket = default, CancellationToken cancellationToken = default) =>
        EnterRoomAsync(FrameType.Join, room, ticket, cancellationToken);

    /// <summary>Leaves the present room for another in one step; refused, the client stays where it is. protocol-spec.md §6.1.</summary>
    /// <param name="room">The other room's name.</param>
    /// <param name="ticket">Whatever the operator asks for to enter; default empty.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <returns>The new room.</returns>
    /// <exception cref="RelayException">Refused (as for <see cref="JoinAsync"/>, and 4410 outside a room), too much waits while
    /// away (1013), or the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: ask again.</exception>
    public Task<RoomInfo> ChangeRoomAsync(
        string room, ReadOnlyMemory<byte> ticket = default, CancellationToken cancellationToken = default) =>
        EnterRoomAsync(FrameType.ChangeRoom, room, ticket, cancellationToken);

    /// <summary>Leaves the room and keeps the connection. Completes when the server has answered. protocol-spec.md §6.3.</summary>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused (4410 outside a room), too much waits while away (1013), or the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session, and is in no room.</exception>
    public Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        byte[] frame = new byte[16];
        var writer = new FrameWriter(frame);
        new Leave().Write(ref writer);
        return AskAsync(Draft.From(frame, writer.Written), new PendingReply(ReplyKind.Left), cancellationToken);
    }

    /// <summary>Shows fresh credentials of the same user: after <see cref="RelayHandler.OnCredentialsExpiring"/>, or at any time. With
    /// <see cref="RelayClientOptions.CredentialsProvider"/> the client does so by itself. protocol-spec.md §5.9.</summary>
    /// <param name="credentials">What a Hello would show, at most 65,535 bytes; copied.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused (4401, 4429), too much waits while away (1013), or the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it has shown credentials
    /// meanwhile.</exception>
    public Task RenewCredentialsAsync(ReadOnlyMemory<byte> credentials, CancellationToken cancellationToken = default)
    {
        if (credentials.Length > ushort.MaxValue)
        {
            throw new ArgumentException($"Credentials take at most 65535 bytes; these take {credentials.Length}.", nameof(credentials));
        }

        byte[] frame = new byte[32 + credentials.Length];
        var writer = new FrameWriter(frame);
        new Renew { Credentials = credentials.Span }.Write(ref writer);
        return AskAsync(Draft.From(frame, writer.Written), cancellationToken);
    }

    /// <summary>
    /// Sends a frame of a type that this library does not know and that a server may skip (protocol-spec.md §3.2). It has no number: it is
    /// not sent again when the connection breaks. What comes back is seen by <see cref="RelayClientOptions.FrameObserver"/>.
    /// </summary>
    /// <param name="type">0x80 to 0xFF.</param>
    /// <param name="body">At most <see cref="SessionInfo.MaxFrameBody"/> bytes; copied.</param>
    /// <returns><c>false</c>: not sent, since there is no connection or its queue is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The type is below 0x80.</exception>
    /// <exception cref="RelayException">The body is too long (1009, with limit and value).</exception>
    public bool TrySendFrame(FrameType type, ReadOnlyMemory<byte> body)
    {
        if (!new FrameHeader(type, 0).IsOptional)
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Only types from 0x80 up may be sent as they are.");
        }

        if (Session is { } session && body.Length > session.MaxFrameBody)
        {
            throw new RelayException(new Refusal(
                type,
                0,
                CloseCode.MessageTooBig,
                session.MaxFrameBody,
                body.Length,
                "The body is longer than the server takes, in bytes."));
        }

        return _life.Outbox.TryAdd(
            FrameHeader.Size + body.Length,
            numbered: false,
            (Type: type, Body: body),
            static (ref FrameWriter writer, ulong _, in (FrameType Type, ReadOnlyMemory<byte> Body) state) =>
            {
                writer.BeginFrame();
                writer.WriteRaw(state.Body.Span);
                writer.EndFrame(state.Type);
            },
            out ulong _) == AddStatus.Added;
    }

    /// <summary>
    /// Says goodbye (Close 1000), waits up to 2 s for the server to end the connection, and then ends it anyway.
    /// <see cref="RelayHandler.OnClosed"/> has been called when this completes. While the client is away the server cannot be told: others
    /// see its member until the session's time is up.
    /// </summary>
    public Task CloseAsync() => _life.CloseAsync();

    /// <summary>The same as <see cref="CloseAsync"/>. Must not be awaited in a method of the handler, which would wait for
    /// itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _life.CloseAsync().ConfigureAwait(false);
        _life.Dispose();
    }

    private async Task ConnectAsync(Func<CancellationToken, Task<ByteTransport>> dial, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException(
                "A RelayClient connects once, and then comes back by itself; make a new one to connect again.");
        }

        await _life.StartAsync(dial, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RoomInfo> EnterRoomAsync(
        FrameType type, string room, ReadOnlyMemory<byte> ticket, CancellationToken cancellationToken)
    {
        // The caller may use its memory for something else before the room is joined again.
        var reply = new PendingReply(ReplyKind.Joined, ticket.ToArray());
        return (await AskAsync(DraftOf(type, room, reply.Ticket), reply, cancellationToken).ConfigureAwait(false)).Room!;
    }

    private static Draft DraftOf(FrameType type, string room, ReadOnlyMemory<byte> ticket)
    {
        byte[] name = ShortText.Encode(room, "A room's name", nameof(room));
        if (ticket.Length > ushort.MaxValue)
        {
            throw new ArgumentException($"A ticket takes at most 65535 bytes; this one takes {ticket.Length}.", nameof(ticket));
        }

        byte[] frame = new byte[64 + name.Length + ticket.Length];
        var writer = new FrameWriter(frame);
        new Join { RoomUtf8 = name, Ticket = ticket.Span }.Write(ref writer, type);
        return Draft.From(frame, writer.Written);
    }

    private async Task RenewByItselfAsync()
    {
        try
        {
            using CancellationTokenSource timeout = Waiting.Timeout(_options.ConnectTimeout, _options.TimeProvider);
            ReadOnlyMemory<byte> fresh = await _life.FreshCredentialsAsync(timeout.Token).ConfigureAwait(false);
            await RenewCredentialsAsync(fresh, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The server says so when it closes, and the client comes back if it may.
        }
    }

    /// <summary>Sends a message and waits for Done.</summary>
    /// <returns>The value of Done.</returns>
    private async Task<ulong> AskAsync(Draft draft, CancellationToken cancellationToken) =>
        (await AskAsync(draft, new PendingReply(ReplyKind.Done), cancellationToken).ConfigureAwait(false)).Value;

    /// <summary>Sends a message and waits for its answer.</summary>
    private async Task<Answer> AskAsync(Draft draft, PendingReply reply, CancellationToken cancellationToken)
    {
        if (Session is { } session && draft.MaxBody > session.MaxFrameBody)
        {
            throw new RelayException(new Refusal(
                draft.Type,
                0,
                CloseCode.MessageTooBig,
                session.MaxFrameBody,
                draft.MaxBody,
                "The message is longer than the server takes, in bytes."));
        }

        await AddAsync(
            draft.Type,
            draft.MaxSize,
            (Draft: draft, _life.Replies, Reply: reply),
            static (ref FrameWriter writer, ulong sequence, in (Draft Draft, PendingReplies Replies, PendingReply Reply) state) =>
            {
                state.Replies.Add(sequence, state.Reply);
                state.Draft.Write(ref writer, sequence);
            },
            cancellationToken).ConfigureAwait(false);
        return await Waiting.ForAsync(reply.Completion.Task, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ulong> AddAsync<TState>(
        FrameType type, int maxSize, TState state, FrameAction<TState> write, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_life.IsStarted)
            {
                throw new InvalidOperationException("The client is not connected.");
            }

            switch (_life.Outbox.TryAdd(maxSize, numbered: true, state, write, out ulong sequence))
            {
                case AddStatus.Added:
                    return sequence;
                case AddStatus.Full:
                    await Waiting.ForAsync(_life.Outbox.WaitForRoomAsync(maxSize), cancellationToken).ConfigureAwait(false);
                    break;
                case AddStatus.FullWhileAway:
                    throw new RelayException(_life.TooManyUnconfirmed(type, maxSize));
                default:
                    throw new RelayException(Closed ?? CloseInfo.Local(CloseCode.Abnormal, "The connection has ended."));
            }
        }
    }
}
