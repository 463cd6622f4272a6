using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Core.Transport;
using Relay.Core.Transport.Ingress;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Hosting;

/// <summary>Asks the embedder's authorizer, within its time, and turns the answers into what the roads need: a connection with its
/// Welcome, a command with the join, or a refusal.</summary>
internal sealed class AdmissionDesk : IConnectionGate
{
    private readonly RelayOptions _options;
    private readonly IRelayAuthorizer _authorizer;
    private readonly IModerationStore _store;
    private readonly RoomHandlers _handlers;
    private readonly RelayMetrics _metrics;
    private readonly CloseLog _closes;
    private readonly ILogger _log;
    private readonly IReadOnlyList<Shard> _shards;
    private readonly Func<Shard> _pickShard;
    private int _open;

    public AdmissionDesk(
        RelayOptions options, IRelayAuthorizer authorizer, IModerationStore store, RoomHandlers handlers, RelayClock clock,
        SharedBufferPool pool, RelayMetrics metrics, CloseLog closes, ILogger log, IReadOnlyList<Shard> shards, Func<Shard> pickShard)
    {
        _options = options;
        _authorizer = authorizer;
        _store = store;
        _handlers = handlers;
        _metrics = metrics;
        _closes = closes;
        _log = log;
        _shards = shards;
        _pickShard = pickShard;
        Clock = clock;
        Pool = pool;
        RelayLimits limits = options.Limits;
        Limits = new IngressLimits
        {
            MaxFrameBody = limits.MaxFrameBytes,
            MaxMessageBytes = limits.MaxMessageBytes,
            MaxFragments = limits.MaxFragments,
            FramesPerSecond = limits.FramesPerSecond,
            FrameBurst = limits.FrameBurst,
            MaxEventPayload = limits.MaxEventPayload,
            EventsPerSecond = limits.EventsPerSecond,
            EventBurst = limits.EventBurst,
            MaxRoomNameBytes = limits.MaxRoomNameBytes,
        };
    }

    public IngressLimits Limits { get; }

    public IngressStats Stats { get; } = new();

    public SharedBufferPool Pool { get; }

    public RelayClock Clock { get; }

    public TimeSpan HelloTimeout => _options.Limits.HelloTimeout;

    public KernelLimits KernelLimits => new(_options.Limits.KernelSendBufferBytes, _options.Limits.UnsentLowWaterBytes);

    /// <summary>Connections that are open, those included that have not said Hello.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>A connection has come to the door.</summary>
    /// <returns>How many there are with it.</returns>
    public int Enter() => Interlocked.Increment(ref _open);

    /// <summary>A connection that came to the door has been turned away.</summary>
    public void TurnedAway(ConnectionOrigin origin, CloseReason reason)
    {
        Interlocked.Decrement(ref _open);
        _log.Rejected(
            origin.Kind.TransportName, origin.Remote, (int)reason.Code, CloseCodes.Name(reason.Code), CloseCodes.Name(reason.Cause),
            reason.Text);
        _metrics.Rejected(origin.Kind, reason.Code);
        _closes.Add(Clock.Time.GetUtcNow(), reason, "", origin.Kind.TransportName, origin.Remote?.ToString() ?? "");
    }

    public void Ended(Connection connection, ConnectionKind kind, CloseReason reason)
    {
        Interlocked.Decrement(ref _open);
        _log.Closed(
            connection.Session, (int)reason.Code, CloseCodes.Name(reason.Code), CloseCodes.Name(reason.Cause), reason.Limit, reason.Value,
            reason.Text);
        _metrics.Closed(kind, reason.Code, TimeSpan.FromMicroseconds(Clock.Micros - connection.Opened));
        _closes.Add(
            Clock.Time.GetUtcNow(), reason, Encoding.UTF8.GetString(connection.NameUtf8), kind.TransportName, connection.Source.Remote);
    }

    public async ValueTask<Admission> AdmitAsync(HelloAsk hello, ConnectionOrigin origin, Outlet outlet, CancellationToken aborted)
    {
        long asked = Clock.Micros;
        var attempt = new ConnectAttempt(
            hello.Credentials, hello.Agent, origin.User, origin.Remote, origin.IsWebSocket, origin.IsEncrypted);
        ConnectDecision decision = await InTimeAsync(
            token => _authorizer.AuthorizeConnectionAsync(attempt, token),
            static reason => ConnectDecision.Refuse(reason),
            aborted).ConfigureAwait(false);
        if (decision.Name is not { } name)
        {
            return new Admission(null, null, new CloseReason(decision.Code, decision.Refusal ?? "Refused."));
        }

        byte[] nameUtf8 = ShortText.Encode(name).ToArray();
        var connection = new Connection(_pickShard(), outlet, nameUtf8, Pool, Clock.Micros)
        {
            Asked = asked,
            Session = Guid.NewGuid(),
            Secret = SessionSecret.NewRandom(),
            Identity = decision.Identity,
            Who = new Persona(decision.UserId, SubjectOf(decision.UserId, origin.Remote)),
        };
        connection.ExpireAt(ExpiryOf(decision));
        return new Admission(connection, hello, null);
    }

