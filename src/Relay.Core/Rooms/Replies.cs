using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms;

/// <summary>
/// What a shard says to one connection alone: Joined, Left, Pong, Error, Ping, GoAway, Close. A reply waits in the connection's small
/// buffer and leaves at the end of the wake-up, before anything of a room; a receiver that lets them pile up is closed.
/// </summary>
internal sealed class Replies
{
    private readonly Shard _shard;
    private readonly List<Connection> _waiting = [];

    public Replies(Shard shard) => _shard = shard;

    public void Pong(Connection connection, in Command command)
    {
        if (TryBegin(connection, Protocol.Messages.Pong.FrameSize, out FrameWriter writer))
        {
            new Pong
            {
                Stamp = command.Stamp,
                ReceivedMicros = (ulong)command.ReceivedMicros,
                SentMicros = (ulong)Math.Max(_shard.Now, command.ReceivedMicros),
            }.Write(ref writer);
            End(connection, writer);
        }
    }

    public void Expiring(Connection connection)
    {
        if (TryBegin(connection, Protocol.Messages.Expiring.MaxSize, out FrameWriter writer))
        {
            new Expiring { GraceMillis = (uint)(_shard.Settings.CredentialsGraceMicros / 1000) }.Write(ref writer);
            End(connection, writer);
        }
    }

    public void Ping(Connection connection)
    {
        if (TryBegin(connection, Protocol.Messages.Ping.FrameSize, out FrameWriter writer))
        {
            new Ping { Stamp = (ulong)_shard.Now }.Write(ref writer);
            End(connection, writer);
        }
    }

    public void Refuse(Connection connection, in Refusal refusal)
    {
        _shard.Stats.Refusals++;
        if (connection.Member is { } member)
        {
            member.Room.Stats.Refusals++;
        }

        if (refusal.Sequence != 0 && connection.Owed is { Count: > 0 } owed)
        {
            var fault = new Fault(refusal.Code, refusal.Text, refusal.Limit, refusal.Value);
            owed.Add(new OwedAnswer(this, connection, refusal.Type, refusal.Sequence, 0).Ready(fault));
            return;
        }

        TellRefusal(connection, refusal);
    }

    /// <summary>Answers a message about the room's state: it was done, or why not.</summary>
    public void Answer(Connection connection, FrameType type, ulong sequence, in Fault fault, ulong value)
    {
        if (!fault.IsNone)
        {
            Refuse(connection, new Refusal(type, sequence, fault.Code, fault.Text, fault.Limit, fault.Value));
        }
        else if (connection.Owed is { Count: > 0 } owed)
        {
            owed.Add(new OwedAnswer(this, connection, type, sequence, value).Ready(Fault.None));
        }
        else
        {
            TellDone(connection, sequence, value);
        }
    }

    /// <summary>Answers a message as soon as what it changed is stored, or has not been for too long.</summary>
    public void AnswerWhenStored(Connection connection, FrameType type, ulong sequence, ulong value, RoomKeeper keeper)
    {
        var answer = new OwedAnswer(this, connection, type, sequence, value);
        (connection.Owed ??= new OwedAnswers()).Add(answer);
        keeper.Await(answer);
    }

    /// <summary>Tells a connection what it is owed, as far as that can be told.</summary>
    public void TellOwed(Connection connection)
    {
        if (connection.Owed is not { Count: > 0 } owed)
        {
            return;
        }

        while (owed.TryTake(out OwedAnswer answer))
        {
            if (answer.Fault.IsNone)
            {
                TellDone(connection, answer.Sequence, answer.Value);
            }
            else
            {
                Fault fault = answer.Fault;
                TellRefusal(connection, new Refusal(answer.Type, answer.Sequence, fault.Code, fault.Text, fault.Limit, fault.Value));
            }
        }

        connection.Attend();
    }

    private void TellRefusal(Connection connection, in Refusal refusal)
    {
        if (TryBegin(connection, ErrorFrame.MaxSize, out FrameWriter writer))
        {
            new ErrorFrame
            {
                RefusedType = refusal.Type,
                Sequence = refusal.Sequence,
                Code = refusal.Code,
                Limit = refusal.Limit,
                Value = refusal.Value,
                TextUtf8 = ShortText.Encode(refusal.Text),
            }.Write(ref writer);
            EndAnswer(connection, refusal.Sequence, writer);
        }
    }

    private void TellDone(Connection connection, ulong sequence, ulong value)
    {
        if (TryBegin(connection, Done.MaxSize, out FrameWriter writer))
        {
            new Done { Sequence = sequence, Value = value }.Write(ref writer);
            EndAnswer(connection, sequence, writer);
        }
    }

