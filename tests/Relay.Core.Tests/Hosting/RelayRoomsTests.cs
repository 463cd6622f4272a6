using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Core.Tests.Kit;
using Relay.Core.Tests.Rooms;
using Relay.Core.Tests.Rooms.Stores;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Hosting;

/// <summary>What the server does in rooms for others than their members, and with a store, over real connections.</summary>
public sealed class RelayRoomsTests
{
    private readonly TestRoomStore _store = new();

    [Fact]
    public async Task Lease_holdsARoomOpen_takesNoSeat_andIsDoneWhenItIsStored()
    {
        await using RelayTestServer server = await StartAsync();
        RelayRooms rooms = server.Relay.Rooms;
        RoomLease lease = await rooms.OpenAsync("plaza", new RoomOptions { Capacity = 1 }).InTimeAsync("a lease");
        RoomContext room = lease.Room;
        Task<uint> made = room.CreateObjectAsync(new NewObject { Name = "table", Flags = ObjectFlags.Persistent });
        uint table = await made.InTimeAsync("the table");
        Assert.Contains("table", _store.Dump("plaza"), StringComparison.Ordinal);
        uint copy = await room.CloneObjectAsync(table, name: "copy").InTimeAsync("a copy");
        await room.UpdateObjectAsync(copy, new ObjectChange { Parent = table, Type = "t" }).InTimeAsync("a change");
        AttributeTerms lasting = AttributeTerms.Default with { Flags = AttributeFlags.Persistent };
        ulong first = await room.SetAttributeAsync(AttributeTarget.OfObject(table), "map", new byte[] { 0x80 }, lasting).InTimeAsync("an attribute");
        ulong second = await room.MergeAttributeAsync(AttributeTarget.OfObject(table), "map", ["a", "b"], StateAsks.Number(1), expected: first)
            .InTimeAsync("a merge");
        RoomRefusedException conflict = await Assert.ThrowsAsync<RoomRefusedException>(
            () => room.MergeAttributeAsync(AttributeTarget.OfObject(table), "map", ["a"], StateAsks.Number(1), expected: first).InTimeAsync("a merge"));
        Assert.Equal((CloseCode.Conflict, (double)second), (conflict.Code, conflict.Value));
        Assert.Equal("""{"a":{"b":1}}""", (await room.FindAttributeAsync(AttributeTarget.OfObject(table), "map").InTimeAsync("a look"))!.Text().Replace(" ", "", StringComparison.Ordinal));
        await room.RemoveFromAttributeAsync(AttributeTarget.OfObject(table), "map", ["a"]).InTimeAsync("a removal");
        Assert.Equal("{}", (await room.AttributesAsync(AttributeTarget.OfObject(table)).InTimeAsync("a look"))!.Single().Text());
        Assert.Equal([copy], (await room.ObjectsAsync(after: table).InTimeAsync("a look")).Select(found => found.Image.Id));
        Assert.Null(await room.FindObjectAsync(99).InTimeAsync("a look"));
        await using (Peer anna = await Peer.JoinAsync(server, Wire.WebSocket, "plaza", "Anna"))
        {
            await room.GiveObjectAsync(table, anna.Seat!.Member).InTimeAsync("a gift");
            Assert.Equal(anna.Seat.Member, (await room.FindObjectAsync(table).InTimeAsync("a look"))!.Image.Owner);
            Assert.Single((await room.LookAsync().InTimeAsync("a look")).Members);
        }

        await Waiting.UntilAsync(() => server.Relay.MemberCount == 0, "the departure");
        Assert.Equal(1, server.Relay.RoomCount);
        await lease.DisposeAsync();
        await Waiting.UntilAsync(() => server.Relay.RoomCount == 0, "the room's end");
        Assert.Equal(CloseCode.NotFound, (await Assert.ThrowsAsync<RoomRefusedException>(() => room.RemoveObjectAsync(table))).Code);
        await using RoomLease again = await rooms.OpenAsync("plaza").InTimeAsync("a lease");
        Assert.Equal([table, copy], (await again.Room.ObjectsAsync().InTimeAsync("a look")).Select(found => found.Image.Id));
        await Assert.ThrowsAsync<ArgumentException>(() => rooms.OpenAsync("plaza", new RoomOptions { Capacity = 0 }));
    }

