using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §5.8 against the real server, over connections that break.</summary>
public sealed class ResumeTests
{
    [Theory]
    [InlineData(Wire.Tcp, 1)]
    [InlineData(Wire.Tcp, 2)]
    [InlineData(Wire.Tcp, 3)]
    [InlineData(Wire.Tcp, 4)]
    [InlineData(Wire.WebSocket, 5)]
    [InlineData(Wire.WebSocket, 6)]
    [InlineData(Wire.WebSocket, 7)]
    [InlineData(Wire.WebSocket, 8)]
    public async Task Events_are_neither_lost_nor_doubled_nor_swapped_wherever_connections_are_cut(Wire wire, int seed)
    {
        const int Cuts = 20;
        await using RealServer server = await RealServer.StartAsync();
        var random = new Random(seed);
        int members = 2 + (seed % 3);
        int[] rounds = new int[members];
        Traveller[] all = [.. Enumerable.Range(0, members).Select(i =>
        {
            // The first attempt is the application's own, so it must get past Welcome.
            ProxyPlan[] plans = [.. Enumerable.Range(0, Cuts).Select(cut => new ProxyPlan(
                random.Next(cut == 0 ? 600 : 20, 1200),
                random.Next(cut == 0 ? 800 : 20, 2400),
                random.Next(2) == 0 ? ProxyFault.End : ProxyFault.Reset))];
            return new Traveller(server, i == members - 1 ? Wire.Tcp : wire, cut => cut < Cuts ? plans[cut] : ProxyPlan.Pass);
        })];
        foreach (Traveller one in all)
        {
            await one.ConnectAsync().InTimeAsync("Welcome");
            await one.Client.JoinAsync("plaza").InTimeAsync("the room");
        }

        await Task.WhenAll(all.Select(one => one.UntilAsync(me => me.View.Count == members, "everybody")));
        await Task.WhenAll(all.Select(async (one, i) =>
        {
            // Until this one's connections have been cut as often as they are to be.
            for (; one.Proxy.Count <= Cuts; rounds[i]++)
            {
                await one.SayAsync($"{i}-{rounds[i]} {new string('x', 10 * (rounds[i] % 10))}");
                one.Client.SendTransform(new Transform(rounds[i] * 0.01, 0, 0));
                await one.UntilAsync(me => me.Events.Length >= rounds[i], "events");
            }
        }));
        await Task.WhenAll(all.Select(one => one.UntilAsync(me => me.Events.Length >= rounds.Sum(), "all events")));
        double?[] last = [.. rounds.Select(round => (double?)Math.Round((round - 1) * 0.01, 3))];
        foreach (Traveller one in all)
        {
            Assert.Equal(all[0].Events, one.Events);
            await one.UntilAsync(me => all.Select(me.XOf).SequenceEqual(last), "everybody's last place");
            Assert.Equal(1, one.Snapshots);
            Assert.DoesNotContain(one.Turns, turn => turn is not ("joined plaza" or "away" or "away still" or "back"));
            Assert.Single(one.Turns, "joined plaza");
        }

        for (int i = 0; i < members; i++)
        {
            string prefix = $"{all[i].Client.Room!.Member} {i}-";
            Assert.Equal(
                Enumerable.Range(0, rounds[i]).Select(round => prefix + round),
                all[0].Events
                    .Where(text => text.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(text => text[..text.LastIndexOf(' ')]));
        }

        foreach (Traveller one in all)
        {
            await one.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Calls_that_wait_are_answered_wherever_connections_are_cut(Wire wire)
    {
        const int Rounds = 30, Cuts = 40;
        await using RealServer server = await RealServer.StartAsync();
        var random = new Random(9);
        ProxyPlan[] plans = [.. Enumerable.Range(0, Cuts).Select(cut => new ProxyPlan(
            random.Next(cut == 0 ? 600 : 20, 1000), random.Next(cut == 0 ? 800 : 20, 1500), ProxyFault.Reset))];
        await using var anna = new Traveller(server, wire, cut => cut < Cuts ? plans[cut] : ProxyPlan.Pass);
        await anna.ConnectAsync().InTimeAsync("Welcome");
        for (int round = 0; round < Rounds; round++)
        {
            Assert.Equal($"r{round}", (await anna.Client.JoinAsync($"r{round}").InTimeAsync("the room")).Name);
            Assert.Equal("other", (await anna.Client.ChangeRoomAsync("other").InTimeAsync("the other room")).Name);
            RelayException refused = await Assert.ThrowsAsync<RelayException>(() => anna.Client.JoinAsync("x").InTimeAsync("the refusal"));
            Assert.Equal(CloseCode.AlreadyInRoom, refused.Code);
            await anna.Client.LeaveAsync().InTimeAsync("Left");
        }

        Assert.True(anna.Proxy.Count > 10, "Hardly anything was cut.");
        Assert.DoesNotContain("new", anna.Turns);
        Assert.Equal(2 * Rounds, anna.Turns.Count(turn => turn.StartsWith("joined", StringComparison.Ordinal)));
        Assert.Equal(Rounds, anna.Turns.Count(turn => turn.StartsWith("left", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Session_whose_time_is_up_is_new_and_the_room_is_joined_again(Wire wire)
    {
        await using RealServer server = await RealServer.StartAsync(options => options.Resume.Window = TimeSpan.Zero);
        await using var ben = new Traveller(server, Wire.Tcp);
        await using var anna = new Traveller(server, wire);
        foreach (Traveller one in (Traveller[])[ben, anna])
        {
            await one.ConnectAsync().InTimeAsync("Welcome");
            await one.Client.JoinAsync("plaza").InTimeAsync("the room");
        }

        ben.Client.SendTransform(new Transform(3, 0, 0));
        await anna.UntilAsync(me => me.XOf(ben) == 3, "Ben's place");
        RoomInfo before = anna.Client.Room!;
        anna.Proxy.IsShut = true;
        anna.Proxy.Cut();
        await ben.UntilAsync(me => me.Turns.Contains($"gone {before.Member}"), "Anna's departure");
        anna.Proxy.IsShut = false;
        await anna.UntilAsync(me => me.Turns.Count(turn => turn == "joined plaza") == 2, "the room, once more");
        Assert.Equal(["joined plaza", "away", "new", "left plaza", "joined plaza"], anna.Turns.Where(turn => turn != "away still"));
        Assert.Equal(before.Epoch, anna.Client.Room!.Epoch);

        // Ben has not moved, so nothing is told of him: his place is known from the stay before.
        await anna.UntilAsync(me => me.XOf(ben) == 3, "Ben's place");
        await anna.SayAsync("here again");
        await ben.UntilAsync(me => me.Events.Length == 1, "the event");
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Lost_welcome_locks_nobody_out(Wire wire)
    {
        await using RealServer server = await RealServer.StartAsync();

        // Connections 1 to 3 get nothing of Welcome, or not all of it: the client waits in vain.
        await using var anna = new Traveller(
            server,
            wire,
            cut => cut is >= 1 and <= 3 ? new ProxyPlan(-1, (cut - 1) * 20, ProxyFault.Swallow, AfterUpgrade: true) : ProxyPlan.Pass,
            options => options.ConnectTimeout = TimeSpan.FromSeconds(1.5));
        await anna.ConnectAsync().InTimeAsync("Welcome");
        await anna.Client.JoinAsync("plaza").InTimeAsync("the room");
        SessionInfo session = anna.Client.Session!;
        anna.Proxy.Cut();
        await anna.SayAsync("hello");
        await anna.UntilAsync(me => me.Events.Length == 1, "the event");
        Assert.Equal((session.SessionHigh, session.SessionLow), (anna.Client.Session!.SessionHigh, anna.Client.Session.SessionLow));
        Assert.Equal(["joined plaza", "away", "back"], anna.Turns.Where(turn => turn != "away still"));
        Assert.InRange(anna.Proxy.Count, 5, int.MaxValue);
        Assert.Equal(1, server.Relay.MemberCount);
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task What_a_hanging_connection_still_brings_is_not_applied_twice(Wire wire)
    {
        await using RealServer server = await RealServer.StartAsync(options =>
        {
            options.Limits.Heartbeat = TimeSpan.FromSeconds(1);
            options.Limits.IdleTimeout = TimeSpan.FromSeconds(2);
        });
        await using var anna = new Traveller(server, wire);
        await anna.ConnectAsync().InTimeAsync("Welcome");
        await anna.Client.JoinAsync("plaza").InTimeAsync("the room");
        anna.Proxy.Hold();
        await anna.SayAsync("late");
        await anna.UntilAsync(me => me.Events.Length == 1, "the event over another connection");
        anna.Proxy.Release();
        await anna.SayAsync("later");
        await anna.UntilAsync(me => me.Events.Length == 2, "the next one");
        Assert.EndsWith(" late", anna.Events[0], StringComparison.Ordinal);
        Assert.EndsWith(" later", anna.Events[1], StringComparison.Ordinal);
        Assert.Equal(["joined plaza", "away", "back"], anna.Turns.Where(turn => turn != "away still"));
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.WebSocket)]
    public async Task Draining_server_sends_its_clients_to_the_other_one(Wire wire)
    {
        await using RealServer next = await RealServer.StartAsync();
        await using RealServer server = await RealServer.StartAsync(options =>
        {
            options.Drain.Timeout = TimeSpan.FromSeconds(30);
            options.Drain.RetryAfter = TimeSpan.FromMilliseconds(20);
            options.Drain.Jitter = TimeSpan.FromMilliseconds(20);
            options.Drain.AlternateUrl = $"ws://{next.Endpoint(Wire.WebSocket)}/relay";
        });
        await using var anna = new Traveller(server, wire);
        await anna.ConnectAsync().InTimeAsync("Welcome");
        await anna.Client.JoinAsync("plaza").InTimeAsync("the room");

        // The client leaves by itself, or the drain would take its whole time.
        await server.Relay.DrainAsync().InTimeAsync("the drain");
        await anna.UntilAsync(me => me.Turns.Count(turn => turn == "joined plaza") == 2, "the room on the other server");
        Assert.Equal(1, next.Relay.MemberCount);
        Assert.Equal(1, anna.Proxy.Count);
    }

    [Fact]
    public async Task Goodbye_ends_the_session_on_the_server()
    {
        await using RealServer server = await RealServer.StartAsync();
        await using var anna = new Traveller(server, Wire.Tcp);
        await anna.ConnectAsync().InTimeAsync("Welcome");
        await anna.Client.JoinAsync("plaza").InTimeAsync("the room");
        await anna.Client.CloseAsync().InTimeAsync("the end");
        Assert.Equal(["joined plaza", "closed Normal"], anna.Turns);
        await Patience.UntilAsync(() => server.Relay.MemberCount == 0, "the departure");
        Assert.Equal(0, server.Relay.SuspendedCount);
    }

    [Fact]
    public async Task Thousands_of_events_are_confirmed_by_pongs_alone()
    {
        await using RealServer server = await RealServer.StartAsync();
        await using var anna = new Traveller(server, Wire.Tcp);
        await anna.ConnectAsync().InTimeAsync("Welcome");
        await anna.Client.JoinAsync("plaza").InTimeAsync("the room");
        for (int i = 0; i < 3000; i++)
        {
            await anna.SayAsync($"{i}").AsTask().InTimeAsync("room for one more");
        }

        await anna.UntilAsync(me => me.Events.Length >= 3000 || me.Turns.Contains("gap"), "all events");
    }
}
