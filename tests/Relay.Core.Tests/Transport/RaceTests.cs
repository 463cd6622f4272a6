using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Core.Tests.Transport;

/// <summary>Joins and leaves against each other: nobody stays who has gone.</summary>
public sealed class RaceTests
{
    private const int Connections = 20;
    private const int Rounds = 250;

    private static readonly Wire[] Plain = [Wire.Tcp, Wire.WebSocket, Wire.PipeTcp, Wire.PipeWebSocket];

    [Fact]
    public async Task Case36_tenThousandJoinsAndLeavesOfOneRoom_leaveNoGhost()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Shards = 2;
            options.Limits.FramesPerSecond = 0;
            options.InputCadence = Core.Hosting.InputCadence.Every(0);
        });
        await using Peer watcher = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        using var done = new CancellationTokenSource();
        Task watching = WatchAsync(watcher, done.Token);

        // 20 × 250 joins and as many leaves; nobody waits for an answer.
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async i =>
        {
            await using Peer racer = await Peer.ConnectAsync(server, Plain[i % Plain.Length]);
            Task<Ending> reading = racer.Raw.ReadToEndAsync();
            for (ulong round = 0; round < Rounds; round++)
            {
                await racer.Raw.SendAsync(Frames.Join((round * 2) + 1, "plaza"), Frames.Leave((round * 2) + 2));
            }

            await (i % 8 < 4 ? racer.Raw.SendAsync(Frames.Close(CloseCode.Normal)) : ResetAsync(racer));
            await reading.InTimeAsync("the racer's end");
        })).InTimeAsync("the race");

        await Waiting.UntilAsync(() => server.Relay is { MemberCount: 1, RoomCount: 1, ConnectionCount: 1 }, "the racers' departure");
        await done.CancelAsync();
        await watcher.Raw.SendAsync(Frames.Ping(1));
        await watching.InTimeAsync("the watcher");
        await watcher.SettleAsync();
        Assert.Equal(watcher.Seat!.Member, Assert.Single(watcher.People).Key);

        // Each was told to arrive and to leave once: the peer checks that no arrival is told twice and no departure without an arrival.
        await watcher.LeaveAsync();
        await Waiting.UntilAsync(() => server.Relay is { MemberCount: 0, RoomCount: 0 }, "the room's end");
    }

    [Fact]
    public async Task ConnectionsThatBreakWhileTheyChangeShards_leaveNoGhost()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Shards = 2;
            options.Limits.FramesPerSecond = 0;
        });
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            await using Peer racer = await Peer.ConnectAsync(server, Plain[i % Plain.Length]);
            await racer.Raw.SendAsync(
                Frames.Join(1, $"room-{i % 7}"), Frames.Join(2, $"room-{(i + 1) % 7}", FrameType.ChangeRoom), Frames.Join(3, $"room-{(i + 2) % 7}", FrameType.ChangeRoom));
            await ResetAsync(racer);
        })).InTimeAsync("the race");
        await Waiting.UntilAsync(() => server.Relay is { MemberCount: 0, RoomCount: 0, ConnectionCount: 0 }, "everybody's departure");
    }

    private static async Task WatchAsync(Peer watcher, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            Assert.NotNull(await watcher.NextAsync());
        }
    }

    private static Task ResetAsync(Peer racer)
    {
        racer.Raw.Reset();
        return Task.CompletedTask;
    }
}
