using System.Net.Sockets;
using System.Text;
using Relay.Load.Measure;
using Relay.Load.Wire;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>
/// A client that loses its connection and takes its session up again, leaves and comes again, and tells the record of its room everything
/// that it receives. protocol-spec.md §5.8. Callers of all but <see cref="FrameSink"/>'s methods hold the record's gate.
/// </summary>
internal sealed class StateClient : FrameSink, IDisposable
{
    private readonly RoomRecord _room;
    private readonly Func<FrameSink, LoadConnection> _connect;
    private readonly FrameSeam? _seam;
    private readonly Random _random;
    private readonly Outbox _outbox = new();
    private LoadConnection? _connection;
    private byte[] _token = [];
    private (ulong High, ulong Low) _session;
    private SlotValues? _formerSlots;
    private ulong _repeatsUpTo;
    private bool _isWelcome;

    /// <summary>Makes one that is not connected.</summary>
    /// <param name="index">Its number among the clients of its room.</param>
    /// <param name="room">Its room.</param>
    /// <param name="connect">Makes a connection that is not open yet.</param>
    /// <param name="seed">The same seed, the same places.</param>
    /// <param name="seam">Between the wire and the check; usually none.</param>
    public StateClient(int index, RoomRecord room, Func<FrameSink, LoadConnection> connect, int seed, FrameSeam? seam)
    {
        Index = index;
        _room = room;
        _connect = connect;
        _random = new Random(seed);
        _seam = seam;
    }

    public int Index { get; }

    public RoomRecord Room => _room;

    /// <summary>Its stay in the room, while it has asked for one and it has not ended.</summary>
    public Stay? Stay { get; private set; }

    /// <summary>Whether it has asked to leave the room and was not answered.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Whether it has a connection on which it was welcomed.</summary>
    public bool IsOnline => _isWelcome;

    /// <summary>Whether it has a connection, or is about to.</summary>
    public bool IsConnected => _connection is not null;

    /// <summary>Whether it is in the room, knows what is there, and can be heard.</summary>
    public bool IsLive => _isWelcome && !IsLeaving && Stay is { HasSnapshot: true };

    /// <summary>Why it cannot go on; <c>null</c> if it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Messages that wait for an answer.</summary>
    public int Unanswered => _outbox.Unanswered;

    /// <summary>The number of the next message.</summary>
    public ulong NextNumber => _outbox.Next;

    /// <summary>Whether the next message is to break off in its middle, with the connection.</summary>
    public bool BreaksNext { get; set; }

    public long Refused { get; private set; }

    /// <summary>How often it has come back to its session.</summary>
    public long Resumed { get; private set; }

    /// <summary>Connects, for the first time or again.</summary>
    public void Connect()
    {
        _connection = _connect(this);
        _ = OpenAsync(_connection);
    }

    /// <summary>Loses its connection, by a reset.</summary>
    public void Cut()
    {
        LoadConnection? connection = Disconnect();
        connection?.Reset();
    }

    /// <summary>Sends a numbered message that carries <see cref="NextNumber"/>.</summary>
    /// <param name="frame">The whole frame.</param>
    /// <param name="deed">What it asks for, if that matters.</param>
    public void Send(ReadOnlySpan<byte> frame, Deed? deed)
    {
        if (deed is not null)
        {
            _room.Deeds.Begin(deed);
        }

        _outbox.Add(frame, isAnswered: deed?.Kind != DeedKind.Event, deed);
        if (BreaksNext)
        {
            BreaksNext = false;
            Disconnect()?.Break(frame);
        }
        else
        {
            _connection?.TrySend(frame, keep: true);
        }
    }

    /// <summary>Asks to enter the room.</summary>
    /// <param name="withCursor">Whether to tell how far it has got in an earlier stay.</param>
    public void Join(bool withCursor)
    {
        SlotValues? slots = withCursor ? _formerSlots : null;
        Stay = _room.Begin(Index, slots);
        Span<byte> bytes = stackalloc byte[512];
        var writer = new FrameWriter(bytes);
        new Join
        {
            Sequence = NextNumber,
            RoomUtf8 = Encoding.UTF8.GetBytes(_room.Name),
            Epoch = slots is null ? 0 : _room.Epoch,
            Cursor = slots?.Version ?? 0,
        }.Write(ref writer);
        Send(writer.WrittenSpan, deed: null);
    }

