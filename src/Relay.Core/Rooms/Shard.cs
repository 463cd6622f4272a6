using Relay.Core.Rooms.Stores;
using Relay.Protocol.Buffers;

namespace Relay.Core.Rooms;

/// <summary>
/// Some rooms, their members' connections, and the one thread that touches them. <see cref="Step"/> is the whole loop: fetch what
/// arrived, tick, send. It goes by no clock of its own (it reads one only to measure its rooms) and blocks on nothing, so tests and
/// simulations drive it on virtual time.
/// </summary>
/// <remarks>Only <see cref="Lane"/> may be used from other threads.</remarks>
internal sealed class Shard
{
    private const long SweepMicros = 250_000;

    private readonly SharedBufferPool _pool;
    private readonly ServerCounts _counts;
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly List<Room> _roomList = [];
    private readonly List<Connection> _connections = [];
    private readonly RoomClock _clock = new();
    private long _nextSweep;
    private bool _isOver;

    /// <summary>Makes a shard.</summary>
    /// <param name="settings">Its times and limits.</param>
    /// <param name="pool">Where its buffers come from; shared with other shards.</param>
    /// <param name="counts">The server's counts; shared with other shards.</param>
    /// <param name="shardOf">Which shard a room belongs to; null: this one has them all.</param>
    public Shard(ShardSettings settings, SharedBufferPool pool, ServerCounts? counts = null, Func<string, Shard>? shardOf = null)
    {
        Settings = settings;
        _pool = pool;
        _counts = counts ?? new ServerCounts();
        ShardOf = shardOf ?? (_ => this);
        Replies = new Replies(this);
        Openings = new Openings(this);
        Membership = new Membership(this);
        StateDesk = new StateDesk(this);
        Moderation = new Moderation(this, settings.Store);
        LogicDesk = new LogicDesk(this);
        Upkeep = new Upkeep(this, _connections);
        SaveDesk = new SaveDesk(this);
        Resumption = new Resumption(this, _connections, _counts.Suspended);
    }

    /// <summary>The way in, for other threads.</summary>
    public ShardLane Lane { get; } = new();

    /// <summary>What it has done.</summary>
    public ShardStats Stats { get; } = new();

    /// <summary>How long its rooms' ticks took. The shard's thread alone touches it.</summary>
    public TickTimes Times { get; } = new();

    public ShardSettings Settings { get; }

    public Func<string, Shard> ShardOf { get; }

    public Replies Replies { get; }

    public Openings Openings { get; }

    public Membership Membership { get; }

    public StateDesk StateDesk { get; }

    public Moderation Moderation { get; }

    public LogicDesk LogicDesk { get; }

    public Upkeep Upkeep { get; }

    public SaveDesk SaveDesk { get; }

    public Resumption Resumption { get; }

    /// <summary>The clock of the step under way, in microseconds.</summary>
    public long Now => _clock.Now;

    /// <summary>Whether the last step found anything to do; a shard that did not may sleep until there is input.</summary>
    public bool WasBusy { get; private set; }

    /// <summary>Whether some room has a tick to wake for.</summary>
    public bool HasTicks { get; private set; }

    public bool IsDraining => Upkeep.IsDraining;

    /// <summary>Whether its thread has ended: what is posted now nobody handles. Any thread.</summary>
    public bool IsOver
    {
        get => Volatile.Read(ref _isOver);
        private set => Volatile.Write(ref _isOver, value);
    }

    /// <summary>Its connections, in no order.</summary>
    public IReadOnlyList<Connection> Connections => _connections;

    /// <summary>Its rooms, in no order.</summary>
    public IReadOnlyList<Room> Rooms => _roomList;

    /// <summary>Looks a room up.</summary>
    public Room? FindRoom(string name) => _rooms.GetValueOrDefault(name);

    /// <summary>The instances of a room that are open: it and those that it spilled over into.</summary>
    public Room[] InstancesOf(string name) => [.. _roomList.Where(room => RoomInstance.BaseOf(room.Name) == name)];

