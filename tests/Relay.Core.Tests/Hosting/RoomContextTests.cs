using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Tests.Kit;
using Relay.Core.Tests.Rooms;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Hosting;

/// <summary>What a handler may do in its room in the server's name, and how it is refused, on virtual time.</summary>
public sealed class RoomContextTests
{
    private readonly Simulation _simulation = new();
    private readonly SimulatedClient _anna;
    private readonly RoomContext _room;

    public RoomContextTests()
    {
        RoomContext? room = null;
        _simulation.LogicOf = name => name != "plaza"
            ? null
            : (shard, opened) => new Bare(room = new RoomContext(shard, opened, new RelayLimits()));
        _anna = _simulation.ConnectAndJoin("Anna", role: "owner");
        _room = room!;
    }

    [Fact]
    public async Task Refusals_sayWhatAClientWouldBeTold_andNothingIsDone()
    {
        uint table = await DoneAsync(_room.CreateObjectAsync(new NewObject { Name = "table" }));
        string before = _anna.Mirror.Dump();
        int heard = _anna.Events.Count;
        var long65 = new string('x', 65);
        var outside = new Transform(1000, 0, 0);
        await RefusedAsync(CloseCode.NotFound, () => _room.SendAsync(2000, default, RoomAudience.Member(99)));
        await RefusedAsync(CloseCode.BadValue, () => _room.SendAsync(2000, default, RoomAudience.Roles("member", "wizard")));
        await RefusedAsync(CloseCode.BadValue, () => _room.SendAsync(1023, default));
        await RefusedAsync(CloseCode.BadValue, () => _room.SendAsync((uint)SignalKind.Chat, new byte[] { 0xC0 }));
        await RefusedAsync(CloseCode.PayloadTooLarge, () => _room.SendAsync(2000, new byte[8193]));
        await RefusedAsync(CloseCode.NameTaken, () => _room.CreateObjectAsync(new NewObject { Name = "table" }));
        await RefusedAsync(CloseCode.NotFound, () => _room.CreateObjectAsync(new NewObject { Parent = 99 }));
        await RefusedAsync(CloseCode.BadValue, () => _room.CreateObjectAsync(new NewObject { Type = long65 }));
        await RefusedAsync(CloseCode.BadValue, () => _room.CreateObjectAsync(new NewObject { ParentName = "" }));
        await RefusedAsync(CloseCode.BadValue, () => _room.CreateObjectAsync(new NewObject { Flags = ObjectFlags.Locked }));
        await RefusedAsync(CloseCode.OutOfBounds, () => _room.CreateObjectAsync(new NewObject { Place = outside }));
        foreach ((CloseCode code, byte[] value) in new[] { (CloseCode.BadValue, [0xC1]), (CloseCode.PayloadTooLarge, new byte[0xFF_FFFF]) })
        {
            await RefusedAsync(code, () => _room.CreateObjectAsync(new NewObject { Attributes = [new NewAttribute("k", value)] }));
        }

        await RefusedAsync(CloseCode.NotFound, () => _room.RemoveObjectAsync(99));
        await RefusedAsync(CloseCode.BadValue, () => _room.SetAttributeAsync(AttributeTarget.OfRoom(), long65, StateAsks.Number(1)));
        await RefusedAsync(CloseCode.NotFound, () => _room.SetAttributeAsync(AttributeTarget.OfObject(99), "k", StateAsks.Number(1)));
        await RefusedAsync(
            CloseCode.Conflict, () => _room.SetAttributeAsync(AttributeTarget.OfObject(table), "k", StateAsks.Number(1), expected: 7));
        await RefusedAsync(CloseCode.NotFound, () => _room.DeleteAttributeAsync(AttributeTarget.OfRoom(), "k"));
        await RefusedAsync(CloseCode.NotFound, () => _room.KickAsync(99));
        await RefusedAsync(CloseCode.NotFound, () => _room.SetRoleAsync(99, "guest"));
        await RefusedAsync(CloseCode.BadValue, () => _room.SetRoleAsync(_anna.Seat!.Member, "wizard"));
        foreach ((CloseCode code, Transform place, TransformFlags flags) in new[]
        {
            (CloseCode.OutOfBounds, outside, TransformFlags.None),
            (CloseCode.BadValue, new Transform(double.NaN, 0, 0), TransformFlags.None),
            (CloseCode.BadValue, default, TransformFlags.Scale),
        })
        {
            var extension = new TransformExtension { Flags = flags };
            Assert.Equal(code, Assert.Throws<RoomRefusedException>(() => _room.MoveObject(table, place, extension)).Code);
        }

        _room.MoveObject(table, new Transform(1, 1, 1));
        _room.MoveObject(99, new Transform(1, 1, 1));
        _simulation.Run(60);
        Assert.Equal((before, heard, 0), (_anna.Mirror.Dump(), _anna.Events.Count, _anna.Values.Count));
    }