    /// <summary>Asks to leave the room.</summary>
    public void Leave()
    {
        IsLeaving = true;
        Span<byte> bytes = stackalloc byte[32];
        var writer = new FrameWriter(bytes);
        new Leave { Sequence = NextNumber }.Write(ref writer);
        Send(writer.WrittenSpan, deed: null);
    }

    /// <summary>Moves its avatar.</summary>
    public void Move()
    {
        Stay stay = Stay!;
        PackedTransform place = Districts.Somewhere(stay.Space!, stay.District, _random);
        stay.Place = SlotValue.Of(place, default);
        SendPlace(stay, place);
    }

    /// <summary>Sends transforms of objects; the server may not take them.</summary>
    public void Move(ObjectState moved)
    {
        PackedTransform place = Districts.Anywhere(Stay!.Space!, _random);
        SendPlace(Stay, moved.Slot, moved.Generation, place);
    }

    public void Dispose()
    {
        lock (_room.Gate)
        {
            Disconnect()?.Dispose();
        }
    }

    public override void OnOpen(LoadConnection connection)
    {
        lock (_room.Gate)
        {
            if (!ReferenceEquals(connection, _connection))
            {
                return;
            }

            bool isInRoom = Stay is { HasMember: true };
            Span<byte> bytes = stackalloc byte[512];
            var writer = new FrameWriter(bytes);
            new Hello
            {
                VersionOldest = ProtocolVersion.Oldest,
                VersionNewest = ProtocolVersion.Newest,
                AgentUtf8 = "relay-load"u8,
                ResumeToken = _token,
                LastSequence = isInRoom && Stay is { HasSnapshot: true, AskedForSnapshot: false } stay ? stay.Position : 0,
                Epoch = isInRoom ? _room.Epoch : 0,
                Cursor = isInRoom ? Stay!.Slots.Version : 0,
                LastAnswer = _outbox.LastAnswer,
            }.Write(ref writer);
            connection.TrySend(writer.WrittenSpan, keep: true);
        }
    }

    public override void OnFrame(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        if (_seam is null)
        {
            Take(connection, header, body, nowNanos);
        }
        else
        {
            _seam.Pass(this, connection, header, body, nowNanos);
        }
    }

    public override void OnClosed(LoadConnection connection, string reason)
    {
        lock (_room.Gate)
        {
            if (ReferenceEquals(connection, _connection))
            {
                Disconnect();
                Fail(reason);
            }
        }
    }

    /// <summary>Takes a frame.</summary>
    public void Take(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        lock (_room.Gate)
        {
            // What an older connection still had is lost with it: the client has said meanwhile what it has.
            if (!ReferenceEquals(connection, _connection))
            {
                return;
            }

            ReadStatus status = Dispatch(connection, header.Type, body, nowNanos);
            if (status != ReadStatus.Ok)
            {
                Fail($"the server sent a malformed {header.Type}: {status}");
            }
        }
    }

    private ReadStatus Dispatch(LoadConnection connection, FrameType type, ReadOnlySpan<byte> body, long nowNanos)
    {
        switch (type)
        {
            case FrameType.Presence or FrameType.State or FrameType.Event:
                return Stay is { HasMember: true } stay ? _room.Take(stay, type, body, nowNanos) : Stray(type);
            case FrameType.TransformBatch:
                return Stay is { HasMember: true } mover ? _room.TakeBatch(mover, body) : Stray(type);
            case FrameType.Done:
                return ReadDone(body);
            case FrameType.Error:
                return ReadError(body);
            case FrameType.Joined:
                return ReadJoined(body);
            case FrameType.Left:
                return ReadLeft(body);
            case FrameType.Welcome:
                return ReadWelcome(body, nowNanos);
            case FrameType.Ping:
                return Pings.Answer(connection, body, nowNanos);
            case FrameType.Close:
                return ReadClose(body);
            default:
                return ReadStatus.Ok;
        }
    }

    private ReadStatus Stray(FrameType type)
    {
        _room.Counts.Misdirect($"client {Index} got a {type} frame outside the room");
        return ReadStatus.Ok;
    }

