using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Hosting;

/// <summary>While the embedder decides on a join, only its own connection waits, whatever the hook does and whatever becomes of the
/// client.</summary>
public sealed class JoinHookTests
{
    private const int Events = 50;

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task FramesBehindAJoinThatWaits_areHandledInOrderAfterIt(Wire wire)
    {
        var hooks = new Hooks();
        await using RelayTestServer server = await StartAsync(hooks);
        await using Peer other = await Peer.JoinAsync(server, wire, "plaza");
        await using Peer anna = await Peer.ConnectAsync(server, wire);

        // More than the queue to the shard holds, all behind the join.
        await anna.Raw.SendAsync([Frames.Join(1, "wait"), .. Numbered(first: 2), Frames.Ping(7)]);
        await hooks.Entered("wait").InTimeAsync("the hook");
        await other.SettleAsync();
        Assert.Equal(1, server.Relay.MemberCount);
        hooks.Release("wait");
        await anna.UntilAsync(() => anna.Events.Count == Events && anna.Pongs.Count == 1, "the answers");
        Assert.Equal(Enumerable.Range(1024, Events), anna.Events.Select(happened => (int)happened.Kind));
        Assert.Empty(anna.Errors);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task FramesBehindAJoinWhoseHookThrowsOrIsLate_areHandledInOrderAfterTheRefusal(Wire wire)
    {
        var hooks = new Hooks();
        await using RelayTestServer server = await StartAsync(hooks, TimeSpan.FromMilliseconds(300));
        foreach (string room in new[] { "throw", "wait" })
        {
            await using Peer anna = await Peer.ConnectAsync(server, wire);
            await anna.Raw.SendAsync([Frames.Join(1, room), Frames.Join(2, "plaza"), .. Numbered(first: 3), Frames.Ping(7)]);
            await anna.UntilAsync(() => anna.Events.Count == Events && anna.Pongs.Count == 1, "the answers");
            Assert.Equal((CloseCode.Forbidden, 1ul), (Assert.Single(anna.Errors).Code, anna.Errors[0].Sequence));
            Assert.Equal(2ul, anna.Seat!.Sequence);
            Assert.Equal(Enumerable.Range(1024, Events), anna.Events.Select(happened => (int)happened.Kind));
        }
    }

    [Theory]
    [InlineData(Wire.Tcp, false)]
    [InlineData(Wire.Tcp, true)]
    [InlineData(Wire.WebSocket, false)]
    [InlineData(Wire.WebSocket, true)]
    [InlineData(Wire.PipeTcp, false)]
    [InlineData(Wire.PipeTcp, true)]
    [InlineData(Wire.PipeWebSocket, false)]
    [InlineData(Wire.PipeWebSocket, true)]
    public async Task ClientThatHangsUpMeanwhile_cancelsTheHook(Wire wire, bool reset)
    {
        var hooks = new Hooks();
        await using RelayTestServer server = await StartAsync(hooks);
        await using Peer anna = await Peer.ConnectAsync(server, wire);
        await anna.Raw.SendAsync(Frames.Join(1, "wait"), Frames.Ping(7));
        await hooks.Entered("wait").InTimeAsync("the hook");
        Leave(anna, reset);
        await hooks.Cancelled("wait").InTimeAsync("the hook's token");
        await Waiting.UntilAsync(() => server.Relay is { ConnectionCount: 0, MemberCount: 0, RoomCount: 0 }, "the departure");
    }

    [Theory]
    [InlineData(Wire.Tcp, "throw-when-cancelled")]
    [InlineData(Wire.Tcp, "block-when-cancelled")]
    [InlineData(Wire.WebSocket, "throw-when-cancelled")]
    [InlineData(Wire.WebSocket, "block-when-cancelled")]
    [InlineData(Wire.PipeTcp, "throw-when-cancelled")]
    [InlineData(Wire.PipeTcp, "block-when-cancelled")]
    public async Task HookThatMisbehavesWhenItIsCancelled_holdsUpNobodyElse(Wire wire, string room)
    {
        var hooks = new Hooks();
        await using RelayTestServer server = await StartAsync(hooks);
        await using Peer other = await Peer.JoinAsync(server, wire, "plaza");
        await using Peer anna = await Peer.ConnectAsync(server, wire);
        await anna.Raw.SendAsync(Frames.Join(1, room));
        await hooks.Entered(room).InTimeAsync("the hook");
        Leave(anna, reset: true);
        await hooks.Cancelled(room).InTimeAsync("the hook's token");
        try
        {
            for (int i = 0; i < 10; i++)
            {
                await other.SettleAsync();
            }
        }
        finally
        {
            hooks.Release(room);
        }

        await Waiting.UntilAsync(() => server.Relay.ConnectionCount == 1, "the departure");
        Assert.DoesNotContain(server.Log.Lines, line => line.Level == LogLevel.Critical);
    }

    private static void Leave(Peer peer, bool reset)
    {
        if (reset)
        {
            peer.Raw.Reset();
        }
        else
        {
            peer.Raw.ShutdownSend();
        }
    }

    private static IEnumerable<byte[]> Numbered(ulong first) => Enumerable.Range(0, Events).Select(i =>
        Frames.Event(first + (ulong)i, EventAudience.Everyone, 0, 1024 + (uint)i, [1, 2, 3]));

    /// <summary>One shard for all, and no time-out that could end a wait in a hook's stead.</summary>
    private static Task<RelayTestServer> StartAsync(Hooks hooks, TimeSpan? timeout = null) => RelayTestServer.StartAsync(
        options =>
        {
            options.Shards = 1;
            options.Limits.FramesPerSecond = 0;
            options.Limits.AuthorizeTimeout = timeout ?? TimeSpan.FromMinutes(1);
            options.Limits.Heartbeat = TimeSpan.FromMinutes(1);
            options.Limits.IdleTimeout = TimeSpan.FromMinutes(5);
        },
        builder => builder.Services.AddSingleton(hooks).AddRelay().AddAuthorizer<Door>());

    /// <summary>What happens in the hook, by room.</summary>
    private sealed class Hooks
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new();

        public Task Entered(string room) => Signal("entered", room).Task;

        public Task Cancelled(string room) => Signal("cancelled", room).Task;

        public void Release(string room) => Signal("released", room).TrySetResult();

        public TaskCompletionSource Signal(string what, string room) =>
            _signals.GetOrAdd($"{what} {room}", _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    private sealed class Door(Hooks hooks) : IRelayAuthorizer
    {
        private int _guests;

        public ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken) =>
            new(ConnectDecision.Allow("guest-" + Interlocked.Increment(ref _guests).ToString(CultureInfo.InvariantCulture)));

        public async ValueTask<JoinDecision> AuthorizeJoinAsync(JoinAttempt attempt, CancellationToken cancellationToken)
        {
            string room = attempt.Room;
            if (room == "throw")
            {
                throw new ArgumentException("The store of rooms is down.");
            }

            if (room != "plaza")
            {
                await using CancellationTokenRegistration registration = cancellationToken.Register(() => OnCancelled(room));
                hooks.Signal("entered", room).TrySetResult();
                await hooks.Signal("released", room).Task;
            }

            return JoinDecision.Allow();
        }

        private void OnCancelled(string room)
        {
            hooks.Signal("cancelled", room).TrySetResult();
            switch (room)
            {
                case "throw-when-cancelled":
                    throw new InvalidOperationException("A callback of the embedder's.");
                case "block-when-cancelled":
                    hooks.Signal("released", room).Task.Wait(CancellationToken.None);
                    break;
            }
        }
    }
}
