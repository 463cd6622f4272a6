using Relay.Core.Rooms;
using Relay.Protocol;

namespace Relay.Core.Tests.Rooms;

/// <summary>Time-outs, pings, closing and draining, on virtual time.</summary>
public sealed class UpkeepTests
{
    private static readonly ShardSettings Settings = new()
    {
        HeartbeatMicros = 10_000_000,
        IdleTimeoutMicros = 25_000_000,
        FrameDeadlineMicros = 5_000_000,
        SlowReceiverMicros = 30_000_000,
        CloseGraceMicros = 2_000_000,
    };

    private readonly Simulation _simulation = new(Settings);

    [Fact]
    public void Silence_forAHeartbeat_isAnsweredWithAPing()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        _simulation.Run(9_000);
        Assert.Equal(0, ann.Pings);
        _simulation.Run(2_000);
        Assert.Equal(1, ann.Pings);
    }

    [Fact]
    public void Case25_PeerSilent_isGoneInTheIdleTimeoutAndLeavesOnce()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        SimulatedClient bob = _simulation.ConnectAndJoin("bob");
        for (int second = 0; second < 26; second++)
        {
            ann.Connection.LastInbound = _simulation.Now;
            _simulation.Run(1_000);
        }

        Assert.Equal(CloseCode.Timeout, bob.Closed);
        Assert.Equal(CloseCode.HeartbeatTimeout, bob.Outlet.ClosedWith!.Cause);
        bob.Vanish();
        _simulation.Run(1_000);
        Assert.Equal(["here ann", "joined bob", "left bob"], ann.PresenceLog);
        Assert.True(bob.Outlet.IsReleased);
    }

    [Fact]
    public void Case03_FrameNeverFinished_isClosedAtTheFrameDeadline()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        ann.Connection.PartialSince = _simulation.Now;
        _simulation.Run(4_500);
        Assert.Null(ann.Outlet.ClosedWith);
        _simulation.Run(1_000);
        Assert.Equal(CloseCode.FrameDeadline, ann.Outlet.ClosedWith!.Cause);
    }

    [Fact]
    public void Receiver_thatTakesNothing_isCutOffAfterTheSlowReceiverTimeout()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        SimulatedClient bob = _simulation.ConnectAndJoin("bob");
        bob.Outlet.IsStalled = true;
        for (uint second = 0; second < 32; second++)
        {
            ann.Connection.LastInbound = bob.Connection.LastInbound = _simulation.Now;
            ann.Move(second + 1, _simulation.Now);
            _simulation.Run(1_000);
        }

        Assert.Equal(CloseCode.SlowReceiver, bob.Outlet.AbortedWith!.Cause);
        Assert.Equal("left bob", ann.PresenceLog[^1]);
    }

    [Fact]
    public void Receiver_thatIsSlowButReads_isNotCutOff()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        SimulatedClient bob = _simulation.ConnectAndJoin("bob");
        for (uint second = 0; second < 60; second++)
        {
            bob.Outlet.IsStalled = true;
            ann.Connection.LastInbound = bob.Connection.LastInbound = _simulation.Now;
            ann.Move(second + 1, _simulation.Now);
            _simulation.Run(1_000);
            bob.Outlet.Resume();
        }

        Assert.Null(bob.Outlet.AbortedWith);
    }

    [Fact]
    public void Replies_thatPileUpUnread_closeTheConnection()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        ann.Outlet.IsStalled = true;
        for (ulong i = 0; i < 1000 && ann.Outlet.AbortedWith is null; i++)
        {
            ann.Ping(i, _simulation.Now);
            _simulation.Run(10);
        }

        Assert.Equal(CloseCode.SlowReceiver, ann.Outlet.AbortedWith!.Cause);
        Assert.True(ann.Connection.ReplyBytes <= Connection.MaxReplyBytes);
    }

    [Fact]
    public void Ping_isAnsweredWithBothReadings()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        ann.Ping(42, _simulation.Now);
        long received = _simulation.Now;
        _simulation.Run(10);

        Assert.Equal(new SimulatedClient.Pong(42, (ulong)received, (ulong)_simulation.Now), Assert.Single(ann.Pongs));
    }

    [Fact]
    public void Close_twice_keepsTheFirstReason()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        ann.Connection.Post(new Command(CommandKind.Close) { Close = new CloseReason(CloseCode.InvalidPayload, "first") });
        ann.Connection.Post(new Command(CommandKind.Close) { Close = new CloseReason(CloseCode.Normal, "second") });
        _simulation.Run(20);

        Assert.Equal(CloseCode.InvalidPayload, ann.Closed);
        Assert.Equal(CloseCode.InvalidPayload, ann.Connection.Closing!.Code);
    }

    [Fact]
    public void Close_notFollowedByTheEnd_isCutOffAfterTheGrace()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        ann.Connection.Post(new Command(CommandKind.Close) { Close = new CloseReason(CloseCode.Normal, "done") });
        _simulation.Run(1_500);
        Assert.Null(ann.Outlet.AbortedWith);
        _simulation.Run(1_500);
        Assert.NotNull(ann.Outlet.AbortedWith);
    }

    [Fact]
    public void Drain_tellsEverybodyRefusesJoinsAndClosesAtTheDeadline()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        SimulatedClient bob = _simulation.ConnectAndJoin("bob");
        long? closed = null;
        _simulation.Shard.Upkeep.Drain(new DrainPlan(CloseCode.GoingAway, _simulation.Now + 5_000_000, 1000, 5000, ""), count => closed = count);
        _simulation.Run(20);
        Assert.Equal(CloseCode.GoingAway, ann.GoAway!.Reason);
        Assert.InRange(ann.GoAway.DeadlineMillis, 4_900u, 5_000u);

        ann.Leave();
        ann.Join("plaza");
        _simulation.Run(20);
        Assert.Equal(CloseCode.GoingAway, ann.Errors.Single().Code);

        bob.Vanish();
        _simulation.Run(4_000);
        Assert.Null(ann.Closed);
        _simulation.Run(1_500);
        Assert.Equal(CloseCode.GoingAway, ann.Closed);
        Assert.Null(closed);
        ann.Vanish();
        _simulation.Run(500);
        Assert.Equal(1, closed);
    }

    [Fact]
    public void Case32_credentialsThatExpire_areWarnedOf_renewed_orTheConnectionIsClosed25SecondsLater()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        SimulatedClient bob = _simulation.ConnectAndJoin("bob");
        SimulatedClient eve = _simulation.ConnectAndJoin("eve");
        long expiry = _simulation.Now + 10_000_000;
        ann.Connection.ExpireAt(expiry);
        bob.Connection.ExpireAt(expiry);
        for (int second = 0; second < 34; second++)
        {
            Assert.Equal(second > 10 ? 1 : 0, second == 10 ? 0 : ann.Expirings);
            _simulation.Run(1_000);
            ann.Connection.LastInbound = bob.Connection.LastInbound = eve.Connection.LastInbound = _simulation.Now;
            if (second == 30)
            {
                ann.Renew(_simulation.Now + 20_000_000);
            }
        }

        Assert.Null(bob.Closed);
        _simulation.Run(2_000);
        Assert.Equal(CloseCode.Unauthorized, bob.Closed);
        Assert.Equal(CloseCode.CredentialsExpired, bob.Connection.Closing!.Cause);
        Assert.False(bob.Connection.Closing.EndsSession);
        Assert.Equal((null, 0), (eve.Closed, eve.Expirings));

        // Renewed: nothing was lost, and the next time it is told again.
        Assert.Null(ann.Closed);
        Assert.Contains(0ul, ann.Done.Values);
        for (int second = 0; second < 16; second++)
        {
            ann.Connection.LastInbound = _simulation.Now;
            _simulation.Run(1_000);
        }

        Assert.Equal(2, ann.Expirings);
        Assert.NotNull(ann.Connection.Member);
    }

    [Fact]
    public void Case43_TickOverrun_isCountedAndNotMadeUpFor()
    {
        SimulatedClient ann = _simulation.ConnectAndJoin("ann");
        SimulatedClient bob = _simulation.ConnectAndJoin("bob");
        _simulation.Run(100);
        int before = bob.Batches;
        ann.Move(1, _simulation.Now);
        _simulation.Wake();
        ann.Move(2, _simulation.Now);
        _simulation.Wake();
        _simulation.Jump(1_000);
        _simulation.Wake();
        _simulation.Wake();

        Assert.InRange(bob.Batches - before, 1, 2);
        Assert.Equal(1, _simulation.Shard.Stats.LateTicks);
    }
}
