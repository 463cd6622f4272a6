using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.Stores;

/// <summary>Rooms that people get into although the store is away.</summary>
public sealed class DetachedTests : StoreTest
{
    public DetachedTests()
    {
        OpenDetached = true;
        Start();
    }

    [Fact]
    public void Case44_roomThatCannotBeFetched_opensDetached_andOverwritesNothing()
    {
        SimulatedClient anna = Enter("Anna", "a", "owner");
        uint table = Must(anna, anna.Create("table"));
        Must(anna, anna.Set(AttributeTarget.OfRoom(), "topic", StateAsks.Number(7), Lasting));
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "colour", StateAsks.Number(8), Lasting));
        Empty(anna);
        string before = Store.Dump("plaza");

        Store.LoadGate = _ => throw new IOException("down");
        SimulatedClient ben = Enter("Ben", "a", "owner"), cleo = Enter("Cleo");
        Assert.Empty(ben.Mirror.Objects);
        ben.Move(5, Simulation.Now);
        Simulation.Run(100);
        Assert.Equal(5u, cleo.Connection.Seat!.Space.UnpackSteps(cleo.Values[ben.Seat!.Slot]).X);

        // What need not last goes on; what would have to is refused at once.
        Must(ben, ben.Create("chair", flags: default));
        Must(ben, ben.Set(AttributeTarget.OfRoom(), "mood", StateAsks.Number(1)));
        foreach (ulong refused in new[]
        {
            ben.Create("table"),
            ben.Set(AttributeTarget.OfRoom(), "topic", StateAsks.Number(1), Lasting),
            ben.Set(AttributeTarget.OfMember(Id(ben)), "colour", StateAsks.Number(1), Lasting),
        })
        {
            Answered(ben, refused);
            Assert.Equal(CloseCode.StoreUnavailable, ben.Refusals.Single(refusal => refusal.Sequence == refused).Code);
        }

        // The store is back, but this room does not know what it holds: not before it has been empty.
        Store.LoadGate = _ => Task.CompletedTask;
        SimulatedClient dora = Enter("Dora", "d", "owner");
        ulong again = dora.Create("table");
        Answered(dora, again);
        Assert.Equal(CloseCode.StoreUnavailable, dora.Refusals.Single(refusal => refusal.Sequence == again).Code);
        Empty(ben, cleo, dora);
        Assert.Equal(before, Store.Dump("plaza"));

        SimulatedClient erik = Enter("Erik", "a", "owner");
        Assert.Equal([table], erik.Mirror.Objects.Keys);
        Assert.Equal(2, erik.Mirror.Attributes.Count);
        Assert.True(Must(erik, erik.Create("lamp")) > table);
    }

    [Fact]
    public void Case44_userWhoseThingsCannotBeFetched_comesInWithoutThem_andOverwritesNone()
    {
        SimulatedClient anna = Enter("Anna", "a", "owner"), ben = Enter("Ben", "b", "owner");
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "bag", StateAsks.Number(3), Lasting));
        anna.Leave();
        AllStored();
        Must(ben, ben.Create("table"));
        Simulation.Run(500);

        Store.LoadGate = _ => throw new IOException("down");
        anna = Enter("Anna", "a", "owner");
        Assert.Empty(anna.Mirror.Attributes);
        ulong refused = anna.Set(AttributeTarget.OfMember(Id(anna)), "bag", StateAsks.Number(4), Lasting);
        Answered(anna, refused);
        Assert.Equal(CloseCode.StoreUnavailable, Assert.Single(anna.Refusals).Code);

        // The room itself is known, so it goes on being stored.
        Must(anna, anna.Create("lamp"));
        anna.Leave();
        AllStored();
        Store.LoadGate = _ => Task.CompletedTask;
        anna = Enter("Anna", "a", "owner");
        Assert.Equal("03", Assert.Single(anna.Mirror.Attributes).Value.Value);
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "bag", StateAsks.Number(5), Lasting));
    }
}
