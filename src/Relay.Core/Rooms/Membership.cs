using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms;

/// <summary>
/// Joining, changing and leaving rooms. The shard of the room decides, the shard of the connection waits: a seat is reserved first and
/// only then is the old room left, so a refusal leaves the connection where it is. When the two are the same shard nothing is posted.
/// </summary>
internal sealed class Membership
{
    private readonly Shard _shard;

    public Membership(Shard shard) => _shard = shard;

    /// <summary>On the connection's shard: a join arrived.</summary>
    public void BeginJoin(Connection connection, JoinRequest request)
    {
        if (RefusalFor(connection, request) is { } refusal)
        {
            _shard.Replies.Refuse(connection, refusal);
            return;
        }

        // From here on no command of this connection is handled until the join is decided.
        connection.IsMoving = true;
        Shard target = _shard.ShardOf(request.RoomName);
        if (ReferenceEquals(target, _shard))
        {
            Reserve(connection, request, (room, refusal) => EndJoin(connection, request, room, refusal));
        }
        else
        {
            target.Lane.Push(new SeatRequest(connection, request, _shard));
        }
    }

    /// <summary>On the room's shard: finds or opens the room and takes a seat. May take a while, if something of it is stored.</summary>
    /// <param name="connection">Who wants it.</param>
    /// <param name="request">What they ask for.</param>
    /// <param name="done">Called with the room, or null with the reason.</param>
    public void Reserve(Connection connection, JoinRequest request, Action<Room?, Refusal> done) => Reserve(connection, request, 1, done);

    private void Reserve(Connection connection, JoinRequest request, int number, Action<Room?, Refusal> done)
    {
        if (_shard.IsDraining)
        {
            done(null, new Refusal(request.Type, request.Sequence, CloseCode.GoingAway, "The server is draining."));
            return;
        }

        if (request.Admission == RoomAdmission.Banned)
        {
            done(null, new Refusal(request.Type, request.Sequence, CloseCode.Banned, "Banned from this room."));
            return;
        }

        // Instances that are open and full are passed over; the first other one decides.
        while (number < RoomInstance.Most && _shard.FindRoom(RoomInstance.NameOf(request.RoomName, number)) is { } full &&
            full.Options.Overflow == RoomOverflow.Spill && Check(full, connection, request).Code == CloseCode.RoomFull)
        {
            number++;
        }

        _shard.Openings.Find(RoomInstance.NameOf(request.RoomName, number), request.Options, request.Logic, (room, fault) =>
        {
            fault = room is null ? fault : Check(room, connection, request);
            if (!fault.IsNone)
            {
                EndReserve(connection, request, number, room, fault, done);
            }
            else if (room!.World.Keeper is { } keeper && request.Who.UserId is { } user && keeper.Visitors.MustFetch(user))
            {
                keeper.Visitors.Fetch(user, (visitor, failure) =>
                {
                    request.Visitor = visitor;
                    EndReserve(connection, request, number, room, failure.IsNone ? Check(room, connection, request) : failure, done);
                });
            }
            else
            {
                EndReserve(connection, request, number, room, Fault.None, done);
            }
        });
    }

    private void EndReserve(Connection connection, JoinRequest request, int number, Room? room, Fault fault, Action<Room?, Refusal> done)
    {
        if (fault.IsNone && _shard.IsDraining)
        {
            fault = new Fault(CloseCode.GoingAway, "The server is draining.");
        }

        if (fault.IsNone)
        {
            room!.Reserve();
            done(room, default);
        }
        else if (fault.Code == CloseCode.RoomFull && room!.Options.Overflow == RoomOverflow.Spill && number < RoomInstance.Most)
        {
            Reserve(connection, request, number + 1, done);
        }
        else
        {
            done(null, new Refusal(request.Type, request.Sequence, fault.Code, fault.Text, fault.Limit, fault.Value));
        }
    }

