using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Transport;

/// <summary>Every code that an Error frame can hold, each by what brings it about; the connection lives on. (4422, 4423, 4424 and 4405:
/// see FramingCases; 4403: see AuthorizerTests.)</summary>
public sealed class RefusalTests
{
    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task NumberedMessages_outOfPlace_areRefusedAndConsumed(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Room.Capacity = 1;
            options.Limits.MaxRooms = 2;
        });
        await using Peer other = await Peer.JoinAsync(server, Wire.Tcp, "full");
        await using Peer anna = await Peer.ConnectAsync(server, wire);
        await ExpectAsync(sequence => Frames.Join(sequence, "../etc"), FrameType.Join, CloseCode.BadRoomName, 128, 6);
        await ExpectAsync(sequence => Frames.Join(sequence, "plaza", FrameType.ChangeRoom), FrameType.ChangeRoom, CloseCode.NotInRoom);
        await ExpectAsync(Frames.Leave, FrameType.Leave, CloseCode.NotInRoom);
        await ExpectAsync(sequence => Frames.Event(sequence, EventAudience.Others, 0, 1024, []), FrameType.SendEvent, CloseCode.NotInRoom);
        await ExpectAsync(sequence => Frames.Join(sequence, "full"), FrameType.Join, CloseCode.RoomFull, 1, 1);
        await anna.JoinAsync("plaza");
        await ExpectAsync(sequence => Frames.Join(sequence, "plaza"), FrameType.Join, CloseCode.AlreadyInRoom);
        await ExpectAsync(sequence => Frames.Join(sequence, "third", FrameType.ChangeRoom), FrameType.ChangeRoom, CloseCode.TooManyRooms, 2, 2);
        await ExpectAsync(sequence => Frames.Event(sequence, EventAudience.Member, 99, 1024, []), FrameType.SendEvent, CloseCode.NotFound, 0, 99);
        await ExpectAsync(sequence => Frames.Event(sequence, EventAudience.Others, 0, 1024, new byte[8193]), FrameType.SendEvent, CloseCode.PayloadTooLarge, 8192, 8193);
        await anna.SettleAsync();
        Assert.Equal(9, anna.Errors.Count);
        Assert.Equal(9, server.Metrics.Read("relay.server.frames.refused"));

        async Task ExpectAsync(Func<ulong, byte[]> message, FrameType type, CloseCode code, double limit = 0, double value = 0)
        {
            ErrorFacts error = await anna.RefusedAsync(message);
            Assert.Equal((type, code, limit, value), (error.Refused, error.Code, error.Limit, error.Value));
            Assert.NotEmpty(error.Text);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/plaza")]
    [InlineData("plaza/")]
    [InlineData("a b")]
    [InlineData("nul\0")]
    [InlineData("rtl\u202Eazalp")]
    public async Task RoomName_thatIsNotAllowed_isRefused(string name)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.ConnectAsync(server, Wire.Tcp);
        Assert.Equal(CloseCode.BadRoomName, (await anna.RefusedAsync(sequence => Frames.Join(sequence, name))).Code);
        await anna.JoinAsync("plaza/Zürich-1.2:3~4@5+6");
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task FramesAboveTheLimit_areDroppedAndToldOnceASecond_andNumbersStayInStep(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Limits.FrameBurst = 10;
            options.Limits.FramesPerSecond = 5;
        });
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        ulong first = anna.Sequence + 1;
        await anna.Raw.SendAsync([.. Enumerable.Range(0, 30).Select(i => Frames.Event(first + (ulong)i, EventAudience.Everyone, 0, 1024, [(byte)i]))]);
        await anna.UntilAsync(() => anna.Errors.Count == 1 && anna.Events.Count > 0, "the Error");
        Assert.Equal((CloseCode.RateLimited, FrameType.SendEvent, 5.0), (anna.Errors[0].Code, anna.Errors[0].Refused, anna.Errors[0].Limit));

        // The bucket fills again, and the next number is the one after those that were dropped.
        ulong next = first + 30;
        await Waiting.UntilAsync(() => server.Metrics.Read("relay.server.frames.dropped") > 0, "dropped frames");
        await Task.Delay(TimeSpan.FromSeconds(1.2), TimeProvider.System);
        await anna.Raw.SendAsync(Frames.Event(next, EventAudience.Everyone, 0, 2048, []));
        await anna.UntilAsync(() => anna.Events.Any(happened => happened.Kind == 2048), "the event after the flood");
        Assert.DoesNotContain(anna.Errors, error => error.Code == CloseCode.BadSequence);
        Assert.InRange(anna.Events.Count, 2, 12);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task ConnectionsAboveTheLimit_areToldToTryAgainLater(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Limits.MaxConnections = 3);
        await using Peer third = await Peer.ConnectAsync(scene.Server, wire);
        await using RawClient fourth = await RawClient.ConnectAsync(scene.Server, wire);
        await fourth.SendAsync(Frames.Hello(Scene.Secret));
        Ending ending = await fourth.ReadToEndAsync();
        Assert.Equal((CloseCode.TryAgainLater, 3.0, 4.0), (ending.Close!.Code, ending.Close.Limit, ending.Close.Value));
        await scene.RejectedOnceAsync(CloseCode.TryAgainLater);
        await Waiting.UntilAsync(() => scene.Server.Relay.ConnectionCount == 3, "the fourth's end");
        await third.DisposeAsync();
        await Waiting.UntilAsync(() => scene.Server.Relay.ConnectionCount == 2, "the third's end");
        await using Peer again = await Peer.ConnectAsync(scene.Server, wire);
    }

    [Fact]
    public async Task Capacity_with50JoiningAtOnce_admitsExactly10()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Room.Capacity = 10;
            options.Shards = 2;
        });
        Peer[] peers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Peer.ConnectAsync(server, (Wire)(i % 4))));
        bool[] admitted = await Task.WhenAll(peers.Select(peer => peer.TryJoinAsync("plaza")));
        Assert.Equal(10, admitted.Count(yes => yes));
        Assert.All(peers.Where(peer => peer.Seat is null), peer => Assert.Equal((CloseCode.RoomFull, 10.0), (peer.Errors[0].Code, peer.Errors[0].Limit)));
        Assert.Equal(10, server.Relay.MemberCount);
        Assert.Equal(10, peers.Where(peer => peer.Seat is not null).Select(peer => peer.Seat!.Slot).Distinct().Count());

        // A seat that comes free can be taken.
        await peers.First(peer => peer.Seat is not null).LeaveAsync();
        await using Peer late = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        foreach (Peer peer in peers)
        {
            await peer.DisposeAsync();
        }
    }
}
