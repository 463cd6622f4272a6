using System.Globalization;
using System.Text;
using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Transport;

/// <summary>Rooms on several shards, and members that go from one to the other; and rooms of different weight on one shard.</summary>
public sealed class ShardTests
{
    private const int Rooms = 8;
    private const int Wanderers = 6;

    [Theory]
    [InlineData(Wire.Tcp, 250)]
    [InlineData(Wire.WebSocket, 100)]
    [InlineData(Wire.PipeTcp, 50)]
    public async Task MembersThatChangeShards_loseNothing_doubleNothing_andKeepTheOrder(Wire wire, int hops)
    {
        hops *= Full.Or(20, 1);
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Shards = 4;
            options.InputCadence = InputCadence.Every(1);
            options.Limits.FramesPerSecond = 0;
        });
        Peer[] residents = await Task.WhenAll(Enumerable.Range(0, Rooms).Select(room => Peer.JoinAsync(server, wire, Name(room))));
        using var done = new CancellationTokenSource();
        Task[] calling = [.. residents.Select((resident, room) => Task.Run(() => CallAsync(resident, room, done.Token)))];

        // Each wanderer's path is its own, and told by its number and the hop's.
        await Task.WhenAll(Enumerable.Range(0, Wanderers).Select(wanderer => Task.Run(() => WanderAsync(server, wire, wanderer, hops))))
            .InTimeAsync("the wanderers");
        await Waiting.UntilAsync(() => server.Relay.MemberCount == Rooms, "the wanderers' departure");
        await done.CancelAsync();
        await Task.WhenAll(calling).InTimeAsync("the residents");

        // A resident has heard every visitor once for each visit, in order, and itself without a gap.
        for (int room = 0; room < Rooms; room++)
        {
            await residents[room].SettleAsync();
            string[] heard = [.. residents[room].Events.Select(happened => Encoding.UTF8.GetString(happened.Payload))];
            for (int wanderer = 0; wanderer < Wanderers; wanderer++)
            {
                string start = $"{Name(room)}|w{wanderer}|";
                int[] visits = [.. Enumerable.Range(0, hops).Where(hop => RoomOf(wanderer, hop) == room)];
                Assert.Equal(
                    visits.Select(hop => start + hop.ToString(CultureInfo.InvariantCulture)),
                    heard.Where(text => text.StartsWith(start, StringComparison.Ordinal)));
            }

            Assert.Single(residents[room].People);
            await residents[room].DisposeAsync();
        }
    }

    [Theory]
    [ClassData(typeof(DirectWires))]
    public async Task LightRoomBesideAHeavyOne_isToldEverything(Wire wire)
    {
        const int Movers = 200;
        const int Calls = 100;
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Shards = 1;
            options.Limits.FramesPerSecond = 0;
        });
        Peer[] light = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Peer.JoinAsync(server, wire, "light")));
        var movers = new List<Peer>();
        for (int i = 0; i < Movers; i++)
        {
            movers.Add(await Peer.JoinAsync(server, wire, "heavy"));
        }

        using var done = new CancellationTokenSource();
        Task[] moving = [.. movers.Select(mover => Task.Run(() => MoveAsync(mover, done.Token)))];
        for (int i = 0; i < Calls; i++)
        {
            foreach (Peer caller in light)
            {
                await caller.SendEventAsync(EventAudience.Others, i.ToString(CultureInfo.InvariantCulture));
                await caller.MoveAsync(new Transform(i / 10.0, 0, 0));
            }
        }

        var last = new Transform((Calls - 1) / 10.0, 0, 0);
        foreach (Peer listener in light)
        {
            Peer[] others = [.. light.Where(other => other != listener)];
            await listener.UntilAsync(
                () => listener.Events.Count == others.Length * Calls && others.All(other => listener.IsAt(other.Seat!.Slot, last)),
                "everything");
            foreach (Peer other in others)
            {
                Assert.Equal(
                    Enumerable.Range(0, Calls).Select(i => i.ToString(CultureInfo.InvariantCulture)),
                    listener.Events.Where(happened => happened.Sender == other.Seat!.Member)
                        .Select(happened => Encoding.UTF8.GetString(happened.Payload)));
            }
        }

        await done.CancelAsync();
        await Task.WhenAll(moving).InTimeAsync("the movers");
        foreach (Peer peer in movers.Concat(light))
        {
            await peer.DisposeAsync();
        }
    }

    private static string Name(int room) => $"room-{room}";

    /// <summary>Where a wanderer is after a hop: never where it was before.</summary>
    private static int RoomOf(int wanderer, int hop) => (wanderer + (hop * 3) + (hop / Rooms)) % Rooms;

    private static async Task CallAsync(Peer resident, int room, CancellationToken done)
    {
        for (int call = 0; !done.IsCancellationRequested; call++)
        {
            string text = $"{Name(room)}|call|{call}";
            int before = resident.Events.Count;
            await resident.SendEventAsync(EventAudience.Everyone, text);
            await resident.UntilAsync(
                () => resident.Events.Skip(before).Any(happened => Encoding.UTF8.GetString(happened.Payload) == text), "its own call");
        }
    }

    private static async Task WanderAsync(RelayTestServer server, Wire wire, int wanderer, int hops)
    {
        await using Peer peer = await Peer.ConnectAsync(server, wire);
        ulong sequence = 0;
        for (int hop = 0; hop < hops; hop++)
        {
            // What is right behind the change belongs into the new room, wherever the connection is when it is read.
            string own = $"{Name(RoomOf(wanderer, hop))}|w{wanderer}|{hop}";
            await peer.Raw.SendAsync(
                Frames.Join(++sequence, Name(RoomOf(wanderer, hop)), hop == 0 ? FrameType.Join : FrameType.ChangeRoom),
                Frames.Event(++sequence, EventAudience.Everyone, 0, 1024, Encoding.UTF8.GetBytes(own)));
            await peer.UntilAsync(() => peer.Events.Count > 0 && Encoding.UTF8.GetString(peer.Events[^1].Payload) == own, own);
        }

        Assert.Empty(peer.Errors);
        string[] heard = [.. peer.Events.Select(happened => Encoding.UTF8.GetString(happened.Payload))];
        Assert.Equal(hops, heard.Count(text => text.Contains($"|w{wanderer}|", StringComparison.Ordinal)));

        // Within one stay a resident's calls have no gap; between two stays in one room there is another.
        string stay = "";
        int last = -1;
        foreach (string[] parts in heard.Select(text => text.Split('|')))
        {
            if (parts[0] != stay)
            {
                (stay, last) = (parts[0], -1);
            }

            if (parts[1] == "call")
            {
                int call = int.Parse(parts[2], CultureInfo.InvariantCulture);
                Assert.True(last < 0 || call == last + 1, $"After call {last} of {stay} came {call}.");
                last = call;
            }
        }
    }

    private static async Task MoveAsync(Peer mover, CancellationToken done)
    {
        for (int i = 0; !done.IsCancellationRequested; i = (i + 1) % 60)
        {
            var place = new Transform(i, 0, 0);
            await mover.MoveAsync(place);
            await mover.SeesAsync(mover.Seat!.Slot, place);
        }
    }
}