    /// <summary>Whether somebody may have a seat.</summary>
    private static Fault Check(Room room, Connection connection, JoinRequest request)
    {
        int role = room.RoleOf(request);
        if (role < 0)
        {
            return new Fault(CloseCode.Forbidden, $"The room has no role \"{request.Role}\".");
        }

        if (room.IsBanned(request.Who.Subject))
        {
            return new Fault(CloseCode.Banned, "Banned from this room.");
        }

        bool closed = request.Admission == RoomAdmission.Closed;
        if (room.HasNobody)
        {
            // Just opened. Later on the room knows better than what the store said of it a moment ago.
            room.IsClosed = closed;
        }

        if ((closed || room.IsClosed) && (room.Roles[role].Permissions & RoomPermissions.CloseRoom) == 0)
        {
            return new Fault(CloseCode.RoomClosed, "The room is closed.");
        }

        Member? before = room.Options.DoubleLogin == DoubleLogin.Allow ? null : EarlierLogin(room, connection, request);
        if (before is not null && room.Options.DoubleLogin == DoubleLogin.Refuse)
        {
            return new Fault(
                CloseCode.AlreadyPresent, "The same user is in the room over another connection: the member in value.", Value: before.Id);
        }

        return room.HasSeat(before is null ? 0 : 1)
            ? Fault.None
            : new Fault(CloseCode.RoomFull, "The room is full.", room.Options.Capacity, room.Members.Count + room.Reserved);
    }

    /// <summary>The member that the same user is already, over another connection.</summary>
    private static Member? EarlierLogin(Room room, Connection connection, JoinRequest request) => request.Who.UserId is { } user
        ? room.Members.FirstOrDefault(other => other.Receiver.Connection != connection && other.Receiver.Connection.Who.UserId == user)
        : null;

    /// <summary>On the connection's shard: the join is decided.</summary>
    public void EndJoin(Connection connection, JoinRequest request, Room? room, in Refusal refusal)
    {
        Shard target = _shard.ShardOf(request.RoomName);
        if (room is null || connection.IsOver)
        {
            connection.IsMoving = false;
            if (room is not null)
            {
                Cancel(target, room);
            }
            else if (!connection.IsOver)
            {
                _shard.Replies.Refuse(connection, refusal);
            }

            connection.Attend();
            return;
        }

        LeaveRoom(connection, CloseCode.Normal);
        if (ReferenceEquals(target, _shard))
        {
            Enter(connection, request, room);
        }
        else
        {
            _shard.Detach(connection);
            connection.Shard = target;
            target.Lane.Push(new Move(connection, request, room));
        }
    }

    /// <summary>On the room's shard, which owns the connection by now: takes the reserved seat.</summary>
    public void Enter(Connection connection, JoinRequest request, Room room)
    {
        // The seat is reserved, so the room outlives whoever makes room in it.
        while (room.Options.DoubleLogin == DoubleLogin.NewestWins && EarlierLogin(room, connection, request) is { } before)
        {
            Connection old = before.Receiver.Connection;
            _shard.Close(old, new CloseReason(CloseCode.Replaced, "The same user came in over another connection."));
            LeaveRoom(old, CloseCode.Replaced);
        }

        Member member = room.Enter(connection, request);
        connection.Member = member;
        room.World.Keeper?.Visitors.PutBack(member, request.Visitor, _shard.Now);
        RenewSeat(member);
        connection.IsMoving = false;
        _shard.Stats.Members++;
        _shard.Replies.Joined(connection, member, request.Sequence);
        room.Logic?.Joined(member);
        _shard.Settings.Watch?.Joined(member);
        connection.Attend();
    }

    /// <summary>What a member may do with its slot has changed.</summary>
    public void RenewSeat(Member member)
    {
        Room room = member.Room;
        Fault fault = Permissions.Check(member, Deed.MoveAvatar);
        member.Receiver.Connection.Seat = new Seat(room.Space, member.Slot, member.Generation, room.AgeUnitMicros, fault.Code);
    }

    /// <summary>A Leave arrived.</summary>
    public void Leave(Connection connection, ulong sequence)
    {
        if (connection.Member is null)
        {
            _shard.Replies.Refuse(connection, new Refusal(FrameType.Leave, sequence, CloseCode.NotInRoom, "Not in a room."));
            return;
        }

        LeaveRoom(connection, CloseCode.Normal);
        _shard.Replies.Left(connection, sequence, CloseCode.Normal);
    }

