using Relay.Core.Transport.Ingress;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>Who gets an event, and which events there are. protocol-spec.md §7.1 and §11.9.</summary>
public sealed class EventAudienceTests : StateTest
{
    private const int Others = 1 << (int)EventAudience.Others;
    private const int Everyone = 1 << (int)EventAudience.Everyone;
    private const int One = 1 << (int)EventAudience.Member;
    private const int ByRole = 1 << (int)EventAudience.Roles;
    private const int Near = 1 << (int)EventAudience.Nearby;

    private static readonly (string Name, byte[] Payload)[] Payloads =
    [
        ("str", StateAsks.Text("hi")), ("bool", [0xC3]), ("nil", [0xC0]), ("map", [0x81, 0xA1, 0x61, 0x01]), ("int", [0x05]),
        ("array", [0x90]), ("bin", [0xC4, 0x00]), ("float", [0xCA, 0, 0, 0, 0]), ("nothing", []), ("two", [0xC0, 0xC0]),
        ("broken", [0xC1]), ("no text", [0xA1, 0xFF]),
    ];

    [Theory]
    [InlineData(EventAudience.Others, "bcd")]
    [InlineData(EventAudience.Everyone, "abcd")]
    [InlineData(EventAudience.Member, "c")]
    [InlineData(EventAudience.Roles, "d")]
    public void Audience_getsIt_stampedWithTheSender_andNobodyElse(EventAudience audience, string who)
    {
        SimulatedClient[] crowd = [Enter("a"), Enter("b"), Enter("c"), Enter("d", "moderator")];
        Send(crowd[0], audience, member: Id(crowd[2]), roles: 1 << 2);
        Settle();

        Assert.Equal(
            who, string.Concat(crowd.Where(client => client.Heard.Count == 1).Select(client => "abcd"[crowd.ToList().IndexOf(client)])));
        Assert.All(
            crowd.SelectMany(client => client.Heard),
            heard => Assert.Equal(new SimulatedClient.EventFacts(Id(crowd[0]), audience, 2000, "say"), heard));
        Assert.All(crowd, client => Assert.True(client.Heard.Count <= 1));
    }

    [Theory]
    [InlineData(0u, "")]
    [InlineData(1u, "g")]
    [InlineData(6u, "mo")]
    [InlineData(uint.MaxValue, "gmow")]
    [InlineData(0xFFFF_FFF0u, "")]
    public void Roles_areAMask_andTheSenderIsNotIncluded(uint mask, string who)
    {
        SimulatedClient sender = Enter("Sender");
        SimulatedClient[] crowd = [Enter("g", "guest"), Enter("m"), Enter("o", "moderator"), Enter("w", "owner")];
        Send(sender, EventAudience.Roles, roles: mask);
        Settle();

        Assert.Equal(who, string.Concat(crowd.Select((client, i) => client.Heard.Count > 0 ? "gmow"[i..(i + 1)] : "")));
        Assert.Empty(sender.Heard);
        Assert.Empty(sender.Refusals);
    }

