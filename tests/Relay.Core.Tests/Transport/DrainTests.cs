using Relay.Core.Tests.Kit;
using Relay.Protocol;

namespace Relay.Core.Tests.Transport;

/// <summary>How a server goes away: GoAway, time, Close.</summary>
public sealed class DrainTests
{
    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Drain_tellsGoAway_refusesJoins_thenCloses(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Drain.Timeout = TimeSpan.FromMilliseconds(1500);
            options.Drain.RetryAfter = TimeSpan.FromMilliseconds(1500);
            options.Drain.Jitter = TimeSpan.FromMilliseconds(2500);
            options.Drain.AlternateUrl = "wss://b.example/relay";
        });
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await using Peer lobby = await Peer.ConnectAsync(server, wire);
        Task drained = server.Relay.DrainAsync(CloseCode.ServiceRestart);
        await anna.UntilAsync(() => anna.GoAway is not null, "GoAway");
        Assert.Equal(
            (CloseCode.ServiceRestart, 1500u, 2500u, "wss://b.example/relay"),
            (anna.GoAway!.Reason, anna.GoAway.RetryAfterMillis, anna.GoAway.JitterMillis, anna.GoAway.AlternateUrl));
        Assert.InRange(anna.GoAway.DeadlineMillis, 1u, 1500u);
        await lobby.UntilAsync(() => lobby.GoAway is not null, "GoAway");
        Assert.Equal(CloseCode.GoingAway, (await lobby.RefusedAsync(sequence => Frames.Join(sequence, "other"))).Code);

        Ending ending = await anna.Raw.ReadToEndAsync();
        Assert.Equal((CloseCode.ServiceRestart, false), (ending.Close!.Code, ending.WasReset));
        Assert.Equal(wire.IsWebSocket() ? 1012 : null, ending.WebSocketCode);
        await lobby.Raw.ReadToEndAsync();
        await drained.InTimeAsync("the drain");
        Assert.Equal(2L, Assert.Single(server.Log.WithId(8)).Fields["Left"]);
        await Waiting.UntilAsync(() => server.Metrics.Sum("relay.server.active_connections") == 0, "the last connection's end");
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Drain_ofClientsThatLeave_endsBeforeItsTime(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Drain.Timeout = TimeSpan.FromMinutes(5));
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        Task drained = server.Relay.DrainAsync();
        Task again = server.Relay.DrainAsync();
        await anna.UntilAsync(() => anna.GoAway is not null, "GoAway");
        Assert.False(drained.IsCompleted || again.IsCompleted);
        await anna.Raw.SendAsync(Frames.Close(CloseCode.Normal));
        await anna.Raw.ReadToEndAsync();
        await drained.InTimeAsync("the drain");
        await again.InTimeAsync("the drain, asked for twice");
        Assert.Single(server.Log.WithId(7));
    }

    [Theory]
    [InlineData(Wire.Tcp)]
    [InlineData(Wire.PipeTcp)]
    public async Task Drain_takesNobodyInAnyMore(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Drain.Timeout = TimeSpan.FromSeconds(3));
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        Task drained = server.Relay.DrainAsync();
        await anna.UntilAsync(() => anna.GoAway is not null, "GoAway");

        await using RawClient late = await RawTcpClient.ConnectAsync(server, wire);
        await late.SendAsync(Frames.Hello());
        Assert.Equal(CloseCode.GoingAway, (await late.ReadToEndAsync()).Close!.Code);
        await using RawWebSocketClient web = await RawWebSocketClient.ConnectAsync(server, wire.Other());
        Assert.Equal(503, web.Status);

        await anna.Raw.SendAsync(Frames.Close(CloseCode.Normal));
        await anna.Raw.ReadToEndAsync();
        await drained.InTimeAsync("the drain");
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Drain_ofAClientThatDoesNotRead_isBoundedAllTheSame(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer deaf = await Peer.JoinAsync(server, wire, "plaza");
        long start = TimeProvider.System.GetTimestamp();
        await server.Relay.DrainAsync().InTimeAsync("the drain");
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }
}
