using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Protocol;

namespace Relay.Core.Tests.Hosting;

/// <summary>What an operator sees: health, metrics, logs.</summary>
[Collection(Alone.Name)]
public sealed class ObservationTests
{
    [Fact]
    public async Task Health_isUnhealthyFromTheFirstMomentOfADrain()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(
            options => options.Drain.Timeout = TimeSpan.FromSeconds(5),
            builder => builder.Services.AddHealthChecks().AddRelay(),
            app =>
            {
                app.MapRelay();
                app.MapHealthChecks("/ready");
            });
        using var client = new HttpClient { BaseAddress = server.HttpAddress };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/ready")).StatusCode);
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        Task drained = server.Relay.DrainAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/ready")).StatusCode);
        await anna.DisposeAsync();
        await drained.InTimeAsync("the drain");
    }

    [Fact]
    public async Task Metrics_haveNamesUnitsAndDescriptions()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        var units = server.Metrics.Instruments.ToDictionary(instrument => instrument.Name, instrument => instrument.Unit);
        var expected = new Dictionary<string, string>
        {
            ["relay.server.active_connections"] = "{connection}",
            ["relay.server.connection.duration"] = "s",
            ["relay.server.rejected_connections"] = "{connection}",
            ["relay.server.active_rooms"] = "{room}",
            ["relay.server.active_members"] = "{member}",
            ["relay.server.frames"] = "{frame}",
            ["relay.server.frames.dropped"] = "{frame}",
            ["relay.server.frames.refused"] = "{frame}",
            ["relay.server.transforms.superseded"] = "{transform}",
            ["relay.server.io.received"] = "By",
            ["relay.server.io.sent"] = "By",
            ["relay.server.transmissions"] = "{transmission}",
            ["relay.server.receivers.conflated"] = "{receiver}",
            ["relay.server.handler.failures"] = "{call}",
            ["relay.server.handler.timeouts"] = "{call}",
            ["relay.server.handler.ticks.skipped"] = "{tick}",
            ["relay.server.handler.arrivals.untold"] = "{member}",
            ["relay.observer.dropped"] = "{event}",
            ["relay.server.snapshots"] = "{snapshot}",
            ["relay.server.ticks"] = "{tick}",
            ["relay.server.ticks.late"] = "{tick}",
        };
        Assert.All(expected, pair => Assert.Equal(pair.Value, units[pair.Key]));
        Assert.All(server.Metrics.Instruments, instrument => Assert.False(string.IsNullOrEmpty(instrument.Description)));
    }

    [Theory]
    [InlineData(Wire.Tcp, "tcp", "direct")]
    [InlineData(Wire.WebSocket, "websocket", "direct")]
    [InlineData(Wire.PipeTcp, "tcp", "pipe")]
    [InlineData(Wire.PipeWebSocket, "websocket", "pipe")]
    public async Task Metrics_countConnectionsRoomsAndMembers_byTransportRoadAndReason(Wire wire, string transport, string road)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        Assert.Equal((1, 1, 1), (server.Metrics.Sum("relay.server.active_connections"), server.Metrics.Read("relay.server.active_rooms"), server.Metrics.Read("relay.server.active_members")));
        Assert.Equal(1, server.Metrics.Read("relay.server.frames"));
        Assert.True(server.Metrics.Read("relay.server.io.received") > 0);
        await anna.Raw.SendAsync(Frames.Hello());
        await anna.Raw.ReadToEndAsync();
        await Waiting.UntilAsync(() => server.Metrics.All("relay.server.connection.duration").Any(), "the connection's end");
        Assert.Equal(0, server.Metrics.Sum("relay.server.active_connections"));
        Measured duration = Assert.Single(server.Metrics.All("relay.server.connection.duration"));
        Assert.InRange(duration.Value, 0.0, 60.0);
        Assert.Equal((transport, road), (duration.Tags["network.transport"], duration.Tags["relay.road"]));
        Assert.Equal("protocol_error", duration.Tags["relay.close.reason"]);
        Assert.Equal((0, 0), (server.Metrics.Read("relay.server.active_rooms"), server.Metrics.Read("relay.server.active_members")));
    }

    [Fact]
    public async Task Log_tellsCodeCauseLimitAndValueOfAClose()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Limits.FrameDeadline = TimeSpan.FromMilliseconds(100));
        await using Peer anna = await Peer.ConnectAsync(server, Wire.Tcp, "Anna");
        await anna.Raw.SendBytesAsync(new byte[] { 1 });
        await anna.Raw.ReadToEndAsync();
        await Waiting.UntilAsync(() => server.Log.WithId(3).Any(), "the line");
        LogLine opened = Assert.Single(server.Log.WithId(2)), closed = Assert.Single(server.Log.WithId(3));
        Assert.Equal((LogLevel.Debug, LogLevel.Debug), (opened.Level, closed.Level));
        Assert.Equal(anna.Welcome!.Session, opened.Fields["Session"]);
        Assert.Equal(anna.Welcome.Session, closed.Fields["Session"]);
        Assert.Equal((4408, "timeout", "frame_deadline", 100.0), (closed.Fields["Code"], closed.Fields["Reason"], closed.Fields["Cause"], closed.Fields["Limit"]));
    }

    [Fact]
    public async Task Log_ofStartAndStop_isOneLineEach_withAWarningOfAnonymity()
    {
        RelayTestServer server = await RelayTestServer.StartAsync();
        await server.DisposeAsync();
        foreach ((int id, LogLevel level) in new[] { (1, LogLevel.Information), (7, LogLevel.Information), (8, LogLevel.Information), (10, LogLevel.Warning) })
        {
            Assert.Equal(level, Assert.Single(server.Log.WithId(id)).Level);
        }
    }

    [Fact]
    public async Task Server_canBeDrainedByItsEmbedder_andStopsAfterwards()
    {
        RelayTestServer server = await RelayTestServer.StartAsync();
        await server.Relay.DrainAsync(CloseCode.ServiceRestart);
        Assert.True(server.Relay.IsDraining);
        await server.DisposeAsync();
        Assert.Single(server.Log.WithId(7));
    }
}
