using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace Relay.Host.Tests.NafUws;

/// <summary>What a page with <c>adapter: uws</c> may not do.</summary>
public sealed class NafUwsLimitTests(NafUwsLimitTests.Shared shared) : IClassFixture<NafUwsLimitTests.Shared>
{
    private const string Enabled = "--Relay:Host:NafUws:Enabled=true";

    public static TheoryData<string, int, string> Malformed => new()
    {
        { "{", 1007, "not JSON" },
        { "", 1007, "not JSON" },
        { "[]", 1007, "object" },
        { "{} {}", 1007, "not JSON" },
        { """{"event":1}""", 1007, "\"event\"" },
        { """{"data":{}}""", 1007, "\"event\"" },
        { """{"event":"joinRoom"}""", 1007, "\"data\"" },
        { """{"event":"joinRoom","data":[]}""", 1007, "\"data\"" },
        { """{"event":"joinRoom","data":{"room":""}}""", 1007, "\"room\"" },
        { """{"event":"joinRoom","data":{"room":["x"]}}""", 1007, "\"room\"" },
        { """{"event":"joinRoom","data":{"room":"\ud800"}}""", 1007, "not JSON" },
        { $$$"""{"event":"joinRoom","data":{"room":"{{{new string('x', 129)}}}"}}""", 1007, "128" },
        { """{"event":"send","data":{"type":"u","data":1}}""", 1007, "\"to\"" },
        { """{"event":"broadcast","data":{"type":{},"data":1}}""", 1007, "\"type\"" },
        { $$$"""{"event":"broadcast","data":{"type":"u","data":{{{new string('[', 40)}}}{{{new string(']', 40)}}}}}""", 1007, "levels" },
        { $$$"""{"event":"broadcast","data":{"type":"u","data":"{{{new string('x', 64 * 1024)}}}"}}""", 1009, "65536" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Message_thatIsWrong_closesItsSender_andNobodyElse(string text, int code, string reason)
    {
        string room = Guid.NewGuid().ToString();
        await using UwsPage bad = await UwsPage.JoinAsync(shared.Program, room);
        await using UwsPage good = await UwsPage.JoinAsync(shared.Program, room);
        await bad.TextAsync(text);
        Assert.Equal(code, await bad.EndAsync());
        Assert.Contains(reason, bad.CloseText, StringComparison.Ordinal);
        await good.UntilOccupantsAsync(good);
    }

    [Theory]
    [InlineData(WebSocketMessageType.Binary, "{}", 1003)]
    [InlineData(WebSocketMessageType.Text, "\u00ff", 1007)]
    public async Task Message_thatIsNoText_closes(WebSocketMessageType type, string latin1, int code)
    {
        await using UwsPage bad = await UwsPage.JoinAsync(shared.Program, Guid.NewGuid().ToString());
        await bad.BytesAsync(System.Text.Encoding.Latin1.GetBytes(latin1), type);
        Assert.Equal(code, await bad.EndAsync());
    }

    [Fact]
    public async Task Message_thatMeansNothing_isPassedOver()
    {
        string room = Guid.NewGuid().ToString();
        await using UwsPage anna = await UwsPage.ConnectAsync(shared.Program);
        foreach (string text in new[]
        {
            """{"event":"nonsense"}""",
            """{"event":"nonsense","data":7,"more":[{}]}""",
            """{"event":"broadcast","data":{"type":"u","data":{}}}""",
            """{"event":"send","data":{"to":"nobody","type":"u"}}""",
        })
        {
            await anna.TextAsync(text);
        }

        await anna.JoinAsync(room);
        await anna.UntilOccupantsAsync(anna);
    }

    [Fact]
    public async Task Flood_isDropped_thenClosed_andTheRoomGoesOn()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled, "--Relay:Host:NafUws:MessagesPerSecond=1", "--Relay:Host:NafUws:MessageBurst=20");
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage flooder = await UwsPage.JoinAsync(program, "basic");
        for (int i = 0; i < 60; i++)
        {
            await flooder.BroadcastAsync("um", i);
        }

        Assert.Equal(4429, await flooder.EndAsync());
        Assert.Contains("More than 1 messages", flooder.CloseText, StringComparison.Ordinal);
        int got = 0;
        await using UwsPage late = await UwsPage.JoinAsync(program, "basic");
        await late.BroadcastAsync("end", 0);
        for (JsonNode next = await anna.UntilAsync("broadcast"); next["type"]!.GetValue<string>() != "end"; next = await anna.UntilAsync("broadcast"))
        {
            Assert.Equal(got++, next["data"]!.GetValue<int>());
        }

        Assert.InRange(got, 19, 30);
    }

