using Microsoft.Extensions.Logging;
using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Transport;

/// <summary>Clients that go away at any stage, with the end of the stream or with a reset: nothing of them stays, and nobody else
/// notices more than that they came and went.</summary>
[Collection(Alone.Name)]
public sealed class AbortTests
{
    private const string Slow = "slow";
    private const int Workers = 16;

    private static readonly Wire[] Plain = [Wire.Tcp, Wire.WebSocket, Wire.Tcp, Wire.WebSocket, Wire.PipeTcp, Wire.PipeWebSocket];

    private enum Stage
    {
        Connected,
        PartOfOpening,
        Opening,
        PartOfHello,
        Hello,
        Join,
        MidFrame,
        ServerHasATail,
        HookPending,
        ChangesRoom,
        ClosedByServer,
        ClosedByClient,
    }

    [Fact]
    public Task Aborts_atEveryStage_leaveNothingBehind() => AbortsAsync(rounds: 2, perRound: 1000);

    [Fact]
    [Trait("Category", "Full")]
    public Task Aborts_atEveryStage_aHundredThousand_leaveNothingBehind() => AbortsAsync(rounds: 50, perRound: 2000);

    [Fact]
    public async Task Drain_ofClientsAtEveryStage_endsAndLeavesNothingBehind()
    {
        await using RelayTestServer server = await StartAsync();
        await OneOfEachAsync(server);
        await Books.BalanceAsync(server);
        int baseline = Descriptors.CountSockets();
        var guests = new List<Guest>();
        foreach (Stage stage in Enum.GetValues<Stage>())
        {
            foreach (Wire wire in Plain)
            {
                guests.Add(await ReachAsync(server, wire, stage, cut: 3));
            }
        }

        await server.Relay.DrainAsync().InTimeAsync("the drain");
        guests.ForEach(guest => guest.Dispose());
        await Books.BalanceAsync(server);
        await Descriptors.BackToAsync(baseline);
    }