    /// <summary>Fetches what arrived, sends what is due.</summary>
    /// <param name="now">The server's clock in microseconds; never less than before.</param>
    /// <returns>When to call again at the latest, in the same clock: the next tick while there is traffic, else the next check of
    /// time-outs; <see cref="long.MaxValue"/> if only input can give it work.</returns>
    public long Step(long now)
    {
        _clock.Now = now;
        WasBusy = false;

        // A connection's Arrival is pushed before its first attention, so it is among the messages once the connection is on the list.
        Connection? connections = Lane.TakeConnections();
        HandleMessages();
        HandleInputs(connections);
        if (now >= _nextSweep)
        {
            Upkeep.Sweep();
            EndOverdueLocks();
            SaveDesk.Sweep();
            _nextSweep = now + SweepMicros;
        }

        long next = SendWhatIsDue();
        Replies.SendAll();
        SaveDesk.Run();
        return Math.Min(next, _connections.Count > 0 || IsDraining || SaveDesk.NeedsSweep ? _nextSweep : long.MaxValue);
    }

    /// <summary>Takes a connection over. Other threads push an <see cref="Arrival"/>.</summary>
    public void Add(Connection connection)
    {
        if (connection.IndexInShard >= 0)
        {
            // A session that was here all the time: only its connection is new.
            connection.Outlet.Entered(this);
            Replies.Wait(connection);
            connection.Attend();
            return;
        }

        connection.IndexInShard = _connections.Count;
        _connections.Add(connection);
        Stats.Connections = _connections.Count;
        if (connection.ReplyBytes > 0)
        {
            Replies.Wait(connection);
        }

        if (connection.IsAway)
        {
            Resumption.Add(connection);
        }
        else
        {
            Upkeep.Arrived(connection);
        }

        connection.Outlet.Entered(this);
        connection.Attend();
        if (_counts.Expulsions.Find(connection) is { } reason)
        {
            // It was on its way when everybody was looked over.
            Expel(connection, reason);
        }
    }

    /// <summary>Has the next step look over the connections, whenever the last time was.</summary>
    public void SweepSoon() => _nextSweep = Now;

    /// <summary>Takes a connection off the list: it has ended, or another shard has it.</summary>
    public void Detach(Connection connection)
    {
        int index = connection.IndexInShard;
        _connections[index] = _connections[^1];
        _connections[index].IndexInShard = index;
        _connections.RemoveAt(_connections.Count - 1);
        connection.IndexInShard = -1;
        connection.Owed?.Clear();
        connection.Outlet.Left();
        if (connection.IsAway)
        {
            Resumption.Remove(connection);
        }

        Stats.Connections = _connections.Count;
    }

    /// <summary>Counts a room that is to be opened, unless the server has as many as it may.</summary>
    public bool TryCountRoom() => _counts.Rooms.TryAdd(Settings.MaxRooms);

    /// <summary>A room that was counted is not opened.</summary>
    public void UncountRoom() => _counts.Rooms.Remove();

    /// <summary>Makes a room that nobody knows yet. Any thread.</summary>
    public Room MakeRoom(string name, RoomOptions options) => new(name, options, _pool, Stats, _clock);

    /// <summary>Opens a room that has been made and counted.</summary>
    /// <param name="room">The room.</param>
    /// <param name="logic">The logic that it gets.</param>
    /// <param name="isDetached">Whether it could not be fetched, so that nothing of it may be stored.</param>
    public void OpenRoom(Room room, OpenLogic? logic, bool isDetached = false)
    {
        room.IndexInShard = _roomList.Count;
        _roomList.Add(room);
        _rooms.Add(room.Name, room);
        Stats.Rooms = _roomList.Count;
        if (Settings.Saver is { } saver)
        {
            room.World.Keeper = new RoomKeeper(this, room, saver, isDetached);
        }

        if (!room.Options.Info.IsEmpty)
        {
            RoomFacts.Tell(room);
        }

        room.Logic = logic?.Invoke(this, room);
        Settings.Watch?.Opened(room);
    }

    /// <summary>Closes a room that nobody is in and nobody is about to enter, as soon as all of it is stored.</summary>
    public void CloseIfEmpty(Room room)
    {
        if (!room.IsEmpty || room.IndexInShard < 0 || room.World.Keeper?.TryFinish() == false)
        {
            return;
        }

        int index = room.IndexInShard;
        _roomList[index] = _roomList[^1];
        _roomList[index].IndexInShard = index;
        _roomList.RemoveAt(_roomList.Count - 1);
        room.IndexInShard = -1;
        _rooms.Remove(room.Name);
        _counts.Rooms.Remove();
        Stats.Rooms = _roomList.Count;
        room.Logic?.Ended();
        Settings.Watch?.Closed(room);
        room.Dispose();
    }

