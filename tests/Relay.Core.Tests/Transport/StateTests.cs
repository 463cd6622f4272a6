using Microsoft.Extensions.DependencyInjection;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Tests.Kit;
using Relay.Core.Tests.Rooms;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Transport;

/// <summary>The state of rooms over real connections: the same on every road, through broken connections and into other rooms.</summary>
public sealed class StateTests
{
    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task State_reachesEverybody_andALateJoiner(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza", "Anna");
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "Ben");
        uint table = (uint)await anna.AskAsync(StateFrames.Create("table"));
        ulong version = await anna.AskAsync(StateFrames.Set(AttributeTarget.OfObject(table), "colour", StateAsks.Text("red")));
        await anna.AskAsync(StateFrames.Set(AttributeTarget.OfObject(table), "colour", StateAsks.Text("blue"), expected: version));
        await anna.AskAsync(StateFrames.Set(AttributeTarget.OfMember(anna.Seat!.Member), "hat", StateAsks.Number(7)));
        await anna.SettleAsync();
        await ben.UntilAsync(() => ben.Mirror.Dump() == anna.Mirror.Dump(), "the same world");
        await using Peer cleo = await Peer.JoinAsync(server, wire, "plaza", "Cleo");

        Assert.Equal(anna.Mirror.Dump(), cleo.Mirror.Dump());
        Assert.Equal(2, cleo.Mirror.Attributes.Count);
        Assert.Empty(anna.Errors);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task State_survivesBrokenConnections_andEachMessageIsAnsweredOnce(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Resume.Window = TimeSpan.FromMinutes(1));
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza", "Anna");
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "Ben");
        uint table = (uint)await anna.AskAsync(StateFrames.Create("table"));
        for (int round = 0; round < 10; round++)
        {
            ulong asked = await anna.PostAsync(StateFrames.Set(AttributeTarget.OfObject(table), "round", StateAsks.Number(round)));
            if (round % 2 == 0)
            {
                // It has been applied, whether or not the answer came through.
                await ben.UntilAsync(() => HasRound(ben, round), "the round");
            }

            Assert.True(await anna.ReconnectAsync(server, wire));
            if (anna.Welcome!.LastApplied < asked)
            {
                await anna.Raw.SendAsync(StateFrames.Write(StateFrames.Set(AttributeTarget.OfObject(table), "round", StateAsks.Number(round)), asked));
            }

            await anna.UntilAsync(() => anna.Done.ContainsKey(asked), "the answer");
            await anna.UntilAsync(() => HasRound(anna, round), "the round");
        }

        await ben.UntilAsync(() => ben.Mirror.Dump() == anna.Mirror.Dump(), "the same world");
        Assert.Empty(anna.Errors);
        Assert.DoesNotContain(ben.Changes, change => change.Member == anna.Seat!.Member);

        static bool HasRound(Peer peer, int round) =>
            peer.Mirror.Attributes.Values.Any(attribute => attribute.Value == Convert.ToHexString(StateAsks.Number(round)));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Kick_leavesTheConnectionOpen_andABanKeepsOut(Wire wire)
    {
        await using RelayTestServer server = await StartWithRolesAsync();
        await using Peer owner = await Peer.JoinAsync(server, wire, "plaza", "owner:Olga");
        await using Peer ben = await Peer.JoinAsync(server, wire, "plaza", "member:Ben");
        await owner.AskAsync(StateFrames.Manage(ManageAction.Kick, ben.Seat!.Member));
        await ben.UntilAsync(() => ben.Lefts.Count == 1, "Left");
        Assert.Equal((0ul, CloseCode.Kicked), (ben.Lefts[0].Sequence, ben.Lefts[0].Reason));

        await ben.JoinAsync("plaza");
        await owner.UntilAsync(() => owner.People.ContainsKey(ben.Seat.Member), "Ben");
        await owner.AskAsync(StateFrames.Manage(ManageAction.Ban, ben.Seat.Member));
        await ben.UntilAsync(() => ben.Lefts.Count == 2, "Left");
        Assert.Equal(CloseCode.Banned, ben.Lefts[1].Reason);
        Assert.Equal(CloseCode.Banned, (await ben.RefusedAsync(sequence => Frames.Join(sequence, "plaza"))).Code);

        await owner.AskAsync(StateFrames.Manage(ManageAction.Unban, text: "user:Ben"));
        await ben.JoinAsync("plaza");
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task ClosedRoom_takesNobodyIn_butThoseWhoMayOpenIt(Wire wire)
    {
        await using RelayTestServer server = await StartWithRolesAsync();
        await using Peer owner = await Peer.JoinAsync(server, wire, "plaza", "owner:Olga");
        await using Peer ben = await Peer.JoinAsync(server, wire, "plaza", "member:Ben");
        await owner.AskAsync(StateFrames.Manage(ManageAction.CloseRoom));
        await ben.UntilAsync(() => ben.Lefts.Count == 1, "Left");
        Assert.Equal(CloseCode.RoomClosed, ben.Lefts[0].Reason);
        await owner.LeaveAsync();
        Assert.Equal(CloseCode.RoomClosed, (await ben.RefusedAsync(sequence => Frames.Join(sequence, "plaza"))).Code);

        await owner.JoinAsync("plaza");
        await owner.AskAsync(StateFrames.Manage(ManageAction.OpenRoom));
        await ben.JoinAsync("plaza");
    }

    [Fact]
    public async Task Case30_ticketForOneRoom_doesNotOpenAnother()
    {
        await using RelayTestServer server = await StartWithRolesAsync();
        await using Peer ben = await Peer.ConnectAsync(server, Wire.Tcp, "member:Ben");
        Assert.Equal(CloseCode.Forbidden, (await ben.RefusedAsync(sequence => Frames.Join(sequence, "vault", ticket: "plaza"))).Code);
        Assert.Equal(CloseCode.Forbidden, (await ben.RefusedAsync(sequence => Frames.Join(sequence, "vault"))).Code);
        await ben.Raw.SendAsync(Frames.Join(ben.Sequence + 1, "vault", ticket: "vault"));
        await ben.UntilAsync(() => ben.Snapshots == 1, "the vault");
    }

    [Fact]
    public async Task Case37_lastLeaveMeetsFirstJoin_oneRoomWithOneState()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Limits.FramesPerSecond = 0);
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "Anna");
        await using Peer ben = await Peer.ConnectAsync(server, Wire.WebSocket, "Ben");
        for (int round = 0; round < 100; round++)
        {
            await anna.AskAsync(StateFrames.Create($"table-{round}"));
            ulong epoch = anna.Seat!.Epoch;
            await Task.WhenAll(anna.LeaveAsync(), ben.JoinAsync("plaza"));

            // The room lived on, and with it what was in it; or it is a new one, and clean.
            Assert.Equal(ben.Seat!.Epoch == epoch ? 1 : 0, ben.Mirror.Objects.Count(pair => pair.Value.Name == $"table-{round}"));
            Assert.Equal(1, server.Relay.RoomCount);
            Assert.Equal(1, server.Relay.MemberCount);
            await Task.WhenAll(ben.LeaveAsync(), anna.JoinAsync("plaza"));
        }
    }

    [Theory]
    [InlineData(DoubleLogin.NewestWins)]
    [InlineData(DoubleLogin.Refuse)]
    [InlineData(DoubleLogin.Allow)]
    public async Task Case38_sameUserTwice_isDecidedByTheRoom(DoubleLogin policy)
    {
        await using RelayTestServer server = await StartWithRolesAsync(options => options.Room.DoubleLogin = policy);
        await using Peer first = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "member:Ben");
        await using Peer second = await Peer.ConnectAsync(server, Wire.WebSocket, "member:Ben");
        bool joined = await second.TryJoinAsync("plaza");

        Assert.Equal(policy != DoubleLogin.Refuse, joined);
        if (policy == DoubleLogin.NewestWins)
        {
            Ending ending = await first.Raw.ReadToEndAsync();
            Assert.Equal(CloseCode.Replaced, ending.Close!.Code);
            await Waiting.UntilAsync(() => server.Relay.MemberCount == 1, "one member");
        }
        else
        {
            await first.SettleAsync();
            Assert.Equal(policy == DoubleLogin.Allow ? 2 : 1, server.Relay.MemberCount);
        }

        if (policy == DoubleLogin.Refuse)
        {
            ErrorFacts error = Assert.Single(second.Errors);
            Assert.Equal((CloseCode.AlreadyPresent, (double)first.Seat!.Member), (error.Code, error.Value));
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("../../etc/passwd", 16)]
    [InlineData("a..b", 4)]
    [InlineData("nul\0", 4)]
    [InlineData("rtl\u202Eazalp", 11)]
    [InlineData("plaza\u200B", 8)]
    [InlineData("pla za", 6)]
    public async Task Case41_roomNames_areRefusedByTheirBytes(string name, int bytes)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.ConnectAsync(server, Wire.Tcp);
        ErrorFacts error = await anna.RefusedAsync(sequence => Frames.Join(sequence, name));
        Assert.Equal((FrameType.Join, CloseCode.BadRoomName, 128.0, (double)bytes), (error.Refused, error.Code, error.Limit, error.Value));
        Assert.Equal(0, server.Relay.RoomCount);
    }

    [Fact]
    public async Task Case41_longNameAndLookalikes_areOtherRooms_orNone()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "plaza");

        // The length counts bytes, not characters; 64 KiB do not even fit the field. A homoglyph is a letter, so another room.
        Assert.Equal(CloseCode.BadRoomName, (await anna.RefusedAsync(sequence => Frames.Join(sequence, new string('é', 65), FrameType.ChangeRoom))).Code);
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "pl\u0430za");
        Assert.Single(ben.People);
        Assert.Equal(2, server.Relay.RoomCount);
    }

    private static Task<RelayTestServer> StartWithRolesAsync(Action<RelayOptions>? configure = null) => RelayTestServer.StartAsync(
        configure,
        builder => builder.Services.AddSingleton<IRelayAuthorizer, RoleDoor>());

    /// <summary>Credentials are "role:name", tickets name the one room that they open; the plaza needs none.</summary>
    private sealed class RoleDoor : IRelayAuthorizer
    {
        public ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken)
        {
            string[] words = System.Text.Encoding.UTF8.GetString(attempt.Credentials.Span).Split(':');
            return new(ConnectDecision.Allow(words[1], identity: words[0], userId: words[1]));
        }

        public ValueTask<JoinDecision> AuthorizeJoinAsync(JoinAttempt attempt, CancellationToken cancellationToken) =>
            new(attempt.Room == "plaza" || attempt.Room == System.Text.Encoding.UTF8.GetString(attempt.Ticket.Span)
                ? JoinDecision.Allow(role: (string)attempt.Identity!)
                : JoinDecision.Refuse());
    }
}