    private static async Task AbortsAsync(int rounds, int perRound)
    {
        await using RelayTestServer server = await StartAsync();
        await OneOfEachAsync(server);
        await using Peer first = await Peer.JoinAsync(server, Wire.Tcp, "room-0");
        await using Peer second = await Peer.JoinAsync(server, Wire.PipeWebSocket, "room-1");
        await Books.BalanceAsync(server, stay: 2);
        int baseline = Descriptors.CountSockets();
        using var done = new CancellationTokenSource();
        Task[] watching = [WatchAsync(first, done.Token), WatchAsync(second, done.Token)];

        long half = 0;
        for (int round = 0; round < rounds; round++)
        {
            int seed = round;
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(
                () => AbortManyAsync(server, new Random((seed * Workers) + worker), perRound / Workers))));
            await Books.BalanceAsync(server, stay: 2);
            await Descriptors.BackToAsync(baseline);
            Assert.Equal(2, server.Relay.MemberCount);
            Assert.InRange(server.Relay.RoomCount, 1, 2);
            Assert.DoesNotContain(server.Log.Lines, line => line.Level >= LogLevel.Error);
            Keep(server);
            half = round == (rounds / 2) - 1 ? GC.GetTotalMemory(forceFullCollection: true) : half;
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true), 0, half + Math.Max(8_000_000, half / 2));

        // The peers have checked that nobody came or went twice; now nobody is left but themselves.
        await done.CancelAsync();
        foreach ((Peer watcher, Task task) in new[] { first, second }.Zip(watching))
        {
            await watcher.Raw.SendAsync(Frames.Ping(1));
            await task.InTimeAsync("the watcher");
            await watcher.SettleAsync();
            Assert.Equal(watcher.Seat!.Member, Assert.Single(watcher.People).Key);
            Assert.True(watcher.Changes.Count > 0);
            await watcher.DisposeAsync();
        }

        await Waiting.UntilAsync(() => server.Relay is { ConnectionCount: 0, MemberCount: 0, RoomCount: 0 }, "the watchers' departure");
    }

    private static Task<RelayTestServer> StartAsync() => RelayTestServer.StartAsync(
        options =>
        {
            options.Shards = 2;
            options.InputCadence = InputCadence.Every(1);
            options.Limits.FramesPerSecond = 0;
            options.Limits.KernelSendBufferBytes = 8192;
            options.Limits.HelloTimeout = TimeSpan.FromSeconds(2);
            options.Limits.AuthorizeTimeout = TimeSpan.FromSeconds(2);
        },
        builder =>
        {
            builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
            builder.Services.AddRelay().AddAuthorizer<Door>();
        });

    /// <summary>Everything that is made once has been made, and the books are clean.</summary>
    private static async Task OneOfEachAsync(RelayTestServer server)
    {
        foreach (Wire wire in Plain.Distinct())
        {
            await using Peer peer = await Peer.JoinAsync(server, wire, "plaza");
        }
    }

    /// <summary>Forgets what has been looked at, but not who opened and stays.</summary>
    private static void Keep(RelayTestServer server)
    {
        HashSet<object?> closed = [.. server.Log.WithId(3).Select(line => line.Fields["Session"])];
        server.Log.Clear(keep: server.Log.WithId(2).Where(line => !closed.Contains(line.Fields["Session"])));
        server.Metrics.Clear();
    }

    private static async Task AbortManyAsync(RelayTestServer server, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var stage = (Stage)random.Next(Enum.GetValues<Stage>().Length);
            using Guest guest = await ReachAsync(server, Plain[random.Next(Plain.Length)], stage, cut: random.Next(1, 8));
            if (random.Next(3) == 0 && stage >= Stage.Hello)
            {
                await guest.ReceiveAsync();
            }
            else
            {
                guest.Spin(random.Next(2000));
            }

            // By a reset, by the end of the stream, or by the end of the stream and a reset for what it has not read.
            bool reset = random.Next(2) == 0;
            guest.Leave(reset);
            if (!reset && random.Next(2) == 0 && stage is Stage.Hello or Stage.Join or Stage.ChangesRoom)
            {
                await guest.ReceiveAllAsync();
            }
        }
    }

    private static async Task<Guest> ReachAsync(RelayTestServer server, Wire wire, Stage stage, int cut)
    {
        byte[] opening = RawClient.Opening(server, wire);
        byte[] hello = RawClient.Wrap(wire, Frames.Hello("guest"));
        byte[] join = RawClient.Wrap(wire, Frames.Join(1, $"room-{cut % 4}"));
        byte[] greeted = Frames.Concat(opening, hello, join);
        var guest = new Guest(server, wire, receiveBuffer: stage == Stage.ServerHasATail ? 4096 : 0);
        await guest.SendAsync(stage switch
        {
            Stage.Connected => Array.Empty<byte>(),
            Stage.PartOfOpening => opening[..cut],
            Stage.Opening => opening,
            Stage.PartOfHello => Frames.Concat(opening, hello[..cut]),
            Stage.Hello => Frames.Concat(opening, hello),
            Stage.Join => greeted,
            Stage.MidFrame => Frames.Concat(greeted, RawClient.Wrap(wire, Frames.Ping(1))[..cut]),
            Stage.ServerHasATail => Frames.Concat([greeted, .. Enumerable.Range(2, 12).Select(i =>
                RawClient.Wrap(wire, Frames.Event((ulong)i, EventAudience.Everyone, 0, 1024, new byte[8000])))]),
            Stage.HookPending => Frames.Concat(
                opening, hello, RawClient.Wrap(wire, Frames.Join(1, Slow)), RawClient.Wrap(wire, Frames.Ping(1))),
            Stage.ChangesRoom => Frames.Concat([greeted, .. Enumerable.Range(2, 6).Select(i =>
                RawClient.Wrap(wire, Frames.Join((ulong)i, $"room-{(cut + i) % 4}", FrameType.ChangeRoom)))]),
            Stage.ClosedByServer => Frames.Concat(greeted, hello),
            _ => Frames.Concat(greeted, RawClient.Wrap(wire, Frames.Close(CloseCode.Normal))),
        });
        return guest;
    }

    private static async Task WatchAsync(Peer watcher, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            Assert.NotNull(await watcher.NextAsync());
            watcher.Events.Clear();
        }
    }

    /// <summary>Lets everybody in, some only after a while.</summary>
    private sealed class Door : IRelayAuthorizer
    {
        public ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken) =>
            new(ConnectDecision.Allow("guest"));

        public async ValueTask<JoinDecision> AuthorizeJoinAsync(JoinAttempt attempt, CancellationToken cancellationToken)
        {
            if (attempt.Room == Slow)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }

            return JoinDecision.Allow();
        }
    }
}
