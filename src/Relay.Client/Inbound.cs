using System.Text;
using Relay.Client.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>
/// Reads whole frames and says what they mean: to the handler, to whoever waits for an answer, to the clock. It outlives connections and
/// knows how far the session has got. Runs on the receive thread. protocol-spec.md §4.
/// </summary>
internal sealed class Inbound(
    RelayHandler handler, RelayClientOptions options, Outbox outbox, PendingReplies replies, ClockSync clock, LocalClock localClock)
{
    private readonly IFrameObserver? _observer = options.FrameObserver;
    private SessionInfo? _session;
    private RoomInfo? _room;
    private bool _isGreeted;
    private long _helloMicros;
    private TaskCompletionSource<SessionInfo>? _welcomed;
    private CloseInfo? _lost;

    private byte[] _token = [];
    private ulong _lastAnswer;
    private ulong _lastSequence;
    private ulong _cursor;
    private bool _isSnapshotWhole;
    private Stay? _stay;
    private ulong _rejoin;

    /// <summary>The session, from the first Welcome on.</summary>
    public SessionInfo? Session => Volatile.Read(ref _session);

    /// <summary>The room that the client is in.</summary>
    public RoomInfo? Room => Volatile.Read(ref _room);

    /// <summary>Whether there is a connection, and it was welcomed.</summary>
    public bool IsGreeted => Volatile.Read(ref _isGreeted);

    /// <summary>Why the present connection is over, once a frame has said so.</summary>
    public CloseInfo? Over { get; private set; }

    /// <summary>When and where the server wants to be asked again, if it has said so on the last connection.</summary>
    public ServerGoodbye? Goodbye { get; private set; }

    /// <summary>What the next Hello shows.</summary>
    public ReadOnlyMemory<byte> Credentials { get; set; }

    /// <summary>Called when the server says that the credentials expire.</summary>
    public Action? Expiring { get; set; }

    /// <summary>A connection begins: queues Hello.</summary>
    /// <param name="welcomed">Completed by Welcome.</param>
    /// <param name="lost">Why the last connection ended; <c>null</c> for the first one.</param>
    public void Begin(TaskCompletionSource<SessionInfo> welcomed, CloseInfo? lost)
    {
        (_welcomed, _lost, Over, Goodbye) = (welcomed, lost, null, null);
        _helloMicros = localClock.NowMicros;
        int size = 160 + Credentials.Length + Encoding.UTF8.GetByteCount(options.Agent) + _token.Length;
        outbox.Begin(
            size,
            this,
            static (ref FrameWriter writer, ulong _, in Inbound self) => self.WriteHello(ref writer),
            isFirst: _session is null);
    }

    /// <summary>The connection is gone.</summary>
    public void End() => Volatile.Write(ref _isGreeted, false);

    /// <summary>Takes every whole frame out of the buffer.</summary>
    /// <returns><c>null</c> to go on; otherwise why the connection is over.</returns>
    public CloseInfo? Process(FrameBuffer frames)
    {
        while (true)
        {
            int limit = _isGreeted ? _session!.MaxServerFrameBody : 16 * 1024;
            FrameStatus found = frames.TryTake(limit, out FrameHeader header, out ReadOnlySpan<byte> body);
            if (found == FrameStatus.NeedMore)
            {
                return null;
            }

            if (found == FrameStatus.TooLarge)
            {
                return CloseInfo.Local(
                    CloseCode.MessageTooBig, "The server sent a longer frame than it promised.", limit: limit, value: header.BodyLength);
            }

            _observer?.OnFrame(FrameDirection.In, header.Type, body, localClock.NowMicros);
            if (!_isGreeted && header.Type is not (FrameType.Welcome or FrameType.Close))
            {
                return CloseInfo.Local(CloseCode.ProtocolError, $"The server answered Hello with frame type 0x{(byte)header.Type:X2}.");
            }

            ReadStatus status = Read(header, body);
            if (status != ReadStatus.Ok)
            {
                return CloseInfo.Local(
                    CloseCode.InvalidPayload, $"The server sent a malformed {header.Type}: {status}.", value: (double)header.Type);
            }

            if (Over is not null)
            {
                return Over;
            }
        }
    }

    private void WriteHello(ref FrameWriter writer) => new Hello
    {
        VersionOldest = ProtocolVersion.Oldest,
        VersionNewest = ProtocolVersion.Newest,
        Credentials = Credentials.Span,
        ResumeToken = _token,
        // A snapshot of which a part is missing is none: 0 asks for another one.
        LastSequence = _room is not null && _isSnapshotWhole ? _lastSequence : 0,
        Epoch = _room?.Epoch ?? 0,
        Cursor = _room is not null ? _cursor : 0,
        LastAnswer = _lastAnswer,
        AgentUtf8 = Encoding.UTF8.GetBytes(options.Agent),
    }.Write(ref writer);

    private ReadStatus Read(FrameHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.Type)
        {
            case FrameType.TransformBatch:
                return ReadBatch(body);
            case FrameType.Presence:
                return ReadPresence(body);
            case FrameType.Event:
                return ReadEvent(body);
            case FrameType.State:
                return ReadState(body);
            case FrameType.Done:
                return ReadDone(body);
            case FrameType.Ping:
                return ReadPing(body);
            case FrameType.Pong:
                return ReadPong(body);
            case FrameType.Joined:
                return ReadJoined(body);
            case FrameType.Left:
                return ReadLeft(body);
            case FrameType.Error:
                return ReadError(body);
            case FrameType.GoAway:
                return ReadGoAway(body);
            case FrameType.Expiring:
                return ReadExpiring(body);
            case FrameType.Welcome:
                return ReadWelcome(body);
            case FrameType.Close:
                ReadStatus status = CloseFrame.TryRead(body, out CloseFrame close);
                Over = status == ReadStatus.Ok ? CloseInfo.FromPeer(close) : null;
                return status;
            default:
                // Nop, and types of a later server: a client may skip what it does not know (§3.2).
                return ReadStatus.Ok;
        }
    }

    private ReadStatus ReadBatch(ReadOnlySpan<byte> body)
    {
        RoomInfo? room = _room;
        if (room is null)
        {
            return ReadStatus.BadValue;
        }

        ReadStatus status = TransformBatch.TryRead(body, room.Space, out TransformBatch batch);
        if (status == ReadStatus.Ok)
        {
            _cursor = batch.Version;
            handler.OnBatch(room, ref batch);
        }

        return status;
    }

    private ReadStatus ReadPresence(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Presence.TryRead(body, out Presence presence);
        if (status == ReadStatus.Ok && _room is { } room)
        {
            NotePresence(room, presence.Flags, presence.Sequence);
            handler.OnPresence(room, ref presence);
        }

        return status;
    }

    private ReadStatus ReadState(ReadOnlySpan<byte> body)
    {
        ReadStatus status = State.TryRead(body, out State state);
        if (status == ReadStatus.Ok && _room is { } room)
        {
            NotePart(state.Flags, state.Sequence);
            handler.OnState(room, ref state);
        }

        return status;
    }

    private void NotePresence(RoomInfo room, PresenceFlags flags, ulong sequence)
    {
        if ((flags & PresenceFlags.First) != 0)
        {
            if (_isSnapshotWhole)
            {
                handler.OnGap(room);
            }

            _isSnapshotWhole = false;
        }

        NotePart(flags, sequence);
    }

    private void NotePart(PresenceFlags flags, ulong sequence)
    {
        _isSnapshotWhole |= (flags & PresenceFlags.Last) != 0;
        _lastSequence = sequence;
    }

    private ReadStatus ReadEvent(ReadOnlySpan<byte> body)
    {
        ReadStatus status = RoomEvent.TryRead(body, out RoomEvent message);
        if (status == ReadStatus.Ok && _room is { } room)
        {
            _lastSequence = message.Sequence;
            handler.OnEvent(room, message);
        }

        return status;
    }

    private ReadStatus ReadPing(ReadOnlySpan<byte> body)
    {
        long received = localClock.NowMicros;
        ReadStatus status = Ping.TryRead(body, out Ping ping);
        if (status == ReadStatus.Ok)
        {
            // A full outbox drops the answer; the server hears the queued frames instead.
            outbox.TryAdd(
                Pong.FrameSize,
                numbered: false,
                (ping.Stamp, Received: (ulong)received, Clock: localClock),
                static (ref FrameWriter writer, ulong _, in (ulong Stamp, ulong Received, LocalClock Clock) state) => new Pong
                {
                    Stamp = state.Stamp,
                    ReceivedMicros = state.Received,
                    SentMicros = (ulong)state.Clock.NowMicros,
                }.Write(ref writer),
                out _);
        }

        return status;
    }

    private ReadStatus ReadPong(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Pong.TryRead(body, out Pong pong);
        if (status == ReadStatus.Ok)
        {
            outbox.Answered(pong.Stamp);
            clock.Add((long)pong.Stamp, pong.ReceivedMicros, pong.SentMicros, localClock.NowMicros);
        }

        return status;
    }

    private ReadStatus ReadJoined(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Joined.TryRead(body, out Joined joined);
        if (status == ReadStatus.Ok && !replies.MayBe(joined.Sequence, ReplyKind.Joined))
        {
            return ReadStatus.BadValue;
        }

        if (status == ReadStatus.Ok)
        {
            NoteAnswer(joined.Sequence);
            replies.FailBefore(joined.Sequence, joinsToo: true);
            ReadOnlyMemory<byte> ticket = replies.Find(joined.Sequence)?.Ticket ??
                (joined.Sequence == _rejoin ? _stay?.Ticket : null) ?? default;
            var room = new RoomInfo(joined);
            _stay = new Stay(room.Name, ticket, room.Epoch);
            (_rejoin, _lastSequence, _cursor, _isSnapshotWhole) = (0, 0, 0, false);
            Volatile.Write(ref _room, room);
            handler.OnJoined(room);

            // Not before: if the handler throws, the call fails with the client.
            replies.Take(joined.Sequence)?.Completion.TrySetResult(new Answer(room, 0));
        }

        return status;
    }

    private ReadStatus ReadLeft(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Left.TryRead(body, out Left left);
        if (status == ReadStatus.Ok && !replies.MayBe(left.Sequence, ReplyKind.Left))
        {
            return ReadStatus.BadValue;
        }

        if (status == ReadStatus.Ok && !WasSeen(left.Sequence))
        {
            NoteAnswer(left.Sequence);
            _stay = null;
            LeaveRoom(left.Reason);
            replies.Take(left.Sequence)?.Completion.TrySetResult(default);
            replies.FailBefore(left.Sequence, joinsToo: true);
        }

        return status;
    }

    private ReadStatus ReadDone(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Done.TryRead(body, out Done done);
        if (status == ReadStatus.Ok && !replies.MayBe(done.Sequence, ReplyKind.Done))
        {
            return ReadStatus.BadValue;
        }

        if (status == ReadStatus.Ok)
        {
            NoteAnswer(done.Sequence);
            replies.Take(done.Sequence)?.Completion.TrySetResult(new Answer(null, done.Value));
            replies.FailBefore(done.Sequence, joinsToo: false);
        }

        return status;
    }

    private void LeaveRoom(CloseCode reason)
    {
        RoomInfo? room = _room;
        Volatile.Write(ref _room, null);
        if (room is not null)
        {
            handler.OnLeft(room, reason);
        }
    }

    private ReadStatus ReadError(ReadOnlySpan<byte> body)
    {
        ReadStatus status = ErrorFrame.TryRead(body, out ErrorFrame error);
        if (status == ReadStatus.Ok && !WasSeen(error.Sequence))
        {
            Refusal refusal = Refusal.From(error);
            if (refusal.Code != CloseCode.BadSequence)
            {
                NoteAnswer(refusal.Sequence);
                replies.FailBefore(refusal.Sequence, joinsToo: false);
            }

            if (_rejoin != 0 && refusal.Sequence == _rejoin && refusal.Code != CloseCode.GoingAway)
            {
                // Not wanted any more. A server that is going away says nothing about the next one.
                (_stay, _rejoin) = (null, 0);
            }

            if (replies.Take(refusal.Sequence)?.Completion.TrySetException(new RelayException(refusal)) is null)
            {
                handler.OnRefused(refusal);
            }
        }

        return status;
    }

    /// <summary>Whether a message was answered before: when a session is taken up, some answers may come again. They come in the order of
    /// the numbers.</summary>
    private bool WasSeen(ulong sequence) => sequence != 0 && sequence <= _lastAnswer;

    /// <summary>A numbered message was answered: the server has dealt with it and with all before it.</summary>
    private void NoteAnswer(ulong sequence)
    {
        _lastAnswer = Math.Max(_lastAnswer, sequence);
        outbox.Confirm(sequence);
    }

    private ReadStatus ReadGoAway(ReadOnlySpan<byte> body)
    {
        ReadStatus status = GoAway.TryRead(body, out GoAway goAway);
        if (status == ReadStatus.Ok)
        {
            Goodbye = ServerGoodbye.From(goAway);
            handler.OnGoAway(Goodbye);
        }

        return status;
    }

    private ReadStatus ReadExpiring(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.Expiring.TryRead(body, out Expiring expiring);
        if (status == ReadStatus.Ok)
        {
            handler.OnCredentialsExpiring(TimeSpan.FromMilliseconds(expiring.GraceMillis));
            Expiring?.Invoke();
        }

        return status;
    }

    private ReadStatus ReadWelcome(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Welcome.TryRead(body, out Welcome welcome);
        if (status != ReadStatus.Ok || _isGreeted)
        {
            return status == ReadStatus.Ok ? ReadStatus.BadValue : status;
        }

        SessionInfo? before = _session;
        var session = new SessionInfo(welcome);
        bool goesOn = before is not null && (before.SessionHigh, before.SessionLow) == (session.SessionHigh, session.SessionLow);
        ulong confirmed = 0, last = 0;
        if (goesOn && !outbox.TryResume(welcome.LastApplied, welcome.FramesPerSecond, welcome.FrameBurst, out confirmed, out last))
        {
            bool tooFew = welcome.LastApplied < confirmed;
            Over = CloseInfo.Local(
                CloseCode.ProtocolError,
                tooFew
                    ? "The server has forgotten messages that it had confirmed."
                    : "The server has applied messages that were never sent.",
                limit: tooFew ? confirmed : last,
                value: welcome.LastApplied);
            return ReadStatus.Ok;
        }

        if (!goesOn)
        {
            // Another session may be another server's, whose clock began at another moment.
            clock.Reset();
        }

        // A first, rough reading of the clock, so that there is one from the beginning.
        clock.Add(_helloMicros, welcome.ServerClockMicros, welcome.ServerClockMicros, localClock.NowMicros);
        _token = welcome.ResumeToken.ToArray();
        Volatile.Write(ref _session, session);
        Volatile.Write(ref _isGreeted, true);
        if (before is not null)
        {
            int dropped = goesOn ? 0 : outbox.Restart(BeginNewSession);
            handler.OnReconnected(new Reconnection(goesOn, session, dropped));
            if (!goesOn)
            {
                LeaveRoom(_lost!.Code);
            }
        }

        _welcomed!.TrySetResult(session);
        return ReadStatus.Ok;
    }

    private void BeginNewSession()
    {
        bool wasLeaving = replies.LoseSession(_lost!);
        (_lastAnswer, _rejoin) = (0, 0);
        if (_stay is null || wasLeaving || !options.Reconnect.RejoinRoom)
        {
            _stay = null;
            return;
        }

        // Without a seat in it the room is not known: the cursor is that of the stay that has ended.
        outbox.TryAdd(
            64 + (3 * _stay.Room.Length) + _stay.Ticket.Length,
            numbered: true,
            (Stay: _stay, Cursor: _cursor),
            static (ref FrameWriter writer, ulong sequence, in (Stay Stay, ulong Cursor) state) => new Join
            {
                Sequence = sequence,
                RoomUtf8 = Encoding.UTF8.GetBytes(state.Stay.Room),
                Ticket = state.Stay.Ticket.Span,
                Epoch = state.Stay.Epoch,
                Cursor = state.Cursor,
            }.Write(ref writer),
            out _rejoin);
    }

    /// <summary>The room that the client is in, or wants to return to.</summary>
    private sealed record Stay(string Room, ReadOnlyMemory<byte> Ticket, ulong Epoch);
}
