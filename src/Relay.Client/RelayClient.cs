using System.Text;
using Relay.Client.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>
/// A client of a Relay server over raw TCP or WebSocket: joins rooms, sends transforms and events, and hands what arrives to a
/// <see cref="RelayHandler"/>. protocol-spec.md §10.
/// </summary>
/// <remarks>
/// <para>
/// Every method may be called from any thread. In steady state neither sending a transform nor receiving a batch allocates. Sending never
/// waits for the network: one write is under way at a time, and meanwhile the newest transform replaces the one before.
/// </para>
/// <para>
/// A connection that breaks is made again (<see cref="RelayClientOptions.Reconnect"/>). If the session goes on, only
/// <see cref="RelayHandler.OnReconnecting"/> and <see cref="RelayHandler.OnReconnected"/> tell of it: what was sent meanwhile arrives,
/// once and in order, calls that wait for an answer get it, and the newest transform is sent. After the client has ended make a new
/// one.
/// </para>
/// </remarks>
public sealed class RelayClient : IAsyncDisposable
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
        EnterAsync(FrameType.Join, room, ticket, cancellationToken);

    /// <summary>Leaves the present room for another in one step; refused, the client stays where it is. protocol-spec.md §6.1.</summary>
    /// <param name="room">The other room's name.</param>
    /// <param name="ticket">Whatever the operator asks for to enter; default empty.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <returns>The new room.</returns>
    /// <exception cref="RelayException">Refused (as for <see cref="JoinAsync"/>, and 4410 outside a room), too much waits while
    /// away (1013), or the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: ask again.</exception>
    public Task<RoomInfo> ChangeRoomAsync(string room, ReadOnlyMemory<byte> ticket = default, CancellationToken cancellationToken = default) =>
        EnterAsync(FrameType.ChangeRoom, room, ticket, cancellationToken);

    /// <summary>Leaves the room and keeps the connection. Completes when the server has answered. protocol-spec.md §6.3.</summary>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused (4410 outside a room), too much waits while away (1013), or the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session, and is in no room.</exception>
    public async Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        var reply = new PendingReply(ticket: null);
        await AddAsync(
            FrameType.Leave,
            16,
            (_life.Replies, Reply: reply),
            static (ref FrameWriter writer, ulong sequence, in (PendingReplies Replies, PendingReply Reply) state) =>
            {
                state.Replies.Add(sequence, state.Reply);
                new Leave { Sequence = sequence }.Write(ref writer);
            },
            cancellationToken).ConfigureAwait(false);
        await Waiting.ForAsync(reply.Completion.Task, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Tells the room where this client's avatar is now. It never waits: while a write is under way the newest transform replaces the one
    /// before, and its age is told. While the client is away the newest one is kept until it is back. Outside a room it is dropped, as the
    /// protocol does with updates that cross a Left. protocol-spec.md §8.3.
    /// </summary>
    /// <param name="transform">Metres in the room's axes and a quaternion, which need not be normalised.</param>
    /// <param name="extension">Velocity, scale, discontinuity; default nothing.</param>
    /// <returns><see cref="PackStatus.Ok"/>, or why the transform was not sent: not finite, or outside the room's bounds.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The extension's scale is not a number from 0.0001 to 10,000.</exception>
    public PackStatus SendTransform(in Transform transform, TransformExtension extension = default)
    {
        if (!extension.IsValid)
        {
            throw new ArgumentOutOfRangeException(nameof(extension), extension.Scale, "Scale must be 0.0001 to 10,000.");
        }

        RoomInfo? room = Room;
        if (room is null)
        {
            return PackStatus.Ok;
        }

        PackStatus status = room.Space.TryPack(transform, out PackedTransform packed);
        if (status == PackStatus.Ok)
        {
            _life.Outbox.SetTransform(room, packed, extension);
        }

        return status;
    }

    /// <summary>
    /// Sends an event to all others in the room, or to everybody. Completes when it is queued; a refusal comes to
    /// <see cref="RelayHandler.OnRefused"/>. protocol-spec.md §7.1.
    /// </summary>
    /// <param name="kind">What it is: 1,024 and above are the application's.</param>
    /// <param name="payload">At most <see cref="SessionInfo.MaxEventPayload"/> bytes; not looked into. Copied before this
    /// completes.</param>
    /// <param name="includeSelf">Whether this client gets it too, in the same order as everybody.</param>
    /// <param name="cancellationToken">Stops waiting for room in the queue.</param>
    /// <returns>The message's number, which a refusal repeats.</returns>
    /// <exception cref="RelayException">The payload is too long (4413, with limit and value), the client is away and too much waits already
    /// (1013, with limit and value), or the client has ended.</exception>
    public ValueTask<ulong> SendEventAsync(uint kind, ReadOnlyMemory<byte> payload, bool includeSelf = false, CancellationToken cancellationToken = default) =>
        SendEventAsync(includeSelf ? EventAudience.Everyone : EventAudience.Others, 0, kind, payload, cancellationToken);

    /// <summary>
    /// Sends an event to one member of the room. Completes when it is queued; a refusal (4404: no such member) comes to
    /// <see cref="RelayHandler.OnRefused"/>. protocol-spec.md §7.1.
    /// </summary>
    /// <param name="member">The member's id.</param>
    /// <param name="kind">What it is: 1,024 and above are the application's.</param>
    /// <param name="payload">At most <see cref="SessionInfo.MaxEventPayload"/> bytes; not looked into. Copied before this
    /// completes.</param>
    /// <param name="cancellationToken">Stops waiting for room in the queue.</param>
    /// <returns>The message's number, which a refusal repeats.</returns>
    /// <exception cref="RelayException">The payload is too long (4413, with limit and value), the client is away and too much waits already
    /// (1013, with limit and value), or the client has ended.</exception>
    public ValueTask<ulong> SendEventToMemberAsync(uint member, uint kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
        SendEventAsync(EventAudience.Member, member, kind, payload, cancellationToken);

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

    private async Task<RoomInfo> EnterAsync(FrameType type, string room, ReadOnlyMemory<byte> ticket, CancellationToken cancellationToken)
    {
        byte[] name = Encoding.UTF8.GetBytes(room);
        if (name.Length > byte.MaxValue)
        {
            throw new ArgumentException($"A room's name takes at most 255 bytes of UTF-8; this one takes {name.Length}.", nameof(room));
        }

        if (ticket.Length > ushort.MaxValue)
        {
            throw new ArgumentException($"A ticket takes at most 65535 bytes; this one takes {ticket.Length}.", nameof(ticket));
        }

        // The caller may use its memory for something else before the room is joined again.
        var reply = new PendingReply(ticket.ToArray());
        await AddAsync(
            type,
            64 + name.Length + ticket.Length,
            new JoinState(type, name, _life.Replies, reply),
            static (ref FrameWriter writer, ulong sequence, in JoinState state) =>
            {
                state.Replies.Add(sequence, state.Reply);
                new Join { Sequence = sequence, RoomUtf8 = state.Name, Ticket = state.Reply.Ticket.Span }.Write(ref writer, state.Type);
            },
            cancellationToken).ConfigureAwait(false);
        return (await Waiting.ForAsync(reply.Completion.Task, cancellationToken).ConfigureAwait(false))!;
    }

    private ValueTask<ulong> SendEventAsync(EventAudience audience, uint member, uint kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (Session is { } session && payload.Length > session.MaxEventPayload)
        {
            throw new RelayException(new Refusal(
                FrameType.SendEvent, 0, CloseCode.PayloadTooLarge, session.MaxEventPayload, payload.Length, "The payload is longer than the server takes, in bytes."));
        }

        return AddAsync(
            FrameType.SendEvent,
            40 + payload.Length,
            (Audience: audience, Member: member, Kind: kind, Payload: payload),
            static (ref FrameWriter writer, ulong sequence, in (EventAudience Audience, uint Member, uint Kind, ReadOnlyMemory<byte> Payload) state) => new SendEvent
            {
                Sequence = sequence,
                Audience = state.Audience,
                Member = state.Member,
                Kind = state.Kind,
                Payload = state.Payload.Span,
            }.Write(ref writer),
            cancellationToken);
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

    private readonly record struct JoinState(FrameType Type, byte[] Name, PendingReplies Replies, PendingReply Reply);
}
