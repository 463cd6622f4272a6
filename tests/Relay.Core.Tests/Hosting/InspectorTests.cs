using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Hosting;

/// <summary>Looking into a running server, and taking members out of it.</summary>
public sealed class InspectorTests
{
    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Inspector_tellsRoomsMembersAndWhereTheyComeFrom(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Shards = 2);
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza", "Anna");
        await using Peer ben = await Peer.JoinAsync(server, wire, "plaza", "Ben");
        await using Peer cleo = await Peer.JoinAsync(server, wire, "a/b", "Cleo");
        var there = new Transform(1, 2, 3);
        await anna.MoveAsync(there);
        await ben.SeesAsync(anna.Seat!.Slot, there);

        ServerReading reading = await ReadAsync(server);
        Assert.Equal((3, 2, 3, false), (reading.Connections, reading.Rooms, reading.Members, reading.IsDraining));
        Assert.Equal(["plaza", "a/b"], reading.LargestRooms.Select(room => room.Name));
        Assert.Equal((2, anna.Seat.Epoch), (reading.LargestRooms[0].Members, reading.LargestRooms[0].Epoch));
        Assert.True(reading is { FramesIn: > 0, BytesIn: > 0, BytesOut: > 0, Deliveries: > 0, Ticks.Count: > 0 }, reading.ToString());
        Assert.Equal("plaza", Assert.Single((await server.Relay.Inspector.ReadAsync(mostRooms: 1).InTimeAsync("a reading")).LargestRooms).Name);

        RoomInspection room = (await server.Relay.Inspector.LookAsync("plaza").InTimeAsync("a look"))!;
        InspectedMember member = Assert.Single(room.Members, found => found.Id == anna.Seat.Member);
        Assert.Equal(("Anna", wire.IsWebSocket() ? "websocket" : "tcp"), (member.Name, member.Transport));
        Assert.Equal(wire is Wire.PipeTcp or Wire.PipeWebSocket || server.Relay.Road == RelayRoad.Pipe ? "pipe" : "direct", member.Road);
        Assert.StartsWith("127.0.0.1:", member.Remote, StringComparison.Ordinal);
        Assert.InRange(member.Connected, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Equal(1, member.Place!.Value.X, 3);
        Assert.Equal("Cleo", Assert.Single((await server.Relay.Inspector.LookAsync("a/b").InTimeAsync("a look"))!.Members).Name);
        Assert.Null(await server.Relay.Inspector.LookAsync("nowhere").InTimeAsync("a look"));
        Assert.Equal(2, (await server.Relay.Inspector.ReadRoomAsync("plaza").InTimeAsync("a reading"))!.Members);
        Assert.Null(await server.Relay.Inspector.ReadRoomAsync("nowhere").InTimeAsync("a reading"));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Kick_takesOneMemberOut_ofThisLifeOfTheRoomOnly(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza", "Anna");
        await using Peer ben = await Peer.JoinAsync(server, wire, "plaza", "Ben");
        RelayInspector inspector = server.Relay.Inspector;
        Assert.False(await inspector.KickAsync("nowhere", anna.Seat!.Epoch, 1).InTimeAsync("an answer"));
        Assert.False(await inspector.KickAsync("plaza", anna.Seat.Epoch + 2, anna.Seat.Member).InTimeAsync("an answer"));
        Assert.False(await inspector.KickAsync("plaza", anna.Seat.Epoch, 99).InTimeAsync("an answer"));
        Assert.True(await inspector.KickAsync("plaza", anna.Seat.Epoch, anna.Seat.Member).InTimeAsync("an answer"));

        await anna.UntilAsync(() => anna.Lefts.Count > 0, "Left");
        Assert.Equal(CloseCode.Kicked, Assert.Single(anna.Lefts).Reason);
        await ben.UntilAsync(() => !ben.People.ContainsKey(anna.Seat.Member), "the departure");
        Assert.False(await inspector.KickAsync("plaza", anna.Seat.Epoch, anna.Seat.Member).InTimeAsync("an answer"));
        await anna.JoinAsync("plaza");
    }

    [Fact]
    public async Task Ends_areCountedByCode_andTheLastOnesRemembered()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        RelayInspector inspector = server.Relay.Inspector;
        Assert.Empty(inspector.CloseCounts());
        for (int i = 0; i < 3; i++)
        {
            await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "Anna");
            await anna.Raw.SendAsync(Frames.Close(CloseCode.Normal));
            await anna.Raw.ReadToEndAsync();
        }

        await using (RawClient stranger = await RawTcpClient.ConnectAsync(server, Wire.Tcp))
        {
            await stranger.SendAsync(Frames.Hello(oldest: 9, newest: 9));
            await stranger.ReadToEndAsync();
        }

        await Waiting.UntilAsync(() => inspector.RecentCloses().Count == 4, "four ends");
        Assert.Equal(
            [new CloseCount(CloseCode.Normal, CloseCode.None, 3), new CloseCount(CloseCode.ProtocolError, CloseCode.UnsupportedVersion, 1)],
            inspector.CloseCounts());
        CloseNote ended = Assert.Single(inspector.RecentCloses(), note => note.Code == CloseCode.ProtocolError);
        Assert.Equal(("", "tcp", CloseCode.UnsupportedVersion), (ended.Name, ended.Transport, ended.Cause));
        Assert.Contains(inspector.RecentCloses(), note => note is { Name: "Anna", Code: CloseCode.Normal });
    }

    [Fact]
    public async Task Ends_rememberedAreBounded()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        for (int i = 0; i < 70; i++)
        {
            await using RawClient stranger = await RawTcpClient.ConnectAsync(server, Wire.Tcp);
            await stranger.SendAsync(Frames.Hello(oldest: 9, newest: 9));
            await stranger.ReadToEndAsync();
        }

        await Waiting.UntilAsync(() => server.Relay.Inspector.CloseCounts() is [{ Count: 70 }], "all ends");
        Assert.Equal(64, server.Relay.Inspector.RecentCloses().Count);
    }

    [Fact]
    public async Task Server_thatHasEnded_answersNobody_butLeavesNobodyWaitingPastTheirTime()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await server.App.StopAsync().InTimeAsync("the server's end");
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => server.Relay.Inspector.LookAsync("plaza", cancellationToken: patience.Token).InTimeAsync("an end"));
    }

    private static Task<ServerReading> ReadAsync(RelayTestServer server) => server.Relay.Inspector.ReadAsync().InTimeAsync("a reading");
}
