using Relay.Core.Rooms;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Rooms;

/// <summary>What members of a room see of each other, on virtual time.</summary>
public sealed class RoomTests
{
    private readonly Simulation _simulation = new();

    [Fact]
    public void Join_first_answersJoinedThenSnapshotWithOneself()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");

        Assert.NotNull(ann.Seat);
        Assert.Equal(["here ann"], ann.PresenceLog);
        Assert.Equal(ann.Seat.Slot, ann.Members[ann.Seat.Member].Slot);
    }

    [Fact]
    public void Join_second_isToldToTheFirstOnceAndSeesBoth()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        SimulatedClient bob = _simulation.ConnectAndJoin("bob");

        Assert.Equal(["here ann", "joined bob"], ann.PresenceLog);
        Assert.Equal(["here ann", "here bob"], bob.PresenceLog.Order());
    }

    [Fact]
    public void Transform_moved_reachesOthersAtTheNextTickOnly()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        int before = bob.Batches;

        ann.Move(100, _simulation.Now);
        _simulation.Run(60);

        Assert.Equal(before + 1, bob.Batches);
        Assert.Equal(100u, XOf(bob, ann));
    }

    [Fact]
    public void Transform_movedTwiceInATick_arrivesOnceWithTheNewest()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        int before = bob.Batches;

        ann.Move(100, _simulation.Now);
        ann.Move(200, _simulation.Now);
        _simulation.Run(60);

        Assert.Equal(before + 1, bob.Batches);
        Assert.Equal(200u, XOf(bob, ann));
    }

    [Fact]
    public void Transform_unchanged_isNotSentAgain()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        ann.Move(100, _simulation.Now);
        _simulation.Run(60);
        int before = bob.Batches;

        ann.Move(100, _simulation.Now);
        _simulation.Run(200);

        Assert.Equal(before, bob.Batches);
    }

    [Fact]
    public void Transform_inARoomWithTickZero_leavesInTheSameWakeUp()
    {
        var immediate = new RoomOptions { TickRate = 0 };
        SimulatedClient ann = _simulation.ConnectAndJoin("ann", "now", immediate);
        SimulatedClient bob = _simulation.ConnectAndJoin("bob", "now", immediate);

        ann.Move(100, _simulation.Now);
        _simulation.Wake();

        Assert.Equal(100u, XOf(bob, ann));
    }

    [Fact]
    public void Transform_jumpOverwrittenBeforeItWasFetched_isStillToldAsAJump()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();

        ann.Move(100, _simulation.Now, TransformFlags.Discontinuity);
        ann.Move(101, _simulation.Now);
        _simulation.Run(60);

        Assert.Equal([ann.Seat!.Slot], bob.Jumps);
    }

    [Fact]
    public void Transform_jumpMissedByAStalledReceiver_isToldWhenItResumes()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        ann.Move(1, _simulation.Now);
        bob.Outlet.IsStalled = true;
        _simulation.Run(60);

        ann.Move(2000, _simulation.Now, TransformFlags.Discontinuity);
        _simulation.Run(60);
        ann.Move(2001, _simulation.Now);
        _simulation.Run(60);
        bob.Outlet.Resume();
        Assert.Empty(bob.Jumps);
        _simulation.Run(60);

        Assert.Equal([ann.Seat!.Slot], bob.Jumps);
        Assert.Equal(2001u, XOf(bob, ann));
    }

    [Fact]
    public void Receiver_stalled_getsOneNewestBatchAndNoQueue()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        ann.Move(1, _simulation.Now);
        bob.Outlet.IsStalled = true;
        _simulation.Run(60);
        int held = bob.Outlet.Held;
        int before = bob.Batches;

        for (uint x = 2; x <= 100; x++)
        {
            ann.Move(x, _simulation.Now);
            _simulation.Run(50);
        }

        Assert.Equal(held, bob.Outlet.Held);
        bob.Outlet.Resume();
        _simulation.Run(60);
        Assert.Equal(before + 2, bob.Batches);
        Assert.Equal(100u, XOf(bob, ann));
    }

    [Fact]
    public void Slot_takenOver_isToldByPresenceBeforeTheNewValue()
    {
        SimulatedClient watcher = _simulation.ConnectAndJoin("watcher");
        SimulatedClient old = _simulation.ConnectAndJoin("old");
        old.Move(1, _simulation.Now);
        _simulation.Run(60);
        watcher.Outlet.IsStalled = true;
        watcher.Connection.Post(new Command(CommandKind.Pong));
        _simulation.Run(20);

        uint slot = old.Seat!.Slot;
        byte generation = old.Seat.Generation;
        old.Leave();
        _simulation.Run(60);
        SimulatedClient next = _simulation.ConnectAndJoin("next");
        next.Move(2, _simulation.Now);
        _simulation.Run(60);
        watcher.Outlet.Resume();
        _simulation.Run(60);

        Assert.Equal(slot, next.Seat!.Slot);
        Assert.NotEqual(generation, next.Seat.Generation);
        Assert.Equal(["here watcher", "joined old", "left old", "joined next"], watcher.PresenceLog);
        Assert.Equal(2u, XOf(watcher, next));
    }

    [Fact]
    public void Transform_forAnEarlierSeat_isDropped()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        Seat earlier = ann.Connection.Seat!;
        ann.Leave();
        _simulation.Run(20);
        ann.Join("plaza");
        _simulation.Run(20);

        ann.Connection.Transforms.Put(earlier.Space.Pack(7, 7, 7, 0), default, earlier, _simulation.Now);
        ann.Connection.Attend();
        _simulation.Run(60);

        Assert.DoesNotContain(ann.Seat!.Slot, bob.Values.Keys);
    }

    [Fact]
    public void Leave_withAValue_isARemovalForOthers()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        uint slot = ann.Seat!.Slot;
        ann.Move(5, _simulation.Now);
        _simulation.Run(60);
        Assert.Contains(slot, bob.Values.Keys);

        ann.Leave();
        _simulation.Run(60);

        Assert.Equal(CloseCode.Normal, ann.Left);
        Assert.DoesNotContain(slot, bob.Values.Keys);
        Assert.Equal("left ann", bob.PresenceLog[^1]);
    }

    [Fact]
    public void Join_withTheCursorOfAnEarlierStay_getsOnlyWhatChangedSince()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        SimulatedClient cid = _simulation.ConnectAndJoin("cid");
        ann.Move(1, _simulation.Now);
        cid.Move(2, _simulation.Now);
        _simulation.Run(60);
        (ulong epoch, ulong cursor) = (bob.Seat!.Epoch, bob.Cursor);
        bob.Vanish();
        _simulation.Run(60);
        cid.Move(3, _simulation.Now);
        _simulation.Run(60);

        SimulatedClient again = _simulation.Connect("bob");
        again.Join("plaza", epoch: epoch, cursor: cursor);
        _simulation.Run(60);

        Assert.Equal(0, again.Resets);
        Assert.Equal([cid.Seat!.Slot], again.Values.Keys);
    }

    [Theory]
    [InlineData(1, 0UL)]
    [InlineData(0, 1_000_000UL)]
    public void Join_withAnotherEpochOrACursorOfTheFuture_getsTheFullSet(int epochError, ulong cursorError)
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        ann.Move(1, _simulation.Now);
        _simulation.Run(60);

        SimulatedClient again = _simulation.Connect("cid");
        again.Join("plaza", epoch: bob.Seat!.Epoch + (ulong)epochError, cursor: bob.Cursor + cursorError);
        _simulation.Run(60);

        Assert.Equal(1, again.Resets);
        Assert.Equal([ann.Seat!.Slot], again.Values.Keys);
    }

    [Fact]
    public void Event_toOthersEveryoneAndOne_reachesExactlyThem()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        SimulatedClient cid = _simulation.ConnectAndJoin("cid");

        ann.Send("others", _simulation.Pool);
        ann.Send("everyone", _simulation.Pool, EventAudience.Everyone);
        ann.Send("bob", _simulation.Pool, EventAudience.Member, bob.Seat!.Member);
        ann.Send("self", _simulation.Pool, EventAudience.Member, ann.Seat!.Member);
        _simulation.Wake();

        Assert.Equal(["everyone", "self"], ann.Events);
        Assert.Equal(["others", "everyone", "bob"], bob.Events);
        Assert.Equal(["others", "everyone"], cid.Events);
    }

    [Fact]
    public void Event_sentInTheWakeUpOfAJoin_reachesTheNewcomerAfterItsSnapshot()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        SimulatedClient bob = _simulation.Connect("bob");
        _simulation.Wake();

        bob.Join("plaza");
        ann.Send("hello", _simulation.Pool);
        _simulation.Wake();

        Assert.Equal(["hello"], bob.Events);
        Assert.Equal(1, bob.Snapshots);
    }

    [Fact]
    public void Event_toAStalledReceiver_arrivesOnceInOrderAfterResume()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        bob.Outlet.IsStalled = true;
        for (int i = 0; i < 100; i++)
        {
            ann.Send($"e{i}", _simulation.Pool, i % 3 == 0 ? EventAudience.Member : EventAudience.Others, bob.Seat!.Member);
            _simulation.Run(10);
        }

        bob.Outlet.Resume();
        _simulation.Run(100);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"e{i}"), bob.Events);
    }

    [Fact]
    public void Backlog_longerThanOneTransmission_arrivesWholeBeforeTheBatchThatPresupposesIt()
    {
        (SimulatedClient ann, SimulatedClient bob) = Two();
        ann.Move(1, _simulation.Now);
        bob.Outlet.IsStalled = true;
        _simulation.Run(60);
        string large = new('x', 8000);
        for (int i = 0; i < 25; i++)
        {
            ann.Send(large + i, _simulation.Pool);
            ann.Move((uint)(2 + i), _simulation.Now);
            _simulation.Run(50);
        }

        int batches = bob.Batches;
        bob.Outlet.Resume();
        bob.Connection.Attend();
        _simulation.Wake();
        Assert.InRange(bob.Events.Count, 1, 24);
        Assert.Equal(batches + 1, bob.Batches);
        _simulation.Run(500);

        Assert.Equal(Enumerable.Range(0, 25).Select(i => large + i), bob.Events);
        Assert.Equal(26u, XOf(bob, ann));
    }

    [Fact]
    public void Receiver_overtakenByTheRing_isToldByASnapshot()
    {
        var small = new RoomOptions { ReliableRingMessages = 16 };
        SimulatedClient ann = _simulation.ConnectAndJoin("ann", "small", small);
        SimulatedClient bob = _simulation.ConnectAndJoin("bob", "small", small);
        bob.Outlet.IsStalled = true;
        for (int i = 0; i < 100; i++)
        {
            ann.Send($"e{i}", _simulation.Pool);
            _simulation.Run(10);
        }

        int snapshots = bob.Snapshots;
        bob.Outlet.Resume();
        _simulation.Run(100);
        ann.Send("after", _simulation.Pool);
        _simulation.Run(20);

        Assert.Equal(snapshots + 1, bob.Snapshots);
        Assert.Equal("after", bob.Events[^1]);
        Assert.Equal(2, bob.Members.Count);
    }

    [Fact]
    public void Snapshot_ofManyMembers_comesInPartsAndIsWhole()
    {
        var wide = new RoomOptions { Capacity = 2000 };
        for (int i = 0; i < 1000; i++)
        {
            _simulation.Connect($"member-with-a-long-name-{i}").Join("crowd", wide);
        }

        _simulation.Run(20);
        SimulatedClient last = _simulation.ConnectAndJoin("last", "crowd", wide);

        Assert.Equal(1001, last.Members.Count);
        Assert.Equal(1, last.Snapshots);
    }

    [Fact]
    public void Case36_JoinAndLeaveRacing_leaveNoGhost()
    {
        SimulatedClient watcher = _simulation.ConnectAndJoin("watcher");
        SimulatedClient[] clients = [.. Enumerable.Range(0, 10).Select(i => _simulation.Connect($"c{i}"))];
        var random = new Random(36);
        for (int i = 0; i < 10_000; i++)
        {
            SimulatedClient client = clients[random.Next(clients.Length)];
            if (client.Connection.Commands.HasRoom)
            {
                if (random.Next(2) == 0)
                {
                    client.Join("plaza");
                }
                else
                {
                    client.Leave();
                }
            }

            if (random.Next(4) == 0)
            {
                _simulation.Run(10);
            }
        }

        _simulation.Run(100);
        foreach (SimulatedClient client in clients)
        {
            client.Vanish();
        }

        _simulation.Run(100);
        Assert.Equal(["watcher"], _simulation.Shard.FindRoom("plaza")!.Members.Select(member => System.Text.Encoding.UTF8.GetString(member.NameUtf8)));
        Assert.Equal(["watcher"], watcher.Members.Values.Select(member => member.Name));
        watcher.Vanish();
        _simulation.Run(20);
        Assert.Null(_simulation.Shard.FindRoom("plaza"));
        Assert.Equal(0, _simulation.Shard.Stats.Members);
        Assert.Equal(0, _simulation.Shard.Stats.Connections);
    }

    [Fact]
    public void Capacity_reached_refusesWithRoomFullAndLetsInAfterALeave()
    {
        var two = new RoomOptions { Capacity = 2 };
        SimulatedClient ann = _simulation.ConnectAndJoin("ann", "pair", two);
        _simulation.ConnectAndJoin("bob", "pair", two);
        SimulatedClient cid = _simulation.ConnectAndJoin("cid", "pair", two);

        Assert.Null(cid.Seat);
        Assert.Equal((FrameType.Join, CloseCode.RoomFull, 1UL), cid.Errors[0]);

        ann.Leave();
        cid.Join("pair", two);
        _simulation.Run(20);
        Assert.NotNull(cid.Seat);
    }

    [Fact]
    public void Rooms_beyondTheLimit_areRefused()
    {
        var simulation = new Simulation(new ShardSettings { MaxRooms = 1 });
        simulation.ConnectAndJoin("ann", "one");
        SimulatedClient bob = simulation.ConnectAndJoin("bob", "two");

        Assert.Equal(CloseCode.TooManyRooms, bob.Errors[0].Code);
    }

    [Fact]
    public void Commands_inTheWrongState_areRefusedAndChangeNothing()
    {
        SimulatedClient ann = _simulation.Connect("ann");
        ann.Leave();
        ann.Send("nowhere", _simulation.Pool);
        ann.Join("plaza", change: true);
        _simulation.Run(20);
        ann.Join("plaza");
        ann.Join("other");
        ann.Send("nobody", _simulation.Pool, EventAudience.Member, 99);
        _simulation.Run(20);

        Assert.Equal(
            [
                (FrameType.Leave, CloseCode.NotInRoom, 1UL),
                (FrameType.SendEvent, CloseCode.NotInRoom, 2UL),
                (FrameType.ChangeRoom, CloseCode.NotInRoom, 3UL),
                (FrameType.Join, CloseCode.AlreadyInRoom, 5UL),
                (FrameType.SendEvent, CloseCode.NotFound, 6UL),
            ],
            ann.Errors);
        Assert.NotNull(_simulation.Shard.FindRoom("plaza"));
        Assert.Null(_simulation.Shard.FindRoom("other"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ChangeRoom_sameOrAnotherShard_leavesTheOldAndEntersTheNew(int shards)
    {
        var simulation = new Simulation(shards: shards);
        SimulatedClient stays = simulation.ConnectAndJoin("stays", "room0");
        SimulatedClient there = simulation.ConnectAndJoin("there", "room1");
        SimulatedClient goes = simulation.ConnectAndJoin("goes", "room0");
        goes.Move(9, simulation.Now);
        simulation.Run(60);

        goes.Join("room1", change: true);
        simulation.Run(100);
        goes.Move(11, simulation.Now);
        simulation.Run(60);

        Assert.Equal("left goes", stays.PresenceLog[^1]);
        Assert.Empty(stays.Values);
        Assert.Equal("joined goes", there.PresenceLog[^1]);
        Assert.Equal(11u, XOf(there, goes));
        Assert.Equal(2, goes.Members.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ChangeRoom_refused_staysWhereItIs(int shards)
    {
        var simulation = new Simulation(shards: shards);
        var one = new RoomOptions { Capacity = 1 };
        SimulatedClient ann = simulation.ConnectAndJoin("ann", "room0");
        simulation.ConnectAndJoin("bob", "room1", one);

        ann.Join("room1", one, change: true);
        simulation.Run(100);
        ann.Send("still here", simulation.Pool, EventAudience.Everyone);
        simulation.Run(20);

        Assert.Equal(CloseCode.RoomFull, ann.Errors.Single().Code);
        Assert.Equal(["still here"], ann.Events);
        Assert.Single(simulation.Shards[0].FindRoom("room0")!.Members);
    }

    [Fact]
    public void ChangeRoom_withCommandsBehindIt_handlesThemInTheNewRoom()
    {
        var simulation = new Simulation(shards: 2);
        SimulatedClient there = simulation.ConnectAndJoin("there", "room1");
        SimulatedClient goes = simulation.ConnectAndJoin("goes", "room0");

        goes.Join("room1", change: true);
        goes.Send("made it", simulation.Pool);
        simulation.Run(100);

        Assert.Equal(["made it"], there.Events);
    }

    [Fact]
    public void Vanish_whileMovingBetweenShards_leavesNothingBehind()
    {
        var simulation = new Simulation(shards: 2);
        SimulatedClient goes = simulation.ConnectAndJoin("goes", "room0");
        goes.Join("room1", change: true);
        goes.Vanish();
        simulation.Run(100);

        Assert.True(goes.Outlet.IsReleased);
        Assert.All(simulation.Shards, shard => Assert.Equal((0, 0, 0), (shard.Stats.Connections, shard.Stats.Members, shard.Stats.Rooms)));
    }

    private (SimulatedClient Ann, SimulatedClient Bob) Two() => (_simulation.ConnectAndJoin("ann"), _simulation.ConnectAndJoin("bob"));

    private static uint XOf(SimulatedClient viewer, SimulatedClient seen) =>
        viewer.Seat!.Space.UnpackSteps(viewer.Values[seen.Seat!.Slot]).X;
}