    /// <summary>The session that goes on over a connection that was let in: the one that the client wants to take up again, if there is one
    /// and it may; else the new one. It holds its Welcome, ready to be sent.</summary>
    /// <param name="fresh">The new session.</param>
    /// <param name="hello">What the client said.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="outlet">The connection's way out.</param>
    public async ValueTask<Connection> SettleAsync(Connection fresh, HelloAsk hello, ConnectionOrigin origin, Outlet outlet)
    {
        Connection connection = fresh;
        if (SessionSecret.TryReadToken(hello.ResumeToken, out Guid session, out SessionSecret secret))
        {
            var request = new ResumeRequest(_shards)
            {
                Session = session,
                Secret = secret,
                UserId = fresh.Who.UserId,
                Point = hello.Point,
                Outlet = outlet,
                WriteWelcome = resumed =>
                {
                    // What it was let in by this time counts from now on.
                    resumed.ExpireAt(fresh.Expires);
                    WriteWelcome(resumed, hello.Version);
                },
            };
            request.Begin();
            connection = await request.Answer.ConfigureAwait(false) ?? fresh;
        }

        if (!ReferenceEquals(connection, fresh))
        {
            // What it was let in by this time counts from now on.
            connection.Identity = fresh.Identity;
        }
        else
        {
            WriteWelcome(fresh, hello.Version);
        }

        connection.Source = new ConnectionSource(origin.Kind.TransportName, origin.Kind.RoadName, origin.Remote?.ToString() ?? "")
        {
            IsEncrypted = origin.IsEncrypted,
        };
        string name = Encoding.UTF8.GetString(connection.NameUtf8);
        _metrics.Opened(origin.Kind);
        _log.Opened(
            connection.Session, origin.Kind.TransportName, origin.Kind.RoadName, origin.Remote, name, hello.Agent,
            !ReferenceEquals(connection, fresh));
        return connection;
    }

    public ValueTask<Command> DecideAsync(Connection connection, PendingAsk ask, CancellationToken aborted) => ask is JoinAsk join
        ? AuthorizeJoinAsync(connection, join, aborted)
        : RenewAsync(connection, (RenewAsk)ask, aborted);

    /// <summary>Has fresh credentials decided on. They must be the same user's: nobody turns into somebody else.</summary>
    private async ValueTask<Command> RenewAsync(Connection connection, RenewAsk ask, CancellationToken aborted)
    {
        ConnectionSource source = connection.Source;
        IPEndPoint? remote = IPEndPoint.TryParse(source.Remote, out IPEndPoint? known) ? known : null;
        var attempt = new ConnectAttempt(ask.Credentials, "", null, remote, source.Transport == "websocket", source.IsEncrypted);
        ConnectDecision decision = await InTimeAsync(
            token => _authorizer.AuthorizeConnectionAsync(attempt, token),
            static reason => ConnectDecision.Refuse(reason),
            aborted).ConfigureAwait(false);
        bool isRefused = decision.Name is null;
        if (isRefused || decision.UserId != connection.Who.UserId)
        {
            return new Command(CommandKind.Refuse)
            {
                Error = new Refusal(
                    FrameType.Renew, ask.Sequence, isRefused ? decision.Code : CloseCode.Unauthorized,
                    decision.Refusal ?? "The credentials are another user's."),
            };
        }

        connection.Identity = decision.Identity;
        return new Command(CommandKind.Renew) { Sequence = ask.Sequence, ReceivedMicros = ExpiryOf(decision) };
    }

    /// <summary>By the server's clock, in microseconds, at least 1; 0 for never.</summary>
    private long ExpiryOf(ConnectDecision decision) => decision.ExpiresAt is { } at
        ? Math.Max(1, Clock.Micros + (long)(at - Clock.Time.GetUtcNow()).TotalMicroseconds)
        : 0;