    /// <summary>Closes a connection for a reason: the first one wins. It leaves its room at once; the rest follows when the road says
    /// that it is gone.</summary>
    public void Close(Connection connection, CloseReason reason)
    {
        if (!connection.TryBeginClosing(reason, Now))
        {
            return;
        }

        if (reason.EndsSession || Settings.ResumeWindowMicros == 0)
        {
            Membership.LeaveRoom(connection, reason.Code);
            GiveUp(connection);
        }

        if (connection.IsAway)
        {
            End(connection);
        }
        else if (connection.Outlet.IsReady && Replies.TryClose(connection, reason))
        {
            connection.WriteReplies();
            connection.Outlet.Close(reason);
        }
        else
        {
            // Its last write has not gone: a Close frame would wait behind it for ever.
            connection.Outlet.Abort(reason);
        }
    }

    /// <summary>Ends a session's connection at once; the session stays.</summary>
    public void CutOff(Connection connection, CloseReason reason)
    {
        connection.TryBeginClosing(reason, Now);
        connection.Outlet.Abort(reason);
    }

    /// <summary>Ends a session that has no connection.</summary>
    public void EndAway(Connection connection)
    {
        connection.TryBeginClosing(CloseReason.Abnormal, Now);
        Membership.LeaveRoom(connection, connection.Closing!.Code);
        End(connection);
    }

    /// <summary>Lets go of a room that was held open (<see cref="Room.Holds"/>).</summary>
    public void Release(Room room)
    {
        room.Holds--;
        CloseIfEmpty(room);
    }

    /// <summary>Ends a session, even if its connection is being closed and the session was to outlast it.</summary>
    /// <returns>False if it was over already.</returns>
    public bool Expel(Connection connection, CloseReason reason)
    {
        if (connection.IsOver)
        {
            return false;
        }

        if (connection.Closing is null)
        {
            Close(connection, reason);
        }
        else
        {
            connection.EndSession(reason);
            Membership.LeaveRoom(connection, reason.Code);
            GiveUp(connection);
        }

        return true;
    }

    /// <summary>Ends what waits for an answer that will not come. After the shard's thread has ended.</summary>
    public void Abandon()
    {
        IsOver = true;
        Openings.Abandon();
        foreach (Room room in _roomList)
        {
            room.World.Keeper?.GiveUp();
            room.Logic?.Ended();
        }

        for (ShardMessage? message = Lane.TakeMessages(); message is not null; message = message.Next)
        {
            message.Abandon();
        }
    }

    /// <summary>Nothing that a connection waits for will be told.</summary>
    private static void GiveUp(Connection connection)
    {
        connection.Owed?.Clear();
        LogicDesk.GiveUp(connection);
    }

    private void End(Connection connection)
    {
        Resumption.End(connection);
        Detach(connection);
        while (connection.Commands.TryRead(out Command late))
        {
            late.Payload?.Release();
        }
    }

    private void HandleMessages()
    {
        for (ShardMessage? message = Lane.TakeMessages(); message is not null;)
        {
            ShardMessage? next = message.Next;
            message.Next = null;
            message.Handle(this);
            message = next;
            WasBusy = true;
        }
    }

    private void HandleInputs(Connection? connection)
    {
        while (connection is not null)
        {
            Connection? next = connection.Next;
            connection.Next = null;
            if (ReferenceEquals(connection.Shard, this))
            {
                connection.TakenFromLane();
                HandleInput(connection);
                WasBusy = true;
            }
            else
            {
                // It has moved since it was put here.
                connection.Shard.Lane.Push(connection);
            }

            connection = next;
        }
    }

    private void HandleInput(Connection connection)
    {
        if (connection.Member is { } member && connection.Seat is { } seat)
        {
            connection.Transforms.Deliver(seat, member.Room, member.Id, Now);
            if (connection.Objects is not null)
            {
                StateDesk.MoveObjects(connection, member, seat);
            }
        }

        int handled = 0;
        while (connection.MayHandleNext && handled < CommandQueue.Capacity && connection.Commands.TryRead(out Command command))
        {
            handled++;
            Handle(connection, command);
        }

        if (handled > 0)
        {
            connection.TellRoomInQueue();
            if (connection.MayHandleNext && !connection.Commands.IsEmpty)
            {
                connection.Attend();
            }
        }

        if (connection.Member is { } present && connection.Outlet.IsReady)
        {
            // Perhaps its outlet has become ready again; then it is told what it missed.
            Room room = present.Room;
            room.HasLaggards |= present.Receiver.Cursor != room.Slots.Version;
            room.ReliableDue |= present.Receiver.NeedsSnapshot || present.Receiver.Position != room.Ring.Head;
        }

        if (connection.Outlet.OwesControl)
        {
            Replies.Wait(connection);
        }

        if (connection.Returning is not null)
        {
            Resumption.TryGrant(connection);
        }
    }

