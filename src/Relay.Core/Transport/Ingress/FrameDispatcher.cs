using System.Text;
using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Transport.Ingress;

/// <summary>What became of a frame.</summary>
internal enum DispatchStatus
{
    /// <summary>Handled; go on.</summary>
    Done,

    /// <summary>The connection's queue to its shard is full: wait for room, then dispatch the same frame again.</summary>
    QueueFull,

    /// <summary>A join, or fresh credentials: <see cref="FrameDispatcher.TakePending"/> must be decided before anything that follows is
    /// read.</summary>
    JoinPending,

    /// <summary>The connection must be closed: <see cref="FrameDispatcher.Fault"/> says why.</summary>
    Fault,
}

/// <summary>
/// Reads whole frames of a connection after its Hello and hands their meaning to the shard: transforms into the mailbox, everything else
/// into the command queue. What can be refused without looking at a room is refused here, so that a flood never reaches the shard. Used
/// by the one thread that reads the connection; allocates nothing for transforms, events and pings.
/// </summary>
internal sealed class FrameDispatcher
{
    private const long ErrorIntervalMicros = 1_000_000;

    private readonly Connection _connection;
    private readonly IngressLimits _limits;
    private readonly SharedBufferPool _pool;
    private readonly IngressStats _stats;
    private ErrorThrottle? _throttle;
    private PendingAsk? _pending;
    private FrameBudget _budget;
    private EventBudgets? _eventBudgets;

    public FrameDispatcher(Connection connection, IngressLimits limits, SharedBufferPool pool, IngressStats stats, long now)
    {
        _connection = connection;
        _limits = limits;
        _pool = pool;
        _stats = stats;
        _budget = new FrameBudget(limits.FramesPerSecond, limits.FrameBurst, now);
    }

    /// <summary>After <see cref="DispatchStatus.JoinPending"/>: what is asked for. Told once, and then forgotten: a member keeps nothing of
    /// how it came.</summary>
    public PendingAsk TakePending()
    {
        PendingAsk ask = _pending!;
        _pending = null;
        return ask;
    }

    /// <summary>After <see cref="DispatchStatus.Fault"/>: why.</summary>
    public CloseReason? Fault { get; private set; }

    /// <summary>Handles one frame.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="body">Its body.</param>
    /// <param name="now">When it arrived, in microseconds.</param>
    public DispatchStatus Dispatch(FrameType type, ReadOnlySpan<byte> body, long now)
    {
        // Everything but a transform may need a place in the queue: be sure of it before anything is counted.
        if (type != FrameType.TransformUpdate && !_connection.Commands.HasRoom)
        {
            return DispatchStatus.QueueFull;
        }

        _stats.FramesIn++;
        _connection.ConfirmSecret();

        if (!_budget.TryTake(now))
        {
            return Drop(type, body, now);
        }

        switch (type)
        {
            case FrameType.TransformUpdate:
                return Transforms(body, now);
            case FrameType.SendEvent:
                return Event(body, now);
            case FrameType.CreateObject:
                return State(type, body, CreateObject.TryRead(body, out _));
            case FrameType.UpdateObject:
                return State(type, body, UpdateObject.TryRead(body, out _));
            case FrameType.RemoveObject:
                return State(type, body, RemoveObject.TryRead(body, out _));
            case FrameType.CloneObject:
                return State(type, body, CloneObject.TryRead(body, out _));
            case FrameType.Claim:
                return State(type, body, Claim.TryRead(body, out _));
            case FrameType.SetAttribute:
                return State(type, body, SetAttribute.TryRead(body, out _));
            case FrameType.Manage:
                return State(type, body, Manage.TryRead(body, out _));
            case FrameType.Ping:
                return Ping(body, now);
            case FrameType.Pong:
                return Check(type, Pong.TryRead(body, out _));
            case FrameType.Nop:
                return Check(type, body.IsEmpty ? ReadStatus.Ok : ReadStatus.TrailingBytes);
            case FrameType.Join or FrameType.ChangeRoom:
                return Join(type, body);
            case FrameType.Leave:
                return Leave(body);
            case FrameType.Renew:
                return Renew(body);
            case FrameType.Close:
                return Close(body);
            case FrameType.Hello:
                return Fail(new CloseReason(CloseCode.ProtocolError, "A second Hello."));
            default:
                if (!new FrameHeader(type, 0).IsOptional)
                {
                    Refuse(new Refusal(type, 0, CloseCode.UnknownFrameType, "This frame type is not known here.", Value: (byte)type), now);
                }

                return DispatchStatus.Done;
        }
    }

