using Relay.Client.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>
/// Reads whole frames and says what they mean: to the handler, to whoever waits for an answer, to the clock. Runs on the receive thread.
/// protocol-spec.md §4.
/// </summary>
internal sealed class Inbound(RelayHandler handler, Outbox outbox, PendingReplies replies, ClockSync clock, LocalClock localClock)
{
    private RoomInfo? _room;
    private long _helloMicros;

    /// <summary>Completed by Welcome, or failed by the end before it.</summary>
    public TaskCompletionSource<SessionInfo> Welcomed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The session, from Welcome on.</summary>
    public SessionInfo? Session { get; private set; }

    /// <summary>The room that the client is in.</summary>
    public RoomInfo? Room => Volatile.Read(ref _room);

    /// <summary>How the server said goodbye, once it has.</summary>
    public CloseInfo? PeerClose { get; private set; }

    public void HelloSent() => _helloMicros = localClock.NowMicros;

    /// <summary>Takes every whole frame out of the buffer.</summary>
    /// <returns><c>null</c> to go on; otherwise why the connection is over.</returns>
    public CloseInfo? Process(FrameBuffer frames)
    {
        while (true)
        {
            int limit = Session?.MaxServerFrameBody ?? 16 * 1024;
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

            if (Session is null && header.Type is not (FrameType.Welcome or FrameType.Close))
            {
                return CloseInfo.Local(CloseCode.ProtocolError, $"The server answered Hello with frame type 0x{(byte)header.Type:X2}.");
            }

            ReadStatus status = Read(header, body);
            if (status != ReadStatus.Ok)
            {
                return CloseInfo.Local(
                    CloseCode.InvalidPayload, $"The server sent a malformed {header.Type}: {status}.", value: (double)header.Type);
            }

            if (PeerClose is not null)
            {
                return PeerClose;
            }
        }
    }

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
            case FrameType.Welcome:
                return ReadWelcome(body);
            case FrameType.Close:
                ReadStatus status = CloseFrame.TryRead(body, out CloseFrame close);
                PeerClose = status == ReadStatus.Ok ? CloseInfo.FromPeer(close) : null;
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
            handler.OnBatch(room, ref batch);
        }

        return status;
    }

    private ReadStatus ReadPresence(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Presence.TryRead(body, out Presence presence);
        if (status == ReadStatus.Ok && _room is { } room)
        {
            handler.OnPresence(room, ref presence);
        }

        return status;
    }

    private ReadStatus ReadEvent(ReadOnlySpan<byte> body)
    {
        ReadStatus status = RoomEvent.TryRead(body, out RoomEvent message);
        if (status == ReadStatus.Ok && _room is { } room)
        {
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
            clock.Add((long)pong.Stamp, pong.ReceivedMicros, pong.SentMicros, localClock.NowMicros);
        }

        return status;
    }

    private ReadStatus ReadJoined(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Joined.TryRead(body, out Joined joined);
        if (status == ReadStatus.Ok)
        {
            var room = new RoomInfo(joined);
            Volatile.Write(ref _room, room);
            handler.OnJoined(room);
            replies.Complete(joined.Sequence, room);
        }

        return status;
    }

    private ReadStatus ReadLeft(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Left.TryRead(body, out Left left);
        if (status == ReadStatus.Ok)
        {
            RoomInfo? room = _room;
            Volatile.Write(ref _room, null);
            if (room is not null)
            {
                handler.OnLeft(room, left.Reason);
            }

            replies.Complete(left.Sequence, room: null);
        }

        return status;
    }

    private ReadStatus ReadError(ReadOnlySpan<byte> body)
    {
        ReadStatus status = ErrorFrame.TryRead(body, out ErrorFrame error);
        if (status == ReadStatus.Ok)
        {
            Refusal refusal = Refusal.From(error);
            if (!replies.Refuse(refusal))
            {
                handler.OnRefused(refusal);
            }
        }

        return status;
    }

    private ReadStatus ReadGoAway(ReadOnlySpan<byte> body)
    {
        ReadStatus status = GoAway.TryRead(body, out GoAway goAway);
        if (status == ReadStatus.Ok)
        {
            handler.OnGoAway(ServerGoodbye.From(goAway));
        }

        return status;
    }

    private ReadStatus ReadWelcome(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Welcome.TryRead(body, out Welcome welcome);
        if (status == ReadStatus.Ok)
        {
            // A first, rough reading of the clock, so that there is one from the beginning.
            clock.Add(_helloMicros, welcome.ServerClockMicros, welcome.ServerClockMicros, localClock.NowMicros);
            Session = new SessionInfo(welcome);
            Welcomed.TrySetResult(Session);
        }

        return status;
    }
}
