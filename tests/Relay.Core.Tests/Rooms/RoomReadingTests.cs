using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Tests.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms;

/// <summary>What an inspection tells of a room, on virtual time.</summary>
public sealed class RoomReadingTests : StateTest
{
    private static readonly TimeSpan Look = TimeSpan.FromMicroseconds(30);

    public RoomReadingTests() => Simulation = new Simulation(new ShardSettings
    {
        IdleTimeoutMicros = long.MaxValue,
        HeartbeatMicros = long.MaxValue,
        ResumeWindowMicros = 60_000_000,
        Time = new Clock(Look),
    });

    [Fact]
    public void Ticks_areMeasured_andWhatTheySentIsCounted_forTheRoomAndTheShardAlike()
    {
        SimulatedClient anna = Enter("Anna");
        Enter("Ben");
        Simulation.ConnectAndJoin("Cleo", "market");
        RoomReading before = Read();
        for (uint x = 1; x <= 10; x++)
        {
            anna.Move(x, Simulation.Now);
            Simulation.Run(50);
        }

        RoomReading after = Read();
        Assert.Equal((10, 20), (after.Ticks.Count - before.Ticks.Count, after.Deliveries - before.Deliveries));
        Assert.Equal((Look, Look), (after.Ticks.Last, after.Ticks.Mean));
        Assert.True(after.BytesOut > before.BytesOut);
        RoomReading market = new(Simulation.Shard.FindRoom("market")!, Simulation.Now);
        ShardStats stats = Simulation.Shard.Stats;
        Assert.Equal((stats.BytesOut, stats.TransmissionsOut), (after.BytesOut + market.BytesOut, after.Deliveries + market.Deliveries));
        Assert.Equal(Simulation.Shard.Times.Count, after.Ticks.Count + market.Ticks.Count);
    }

    [Fact]
    public void Members_whoDoNotRead_andThoseWhoAreAway_areTold()
    {
        SimulatedClient anna = Enter("Anna");
        SimulatedClient ben = Enter("Ben", userId: "ben");
        SimulatedClient cleo = Enter("Cleo");
        ben.Outlet.IsStalled = true;
        cleo.Vanish();
        for (uint x = 1; x <= 20; x++)
        {
            anna.Move(x, Simulation.Now);
            Simulation.Run(50);
        }

        RoomReading reading = Read();
        Assert.Equal((3, 1, 1), (reading.Members, reading.Away, reading.SlowReceivers));
        Assert.InRange(reading.Conflated, 15, 20);
        InspectedMember slow = Find(ben), away = Find(cleo), quick = Find(anna);
        Assert.Equal((true, false, "ben"), (slow.IsSlow, slow.IsAway, slow.UserId));
        Assert.InRange(slow.SlowFor, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1));
        Assert.InRange(slow.VersionsBehind, 15ul, 20ul);
        Assert.Equal((false, true), (away.IsSlow, away.IsAway));
        Assert.Equal((false, false, 0ul, 0ul), (quick.IsSlow, quick.IsAway, quick.VersionsBehind, quick.MessagesBehind));
    }

    [Fact]
    public void Room_lookedInto_hidesNothing()
    {
        SimulatedClient anna = Enter("Anna", role: "moderator");
        var secret = new AttributeTerms(AttributeFlags.None, new Access(AccessKind.Roles, 0b1100), new Access(AccessKind.Owner));
        uint table = Must(anna, anna.Create("table", type: "furniture", attributes: ("colour", AttributeTerms.Default, StateAsks.Number(7))));
        uint cup = Must(anna, anna.Create("cup", parent: table));
        Must(anna, anna.Set(AttributeTarget.OfRoom(), "topic", StateAsks.Number(1)));
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "hand", StateAsks.Number(2), secret));
        Must(anna, anna.Set(AttributeTarget.OfObjectMember(cup, Id(anna)), "vote", StateAsks.Number(3)));

        RoomInspection room = Inspect();
        Assert.Equal((2, 4), (room.Figures.Objects, room.Figures.Attributes));
        InspectedAttribute topic = Assert.Single(room.Attributes);
        Assert.Equal(("topic", "1", "everyone"), (topic.Key, topic.Text(), topic.Who(topic.Terms.Readers)));
        InspectedAttribute hand = Assert.Single(Find(anna).Attributes);
        Assert.Equal(("hand", "2", "moderator, owner", "the owner"), (hand.Key, hand.Text(), hand.Who(hand.Terms.Readers), hand.Who(hand.Terms.Writers)));
        InspectedObject made = Assert.Single(room.Objects, found => found.Image.Id == table);
        Assert.Equal(("furniture", "table", Id(anna), 0u), (made.Image.Type, made.Image.Name, made.Creator, made.Image.Parent));
        Assert.Equal(("colour", "7", Id(anna)), (Assert.Single(made.Attributes).Key, made.Attributes[0].Text(), made.Attributes[0].Author));
        InspectedObject under = Assert.Single(room.Objects, found => found.Image.Parent == table);
        KeyValuePair<uint, IReadOnlyList<InspectedAttribute>> votes = Assert.Single(under.MemberAttributes);
        Assert.Equal((Id(anna), "vote", "3"), (votes.Key, Assert.Single(votes.Value).Key, votes.Value[0].Text()));
        Assert.Single(new RoomInspection(Room, Simulation.Now, mostObjects: 1).Objects);
    }

    [Fact]
    public void Copies_doNotChangeWithTheRoom()
    {
        SimulatedClient anna = Enter("Anna", role: "moderator");
        Must(anna, anna.Set(AttributeTarget.OfRoom(), "topic", StateAsks.Number(1)));
        RoomInspection room = Inspect();
        Must(anna, anna.Set(AttributeTarget.OfRoom(), "topic", StateAsks.Number(2)));
        Assert.Equal("1", Assert.Single(room.Attributes).Text());
    }

    [Fact]
    public void Refusals_areCountedForTheRoom()
    {
        SimulatedClient anna = Enter("Anna");
        anna.Remove(99);
        Settle();
        Assert.Equal((1L, CloseCode.NotFound), (Read().Refusals, Assert.Single(anna.Errors).Code));
    }

    private RoomReading Read() => new(Room, Simulation.Now);

    private RoomInspection Inspect() => new(Room, Simulation.Now, RelayInspector.DefaultMostObjects);

    private InspectedMember Find(SimulatedClient client) => Assert.Single(Inspect().Members, member => member.Id == Id(client));

    /// <summary>A clock on which as much time passes between one look and the next.</summary>
    private sealed class Clock(TimeSpan step) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += step.Ticks;
    }
}