    /// <summary>Counts something that is not a frame but costs as much (a WebSocket control frame, a fragment).</summary>
    /// <returns>False: the connection floods and must be closed with <see cref="Fault"/>.</returns>
    public bool CountOverhead(long now)
    {
        if (_budget.TryTake(now) || !_budget.IsExhausted)
        {
            return true;
        }

        Fail(Flood());
        return false;
    }

    private DispatchStatus Drop(FrameType type, ReadOnlySpan<byte> body, long now)
    {
        _stats.FramesDropped++;
        ulong sequence = 0;
        bool isAnswered = type is not FrameType.SendEvent;
        if (type is FrameType.Renew or FrameType.Join or FrameType.ChangeRoom or FrameType.Leave or FrameType.SendEvent or
            (>= FrameType.CreateObject and <= FrameType.Manage))
        {
            // A numbered message is consumed even when it is dropped: the next one has the next number. §5.2.
            var reader = new BodyReader(body);
            sequence = reader.ReadVarint();
            if (sequence == _connection.LastSequence + 1)
            {
                _connection.LastSequence = sequence;
            }
        }

        if (_budget.IsExhausted)
        {
            return Fail(Flood());
        }

        var refusal = new Refusal(
            type, sequence, CloseCode.RateLimited, "More frames than the limit (a second); the value counts those dropped.",
            _limits.FramesPerSecond, _budget.Dropped);
        if (isAnswered && sequence != 0)
        {
            // Somebody waits for the answer to just this message.
            return Post(refusal);
        }

        Refuse(refusal, now);
        return DispatchStatus.Done;
    }

    private CloseReason Flood() => new(
        CloseCode.RateLimited, "Frames went on coming above the limit (a second); the value counts those dropped.",
        Limit: _limits.FramesPerSecond, Value: _budget.Dropped);

    private DispatchStatus Transforms(ReadOnlySpan<byte> body, long now)
    {
        if (_connection.Seat is not { } seat)
        {
            // Under way while the sender left or was taken out: nothing is wrong. §8.3.
            return DispatchStatus.Done;
        }

        ReadStatus status = TransformUpdate.TryRead(body, seat.Space, out TransformUpdate update);
        if (status != ReadStatus.Ok)
        {
            return Malformed(FrameType.TransformUpdate, status);
        }

        if (seat.Hindrance != CloseCode.None)
        {
            Refuse(new Refusal(FrameType.TransformUpdate, 0, seat.Hindrance, "The sender may not move anything in this room."), now);
            return DispatchStatus.Done;
        }

        while (update.TryReadEntry(out TransformUpdateEntry entry))
        {
            if (entry.Slot == (uint)seat.Slot && entry.Generation != seat.Generation)
            {
                _stats.FramesDropped++;
            }
            else if (!seat.Space.Contains(entry.Value))
            {
                RefuseOutOfBounds(seat.Space, entry.Value, now);
            }
            else if (!entry.Extension.IsValid)
            {
                Refuse(
                    new Refusal(
                        FrameType.TransformUpdate, 0, CloseCode.BadValue, "The scale is not a number from 0.0001 to 10,000.",
                        TransformExtension.MaxScale, entry.Extension.Scale),
                    now);
            }
            else
            {
                long sampled = now - (entry.Value.Age * seat.AgeUnitMicros);
                if (entry.Slot == (uint)seat.Slot
                    ? _connection.Transforms.Put(entry.Value, entry.Extension, seat, sampled)
                    : (_connection.Objects ??= new ObjectMailbox()).Put(entry, seat, sampled))
                {
                    _stats.Superseded++;
                }

                _connection.Attend();
            }
        }

        return DispatchStatus.Done;
    }

