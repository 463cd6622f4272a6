using System.Text;
using Relay.Load.Measure;
using Relay.Load.Wire;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.Recordings.Replay;

/// <summary>A member of a recording in a live room. All of it under the room's lock.</summary>
internal sealed class ReplaySession(ReplayRoom room, CastMember role, SessionWatch? watch) : FrameSink
{
    private readonly Dictionary<ulong, Act> _asked = [];
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = new byte[512];
    private ulong _sequence;
    private bool _isLeaving;

    public CastMember Role => role;

    /// <summary>Set before anything else.</summary>
    public LoadConnection? Connection { get; set; }

    public bool IsJoined { get; private set; }

    /// <summary>Whether it is out of the room for good.</summary>
    public bool IsOver { get; private set; }

    public uint Slot { get; private set; }

    public byte Generation { get; private set; }

    /// <summary>Once it has joined.</summary>
    public Measures? Measures { get; private set; }

    /// <summary>The number of its next message.</summary>
    public ulong NextSequence => _sequence + 1;

    public Task WaitJoinedAsync(CancellationToken cancellationToken) =>
        _joined.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken);

    /// <summary>Completed when the connection has ended.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Room for one frame.</summary>
    /// <param name="size">Its bytes at most.</param>
    public Span<byte> Buffer(int size)
    {
        if (_buffer.Length < size)
        {
            _buffer = new byte[size * 2];
        }

        return _buffer;
    }

    /// <summary>Sends a frame that takes no number.</summary>
    /// <returns>Whether the socket took it.</returns>
    public bool SendMove(ReadOnlySpan<byte> frame) => Connection!.TrySend(frame, keep: false);

    /// <summary>Sends a frame with the next number.</summary>
    /// <returns>The number.</returns>
    public ulong SendNumbered(ReadOnlySpan<byte> frame, Act act)
    {
        _sequence++;
        if (act.Type != FrameType.SendEvent)
        {
            _asked.Add(_sequence, act);
        }

        Connection!.TrySend(frame, keep: true);
        return _sequence;
    }

    /// <summary>Asks to leave the room; the answer says that it was done.</summary>
    /// <returns>The message's number.</returns>
    public ulong SendLeave(Act act)
    {
        var writer = new FrameWriter(Buffer(32));
        new Leave { Sequence = NextSequence }.Write(ref writer);
        _isLeaving = true;
        return SendNumbered(writer.WrittenSpan, act);
    }

    /// <summary>Ends the session.</summary>
    public void SendClose()
    {
        _isLeaving = true;
        End();
        var writer = new FrameWriter(Buffer(CloseFrame.MaxSize));
        new CloseFrame { Code = CloseCode.Normal }.Write(ref writer);
        Connection!.TrySend(writer.WrittenSpan, keep: true);
    }

    /// <summary>It could not connect, or the server ended it.</summary>
    public void Fail(string reason)
    {
        lock (room.Gate)
        {
            if (!_isLeaving && !IsOver)
            {
                room.Lost(this, reason);
            }

            End();
            _joined.TrySetException(new IOException(reason));
            room.Forget(this);
        }
    }

    public override void OnOpen(LoadConnection connection)
    {
        lock (room.Gate)
        {
            var writer = new FrameWriter(Buffer(1024));
            new Hello
            {
                VersionOldest = ProtocolVersion.Oldest,
                VersionNewest = ProtocolVersion.Newest,
                Credentials = Encoding.UTF8.GetBytes(role.Name),
                AgentUtf8 = "relay-replay"u8,
            }.Write(ref writer);
            new Join { Sequence = ++_sequence, RoomUtf8 = Encoding.UTF8.GetBytes(room.Name) }.Write(ref writer);
            connection.TrySend(writer.WrittenSpan, keep: true);
        }
    }

    public override void OnClosed(LoadConnection connection, string reason)
    {
        Fail(reason);
        _closed.TrySetResult();
    }

    public override void OnFrame(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        lock (room.Gate)
        {
            ReadStatus status = header.Type switch
            {
                FrameType.TransformBatch => watch?.OnBatch(body, nowNanos) ?? ReadStatus.Ok,
                FrameType.Presence => OnPresence(body, nowNanos),
                FrameType.Event => OnEvent(nowNanos),
                FrameType.State => OnState(body, nowNanos),
                FrameType.Joined => OnJoined(body, nowNanos),
                FrameType.Done => OnDone(body),
                FrameType.Error => OnError(body),
                FrameType.Left => OnLeft(body),
                FrameType.Ping => OnPing(connection, body, nowNanos),
                FrameType.Close => OnClose(body),
                _ => ReadStatus.Ok,
            };
            if (status != ReadStatus.Ok)
            {
                Fail($"the server sent a malformed {header.Type}: {status}");
            }
        }
    }

    private void End()
    {
        if (!IsOver && IsJoined)
        {
            watch?.OnLeft();
        }

        IsOver = true;
    }

    private ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos)
    {
        watch?.OnReliable(nowNanos);
        return watch?.OnPresence(body) ?? ReadStatus.Ok;
    }

    private ReadStatus OnEvent(long nowNanos)
    {
        watch?.OnReliable(nowNanos);
        return ReadStatus.Ok;
    }

    private ReadStatus OnState(ReadOnlySpan<byte> body, long nowNanos)
    {
        watch?.OnReliable(nowNanos);
        ReadStatus status = State.TryRead(body, out State state);
        while (status == ReadStatus.Ok && state.TryReadEntry(out StateEntry entry))
        {
            if (entry.Kind == StateKind.Object)
            {
                room.Numbers.Told(entry);
                if ((entry.ObjectFlags & ObjectFlags.Placed) != 0)
                {
                    watch?.OnSlot(entry.Slot, 0);
                }
            }
            else if (entry.Kind is StateKind.Attribute or StateKind.AttributeMerged)
            {
                room.Numbers.Versioned(new AttributeName(entry.Target, Encoding.UTF8.GetString(entry.KeyUtf8)), entry.Version);
            }
        }

        return status;
    }

    private ReadStatus OnJoined(ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = Joined.TryRead(body, out Joined joined);
        if (status == ReadStatus.Ok)
        {
            (Slot, Generation) = (joined.Slot, joined.Generation);
            Measures = new Measures(room.Script.File, joined.Space!, Math.Max(1, joined.AgeUnitMicros) * 1000L);
            IsJoined = true;
            room.Numbers.Joined(role.Id, joined.Member);
            room.Answered(this, joined.Sequence);
            watch?.OnJoined(joined.Member, joined.Space!, nowNanos);
            _joined.TrySetResult();
        }

        return status;
    }

    private ReadStatus OnDone(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Done.TryRead(body, out Done done);
        if (status == ReadStatus.Ok && _asked.Remove(done.Sequence, out Act? act))
        {
            room.Numbers.Made(act, (uint)done.Value);
            if (act.Type == FrameType.SetAttribute && done.Value != 0 &&
                SetAttribute.TryRead(act.Body.Span, out SetAttribute said) == ReadStatus.Ok)
            {
                AttributeTarget target = new Mapping(room.Numbers).Target(said.Target);
                room.Numbers.Versioned(new AttributeName(target, Encoding.UTF8.GetString(said.KeyUtf8)), done.Value);
            }

            room.Answered(this, done.Sequence);
        }

        return status;
    }

    private ReadStatus OnError(ReadOnlySpan<byte> body)
    {
        ReadStatus status = ErrorFrame.TryRead(body, out ErrorFrame error);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        room.Counts.AddRefused(error.Code);
        if (_asked.Remove(error.Sequence, out Act? act))
        {
            room.Numbers.Refused(act);
        }

        room.Answered(this, error.Sequence);
        if (error.RefusedType == FrameType.Join)
        {
            Fail($"the server refused it: {Describe(error.Code)} {Encoding.UTF8.GetString(error.TextUtf8)}");
        }

        return status;
    }

    /// <summary>It has left, as it asked, or was taken out, as somebody else asked.</summary>
    private ReadStatus OnLeft(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Left.TryRead(body, out Left left);
        room.Answered(this, left.Sequence);
        SendClose();
        return status;
    }

    private ReadStatus OnPing(LoadConnection connection, ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = Ping.TryRead(body, out Ping ping);
        if (status == ReadStatus.Ok)
        {
            var writer = new FrameWriter(Buffer(Pong.FrameSize));
            new Pong
            {
                Stamp = ping.Stamp,
                ReceivedMicros = (ulong)(nowNanos / 1000),
                SentMicros = (ulong)(Clock.NowNanos / 1000),
            }.Write(ref writer);
            connection.TrySend(writer.WrittenSpan, keep: true);
        }

        return status;
    }

    private ReadStatus OnClose(ReadOnlySpan<byte> body)
    {
        ReadStatus status = CloseFrame.TryRead(body, out CloseFrame close);
        Fail($"the server closed: {Describe(close.Code)} {Encoding.UTF8.GetString(close.TextUtf8)}");
        return status;
    }

    private static string Describe(CloseCode code) => $"{(int)code} {CloseCodes.Name(code)}";
}
