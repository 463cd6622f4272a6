using Relay.Core.Tests.Kit;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Transport;

/// <summary>The moment in which a connection changes hands, from Kestrel to a shard: wherever the client's bytes are cut by it, and
/// whenever the client goes away, nothing is lost, doubled or left behind.</summary>
[Collection(Alone.Name)]
public sealed class DetachTests
{
    private const int Events = 300;

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task HelloJoinAndManyFrames_inOneSegmentWithTheOpening_areHandledInOrder(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Limits.FramesPerSecond = 0);
        for (int round = 0; round < 10; round++)
        {
            await using Peer anna = Peer.Over(await RawClient.ConnectAsync(server, wire, Frames.Concat(
                RawClient.Wrap(wire, Frames.Hello("Anna")), RawClient.Wrap(wire, Frames.Join(1, $"room-{round}")), Numbered(wire))));
            await anna.UntilAsync(() => anna.Events.Count == Events, "all events");
            Assert.Equal(Enumerable.Range(1024, Events), anna.Events.Select(happened => (int)happened.Kind));
            Assert.Empty(anna.Errors);
        }

        await Books.BalanceAsync(server);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Everything_byteByByte_fromTheFirstByteOn_isTheSameSession(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Limits.FramesPerSecond = 0);
        byte[] behind = Frames.Concat(
            RawClient.Wrap(wire, Frames.Hello("Anna")),
            RawClient.Wrap(wire, Frames.Join(1, "plaza")),
            RawClient.Wrap(wire, Frames.Event(2, EventAudience.Everyone, 0, 2048, new byte[300])),
            RawClient.Wrap(wire, Frames.Ping(7)));
        await using Peer anna = Peer.Over(await RawClient.ConnectAsync(server, wire, behind, segment: 1));
        await anna.UntilAsync(() => anna is { Snapshots: 1, Pongs.Count: 1, Events.Count: 1 }, "all answers");
        await anna.MoveAsync(new Transform(1, 2, 3));
        await anna.SeesAsync(anna.Seat!.Slot, new Transform(1, 2, 3));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task FrameCutAtTheMomentOfDetaching_isWhole(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Limits.FramesPerSecond = 0);
        byte[] second = Frames.Concat(RawClient.Wrap(wire, Frames.Join(1, "plaza")), RawClient.Wrap(wire, Frames.Ping(7)));

        // The rest once when the server is known to have the connection detached, once right behind, whatever it is doing then.
        for (int cut = 1; cut < second.Length; cut++)
        {
            bool waits = cut % 2 == 0;
            await using Peer anna = Peer.Over(await RawClient.ConnectAsync(
                server, wire, Frames.Concat(RawClient.Wrap(wire, Frames.Hello("Anna")), second[..cut])));
            if (waits)
            {
                await anna.UntilAsync(() => anna.Welcome is not null, "Welcome");
            }

            await anna.Raw.SendBytesAsync(second.AsMemory(cut));
            await anna.UntilAsync(() => anna is { Snapshots: 1, Pongs.Count: 1 }, "the answers to both frames");
        }

        Assert.Equal(second.Length - 1, await Books.BalanceAsync(server));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task EndRightBehindJoin_byFin_leavesNothing(Wire wire) => await GoneAsync(wire, reset: false, withJoin: true);

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task EndRightBehindJoin_byReset_leavesNothing(Wire wire) => await GoneAsync(wire, reset: true, withJoin: true);

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task EndRightBehindHello_byFin_leavesNothing(Wire wire) => await GoneAsync(wire, reset: false, withJoin: false);

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task EndRightBehindHello_byReset_leavesNothing(Wire wire) => await GoneAsync(wire, reset: true, withJoin: false);

    private static async Task GoneAsync(Wire wire, bool reset, bool withJoin)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using (await Peer.JoinAsync(server, wire, "plaza"))
        {
        }

        await Books.BalanceAsync(server);
        int baseline = Descriptors.CountSockets();
        byte[] all = Frames.Concat(
            RawClient.Opening(server, wire),
            RawClient.Wrap(wire, Frames.Hello("Anna")),
            withJoin ? RawClient.Wrap(wire, Frames.Join(1, "plaza")) : []);

        // The later the end comes, the further the server has got: from the opening to after the detaching.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                using var guest = new Guest(server, wire);
                await guest.SendAsync(all);
                guest.Spin(100 * i);
                guest.Leave(reset);
                await guest.ReceiveAllAsync();
            }
        }))).InTimeAsync("everybody's departure");

        await Books.BalanceAsync(server);
        Assert.Equal((0, 0), (server.Relay.MemberCount, server.Relay.RoomCount));
        await Descriptors.BackToAsync(baseline);
    }

    private static byte[] Numbered(Wire wire) => Frames.Concat([.. Enumerable.Range(0, Events).Select(i =>
        RawClient.Wrap(wire, Frames.Event((ulong)i + 2, EventAudience.Everyone, 0, 1024 + (uint)i, [1, 2, 3])))]);
}
