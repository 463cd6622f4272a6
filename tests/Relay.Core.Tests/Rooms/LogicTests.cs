using System.Text;
using Relay.Core.Rooms;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms;

/// <summary>What a shard promises a room's logic, whatever that does: it is told once of who comes and goes, asked about every message that
/// it wants to decide on, and while it thinks only the sender waits.</summary>
public sealed class LogicTests
{
    private readonly Simulation _simulation = new();
    private readonly Dictionary<string, FakeLogic> _logics = [];

    public LogicTests() => _simulation.LogicOf = name => name == "plain" ? null : (_, room) => _logics[name] = new FakeLogic(room);

    [Fact]
    public void Members_areToldOfOnce_howeverTheyGo()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        SimulatedClient cleo = _simulation.ConnectAndJoin("Cleo", role: "owner");
        cleo.Manage(ManageAction.Kick, anna.Seat!.Member);
        ben.Vanish();
        _simulation.Run(30);
        FakeLogic plaza = _logics["plaza"];
        cleo.Join("plain", change: true);
        _simulation.Run(30);

        Assert.Equal(["joined 1", "joined 2", "joined 3"], plaza.Told[..3]);
        Assert.Equal(["leaving 1 Kicked", "leaving 2 Abnormal", "leaving 3 Normal"], plaza.Told[3..^1].Order());
        Assert.Equal("ended", plaza.Told[^1]);
    }

    [Fact]
    public void Message_waitsForTheDecision_andOnlyItsSenderWithIt()
    {
        (SimulatedClient anna, SimulatedClient ben) = (_simulation.ConnectAndJoin("Anna"), _simulation.ConnectAndJoin("Ben"));
        FakeLogic plaza = _logics["plaza"];
        anna.Send("one", _simulation.Pool);
        anna.Send("two", _simulation.Pool);
        anna.Ping(7, _simulation.Now);
        _simulation.Run(30);
        Assert.Single(plaza.Asked);

        // Meanwhile the others are heard, and the sender is seen to move.
        ben.Send("mine", _simulation.Pool);
        anna.Move(5, _simulation.Now);
        int batches = ben.Batches;
        _simulation.Run(100);
        Assert.Equal(2, plaza.Asked.Count);
        plaza.Asked[1].Pass();
        _simulation.Run(60);
        Assert.Equal(["mine"], anna.Events);
        Assert.True(ben.Batches > batches);
        Assert.Empty(anna.Pongs);

        plaza.Asked[0].Pass();
        _simulation.Run(30);
        Assert.Equal(["one"], ben.Events);
        plaza.Asked[2].Refuse("No.");
        _simulation.Run(30);
        Assert.Equal(["one"], ben.Events);
        Assert.Equal((FrameType.SendEvent, CloseCode.Forbidden, 3ul), Assert.Single(anna.Errors));
        Assert.Single(anna.Pongs);
    }

    [Fact]
    public void Decision_mayPutAnotherMessageInItsPlace()
    {
        (SimulatedClient anna, SimulatedClient ben) = (_simulation.ConnectAndJoin("Anna"), _simulation.ConnectAndJoin("Ben"));
        anna.Send("rude", _simulation.Pool);
        _simulation.Run(30);
        Assert.Single(_logics["plaza"].Asked).Pass("kind", _simulation.Pool);
        _simulation.Run(30);
        Assert.Equal(["kind"], ben.Events);
    }

    [Fact]
    public void MessagesBehindAJoin_areAskedOfTheRoomThatItLeadsTo()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        anna.Send("to the plaza", _simulation.Pool);
        anna.Join("park", change: true);
        anna.Send("to the park", _simulation.Pool);
        anna.Join("plain", change: true);
        anna.Send("to nobody", _simulation.Pool, EventAudience.Everyone);
        _simulation.Run(30);
        _logics["plaza"].Asked[0].Pass();
        _simulation.Run(30);
        Assert.Equal("to the park", Assert.Single(_logics["park"].Asked).Text);
        _logics["park"].Asked[0].Pass();
        _simulation.Run(30);
        Assert.Single(_logics["plaza"].Asked);
        Assert.Equal(["to nobody"], anna.Events);
        Assert.Empty(anna.Errors);
    }

    [Fact]
    public void WhatTheRoomRefusesByItself_isNotAsked()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna", role: "guest");
        anna.Send("hush", _simulation.Pool);
        _simulation.Run(30);
        Assert.Equal(CloseCode.Forbidden, Assert.Single(anna.Errors).Code);
        Assert.Empty(_logics["plaza"].Asked);
    }

    [Fact]
    public void State_isDecidedOnAsWell_andTheRulesHoldAllTheSame()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        ulong made = anna.Create("table");
        ulong refused = anna.Create("chair");
        ulong doubled = anna.Create("table");
        for (int i = 0; i < 3; i++)
        {
            _simulation.Run(30);
            Decided decided = _logics["plaza"].Asked[i];
            (i == 1 ? (Action)(() => decided.Refuse("No.")) : decided.Pass)();
        }

        _simulation.Run(30);
        Assert.Equal([made], anna.Done.Keys);
        Assert.Equal(
            [(refused, CloseCode.Forbidden), (doubled, CloseCode.NameTaken)], anna.Errors.Select(error => (error.Sequence, error.Code)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MemberThatIsTakenOutMeanwhile_isNotHeard(bool passes)
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben", role: "owner");
        anna.Send("late", _simulation.Pool);
        ben.Manage(ManageAction.Kick, anna.Seat!.Member);
        _simulation.Run(30);
        Decided decided = Assert.Single(_logics["plaza"].Asked);
        (passes ? (Action)decided.Pass : () => decided.Refuse("No."))();
        _simulation.Run(30);
        Assert.Empty(ben.Events);
        Assert.Equal(passes ? CloseCode.NotInRoom : CloseCode.Forbidden, Assert.Single(anna.Errors).Code);

        // And the connection is as good as before.
        anna.Join("plain");
        _simulation.Run(30);
        Assert.NotNull(anna.Seat);
    }

    [Fact]
    public void ConnectionThatIsClosedMeanwhile_waitsForNoDecision()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna", userId: "anna");
        anna.Send("late", _simulation.Pool);
        _simulation.Run(30);
        SimulatedClient again = _simulation.ConnectAndJoin("Anna", userId: "anna");
        Assert.Equal(CloseCode.Replaced, anna.Closed);
        anna.Vanish();
        _simulation.Run(30);
        Assert.Equal(1, _simulation.Shard.Stats.Connections);
        Assert.Single(_logics["plaza"].Asked).Pass();
        _simulation.Run(30);
        Assert.Empty(again.Events);
    }

    [Fact]
    public void Ticks_comeWhenTheyAreDue_andWakeASleepingShard()
    {
        _simulation.ConnectAndJoin("Anna", "plain");
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        FakeLogic plaza = _logics["plaza"];
        _simulation.Run(1000);
        Assert.Equal(0, plaza.Ticks);
        plaza.NextTick = _simulation.Now + 123_000;
        Assert.Equal(plaza.NextTick, _simulation.Shard.Step(_simulation.Now));
        _simulation.Run(120);
        Assert.Equal(0, plaza.Ticks);
        _simulation.Run(10);
        Assert.Equal(1, plaza.Ticks);
        _simulation.Run(1000);
        Assert.Equal(1, plaza.Ticks);
        ben.Leave();
        _simulation.Run(30);
        Assert.Equal("ended", plaza.Told[^1]);
    }

    [Fact]
    public void Rooms_haveALogicOnlyIfTheyAreGivenOne()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna", "plain");
        anna.Send("hello", _simulation.Pool, EventAudience.Everyone);
        _simulation.Run(30);
        Assert.Equal(["hello"], anna.Events);
        Assert.Empty(_logics);
    }

    /// <summary>Keeps what it is told and decides when a test says so.</summary>
    private sealed class FakeLogic(Room room) : IRoomLogic
    {
        public List<string> Told { get; } = [];

        public List<Decided> Asked { get; } = [];

        public int Ticks { get; private set; }

        public long NextTick { get; set; } = long.MaxValue;

        public bool Decides(CommandKind kind) => kind is CommandKind.SendEvent or CommandKind.State;

        public void Joined(Member member)
        {
            Assert.NotNull(room.Find(member.Id));
            Told.Add($"joined {member.Id}");
        }

        public void Leaving(Member member, CloseCode reason)
        {
            Assert.NotNull(room.Find(member.Id));
            Told.Add($"leaving {member.Id} {reason}");
        }

        public void Decide(Member member, Decision decision) => Asked.Add(new Decided(decision));

        public void Tick(long now)
        {
            Assert.True(now >= NextTick);
            Ticks++;
            NextTick = long.MaxValue;
        }

        public void Ended() => Told.Add("ended");
    }

    private sealed class Decided(Decision decision)
    {
        public string Text => Encoding.UTF8.GetString(decision.Command.Payload!.Frames);

        public void Pass() => decision.Complete(decision.Command);

        public void Pass(string instead, SharedBufferPool pool)
        {
            SharedBuffer payload = pool.Rent(instead.Length);
            payload.Seal(Encoding.UTF8.GetBytes(instead, payload.Writable));
            decision.Command.Payload!.Release();
            decision.Complete(decision.Command with { Payload = payload });
        }

        public void Refuse(string reason) => decision.Refuse(reason);
    }
}