    private void Handle(Connection connection, in Command command)
    {
        if (command.Kind == CommandKind.Gone)
        {
            Remove(connection, command.Close ?? CloseReason.Abnormal);
            return;
        }

        if (connection.IsOver)
        {
            command.Payload?.Release();
            return;
        }

        switch (command.Kind)
        {
            case CommandKind.Join:
                Membership.BeginJoin(connection, command.Join!);
                break;
            case CommandKind.Leave:
                Membership.Leave(connection, command.Sequence);
                break;
            case CommandKind.SendEvent or CommandKind.State when LogicDesk.TryAsk(connection, command):
                break;
            case CommandKind.SendEvent:
                Membership.SendEvent(connection, command);
                break;
            case CommandKind.State:
                StateDesk.Handle(connection, command);
                break;
            case CommandKind.Manage:
                Moderation.Handle(connection, command);
                break;
            case CommandKind.Renew:
                connection.ExpireAt(command.ReceivedMicros);
                Replies.Answer(connection, Protocol.Frames.FrameType.Renew, command.Sequence, default, 0);
                break;
            case CommandKind.Pong:
                Replies.Pong(connection, command);
                break;
            case CommandKind.Refuse:
                Replies.Refuse(connection, command.Error);
                break;
            case CommandKind.Close:
                Close(connection, command.Close!);
                break;
        }
    }

    private void Remove(Connection connection, CloseReason reason)
    {
        if (!(connection.Closing ?? reason).EndsSession && Resumption.TrySuspend(connection))
        {
            return;
        }

        connection.TryBeginClosing(reason, Now);
        Resumption.RefuseReturn(connection);
        Membership.LeaveRoom(connection, reason.Code);
        connection.DropReplies();
        Detach(connection);
        while (connection.Commands.TryRead(out Command late))
        {
            late.Payload?.Release();
        }

        connection.TellRoomInQueue();
        connection.Outlet.Released();
    }

    private long SendWhatIsDue()
    {
        long next = long.MaxValue;
        HasTicks = false;
        for (int i = 0; i < _roomList.Count; i++)
        {
            Room room = _roomList[i];
            bool tick = room.NeedsTick && Now >= room.NextTick;
            if (tick)
            {
                Schedule(room);
            }

            if (tick || room.ReliableDue)
            {
                long begun = Settings.Time.GetTimestamp();
                room.Send(Now, tick);
                TimeSpan took = Settings.Time.GetElapsedTime(begun);
                room.Stats.Times.Add(took);
                Times.Add(took);
                WasBusy = true;
            }

            if (room.Logic is { } logic)
            {
                next = Math.Min(next, TickLogic(logic));
            }

            room.WasWaiting = room.NeedsTick;
            if (room.TickMicros == 0)
            {
                // A laggard of a room without a tick is served when its outlet becomes ready, or at the next sweep at the latest.
                next = Math.Min(next, room.WasWaiting ? _nextSweep : long.MaxValue);
            }
            else
            {
                HasTicks = true;
                if (room.WasWaiting || WasBusy)
                {
                    next = Math.Min(next, room.NextTick > Now ? room.NextTick : GridAfter(Now, room.TickMicros));
                }
            }
        }

        return next;
    }

    private long TickLogic(IRoomLogic logic)
    {
        if (Now >= logic.NextTick)
        {
            logic.Tick(Now);
        }

        return logic.NextTick;
    }

    private void EndOverdueLocks()
    {
        foreach (Room room in _roomList)
        {
            room.World.EndOverdueLocks(Now);
        }
    }

    private static long GridAfter(long now, long interval) => ((now / interval) + 1) * interval;

    /// <summary>Puts the next tick on the grid of whole intervals, so that rooms of one rate tick together. Ticks that were missed are
    /// not made up for: the next batch holds it all.</summary>
    private void Schedule(Room room)
    {
        Stats.Ticks++;
        if (room.TickMicros == 0)
        {
            return;
        }

        // Due when it was announced; a room that had been quiet was not waiting for anything.
        if (room.WasWaiting && Now - room.NextTick > room.TickMicros)
        {
            Stats.LateTicks++;
            room.Stats.LateTicks++;
        }

        room.NextTick = GridAfter(Now, room.TickMicros);
    }
}
