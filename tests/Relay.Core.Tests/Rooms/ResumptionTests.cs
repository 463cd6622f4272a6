using Relay.Core.Rooms;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Core.Tests.Rooms;

/// <summary>A session outlives its connection: nothing is lost, nothing comes twice, and nobody else notices. protocol-spec.md §5.8.</summary>
public sealed class ResumptionTests
{
    private const int WindowMillis = 30_000;

    private static readonly ShardSettings Settings = new()
    {
        IdleTimeoutMicros = long.MaxValue,
        HeartbeatMicros = long.MaxValue,
        ResumeWindowMicros = WindowMillis * 1000L,
    };

    private readonly Simulation _simulation = new(Settings, shards: 2);

    [Fact]
    public void Case39_eventsDuringTheAbsence_comeOnceAndInOrder_andNobodyElseNotices()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        anna.Send("before", _simulation.Pool);
        _simulation.Run(30);
        Lose(ben);
        for (int i = 0; i < 50; i++)
        {
            anna.Send($"e{i}", _simulation.Pool);
            _simulation.Run(100);
        }

        ben.BeginResume();
        _simulation.Run(30);
        anna.Send("after", _simulation.Pool);
        _simulation.Run(30);

        Assert.Equal(["before", .. Enumerable.Range(0, 50).Select(i => $"e{i}"), "after"], ben.Events);
        Assert.Equal((1, 1), (ben.Resumes, ben.Snapshots));
        Assert.Equal(["here anna", "joined ben"], anna.PresenceLog);
    }

    [Fact]
    public void WhatTheOldConnectionLost_isSentAgain()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        anna.Move(6, _simulation.Now);
        _simulation.Run(100);
        int resets = ben.Resets;
        ben.Outlet.IsLossy = true;
        anna.Send("lost", _simulation.Pool);
        anna.Move(7, _simulation.Now);
        _simulation.Run(100);
        Assert.Empty(ben.Events);

        ben.Vanish();
        ben.BeginResume();
        _simulation.Run(100);
        Assert.Equal(["lost"], ben.Events);
        Assert.Equal(resets, ben.Resets);
        Assert.Equal(anna.Seat!.Space.Pack(7, 1, 2, Relay.Protocol.Transforms.SmallestThree.Identity), ben.Values[anna.Seat.Slot]);
    }

    [Fact]
    public void Receiver_thatTheRingHasOvertaken_isToldSo_byASnapshot()
    {
        var options = new RoomOptions { ReliableRingMessages = 16 };
        SimulatedClient anna = _simulation.ConnectAndJoin("anna", options: options);
        SimulatedClient ben = _simulation.ConnectAndJoin("ben", options: options);
        Lose(ben);
        for (int i = 0; i < 40; i++)
        {
            anna.Send($"e{i}", _simulation.Pool);
            _simulation.Run(10);
        }

        ben.BeginResume();
        _simulation.Run(30);
        Assert.Equal((1, 2), (ben.Resumes, ben.Snapshots));
        anna.Send("after", _simulation.Pool);
        _simulation.Run(30);
        Assert.Equal(["after"], ben.Events);
    }

    [Fact]
    public void Case35_wrongSecret_isNoSession_andDisturbsNobody()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        ResumeRequest whileConnected = ben.BeginResume(SessionSecret.NewRandom());
        _simulation.Run(30);
        Assert.Null(AnswerTo(whileConnected));
        Lose(ben);
        _simulation.Run((WindowMillis / 2) + 1000);
        ResumeRequest whileAway = ben.BeginResume(SessionSecret.NewRandom());
        _simulation.Run(30);
        Assert.Null(AnswerTo(whileAway));

        // The seat is still there, and its time is what it was.
        ben.BeginResume();
        _simulation.Run(30);
        Assert.Equal(1, ben.Resumes);
        Lose(ben);
        _simulation.Run(WindowMillis + 1000);
        Assert.Equal("left ben", anna.PresenceLog[^1]);
    }

    [Fact]
    public void Session_ofWhichTheTimeIsUp_isOver_once()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        Lose(ben);
        _simulation.Run(WindowMillis - 1000);
        Assert.Equal(2, anna.Members.Count);
        _simulation.Run(2000);
        Assert.Equal(["here anna", "joined ben", "left ben"], anna.PresenceLog);
        ResumeRequest late = ben.BeginResume();
        _simulation.Run(30);
        Assert.Null(AnswerTo(late));
        Assert.Equal(0, _simulation.Shard.Stats.Suspended);
    }

    [Fact]
    public void OldConnection_thatIsNotKnownToBeDead_isCutOffFirst()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        SimulatedOutlet old = ben.Outlet;
        old.IsLossy = true;
        ResumeRequest request = ben.BeginResume();
        anna.Send("meanwhile", _simulation.Pool);
        _simulation.Run(30);
        Assert.Equal(CloseCode.TakenUpAgain, old.AbortedWith?.Cause);
        Assert.False(request.Answer.IsCompleted, "Granted while the old road may still be reading.");

        ben.Vanish();
        _simulation.Run(30);
        Assert.Same(ben.Connection, AnswerTo(request));
        Assert.True(old.IsReleased);
        Assert.Equal(["meanwhile"], ben.Events);
        Assert.Equal(["here anna", "joined ben"], anna.PresenceLog);
    }

    [Fact]
    public void LostWelcome_locksNobodyOut()
    {
        (_, SimulatedClient ben) = Two();
        Lose(ben);
        SessionSecret first = ben.Secret;
        ben.BeginResume(welcomeIsLost: true);
        _simulation.Run(30);
        ben.Vanish();
        _simulation.Run(30);
        Assert.Equal(first, ben.Secret);

        ben.BeginResume();
        _simulation.Run(30);
        Assert.Equal(2, ben.Resumes);
        Assert.NotEqual(first, ben.Secret);
    }

    [Fact]
    public void UsedSecret_isWorthless_onceTheNewConnectionHasSpoken()
    {
        (_, SimulatedClient ben) = Two();
        SessionSecret used = ben.Secret;
        ben.Reconnect();
        _simulation.Run(30);

        // What a road does with the first frame.
        ben.Connection.ConfirmSecret();
        ResumeRequest stolen = ben.BeginResume(used);
        _simulation.Run(30);
        Assert.Null(AnswerTo(stolen));
        Assert.False(ben.Connection.IsAway);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, 1_000_000, false)]
    [InlineData(1, 0, true)]
    public void Case40_pointFromTheFutureOrOfAnOtherEpoch_getsTheFullSet(int otherEpoch, int sequenceAhead, bool joinedAgain)
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        anna.Move(5, _simulation.Now);
        _simulation.Run(100);
        Lose(ben);
        ResumePoint point = ben.Point with
        {
            Epoch = ben.Point.Epoch + (ulong)otherEpoch,
            Sequence = sequenceAhead == 0 && otherEpoch == 0 ? 0 : ben.Point.Sequence + (ulong)sequenceAhead,
            Cursor = ulong.MaxValue,
        };
        ulong member = ben.Seat!.Member;
        if (otherEpoch == 0)
        {
            ben.ForgetPlace();
        }

        ben.BeginResume(point: point);
        _simulation.Run(100);
        Assert.Equal(1, ben.Resumes);
        Assert.Equal(member, ben.Seat!.Member);
        Assert.Equal(2, ben.Members.Count);
        Assert.Single(ben.Values);
        Assert.Equal(joinedAgain ? 2 : 1, ben.Joins);
    }

    [Fact]
    public void JoinWhoseAnswerWasLost_isAnsweredAgain()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("anna");
        SimulatedClient ben = _simulation.Connect("ben");
        _simulation.Run(30);
        ben.Outlet.IsLossy = true;
        ben.Join("plaza");
        _simulation.Run(30);
        ben.Vanish();
        ben.BeginResume();
        _simulation.Run(30);
        Assert.Equal((1ul, 2), (ben.Seat!.Sequence, ben.Members.Count));
        Assert.Equal(["here anna", "joined ben"], anna.PresenceLog);
    }

    [Fact]
    public void RefusalThatWasLost_isToldAgain_once()
    {
        (_, SimulatedClient ben) = Two();
        ben.Join("plaza");
        _simulation.Run(30);
        ben.Outlet.IsLossy = true;
        ben.Join("plaza");
        _simulation.Run(30);
        ben.Vanish();
        ben.BeginResume();
        _simulation.Run(30);
        Assert.Equal([(FrameType.Join, CloseCode.AlreadyInRoom, 2ul), (FrameType.Join, CloseCode.AlreadyInRoom, 3ul)], ben.Errors);
    }

    [Fact]
    public void LeaveWhoseAnswerWasLost_isAnsweredAgain()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        ben.Outlet.IsLossy = true;
        ben.Leave();
        _simulation.Run(30);
        ben.Vanish();
        ben.BeginResume();
        _simulation.Run(30);
        Assert.Null(ben.Seat);
        Assert.Equal(CloseCode.Normal, ben.Left);
        Assert.Equal("left ben", anna.PresenceLog[^1]);
    }

    [Fact]
    public void Session_isFoundOnWhicheverShardItIs()
    {
        SimulatedClient ben = _simulation.ConnectAndJoin("ben", "room1");
        SimulatedClient anna = _simulation.ConnectAndJoin("anna", "room1");
        Assert.Same(_simulation.Shards[1], ben.Connection.Shard);
        Lose(ben);
        anna.Send("there", _simulation.Pool);
        ben.BeginResume();
        _simulation.Run(50);
        Assert.Equal(["there"], ben.Events);
        Assert.Equal((0L, 0L), (_simulation.Shards[0].Stats.Suspended, _simulation.Shards[1].Stats.Suspended));
    }

    [Fact]
    public void MoveThatIsUnderWay_whenTheConnectionBreaks_isEnded_andTheSessionTakenUpWhereItHasMovedTo()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("anna", "room1");
        SimulatedClient ben = _simulation.ConnectAndJoin("ben", "room0");
        ben.Join("room1", change: true);
        ben.Outlet.IsLossy = true;
        ben.Vanish();
        ben.BeginResume();
        _simulation.Run(100);
        Assert.Equal(1, ben.Resumes);
        Assert.Equal(anna.Seat!.Epoch, ben.Seat!.Epoch);
        Assert.Equal(2, anna.Members.Count);
    }

    [Fact]
    public void Drain_endsSessionsThatAreAway_atOnce()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        Lose(ben);
        foreach (Shard shard in _simulation.Shards)
        {
            shard.Lane.Push(new DrainNow(_simulation.Now + 1_000_000));
        }

        _simulation.Run(30);
        Assert.Equal("left ben", anna.PresenceLog[^1]);
        ResumeRequest late = ben.BeginResume();
        _simulation.Run(30);
        Assert.Null(AnswerTo(late));
    }

    [Fact]
    public void MoreSessionsThanMayWait_endWithTheirConnections()
    {
        var simulation = new Simulation(Settings with { MaxSuspendedSessions = 2 });
        SimulatedClient anna = simulation.ConnectAndJoin("anna");
        SimulatedClient[] others = [.. Enumerable.Range(0, 3).Select(i => simulation.ConnectAndJoin($"c{i}"))];
        foreach (SimulatedClient other in others)
        {
            other.Vanish();
            simulation.Run(30);
        }

        Assert.Equal(3, anna.Members.Count);
        others[0].BeginResume();
        simulation.Run(30);
        Assert.Equal(1, simulation.Shard.Stats.Suspended);
    }

    [Fact]
    public void RoomWithNobodyButTheAbsent_doesNotTick()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        anna.Move(3, _simulation.Now);
        _simulation.Run(100);
        Lose(anna);
        Lose(ben);
        _simulation.Run(1000);
        long ticks = _simulation.Shard.Stats.Ticks;
        _simulation.Run(1000);
        Assert.Equal(ticks, _simulation.Shard.Stats.Ticks);
    }

    private static Connection? AnswerTo(ResumeRequest request)
    {
        Assert.True(request.Answer.IsCompletedSuccessfully, "Not answered.");
        return request.Answer.Result;
    }

    private (SimulatedClient Anna, SimulatedClient Ben) Two() => (_simulation.ConnectAndJoin("anna"), _simulation.ConnectAndJoin("ben"));

    private void Lose(SimulatedClient client)
    {
        client.Outlet.IsLossy = true;
        client.Vanish();
        _simulation.Run(30);
        Assert.True(client.Connection.IsAway);
    }

    private sealed class DrainNow(long deadline) : ShardMessage
    {
        public override void Handle(Shard shard) =>
            shard.Upkeep.Drain(new DrainPlan(CloseCode.GoingAway, deadline, 0, 0, string.Empty), static _ => { });
    }
}