    [Fact]
    public async Task StoreThatIsDown_isSaid_inHealthLogAndMetrics_andWhenItIsBack()
    {
        await using RelayTestServer server = await StartAsync(options => options.Store.AnswerTimeout = TimeSpan.FromMilliseconds(100));
        await using RoomLease lease = await server.Relay.Rooms.OpenAsync("plaza").InTimeAsync("a lease");
        _store.SaveGate = _ => throw new IOException("down");
        RoomRefusedException refused = await Assert.ThrowsAsync<RoomRefusedException>(
            () => lease.Room.CreateObjectAsync(new NewObject { Flags = ObjectFlags.Persistent }).InTimeAsync("an object"));
        Assert.Equal(CloseCode.StoreUnavailable, refused.Code);
        Assert.Single(await lease.Room.ObjectsAsync().InTimeAsync("a look"));
        Assert.Equal(HealthStatus.Degraded, (await HealthAsync(server)).Status);
        Assert.Single(server.Log.WithId(16));
        _store.LoadGate = _ => throw new IOException("down");
        refused = await Assert.ThrowsAsync<RoomRefusedException>(() => server.Relay.Rooms.OpenAsync("other").InTimeAsync("a lease"));
        Assert.Equal(CloseCode.StoreUnavailable, refused.Code);
        _store.SaveGate = _ => Task.CompletedTask;
        await Waiting.UntilAsync(() => server.Log.WithId(17).Any(), "the store's return");
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(server)).Status);
        Assert.Single(_store.Rooms["plaza"].Objects);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Drain_storesWhatIsLeft_orSaysWhatIsLost(bool isStoreWell)
    {
        await using RelayTestServer server = await StartAsync(options =>
        {
            options.Store.DrainTimeout = TimeSpan.FromMilliseconds(isStoreWell ? 20_000 : 300);
            options.Store.AnswerTimeout = TimeSpan.FromMilliseconds(100);
        });
        RoomLease lease = await server.Relay.Rooms.OpenAsync("plaza").InTimeAsync("a lease");
        bool isDown = true;
        _store.SaveGate = _ => isDown ? throw new IOException("down") : Task.CompletedTask;
        await Assert.ThrowsAsync<RoomRefusedException>(
            () => lease.Room.CreateObjectAsync(new NewObject { Flags = ObjectFlags.Persistent }).InTimeAsync("an object"));
        isDown = !isStoreWell;
        await server.Relay.DrainAsync().InTimeAsync("the drain");
        Assert.Equal(isStoreWell, _store.Rooms.ContainsKey("plaza"));
        Assert.Equal(isStoreWell ? 0 : 1, server.Log.WithId(19).Count());
        await Assert.ThrowsAsync<RoomRefusedException>(() => server.Relay.Rooms.OpenAsync("plaza").InTimeAsync("a lease"));
        await lease.DisposeAsync();
    }

    [Fact]
    public async Task BansRolesAndClosing_areStored_andDoneToMembersOfAllInstances()
    {
        await using RelayTestServer server = await StartAsync(
            options => options.Shards = 2, new Dictionary<string, string> { ["anna"] = "a", ["ben"] = "b", ["cleo"] = "c" }, RoomOverflow.Spill);
        RelayRooms rooms = server.Relay.Rooms;
        await using Peer anna = await Peer.JoinAsync(server, Wire.WebSocket, "plaza", "anna");
        await using Peer ben = await Peer.JoinAsync(server, Wire.WebSocket, "plaza", "ben");
        Assert.Equal(1, await rooms.SetRoleAsync("plaza", "b", "owner").InTimeAsync("a role"));
        Assert.Equal("owner", (await server.Relay.Inspector.LookAsync("plaza~2").InTimeAsync("a look"))!.Members.Single().Role);
        Assert.Equal(CloseCode.BadValue, (await Assert.ThrowsAsync<RoomRefusedException>(() => rooms.SetRoleAsync("plaza", "b", "wizard"))).Code);
        IReadOnlyList<OnlineClient> online = await server.Relay.Inspector.OnlineAsync().InTimeAsync("who is there");
        Assert.Equal([("a", "plaza"), ("b", "plaza~2")], online.Select(client => (client.UserId!, client.Room!)));
        Assert.Equal("b", Assert.Single(await server.Relay.Inspector.OnlineAsync(["b", "x"]).InTimeAsync("who is there")).UserId);
        Assert.Equal("b", Assert.Single(await server.Relay.Inspector.OnlineAsync(skip: 1, most: 5).InTimeAsync("who is there")).UserId);
        Assert.Equal(1, await rooms.KickAsync("plaza", "a").InTimeAsync("a kick"));
        await anna.UntilAsync(() => anna.Lefts.Count > 0, "Left");
        await anna.JoinAsync("plaza");
        await rooms.BanAsync("plaza", "user:a", reason: "noise").InTimeAsync("a ban");
        await anna.UntilAsync(() => anna.Lefts.Count > 1, "Left");
        Assert.Equal(CloseCode.Banned, anna.Lefts[^1].Reason);
        Assert.True(await rooms.UnbanAsync("plaza", "user:a").InTimeAsync("the end of the ban"));
        Assert.False(await rooms.UnbanAsync("plaza", "user:a").InTimeAsync("the end of no ban"));
        await anna.JoinAsync("plaza");
        await rooms.SetClosedAsync("plaza", closed: true).InTimeAsync("closing");
        await anna.UntilAsync(() => anna.Lefts.Count > 2, "Left");
        Assert.Equal(CloseCode.RoomClosed, anna.Lefts[^1].Reason);
        Assert.Empty(ben.Lefts);
        SettingsChange change = await rooms.ApplyAsync("plaza", new RoomOptions { Capacity = 5, Overflow = RoomOverflow.Spill }).InTimeAsync("settings");
        Assert.True(change.IsOpen);
        Assert.Equal(["Capacity"], change.Applied);
        Assert.False((await rooms.ApplyAsync("nowhere", new RoomOptions()).InTimeAsync("settings")).IsOpen);

        // For good: who comes again has the role.
        await ben.DisposeAsync();
        await Waiting.UntilAsync(() => server.Relay.RoomCount == 0, "the end of the rooms");
        await rooms.SetClosedAsync("plaza", closed: false).InTimeAsync("opening");
        await using Peer again = await Peer.JoinAsync(server, Wire.WebSocket, "plaza", "ben");
        Assert.Equal("owner", (await server.Relay.Inspector.LookAsync("plaza").InTimeAsync("a look"))!.Members.Single().Role);
    }

    [Fact]
    public async Task Disconnect_endsSessionsWhereverTheyAre_andOnesThatWereJustComing()
    {
        var authorizer = new Names { Users = new Dictionary<string, string> { ["anna"] = "a", ["ben"] = "b", ["cleo"] = "a", ["dora"] = "a" } };
        await using RelayTestServer server = await RelayTestServer.StartAsync(
            options =>
            {
                options.Shards = 2;
                options.Resume.Window = TimeSpan.FromMinutes(1);
            },
            builder => builder.Services.AddSingleton<IRelayAuthorizer>(authorizer));
        await using Peer anna = await Peer.JoinAsync(server, Wire.WebSocket, "plaza", "anna");
        await using Peer ben = await Peer.JoinAsync(server, Wire.WebSocket, "plaza", "ben");
        Peer cleo = await Peer.JoinAsync(server, Wire.Tcp, "lobby", "cleo");
        await cleo.DisposeAsync();
        await Waiting.UntilAsync(() => server.Relay.SuspendedCount == 1 || server.Relay.MemberCount == 2, "the suspension");
        long suspended = server.Relay.SuspendedCount;
        var decide = new TaskCompletionSource();
        authorizer.Gate = decide.Task;
        Task<Peer> dora = Peer.JoinAsync(server, Wire.WebSocket, "plaza", "dora");
        await authorizer.Asked.WaitAsync().InTimeAsync("dora's Hello");
        int ended = await server.Relay.DisconnectAsync(client => client.UserId == "a", CloseCode.Unauthorized, "Signed out.").InTimeAsync("the end");
        Assert.Equal(1 + suspended, ended);
        decide.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => dora.InTimeAsync("dora"));
        await Waiting.UntilAsync(() => server.Relay.MemberCount == 1, "the end of their stay");
        Assert.Equal(0, server.Relay.SuspendedCount);
        Assert.Empty(ben.Lefts);

        // Whoever asks to be let in afterwards is not meant.
        authorizer.Gate = Task.CompletedTask;
        await using Peer later = await Peer.JoinAsync(server, Wire.WebSocket, "plaza", "anna");
        Assert.Equal(2, server.Relay.MemberCount);
    }

    private static Task<HealthCheckResult> HealthAsync(RelayTestServer server) =>
        new RelayHealthCheck(server.Relay).CheckHealthAsync(new HealthCheckContext());

    private Task<RelayTestServer> StartAsync(
        Action<RelayOptions>? configure = null, Dictionary<string, string>? users = null, RoomOverflow overflow = RoomOverflow.Refuse) =>
        RelayTestServer.StartAsync(
            options =>
            {
                if (overflow == RoomOverflow.Spill)
                {
                    options.Room.Overflow = overflow;
                    options.Room.Capacity = 1;
                }

                configure?.Invoke(options);
            },
            builder =>
            {
                builder.Services.AddSingleton<IRoomStore>(_store.Connect());
                if (users is not null)
                {
                    builder.Services.AddSingleton<IRelayAuthorizer>(new Names { Users = users });
                }
            });

    /// <summary>Lets in whoever has a user id, under the name that is the credentials.</summary>
    private sealed class Names : IRelayAuthorizer
    {
        public required Dictionary<string, string> Users { get; init; }

        public Task Gate { get; set; } = Task.CompletedTask;

        public SemaphoreSlim Asked { get; } = new(0);

        public async ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken)
        {
            string name = Encoding.UTF8.GetString(attempt.Credentials.Span);
            if (!Gate.IsCompleted)
            {
                Asked.Release();
                await Gate.WaitAsync(cancellationToken);
            }

            return ConnectDecision.Allow(name, userId: Users[name]);
        }
    }
}