    public void Joined(Connection connection, Member member, ulong sequence)
    {
        Room room = member.Room;
        if (TryBegin(connection, 512 + room.EncodedRoles.Length, out FrameWriter writer))
        {
            new Joined
            {
                Sequence = sequence,
                RoomUtf8 = room.NameUtf8,
                Epoch = room.Epoch,
                Member = member.Id,
                Slot = (uint)member.Slot,
                Generation = member.Generation,
                Space = room.Space,
                TickMicros = (uint)room.TickMicros,
                AgeUnitMicros = room.AgeUnitMicros,
                Capacity = (uint)room.Options.Capacity,
                MaxObjects = (uint)room.Options.MaxObjectsPerMember,
                MaxValue = (uint)room.Options.MaxAttributeBytes,
                Roles = room.EncodedRoles,
            }.Write(ref writer);
            End(connection, writer);
        }
    }

    public void Left(Connection connection, ulong sequence, CloseCode reason)
    {
        if (TryBegin(connection, 32, out FrameWriter writer))
        {
            new Left { Sequence = sequence, Reason = reason }.Write(ref writer);
            EndAnswer(connection, sequence, writer);
        }
    }

    public void GoAway(Connection connection, DrainPlan plan)
    {
        if (TryBegin(connection, plan.MaxFrameSize, out FrameWriter writer))
        {
            plan.Write(ref writer, _shard.Now);
            End(connection, writer);
        }
    }

    /// <summary>Tells once more what was told before.</summary>
    public void Repeat(Connection connection, ReadOnlySpan<byte> frame)
    {
        if (TryBegin(connection, frame.Length, out FrameWriter writer))
        {
            writer.WriteRaw(frame);
            End(connection, writer);
        }
    }

    /// <summary>Adds the Close frame, the last reply.</summary>
    /// <returns>False when it does not fit.</returns>
    public static bool TryClose(Connection connection, CloseReason reason)
    {
        Span<byte> room = connection.BeginReply(CloseFrame.MaxSize);
        if (room.IsEmpty)
        {
            return false;
        }

        var writer = new FrameWriter(room);
        CloseFrames.Write(ref writer, reason);
        connection.EndReply(writer.Written);
        return true;
    }

    /// <summary>Puts a connection on the list of those that have something to be sent at the end of the wake-up.</summary>
    public void Wait(Connection connection)
    {
        if (!connection.IsOnReplyList)
        {
            connection.IsOnReplyList = true;
            _waiting.Add(connection);
        }
    }

    /// <summary>Sends what waits to everybody who can take it. Members of rooms that were served in this wake-up have nothing
    /// left.</summary>
    public void SendAll()
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            Connection connection = _waiting[i];
            bool isOurs = ReferenceEquals(connection.Shard, _shard) && connection.IndexInShard >= 0 && connection.Closing is null;
            if (isOurs && !connection.Outlet.IsReady)
            {
                continue;
            }

            if (isOurs)
            {
                Send(connection);
            }

            connection.IsOnReplyList = false;
            _waiting[i] = _waiting[^1];
            _waiting.RemoveAt(_waiting.Count - 1);
        }
    }

    private static void Send(Connection connection)
    {
        bool wrote = connection.WriteReplies();
        if (connection.Outlet.OwesControl)
        {
            connection.Outlet.WriteControl();
            wrote = true;
        }

        if (wrote)
        {
            connection.Outlet.Flush();
        }
    }

    private bool TryBegin(Connection connection, int maxSize, out FrameWriter writer)
    {
        Span<byte> room = connection.BeginReply(maxSize);
        writer = new FrameWriter(room);
        if (!room.IsEmpty)
        {
            return true;
        }

        _shard.Close(connection, new CloseReason(
            CloseCode.Timeout, "Replies pile up unread.", CloseCode.SlowReceiver,
            Connection.MaxReplyBytes, connection.ReplyBytes + maxSize));
        return false;
    }

    /// <summary>Ends the answer to a numbered message: it is kept in case it gets lost.</summary>
    private void EndAnswer(Connection connection, ulong sequence, scoped in FrameWriter writer)
    {
        if (sequence != 0 && _shard.Settings.ResumeWindowMicros > 0)
        {
            connection.Past.Answers.Add(sequence, writer.WrittenSpan);
        }

        End(connection, writer);
    }

    private void End(Connection connection, scoped in FrameWriter writer)
    {
        if (connection.IsAway)
        {
            connection.DropReplies();
            return;
        }

        connection.EndReply(writer.Written);
        Wait(connection);
    }
}
