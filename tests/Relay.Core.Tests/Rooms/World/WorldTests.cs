using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>The life of a world as its members see it: made, changed, joined late, left.</summary>
public sealed class WorldTests
{
    private readonly Simulation _simulation = new();

    [Fact]
    public void Everybody_seesTheSame_whoeverCameWhen()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        ulong made = anna.Create("table", attributes: [("colour", AttributeTerms.Default, StateAsks.Text("red"))]);
        _simulation.Run(30);
        uint table = (uint)anna.Done[made];
        anna.Create("lamp", parent: table, flags: ObjectFlags.Persistent | ObjectFlags.Placed);
        anna.Set(AttributeTarget.OfObject(table), "legs", StateAsks.Number(4));
        anna.Set(AttributeTarget.OfMember(anna.Seat!.Member), "hat", StateAsks.Text("top"));
        anna.Merge(AttributeTarget.OfObject(table), "map", "a", StateAsks.Number(1));
        _simulation.Run(30);
        SimulatedClient cleo = _simulation.ConnectAndJoin("Cleo");

        Assert.Empty(anna.Errors);
        Assert.Equal(2, anna.Mirror.Objects.Count);
        Assert.Equal(4, anna.Mirror.Attributes.Count);
        Assert.Equal(anna.Mirror.Dump(), ben.Mirror.Dump());
        Assert.Equal(anna.Mirror.Dump(), cleo.Mirror.Dump());
    }

    [Fact]
    public void Departure_handsOnWhatStays_andEndsWhatDoesNot()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        SimulatedClient cleo = _simulation.ConnectAndJoin("Cleo");
        ben.Create("stays");
        ben.Create("goes", flags: ObjectFlags.None);
        ben.Set(AttributeTarget.OfMember(ben.Seat!.Member), "hat", StateAsks.Text("top"));
        _simulation.Run(30);
        ben.Leave();
        _simulation.Run(30);

        Assert.Equal(anna.Seat!.Member, Assert.Single(anna.Mirror.Objects.Values).Owner);
        Assert.Empty(anna.Mirror.Attributes);
        Assert.Equal(anna.Mirror.Dump(), cleo.Mirror.Dump());
    }

    [Fact]
    public void ConcurrentTakes_haveOneWinner()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        SimulatedClient cleo = _simulation.ConnectAndJoin("Cleo");
        ulong made = anna.Create("ball", flags: ObjectFlags.Persistent | ObjectFlags.Placed);
        _simulation.Run(30);
        uint ball = (uint)anna.Done[made];
        ben.Claim(ball, ClaimAction.Take, anna.Seat!.Member);
        cleo.Claim(ball, ClaimAction.Take, anna.Seat!.Member);
        _simulation.Run(30);

        Assert.Equal(1, ben.Done.Count + cleo.Done.Count);
        Assert.Equal(CloseCode.Conflict, Assert.Single(ben.Errors.Concat(cleo.Errors)).Code);
        Assert.Equal(anna.Mirror.Dump(), ben.Mirror.Dump());
        Assert.Equal(anna.Mirror.Dump(), cleo.Mirror.Dump());
    }

    [Fact]
    public void ObjectsMove_byTheirOwnerAlone()
    {
        SimulatedClient anna = _simulation.ConnectAndJoin("Anna");
        SimulatedClient ben = _simulation.ConnectAndJoin("Ben");
        anna.Create("ball", flags: ObjectFlags.Placed);
        _simulation.Run(30);
        RoomMirror.ObjectFacts ball = Assert.Single(ben.Mirror.Objects.Values);
        ben.MoveObject(ball.Slot, ball.Generation, 7, _simulation.Now);
        _simulation.Run(60);
        Assert.Equal((Protocol.Frames.FrameType.TransformUpdate, CloseCode.NotOwner, 0ul), Assert.Single(ben.Errors));
        Assert.Empty(anna.Values);

        anna.MoveObject(ball.Slot, ball.Generation, 9, _simulation.Now);
        _simulation.Run(60);
        Assert.Equal(ball.Slot, Assert.Single(ben.Values).Key);
    }
}