    /// <summary>Takes a connection out of its room, if it is in one.</summary>
    public void LeaveRoom(Connection connection, CloseCode reason)
    {
        if (connection.Member is not { } member)
        {
            return;
        }

        connection.Member = null;
        connection.Seat = null;
        member.Room.Logic?.Leaving(member, reason);
        member.Room.Leave(member, reason);
        _shard.Settings.Watch?.Left(member, reason);
        _shard.Stats.Members--;
        _shard.CloseIfEmpty(member.Room);
    }

    /// <summary>An event arrived.</summary>
    public void SendEvent(Connection connection, in Command command)
    {
        Fault fault = connection.Member is { } sender ? MaySend(sender, command) : new Fault(CloseCode.NotInRoom, "Not in a room.");
        if (fault.IsNone)
        {
            connection.Member!.Room.Recorder?.In(_shard.Now, connection.Member.Id, command);
            connection.Member.Room.PublishEvent(connection.Member, command);
        }

        command.Payload!.Release();
        if (!fault.IsNone)
        {
            _shard.Replies.Answer(connection, FrameType.SendEvent, command.Sequence, fault, 0);
        }
    }

    /// <summary>Whether a member may send an event.</summary>
    public static Fault MaySend(Member sender, in Command command)
    {
        Fault fault = Permissions.Check(sender, Signals.DeedOf(command.EventKind));
        if (!fault.IsNone)
        {
            return fault;
        }

        if ((sender.Standing & MemberStanding.Muted) != 0)
        {
            return new Fault(CloseCode.Muted, "The sender is muted.");
        }

        return command.Audience switch
        {
            EventAudience.Member when sender.Room.Find(command.Member) is null =>
                Fault.NotFound("No such member in the room.", command.Member),
            EventAudience.Member when command.Member == sender.Id && command.EventKind == (uint)SignalKind.HighFive =>
                new Fault(CloseCode.BadValue, "A high five takes two.", Value: command.Member),
            EventAudience.Nearby when !RoomEventAudience.HasPlace(sender.Room, sender) =>
                new Fault(CloseCode.BadValue, "The sender has not said where it is."),
            _ => Fault.None,
        };
    }

    private Refusal? RefusalFor(Connection connection, JoinRequest request)
    {
        if (_shard.IsDraining)
        {
            return new Refusal(request.Type, request.Sequence, CloseCode.GoingAway, "The server is draining.");
        }

        return (request.IsChange, connection.Member) switch
        {
            (false, not null) => new Refusal(request.Type, request.Sequence, CloseCode.AlreadyInRoom, "Already in a room; use ChangeRoom."),
            (true, null) => new Refusal(request.Type, request.Sequence, CloseCode.NotInRoom, "Not in a room; use Join."),
            _ => null,
        };
    }

    private void Cancel(Shard target, Room room)
    {
        if (ReferenceEquals(target, _shard))
        {
            room.Unreserve();
            _shard.CloseIfEmpty(room);
        }
        else
        {
            target.Lane.Push(new SeatCancelled(room));
        }
    }

    /// <summary>To the room's shard: is there a seat?</summary>
    private sealed class SeatRequest(Connection connection, JoinRequest request, Shard origin) : ShardMessage
    {
        public override void Handle(Shard shard)
        {
            shard.Membership.Reserve(
                connection, request, (room, refusal) => origin.Lane.Push(new SeatAnswer(connection, request, room, refusal)));
        }
    }

    /// <summary>Back to the connection's shard: there is, or why not.</summary>
    private sealed class SeatAnswer(Connection connection, JoinRequest request, Room? room, Refusal refusal) : ShardMessage
    {
        public override void Handle(Shard shard) => shard.Membership.EndJoin(connection, request, room, refusal);
    }

    /// <summary>To the room's shard: the connection is yours now.</summary>
    private sealed class Move(Connection connection, JoinRequest request, Room room) : ShardMessage
    {
        public override void Handle(Shard shard)
        {
            shard.Add(connection);
            shard.Membership.Enter(connection, request, room);
        }
    }

    /// <summary>To the room's shard: the seat is not wanted any more.</summary>
    private sealed class SeatCancelled(Room room) : ShardMessage
    {
        public override void Handle(Shard shard)
        {
            room.Unreserve();
            shard.CloseIfEmpty(room);
        }
    }
}