    [Fact]
    public void Nearby_isWithinTheRadius_edgesIncluded()
    {
        SimulatedClient sender = Enter("Sender");
        SimulatedClient edge = Enter("Edge");
        SimulatedClient beyond = Enter("Beyond");
        SimulatedClient left = Enter("Left");
        SimulatedClient nowhere = Enter("Nowhere");
        SimulatedClient same = Enter("Same");
        sender.Move(1_000, Simulation.Now);
        edge.Move(1_500, Simulation.Now);
        beyond.Move(1_501, Simulation.Now);
        left.Move(500, Simulation.Now);
        same.Move(1_000, Simulation.Now);
        Settle();

        // Half a metre is 500 steps of a millimetre.
        Send(sender, EventAudience.Nearby, radius: 0.5f);
        Settle();
        Assert.Equal([0, 1, 0, 1, 0, 1], Clients.Select(client => client.Heard.Count));
        Send(sender, EventAudience.Nearby, radius: float.MaxValue);
        Settle();
        Assert.Equal([0, 2, 1, 2, 0, 2], Clients.Select(client => client.Heard.Count));
        Send(sender, EventAudience.Nearby, radius: float.Epsilon);
        Settle();
        Assert.Equal([0, 2, 1, 2, 0, 3], Clients.Select(client => client.Heard.Count));

        // What counts is where they are when it is sent, not when it is read.
        beyond.Move(1_000, Simulation.Now);
        Simulation.Wake();
        Send(sender, EventAudience.Nearby, radius: 0.001f);
        Settle();
        Assert.Equal(2, beyond.Heard.Count);
        Assert.Empty(nowhere.Heard);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Nearby_withARadiusThatIsNone_orASenderThatIsNowhere_isRefused(float radius)
    {
        SimulatedClient sender = Enter("Sender");
        Enter("Other").Move(5, Simulation.Now);
        MustNot(sender, () => Send(sender, EventAudience.Nearby, radius: 1), CloseCode.BadValue);
        sender.Move(5, Simulation.Now);
        SimulatedClient.RefusalFacts refusal = MustNot(
            sender, () => Send(sender, EventAudience.Nearby, radius: radius), CloseCode.BadValue);
        Assert.Equal((0d, (double)radius), (refusal.Limit, refusal.Value));
        Assert.Empty(Clients[1].Heard);
    }

    [Fact]
    public void Member_whoIsNotThere_isNotFound_andOneselfIsFound()
    {
        SimulatedClient sender = Enter("Sender");
        MustNot(sender, () => Send(sender, EventAudience.Member, member: 9), CloseCode.NotFound, 0, 9);
        Send(sender, EventAudience.Member, member: Id(sender));
        Settle();
        Assert.Single(sender.Heard);
    }

    [Fact]
    public void SlowReceiver_getsWhatWasForIt_inOrder_amongWhatWasNot()
    {
        SimulatedClient sender = Enter("Sender");
        SimulatedClient slow = Enter("Slow", "moderator");
        SimulatedClient quick = Enter("Quick");
        slow.Outlet.IsStalled = true;
        sender.Move(5, Simulation.Now);
        Settle();
        for (int i = 0; i < 40; i++)
        {
            Send(
                sender,
                (EventAudience)(i % 4),
                2000,
                [(byte)('a' + (i % 4))],
                Id(i % 8 == 2 ? slow : quick),
                roles: i % 8 == 3 ? 1u << 2 : 1u << 1);
            Simulation.Wake();
        }

        slow.Outlet.Resume();
        Settle();
        Assert.Equal(string.Concat(Enumerable.Repeat("abcdab", 5)), string.Concat(slow.Events));
        Assert.Equal(string.Concat(Enumerable.Repeat("ababcd", 5)), string.Concat(quick.Events));
    }

    [Theory]
    [InlineData(SignalKind.Chat, "str", Others | Everyone | One | ByRole | Near)]
    [InlineData(SignalKind.Typing, "bool", Others | Everyone | Near)]
    [InlineData(SignalKind.HighFive, "nil map", One)]
    [InlineData(SignalKind.HandRaised, "bool", Others | Everyone | ByRole)]
    [InlineData(SignalKind.Notification, "map", Others | Everyone | One | ByRole | Near)]
    [InlineData(SignalKind.FlyToMe, "nil map", Others | Everyone | One)]
    [InlineData(SignalKind.StageMode, "map", Others | Everyone | One | ByRole)]
    public void Signal_carriesWhatItsRowSays_toWhomItSays(SignalKind kind, string carries, int audiences)
    {
        byte[] good = Payloads.Single(payload => payload.Name == carries.Split(' ')[0]).Payload;
        foreach ((string name, byte[] payload) in Payloads)
        {
            EventAudience audience = Enum.GetValues<EventAudience>().First(one => (audiences >> (int)one & 1) != 0);
            (SimulatedClient sender, SimulatedClient other) = Fresh();
            ulong sequence = Send(sender, audience, (uint)kind, payload, Id(other), 1 << 3, 1);
            Settle();
            if (carries.Split(' ').Contains(name))
            {
                Assert.Empty(sender.Refusals);
                Assert.Equal((uint)kind, Assert.Single(other.Heard).Kind);
            }
            else
            {
                Assert.Equal(
                    (sequence, CloseCode.BadValue), Assert.Single(sender.Refusals.Select(refusal => (refusal.Sequence, refusal.Code))));
                Assert.Empty(other.Heard);
            }
        }

        foreach (EventAudience audience in Enum.GetValues<EventAudience>())
        {
            (SimulatedClient sender, SimulatedClient other) = Fresh();
            Send(sender, audience, (uint)kind, good, Id(other), 1 << 3, 1);
            Settle();
            bool goes = (audiences >> (int)audience & 1) != 0;
            Assert.Equal(goes ? [] : [CloseCode.BadValue], sender.Refusals.Select(refusal => refusal.Code));
            Assert.Equal(goes ? 1 : 0, other.Heard.Count);
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(8u)]
    [InlineData(1023u)]
    public void Kind_thatIsTheProtocolsAndIsNot_isRefused(uint kind)
    {
        SimulatedClient sender = Enter("Sender");
        MustNot(sender, () => Send(sender, EventAudience.Others, kind, [0xC0]), CloseCode.BadValue, 1024, kind);
    }

    [Fact]
    public void Chat_isOf1To4000Bytes_andAnApplicationsEventIsAnything()
    {
        (SimulatedClient sender, SimulatedClient other) = Fresh();
        Send(sender, EventAudience.Others, 1, StateAsks.Text(new string('x', 4000)));
        Send(sender, EventAudience.Others, 1024, [0xC1, 0xFF]);
        Send(sender, EventAudience.Others, uint.MaxValue, []);
        Settle();
        Assert.Equal(3, other.Heard.Count);
        MustNot(sender, () => Send(sender, EventAudience.Others, 1, StateAsks.Text(new string('x', 4001))), CloseCode.BadValue, 4000, 4001);
        MustNot(sender, () => Send(sender, EventAudience.Others, 1, StateAsks.Text("")), CloseCode.BadValue, 4000, 0);
        MustNot(sender, () => Send(sender, EventAudience.Others, 1, [0xA1, 0xC0, 0xC0]), CloseCode.BadValue);
        MustNot(sender, () => Send(sender, EventAudience.Others, 2000, new byte[8193]), CloseCode.PayloadTooLarge, 8192, 8193);
    }

    [Fact]
    public void HighFive_takesTwo()
    {
        SimulatedClient sender = Enter("Sender");
        MustNot(
            sender,
            () => Send(sender, EventAudience.Member, (uint)SignalKind.HighFive, [0xC0], Id(sender)),
            CloseCode.BadValue,
            0,
            Id(sender));
    }

    [Theory]
    [InlineData(1u, 2, 10)]
    [InlineData(2u, 2, 4)]
    [InlineData(3u, 1, 5)]
    [InlineData(4u, 1, 5)]
    [InlineData(5u, 1, 5)]
    [InlineData(6u, 1, 5)]
    [InlineData(7u, 1, 5)]
    [InlineData(1024u, 30, 60)]
    public void Rate_ofEachKind_isItsRowsOwn(uint kind, int perSecond, int burst)
    {
        (SimulatedClient sender, SimulatedClient other) = Fresh();
        byte[] payload = kind switch { 1 => StateAsks.Text("x"), 2 or 4 => [0xC2], _ => [0x80] };
        EventAudience audience = kind == 3 ? EventAudience.Member : EventAudience.Others;
        for (int i = 0; i < burst + 3; i++)
        {
            Send(sender, audience, kind, payload, Id(other));
        }

        Simulation.Wake();
        Assert.Equal(burst, other.Heard.Count);
        Assert.Equal([1d, 2d, 3d], sender.Refusals.Select(refusal => refusal.Value));
        Assert.All(sender.Refusals, refusal => Assert.Equal((CloseCode.RateLimited, (double)perSecond), (refusal.Code, refusal.Limit)));

        // Another row has its own tokens, and what is refused for another reason takes none.
        Send(sender, EventAudience.Others, kind == 1024 ? 1u : 1024u, StateAsks.Text("x"));
        Settle();
        Assert.Equal(burst + 1, other.Heard.Count);
        Simulation.Run(1_000);
        for (int i = 0; i < perSecond + 3; i++)
        {
            Send(sender, audience, kind, payload, Id(other));
        }

        Simulation.Wake();
        Assert.InRange(other.Heard.Count, burst + 1 + perSecond, burst + 1 + perSecond + 2);
    }

    private static ulong Send(
        SimulatedClient client,
        EventAudience audience,
        uint kind = 2000,
        byte[]? payload = null,
        uint member = 0,
        uint roles = 0,
        float radius = 0) =>
        client.Say((ref Protocol.Primitives.FrameWriter writer, ulong sequence) => new SendEvent
        {
            Sequence = sequence,
            Audience = audience,
            Member = member,
            Roles = roles,
            Radius = radius,
            Kind = kind,
            Payload = payload ?? Bytes("say"),
        }.Write(ref writer));

    /// <summary>Two owners at one place, with full buckets.</summary>
    private (SimulatedClient Sender, SimulatedClient Other) Fresh()
    {
        Simulation = new Simulation();
        Clients.Clear();
        Assert.Equal(30, new IngressLimits().EventsPerSecond);
        (SimulatedClient sender, SimulatedClient other) = (Enter("Sender", "owner"), Enter("Other", "owner"));
        sender.Move(5, Simulation.Now);
        other.Move(5, Simulation.Now);
        Settle();
        return (sender, other);
    }
}