    private async ValueTask<Command> AuthorizeJoinAsync(Connection connection, JoinAsk ask, CancellationToken aborted)
    {
        var attempt = new JoinAttempt(ask.RoomName, ask.Ticket, Encoding.UTF8.GetString(connection.NameUtf8), connection.Identity);
        JoinDecision decision = await InTimeAsync(
            token => _authorizer.AuthorizeJoinAsync(attempt, token),
            static reason => JoinDecision.Refuse(reason),
            aborted).ConfigureAwait(false);
        if (decision.Refusal is { } refusal)
        {
            return new Command(CommandKind.Refuse) { Error = new Refusal(ask.Type, ask.Sequence, decision.Code, refusal) };
        }

        RoomStanding standing;
        try
        {
            using var timeout = new CancellationTokenSource(_options.Limits.AuthorizeTimeout, Clock.Time);
            standing = await _store.CheckAsync(RoomInstance.BaseOf(ask.RoomName), connection.Subject, timeout.Token)
                .AsTask().WaitAsync(timeout.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever the embedder's store throws concerns this caller alone.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _log.ModerationStoreFailed(e);
            return new Command(CommandKind.Refuse)
            {
                Error = new Refusal(
                    ask.Type, ask.Sequence, CloseCode.StoreUnavailable, "The server cannot say who is banned from the room."),
            };
        }

        (JoinDecision? say, OpenLogic? logic) = _handlers.IsEmpty
            ? default
            : await _handlers.JoiningAsync(connection, attempt, aborted).ConfigureAwait(false);
        if (say?.Refusal is { } veto)
        {
            return new Command(CommandKind.Refuse) { Error = new Refusal(ask.Type, ask.Sequence, say.Code, veto) };
        }

        RoomOptions? asked = say?.Options ?? decision.Options;
        RoomOptions options = asked ?? _options.Room;
        if (asked?.Validate("RoomOptions").FirstOrDefault() is { } problem)
        {
            _log.AuthorizerFailed(new ArgumentException(problem));
            return new Command(CommandKind.Refuse)
            {
                Error = new Refusal(ask.Type, ask.Sequence, CloseCode.Forbidden, "The room is misconfigured."),
            };
        }

        return new Command(CommandKind.Join)
        {
            Join = new JoinRequest(ask.Sequence, ask.IsChange, ask.RoomName, options, ask.Epoch, ask.Cursor)
            {
                Who = connection.Who,
                Role = say?.Role ?? decision.Role,
                StoredRole = standing.Role,
                Admission = standing.Admission,
                Logic = logic,
            },
        };
    }

    private static string SubjectOf(string? userId, EndPoint? remote) => userId is not null
        ? "user:" + userId
        : "address:" + ((remote as IPEndPoint)?.Address.ToString() ?? remote?.ToString() ?? "");

    /// <summary>Calls the authorizer; whatever goes wrong is a refusal to this caller and a line in the log, never more.</summary>
    private async ValueTask<T> InTimeAsync<T>(Func<CancellationToken, ValueTask<T>> ask, Func<string, T> refuse, CancellationToken aborted)
    {
        using var timeout = new CancellationTokenSource(_options.Limits.AuthorizeTimeout, Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, aborted);
        try
        {
            // The road may be on a thread that serves many sockets: an embedder's code that blocks must not hold them up. Our own never
            // does.
            Task<T> answer = _authorizer is DefaultAuthorizer
                ? ask(either.Token).AsTask()
                : Task.Run(() => ask(either.Token).AsTask(), CancellationToken.None);
            return await answer.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            _log.AuthorizerSlow(_options.Limits.AuthorizeTimeout);
            return refuse("The server could not decide in time.");
        }
        catch (Exception e) when (e is not OperationCanceledException || !aborted.IsCancellationRequested)
        {
            _log.AuthorizerFailed(e);
            return refuse("The server could not decide.");
        }
    }

    private void WriteWelcome(Connection connection, byte version)
    {
        Span<byte> room = connection.BeginReply(512);
        var writer = new FrameWriter(room);
        byte[] token = new byte[SessionSecret.TokenSize];
        connection.Secret.WriteToken(connection.Session, token);
        RelayLimits limits = _options.Limits;
        var welcome = new Welcome
        {
            Version = version,
            SessionHigh = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(token),
            SessionLow = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(token.AsSpan(8)),
            ResumeToken = _options.Resume.Window > TimeSpan.Zero ? token : default,
            LastApplied = connection.LastSequence,
            ServerClockMicros = (ulong)Clock.Micros,
            HeartbeatMillis = (uint)limits.Heartbeat.TotalMilliseconds,
            IdleTimeoutMillis = (uint)limits.IdleTimeout.TotalMilliseconds,
            MaxFrameBody = (uint)limits.MaxFrameBytes,
            MaxServerFrameBody = FrameHeader.MaxBodyLength,
            FramesPerSecond = (uint)limits.FramesPerSecond,
            FrameBurst = (uint)limits.FrameBurst,
            MaxEventPayload = (uint)limits.MaxEventPayload,
            DefaultTickMicros = (uint)_options.Room.TickMicros,
            NameUtf8 = connection.NameUtf8,
        };
        welcome.Write(ref writer);
        connection.EndReply(writer.Written);
    }
}
