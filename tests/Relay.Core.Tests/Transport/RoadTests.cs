using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Transport;

/// <summary>Which road a connection takes, and that what is not for the direct road finds the pipe road by itself. Alone, since who says
/// nothing for half a second goes by the pipe road too.</summary>
[Collection(Alone.Name)]
public sealed class RoadTests
{
    private const string Direct = "direct", Pipe = "pipe";

    [Theory]
    [InlineData(Wire.Tcp, Direct)]
    [InlineData(Wire.WebSocket, Direct)]
    [InlineData(Wire.PipeTcp, Pipe)]
    [InlineData(Wire.PipeWebSocket, Pipe)]
    [InlineData(Wire.TlsTcp, Pipe)]
    [InlineData(Wire.TlsWebSocket, Pipe)]
    public Task Auto_takesTheDirectRoadWhereNothingIsInBetween(Wire wire, string road) => TakesAsync(RelayRoad.Auto, wire, road);

    [Theory]
    [InlineData(Wire.Tcp, Direct)]
    [InlineData(Wire.WebSocket, Direct)]
    [InlineData(Wire.TlsTcp, Pipe)]
    [InlineData(Wire.TlsWebSocket, Pipe)]
    public Task Direct_staysOnThePipeRoadInsideTls(Wire wire, string road) => TakesAsync(RelayRoad.Direct, wire, road);

    [Theory]
    [ClassData(typeof(AllWires))]
    public Task Pipe_takesNobodyOntoTheDirectRoad(Wire wire) => TakesAsync(RelayRoad.Pipe, wire, Pipe);

    [Theory]
    [ClassData(typeof(DirectWires))]
    public Task Middleware_thatReplacesTheTransport_keepsTheConnectionOnThePipeRoad(Wire wire) =>
        TakesAsync(RelayRoad.Auto, wire, Pipe, options => options.Use(next => async connection =>
        {
            // Pipes of its own in between, as a middleware has that logs or counts bytes.
            IDuplexPipe original = connection.Transport;
            var output = PipeWriter.Create(original.Output.AsStream(leaveOpen: true));
            connection.Transport = new Replaced(original.Input, output);
            await next(connection);
            await output.CompleteAsync();
            connection.Transport = original;
        }));

    [Theory]
    [ClassData(typeof(DirectWires))]
    public Task Middleware_thatOnlyLooksOn_isNoHindrance(Wire wire) =>
        TakesAsync(RelayRoad.Auto, wire, Direct, options => options.Use(next => connection => next(connection)));

    [Theory]
    [InlineData("/api", "/relay", "/api/relay")]
    [InlineData("/api/{tenant}", "/relay", "/api/acme/relay")]
    [InlineData("/api", "/{tenant}/relay", "/api/acme/relay")]
    [InlineData("/api", "/relay/{world}", "/api/relay/one")]
    [InlineData("", "/relay/", "/relay")]
    [InlineData("", "relay", "/relay")]
    [InlineData("", "/relay", "/relay/")]
    [InlineData("", "/relay", "/RELAY")]
    [InlineData("", "/relay", "/Relay?from=here")]
    [InlineData("", "/relay", "/prefix/relay")]
    [InlineData("", "/", "/")]
    [InlineData("/world", "/", "/world")]
    [InlineData("/world", "", "/world")]
    public async Task Path_howeverItIsMapped_leadsToTheDirectRoad(string group, string pattern, string path)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(use: app =>
        {
            app.UsePathBase("/prefix");
            app.UseRouting();
            app.MapGroup(group).MapRelay(pattern);
        });
        RawWebSocketClient raw = await RawWebSocketClient.ConnectAsync(server, path: path);
        Assert.Equal(101, raw.Status);
        await using Peer anna = Peer.Over(raw);
        await anna.HelloAsync();
        await anna.JoinAsync("plaza");
        Assert.Equal(Direct, Assert.Single(Books.Roads(server)));
    }

    private static async Task TakesAsync(RelayRoad asked, Wire wire, string road, Action<ListenOptions>? listen = null)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Road = asked, listen: listen);
        await using (Peer anna = await Peer.JoinAsync(server, wire, "plaza"))
        {
            await using Peer ben = await Peer.JoinAsync(server, wire, "plaza");
            await anna.MoveAsync(new Transform(1, 2, 3));
            await ben.SeesAsync(anna.Seat!.Slot, new Transform(1, 2, 3));
            await anna.Raw.SendAsync(Frames.Close(CloseCode.Normal));
            Assert.Equal(CloseCode.Normal, (await anna.Raw.ReadToEndAsync()).Close!.Code);
        }

        Assert.Equal(2, await Books.BalanceAsync(server));
        Assert.Equal([road, road], Books.Roads(server));
        Assert.All(server.Metrics.All("relay.server.active_connections"), measured => Assert.Equal(road, measured.Tags["relay.road"]));
        Assert.Equal([road, road], server.Metrics.All("relay.server.connection.duration").Select(measured => (string)measured.Tags["relay.road"]!));
    }

    private sealed record Replaced(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