    private ReadStatus ReadWelcome(ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = Welcome.TryRead(body, out Welcome welcome);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        bool isFirst = _token.Length == 0;
        (ulong High, ulong Low) session = (welcome.SessionHigh, welcome.SessionLow);
        if (!isFirst && session != _session)
        {
            Fail("its session was over when it came back");
            return status;
        }

        (_session, _token, _isWelcome) = (session, welcome.ResumeToken.ToArray(), true);
        if (Stay is not null)
        {
            Stay.LiveSinceNanos = nowNanos;
        }

        if (isFirst)
        {
            Join(withCursor: false);
            return status;
        }

        Resumed++;
        _repeatsUpTo = NextNumber - 1;
        if (Stay is { HasMember: true })
        {
            // Before what may need it: who is near.
            Move();
        }

        foreach (byte[] frame in _outbox.After(welcome.LastApplied))
        {
            _connection!.TrySend(frame, keep: true);
        }

        return status;
    }

    private ReadStatus ReadJoined(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Joined.TryRead(body, out Joined joined);
        if (status == ReadStatus.Ok && Answer(joined.Sequence, out _) && Stay is { HasMember: false } stay)
        {
            _room.Entered(stay, joined);
            stay.LiveSinceNanos = Clock.NowNanos;
            Move();
        }

        return status;
    }

    private ReadStatus ReadLeft(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Left.TryRead(body, out Left left);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        if (left.Sequence == 0)
        {
            // Told to whoever comes back as a member and is none any more: the answer to its Leave comes as well.
            if (!IsLeaving && Stay is not null)
            {
                Fail($"the server took it out of the room: {(int)left.Reason}");
            }
        }
        else if (Answer(left.Sequence, out _) && Stay is { } stay)
        {
            _room.End(stay);
            _formerSlots = stay.HasSnapshot ? stay.Slots : null;
            (Stay, IsLeaving) = (null, false);
        }

        return status;
    }

    private ReadStatus ReadDone(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Done.TryRead(body, out Done done);
        if (status == ReadStatus.Ok && Answer(done.Sequence, out Deed? deed) && deed is not null)
        {
            _room.Deeds.Answered(deed, DeedAnswer.Done, done.Value);
        }

        return status;
    }

    private ReadStatus ReadError(ReadOnlySpan<byte> body)
    {
        ReadStatus status = ErrorFrame.TryRead(body, out ErrorFrame error);
        if (status != ReadStatus.Ok || (error.Sequence == 0 && error.Code == CloseCode.NotOwner))
        {
            // An object has changed hands while it was being moved.
            return status;
        }

        if (!Refusals.AreExpected(error.RefusedType, error.Code))
        {
            _room.Counts.Mismatch($"client {Index}: {ServerWords.Of(error)}");
        }

        if (error.Sequence != 0 && Answer(error.Sequence, out Deed? deed))
        {
            Refused++;
            if (deed is not null)
            {
                _room.Deeds.Answered(deed, DeedAnswer.Refused, 0);
            }
        }

        return status;
    }

    private ReadStatus ReadClose(ReadOnlySpan<byte> body)
    {
        ReadStatus status = CloseFrame.TryRead(body, out CloseFrame close);
        if (status == ReadStatus.Ok)
        {
            Fail(ServerWords.Of(close));
        }

        return status;
    }

    /// <summary>A numbered message was answered.</summary>
    /// <returns>False for what was answered before: when a session goes on, answers may come again.</returns>
    private bool Answer(ulong number, out Deed? deed)
    {
        bool isNew = _outbox.TryAnswer(number, out deed);
        if (!isNew && number > _repeatsUpTo)
        {
            _room.Counts.Duplicate($"client {Index}: message {number} was answered twice");
        }

        return isNew;
    }

    private void SendPlace(Stay stay, PackedTransform place) => SendPlace(stay, stay.Slot, stay.Generation, place);

    private void SendPlace(Stay stay, uint slot, byte generation, PackedTransform place)
    {
        Span<byte> frame = stackalloc byte[64];
        var entry = new TransformUpdateEntry(slot, generation, place.WithPrefix(0, hasExtension: false), default);
        int length = TransformUpdate.WriteSingle(frame, stay.Space!, entry);
        _connection?.TrySend(frame[..length], keep: true);
    }

    private LoadConnection? Disconnect()
    {
        LoadConnection? connection = _connection;
        (_connection, _isWelcome) = (null, false);
        Stay?.DropUnfinishedSnapshot();
        _outbox.Interrupt();
        return connection;
    }

    private void Fail(string fault) => Fault ??= fault;

    private async Task OpenAsync(LoadConnection connection)
    {
        try
        {
            await connection.OpenAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            OnClosed(connection, e.Message);
        }
    }
}