    [Fact]
    public async Task Calls_beyondTheLimit_areRefused_andTheRestIsDone()
    {
        RoomContext room = Context(new RelayLimits { HandlerRequests = 3 });
        Task[] calls = [.. Enumerable.Range(0, 3).Select(_ => room.SendAsync(2000, default))];
        RoomRefusedException refused = await Assert.ThrowsAsync<RoomRefusedException>(() => room.SendAsync(2000, default));
        Assert.Equal((CloseCode.RateLimited, 3.0, 4.0), (refused.Code, refused.Limit, refused.Value));
        _simulation.Run(30);
        await Task.WhenAll(calls).InTimeAsync("the calls");
        await DoneAsync(room.SendAsync(2000, default));
        Assert.Equal(4, _anna.Events.Count);
    }

    [Fact]
    public async Task Call_thatIsNotWaitedFor_countsUntilItIsDone()
    {
        RoomContext room = Context(new RelayLimits { HandlerRequests = 1 });
        using var cancelled = new CancellationTokenSource();
        Task call = room.SendAsync(2000, default, cancellationToken: cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Assert.ThrowsAsync<RoomRefusedException>(() => room.SendAsync(2000, default));
        _simulation.Run(30);
        Assert.Single(_anna.Events);
        await DoneAsync(room.SendAsync(2000, default));
    }

    [Fact]
    public async Task Calls_thatTheRoomDoesNotOutlive_areRefused()
    {
        Task<uint> call = _room.CreateObjectAsync(new NewObject());
        _anna.Leave();
        Task kick = _room.KickAsync(_anna.Seat!.Member);
        Task late = _room.SendAsync(2000, default);
        _simulation.Run(30);
        await DoneAsync(call);

        // The kick took the last one out, and the room ended with it.
        await DoneAsync(kick);
        await RefusedAsync(CloseCode.NotFound, () => late);
    }

    [Fact]
    public async Task Calls_thatTheServerDoesNotOutlive_areRefused()
    {
        Task call = _room.SendAsync(2000, default);
        _simulation.Shard.Abandon();
        await RefusedAsync(CloseCode.NotFound, () => call);
    }

    [Fact]
    public async Task Moves_areOvertakenByNewerOnes_butAJumpStaysAJump()
    {
        uint ball = await DoneAsync(_room.CreateObjectAsync(new NewObject { Place = new Transform(0, 0, 0) }));
        _simulation.Run(100);
        int batches = _anna.Batches;
        _anna.Jumps.Clear();
        _room.MoveObject(ball, new Transform(1, 0, 0), new TransformExtension { Flags = TransformFlags.Discontinuity });
        for (int i = 2; i <= 100; i++)
        {
            _room.MoveObject(ball, new Transform(i / 10.0, 0, 0));
        }

        _simulation.Run(100);
        uint slot = _anna.Mirror.Objects[ball].Slot;
        Assert.Equal(10, _anna.Connection.Seat!.Space.Unpack(_anna.Values[slot]).X, 0.001);
        Assert.Equal((batches + 1, slot), (_anna.Batches, Assert.Single(_anna.Jumps)));
    }

    [Fact]
    public async Task Moves_ofMoreObjectsThanThereCanBe_areRefused()
    {
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben", "small", new RoomOptions { MaxObjects = 2 });
        Assert.NotNull(ben.Seat);
        var room = new RoomContext(_simulation.Shard, _simulation.Shard.FindRoom("small")!, new RelayLimits());
        room.MoveObject(1, default);
        room.MoveObject(2, default);
        room.MoveObject(2, default);
        Assert.Equal(CloseCode.RateLimited, Assert.Throws<RoomRefusedException>(() => room.MoveObject(3, default)).Code);
        _simulation.Run(30);
        room.MoveObject(3, default);
        await DoneAsync(room.SendAsync(2000, default));
    }

    [Fact]
    public async Task ObjectThatTheServerMadeFixed_isNobodysToTakeLockOrMove()
    {
        uint ball = await DoneAsync(_room.CreateObjectAsync(new NewObject { Flags = ObjectFlags.Fixed, Place = new Transform(0, 0, 0) }));
        uint free = await DoneAsync(_room.CreateObjectAsync(new NewObject { Place = new Transform(0, 0, 0) }));
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        foreach (ClaimAction action in new[] { ClaimAction.Take, ClaimAction.Give, ClaimAction.Release, ClaimAction.Lock })
        {
            ulong asked = ben.Claim(ball, action);
            _simulation.Run(30);
            Assert.Equal((CloseCode.Forbidden, asked), (ben.Errors[^1].Code, ben.Errors[^1].Sequence));
        }

        RoomMirror.ObjectFacts facts = ben.Mirror.Objects[ball];
        ben.MoveObject(facts.Slot, facts.Generation, 7, _simulation.Now);
        _simulation.Run(60);
        Assert.Equal(CloseCode.NotOwner, ben.Errors[^1].Code);
        Assert.Equal((0u, 0u), (facts.Owner, facts.LockHolder));

        // What is not fixed is anybody's.
        ulong taken = ben.Claim(free, ClaimAction.Take);
        _simulation.Run(30);
        Assert.Contains(taken, ben.Done.Keys);
        Assert.Equal(ben.Seat!.Member, _anna.Mirror.Objects[free].Owner);
    }

    [Fact]
    public async Task Server_outranksEverybody_andItsThingsStay()
    {
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        await DoneAsync(_room.SetRoleAsync(_anna.Seat!.Member, "guest"));
        await DoneAsync(_room.SetRoleAsync(ben.Seat!.Member, "owner"));
        AttributeTerms forOwners = AttributeTerms.Default with { Readers = new Access(AccessKind.Roles, 8) };
        uint made = await DoneAsync(_room.CreateObjectAsync(new NewObject
        {
            ParentName = "later",
            Attributes = [new NewAttribute("secret", StateAsks.Number(1), forOwners)],
        }));
        uint parent = await DoneAsync(_room.CreateObjectAsync(new NewObject { Name = "later" }));
        await DoneAsync(_room.KickAsync(_anna.Seat.Member));
        Assert.Equal(CloseCode.Kicked, _anna.Left);
        Assert.Equal((parent, 0u), (ben.Mirror.Objects[made].Parent, ben.Mirror.Objects[made].Creator));
        Assert.Equal(3, ben.Members[ben.Seat.Member].Role);
        Assert.Single(ben.Mirror.Attributes);
        Assert.Empty(_anna.Mirror.Attributes);
    }

    private RoomContext Context(RelayLimits limits) => new(_simulation.Shard, _simulation.Shard.FindRoom("plaza")!, limits);

    private async Task DoneAsync(Task call)
    {
        _simulation.Run(60);
        await call.InTimeAsync("the call");
    }

    private async Task<T> DoneAsync<T>(Task<T> call)
    {
        await DoneAsync((Task)call);
        return await call;
    }

    private async Task RefusedAsync(CloseCode code, Func<Task> call)
    {
        RoomRefusedException refused = await Assert.ThrowsAsync<RoomRefusedException>(() => DoneAsync(call()));
        Assert.Equal(code, refused.Code);
        Assert.NotEmpty(refused.Message);
    }

    /// <summary>Says no more than that a room has ended.</summary>
    private sealed class Bare(RoomContext context) : IRoomLogic
    {
        public long NextTick => long.MaxValue;

        public bool Decides(CommandKind kind) => false;

        public void Joined(Member member)
        {
        }

        public void Leaving(Member member, CloseCode reason)
        {
        }

        public void Decide(Member member, Decision decision) => Assert.Fail("Not asked for.");

        public void Tick(long now) => Assert.Fail("Not asked for.");

        public void Ended() => context.End();
    }
}