    [Fact]
    public async Task Bytes_areLimitedToo()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(
            Enabled, "--Relay:Host:NafUws:BytesPerSecond=1024", "--Relay:Host:NafUws:ByteBurst=65536", "--Relay:Host:NafUws:MessagesPerSecond=1", "--Relay:Host:NafUws:MessageBurst=20");
        await using UwsPage flooder = await UwsPage.JoinAsync(program, "basic");
        for (int i = 0; i < 20; i++)
        {
            await flooder.BroadcastAsync("um", new string('x', 60_000));
        }

        for (int i = 0; i < 20; i++)
        {
            await flooder.BroadcastAsync("um", i);
        }

        Assert.Equal(4429, await flooder.EndAsync());
    }

    [Fact]
    public async Task SlowReader_isCutOff_andNobodyWaitsForIt()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(
            Enabled, "--Relay:Host:NafUws:QueueBytes=262144", "--Relay:Host:NafUws:ByteBurst=1073741824", "--Relay:Limits:KernelSendBufferBytes=65536");
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage deaf = await UwsPage.JoinAsync(program, "basic", receiveBuffer: 64 * 1024);
        await using UwsPage ben = await UwsPage.JoinAsync(program, "basic");
        await anna.UntilOccupantsAsync(anna, deaf, ben);
        Task gone = anna.UntilOccupantsAsync(anna, ben);
        string large = new('x', 60_000);
        for (int i = 0; i < 200 && !gone.IsCompleted; i++)
        {
            await anna.BroadcastAsync("um", large);
            await ben.UntilAsync("broadcast");
        }

        await gone;

        // It reads now: told why, if that is in time, else cut off.
        Assert.Contains(await deaf.EndAsync(), new int?[] { null, 4453 });
    }

    [Fact]
    public async Task Silence_ends()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled, "--Relay:Host:NafUws:IdleTimeout=00:00:01", "--Relay:Limits:HelloTimeout=00:00:00.2");
        await using UwsPage shy = await UwsPage.ConnectAsync(program);
        Assert.Equal(4408, await shy.EndAsync());

        // It answers no ping, since it does not read; the other does.
        await using UwsPage anna = await UwsPage.JoinAsync(program, "basic");
        await using UwsPage half = await UwsPage.JoinAsync(program, "basic");
        await anna.UntilOccupantsAsync(anna, half);
        await anna.UntilOccupantsAsync(anna);
    }

    [Fact]
    public async Task Origin_thatIsNotAllowed_isRefused()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(Enabled, "--Relay:AllowedOrigins:0=http://pages.test");
        Assert.Equal(HttpStatusCode.Forbidden, await UwsPage.RefusalAsync(program, origin: "http://evil.test"));
        foreach (string origin in new[] { "http://pages.test", $"http://{program.Http}" })
        {
            await using UwsPage page = await UwsPage.ConnectAsync(program, origin: origin);
            await page.JoinAsync("basic");
        }
    }

    [Fact]
    public async Task Strangers_comeInInDevelopmentOnly_andNotMoreThanTheLimit()
    {
        await using RelayProgram serious = await RelayProgram.StartAsync(Enabled, "--Relay:Host:Development=false");
        Assert.Equal(HttpStatusCode.Unauthorized, await UwsPage.RefusalAsync(serious));

        await using RelayProgram small = await RelayProgram.StartAsync(Enabled, "--Relay:Host:NafUws:MaxConnections=1");
        await using UwsPage only = await UwsPage.JoinAsync(small, "basic");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await UwsPage.RefusalAsync(small));
        await only.LeaveAsync();
        Assert.Equal(1000, await only.EndAsync());
    }

    /// <summary>A program with the usual limits, for the tests of this class.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal RelayProgram Program { get; private set; } = null!;

        public async Task InitializeAsync() => Program = await RelayProgram.StartAsync(Enabled);

        public async Task DisposeAsync() => await Program.DisposeAsync();
    }
}
