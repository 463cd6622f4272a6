using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Transport;

/// <summary>A peer that sends far too little at a time, and peers that send far too much: others are served all the same.</summary>
public sealed class FloodTests
{
    private const int Flood = 10_000;

    public enum Kind
    {
        Events,
        Transforms,
        Pings,
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task OneByteInEachWakeUp_isAFrameInTheEnd_andCostsNobodyElse(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options =>
        {
            options.Shards = 1;
            options.Limits.FrameDeadline = TimeSpan.FromMinutes(1);
        });
        await using Peer slow = await scene.HostileAsync(wire);
        await slow.JoinAsync("plaza");
        foreach (byte one in slow.Raw.Wrap(slow.Move(new Transform(1, 2, 3))))
        {
            // A round of the others' takes at least a wake-up of the shard that all are on.
            await slow.Raw.SendBytesAsync(new[] { one });
            await scene.OthersAreServedAsync();
        }

        await slow.SeesAsync(slow.Seat!.Slot, new Transform(1, 2, 3));
        await scene.HoldsAsync();
    }

    [Theory]
    [ClassData(typeof(Floods))]
    public async Task Flood_ofAnything_isClosed_andOthersAreServed(Wire wire, Kind kind)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Shards = 1);
        await using Peer watcher = await Peer.JoinAsync(scene.Server, wire, "plaza");
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.JoinAsync("plaza");
        byte[] flood = Frames.Concat([.. Enumerable.Range(0, Flood).Select(i => hostile.Raw.Wrap(FrameOf(hostile, kind, i)))]);
        Task sending = hostile.Raw.TrySendBytesAsync(flood);
        Ending ending = await hostile.Raw.ReadToEndAsync();
        await sending.InTimeAsync("the flood");
        Assert.Equal(CloseCode.RateLimited, ending.Close!.Code);
        await scene.ClosedOnceAsync(CloseCode.RateLimited);

        // Whoever shares the room with it was told what was within the limit, and that it has gone.
        uint member = hostile.Seat!.Member;
        await watcher.UntilAsync(() => watcher.Changes.Contains((PresenceKind.Left, member, CloseCode.RateLimited)), "the departure");
        Assert.InRange(watcher.Events.Count, 0, 200);
    }

    private static byte[] FrameOf(Peer hostile, Kind kind, int i) => kind switch
    {
        Kind.Events => Frames.Event(hostile.Sequence + 1 + (ulong)i, EventAudience.Others, 0, 1024, [1]),
        Kind.Transforms => hostile.Move(new Transform(i % 60, 0, 0)),
        _ => Frames.Ping((ulong)i),
    };

    private sealed class Floods() : WiresWith<Kind>(
        [Wire.Tcp, Wire.WebSocket, Wire.PipeTcp, Wire.PipeWebSocket], Kind.Events, Kind.Transforms, Kind.Pings);
}
