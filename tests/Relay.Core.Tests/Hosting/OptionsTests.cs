using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Tests.Kit;

namespace Relay.Core.Tests.Hosting;

/// <summary>Options: bound from configuration, added up, and checked before anything starts.</summary>
public sealed class OptionsTests
{
    /// <summary>An option, a value that it may not have, and what the one line must say of its limits.</summary>
    public static TheoryData<string, string, string> BadOptions => new()
    {
        { "Shards", "257", "0 to 256" },
        { "Shards", "-1", "0 to 256" },
        { "Room:TickRate", "1001", "0 to 1000" },
        { "Room:TickRate", "NaN", "0 to 1000" },
        { "Room:Capacity", "0", "1 to 65535" },
        { "Room:ReliableRingMessages", "15", "16 to 65536" },
        { "Room:ReliableRingBytes", "1024", "16384 to 67108864" },
        { "Room:MaxCursorGroups", "65", "1 to 64" },
        { "Room:MaxTombstones", "65536", "0 to 65535" },
        { "Room:Precision", "0", "positive" },
        { "Room:Precision", "1E-9", "268435456" },
        { "Limits:MaxConnections", "0", "1 to 10000000" },
        { "Limits:MaxRooms", "0", "1 to 10000000" },
        { "Limits:MaxFrameBytes", "255", "256 to 1048576" },
        { "Limits:MaxMessageBytes", "16777217", "256 to 16777216" },
        { "Limits:MaxMessageBytes", "16387", "16388" },
        { "Limits:MaxFragments", "0", "1 to 1000000" },
        { "Limits:FramesPerSecond", "-1", "0 to 1000000" },
        { "Limits:FrameBurst", "0", "1 to 1000000" },
        { "Limits:MaxEventPayload", "16353", "0 to 16352" },
        { "Limits:MaxRoomNameBytes", "256", "1 to 255" },
        { "Limits:HelloTimeout", "00:00:00.0990000", "00:00:00.1000000 to 00:05:00" },
        { "Limits:AuthorizeTimeout", "00:05:01", "00:00:00.1000000 to 00:05:00" },
        { "Limits:FrameDeadline", "00:00:00", "00:00:00.1000000 to 00:05:00" },
        { "Limits:HandlerTimeout", "00:05:01", "00:00:00.1000000 to 00:05:00" },
        { "Limits:HandlerThreads", "1025", "1 to 1024" },
        { "Limits:HandlerQueue", "0", "1 to 1000000" },
        { "Limits:HandlerRequests", "0", "1 to 1000000" },
        { "Limits:Heartbeat", "00:00:00.5000000", "00:00:01 to 00:10:00" },
        { "Limits:IdleTimeout", "00:00:10", "exceed Heartbeat (00:00:10)" },
        { "Limits:SlowReceiverTimeout", "01:00:01", "00:00:01 to 01:00:00" },
        { "Limits:KernelSendBufferBytes", "4095", "4096 to 16777216" },
        { "Limits:UnsentLowWaterBytes", "-1", "0 to 16777216" },
        { "Drain:Timeout", "-00:00:01", "00:00:00 to 00:10:00" },
        { "Drain:RetryAfter", "00:10:01", "00:00:00 to 00:10:00" },
        { "Drain:Jitter", "00:10:01", "00:00:00 to 00:10:00" },
        { "AllowedOrigins:0", "example.org", "scheme://host" },
        { "AllowedOrigins:0", "https://example.org/", "scheme://host" },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public async Task Start_withAnOptionOutOfRange_failsWithOneLineThatNamesIt(string key, string value, string limit)
    {
        OptionsValidationException failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync((key, value)));

        // A limit that depends on another may break with it, in a line of its own.
        string name = key == "Room:Precision" ? "Relay.Room:" : $"Relay.{key.Replace(":0", "", StringComparison.Ordinal).Replace(':', '.')} ";
        string line = Assert.Single(failure.Failures, line => line.StartsWith(name, StringComparison.Ordinal));
        if (key != "Room:Precision")
        {
            Assert.Contains(value, line, StringComparison.Ordinal);
        }

        Assert.Contains(limit, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task Start_withSeveralBadOptions_saysAllAtOnce()
    {
        OptionsValidationException failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartAsync(("Shards", "999"), ("Room:Capacity", "0"), ("Limits:MaxRooms", "0"), ("Drain:Jitter", "1.00:00:00")));
        Assert.Equal(4, failure.Failures.Count());
    }

    [Theory]
    [InlineData("Tick", true, 0)]
    [InlineData("tick", true, 0)]
    [InlineData("0", false, 0)]
    [InlineData("25", false, 25)]
    [InlineData("1000", false, 1000)]
    public void Binding_ofInputCadence_readsTickOrMilliseconds(string text, bool isTick, int milliseconds)
    {
        RelayOptions options = Bind(("InputCadence", text));
        Assert.Equal(isTick, options.InputCadence.IsTick);
        Assert.True(isTick || options.InputCadence.Milliseconds == milliseconds);
        Assert.Equal(options.InputCadence, InputCadence.Parse(options.InputCadence.ToString()));
    }

    [Theory]
    [InlineData("1001")]
    [InlineData("-1")]
    [InlineData("10ms")]
    [InlineData("often")]
    public void Binding_ofInputCadence_refusesTheRest(string text)
    {
        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => Bind(("InputCadence", text)));
        Assert.Contains("InputCadence", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Binding_readsEveryPartOfTheOptions()
    {
        RelayOptions options = Bind(
            ("Shards", "3"),
            ("AllowAnonymous", "true"),
            ("AllowedOrigins:0", "https://a.example"),
            ("AllowedOrigins:1", "https://b.example"),
            ("Room:TickRate", "30"),
            ("Room:Min:X", "-10"),
            ("Room:Min:Y", "0"),
            ("Room:Min:Z", "-20.5"),
            ("Room:Max:X", "10"),
            ("Limits:HelloTimeout", "00:00:02"),
            ("Drain:AlternateUrl", "wss://b.example/relay"));
        Assert.Equal((3, true, 30.0, TimeSpan.FromSeconds(2)), (options.Shards, options.AllowAnonymous, options.Room.TickRate, options.Limits.HelloTimeout));
        Assert.Equal(["https://a.example", "https://b.example"], options.AllowedOrigins);
        Assert.Equal(new RoomCorner(-10, 0, -20.5), options.Room.Min);
        Assert.Equal("wss://b.example/relay", options.Drain.AlternateUrl);

        // What is not named keeps its default, in a corner too.
        Assert.Equal(new RoomCorner(10, 65.536, 65.536), options.Room.Max);
        Assert.Equal(500, options.Room.Capacity);
    }

    [Fact]
    public async Task AddRelay_twice_addsTheOptionsUp()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(
            options => options.Room.Capacity = 7,
            builder =>
            {
                builder.Services.AddRelay(options => options.Room.TickRate = 40);
                builder.Services.AddRelay();
            });
        Assert.Single(server.App.Services.GetServices<IHostedService>().OfType<RelayServer>());
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        Assert.Equal((7u, 25_000u), (anna.Seat!.Capacity, anna.Seat.TickMicros));
    }

    private static RelayOptions Bind(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddRelay(Section(settings));
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<RelayOptions>>().Value;
    }

    private static async Task StartAsync(params (string Key, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false", "--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.AddRelay(Section(settings));
        await using WebApplication app = builder.Build();
        await app.StartAsync();
    }

    private static IConfigurationSection Section((string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("Relay:" + setting.Key, (string?)setting.Value))).Build().GetSection("Relay");
}