    private void RefuseOutOfBounds(RoomSpace space, in PackedTransform value, long now)
    {
        (uint x, uint y, uint z, _) = space.UnpackSteps(value);
        (string axis, uint steps, uint q) = x >= space.StepsX ? ("x", space.StepsX, x)
            : y >= space.StepsY ? ("y", space.StepsY, y)
            : ("z", space.StepsZ, z);
        Refuse(
            new Refusal(
                FrameType.TransformUpdate, 0, CloseCode.OutOfBounds, $"The position lies outside the room along {axis} (steps).", steps, q),
            now);
    }

    private DispatchStatus Event(ReadOnlySpan<byte> body, long now)
    {
        ReadStatus status = SendEvent.TryRead(body, out SendEvent message);
        if (status != ReadStatus.Ok)
        {
            return Malformed(FrameType.SendEvent, status);
        }

        if (!Number(FrameType.SendEvent, message.Sequence))
        {
            return DispatchStatus.Done;
        }

        if (message.Payload.Length > _limits.MaxEventPayload)
        {
            return Post(new Refusal(
                FrameType.SendEvent, message.Sequence, CloseCode.PayloadTooLarge, "The payload is larger than the limit (bytes).",
                _limits.MaxEventPayload, message.Payload.Length));
        }

        Fault fault = Signals.Check(message);
        if (fault.IsNone)
        {
            _eventBudgets ??= new EventBudgets(_limits.EventsPerSecond, _limits.EventBurst, now);
            fault = _eventBudgets.TryTake(message.Kind, now);
        }

        if (!fault.IsNone)
        {
            return Post(new Refusal(FrameType.SendEvent, message.Sequence, fault.Code, fault.Text, fault.Limit, fault.Value));
        }

        _connection.Post(new Command(CommandKind.SendEvent)
        {
            Sequence = message.Sequence,
            Audience = message.Audience,
            Member = message.Member,
            Roles = message.Roles,
            Radius = message.Radius,
            EventKind = message.Kind,
            Payload = Copy(message.Payload),
        });
        return DispatchStatus.Done;
    }

    /// <summary>A message about the room's state: the shard reads it again, from a copy, when it is its turn.</summary>
    private DispatchStatus State(FrameType type, ReadOnlySpan<byte> body, ReadStatus status)
    {
        if (status != ReadStatus.Ok)
        {
            return Malformed(type, status);
        }

        ulong sequence = new BodyReader(body).ReadVarint();
        if (Number(type, sequence))
        {
            _connection.Post(new Command(type == FrameType.Manage ? CommandKind.Manage : CommandKind.State)
            {
                Type = type,
                Sequence = sequence,
                Payload = Copy(body),
            });
        }

        return DispatchStatus.Done;
    }

    private SharedBuffer Copy(ReadOnlySpan<byte> bytes)
    {
        SharedBuffer copy = _pool.Rent(bytes.Length);
        bytes.CopyTo(copy.Writable);
        copy.Seal(bytes.Length);
        return copy;
    }

    private DispatchStatus Ping(ReadOnlySpan<byte> body, long now)
    {
        ReadStatus status = Protocol.Messages.Ping.TryRead(body, out Ping ping);
        if (status != ReadStatus.Ok)
        {
            return Malformed(FrameType.Ping, status);
        }

        _connection.Post(new Command(CommandKind.Pong) { Stamp = ping.Stamp, ReceivedMicros = now });
        return DispatchStatus.Done;
    }

    private DispatchStatus Join(FrameType type, ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.Join.TryRead(body, out Join message);
        if (status != ReadStatus.Ok)
        {
            return Malformed(type, status);
        }

        if (!Number(type, message.Sequence))
        {
            return DispatchStatus.Done;
        }

        if (!RoomName.IsValid(message.RoomUtf8, _limits.MaxRoomNameBytes))
        {
            return Post(new Refusal(
                type,
                message.Sequence,
                CloseCode.BadRoomName,
                "A room's name is letters, digits and -_.:/~@+ without \"..\" and without \"/\" at its ends (bytes).",
                _limits.MaxRoomNameBytes,
                message.RoomUtf8.Length));
        }

        _pending = new JoinAsk(
            type == FrameType.ChangeRoom, message.Sequence, Encoding.UTF8.GetString(message.RoomUtf8), message.Ticket.ToArray(),
            message.Epoch, message.Cursor);
        return DispatchStatus.JoinPending;
    }

    private DispatchStatus Leave(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.Leave.TryRead(body, out Leave message);
        if (status != ReadStatus.Ok)
        {
            return Malformed(FrameType.Leave, status);
        }

        if (Number(FrameType.Leave, message.Sequence))
        {
            _connection.Post(new Command(CommandKind.Leave) { Sequence = message.Sequence });
        }

        return DispatchStatus.Done;
    }

    private DispatchStatus Renew(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Protocol.Messages.Renew.TryRead(body, out Renew message);
        if (status != ReadStatus.Ok)
        {
            return Malformed(FrameType.Renew, status);
        }

        if (!Number(FrameType.Renew, message.Sequence))
        {
            return DispatchStatus.Done;
        }

        _pending = new RenewAsk(message.Sequence, message.Credentials.ToArray());
        return DispatchStatus.JoinPending;
    }

    private DispatchStatus Close(ReadOnlySpan<byte> body)
    {
        ReadStatus status = CloseFrame.TryRead(body, out CloseFrame message);
        if (status != ReadStatus.Ok)
        {
            return Malformed(FrameType.Close, status);
        }

        // A client that gives a connection up for dead says so, in case it is not: its session goes on (§5.8).
        CloseCode cause = message.Cause == CloseCode.HeartbeatTimeout ? message.Cause : message.Code;
        return Fail(new CloseReason(CloseCode.Normal, "The client closed.", cause == CloseCode.Normal ? CloseCode.None : cause));
    }

    /// <summary>Checks a numbered message against the one before. §5.7.</summary>
    /// <returns>Whether it is to be applied.</returns>
    private bool Number(FrameType type, ulong sequence)
    {
        if (sequence == _connection.LastSequence + 1)
        {
            _connection.LastSequence = sequence;
            return true;
        }

        if (sequence > _connection.LastSequence)
        {
            Post(new Refusal(type, sequence, CloseCode.BadSequence, "A number was skipped.", _connection.LastSequence + 1, sequence));
        }

        return false;
    }

    private DispatchStatus Check(FrameType type, ReadStatus status) =>
        status == ReadStatus.Ok ? DispatchStatus.Done : Malformed(type, status);

    private DispatchStatus Malformed(FrameType type, ReadStatus status) =>
        Fail(new CloseReason(CloseCode.InvalidPayload, $"The body of a {type} frame is malformed: {status}.", Value: (byte)type));

    private DispatchStatus Fail(CloseReason reason)
    {
        Fault ??= reason;
        return DispatchStatus.Fault;
    }

    private DispatchStatus Post(in Refusal refusal)
    {
        _connection.Post(new Command(CommandKind.Refuse) { Error = refusal });
        return DispatchStatus.Done;
    }

    /// <summary>Refuses something that may come by the thousand: told once a second for each code.</summary>
    private void Refuse(in Refusal refusal, long now)
    {
        if (_connection.Commands.HasRoom && (_throttle ??= new ErrorThrottle()).Allows(refusal.Code, now, ErrorIntervalMicros))
        {
            Post(refusal);
        }
        else
        {
            _stats.RefusedUntold++;
        }
    }
}
