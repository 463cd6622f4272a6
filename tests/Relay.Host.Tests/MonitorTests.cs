using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Host.Tests;

/// <summary>The monitor of the real program: who is let in, what it tells, what it does.</summary>
public sealed class MonitorTests
{
    private const string Key = "correct horse battery";

    private static readonly string[] WithKey = ["--Relay:Host:MonitorKey=" + Key];

    [Fact]
    public async Task Development_withoutAKey_isForThisMachineOnly_byItsOwnName()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using HttpClient client = program.Client();
        HttpResponseMessage answer = await client.GetAsync("/monitor/api/overview");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);

        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/monitor/api/overview") { Headers = { Host = "evil.example:7300" } };
        HttpResponseMessage refused = await client.SendAsync(rebound);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Relay:Host:MonitorKey", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/monitor")]
    [InlineData("/monitor/api/overview")]
    [InlineData("/MONITOR/api/overview")]
    public async Task Outside_development_withoutAKey_itIsOff_andSaysHowToSwitchItOn(string path)
    {
        await using RelayProgram program = await RelayProgram.StartAsync("--Relay:Host:Development=false");
        using HttpClient client = program.Client();
        HttpResponseMessage answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        string line = await answer.Content.ReadAsStringAsync();
        Assert.Contains("Relay:Host:MonitorKey", line, StringComparison.Ordinal);
        Assert.Single(line.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Key_isAskedFor_checked_andItsFailuresAreLimitedAndLoggedWithoutIt()
    {
        await using RelayProgram program = await RelayProgram.StartAsync(WithKey);
        using HttpClient client = program.Client();
        HttpResponseMessage asked = await client.GetAsync("/monitor/api/overview");
        Assert.Equal((HttpStatusCode.Unauthorized, "Basic"), (asked.StatusCode, Assert.Single(asked.Headers.WwwAuthenticate).Scheme));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(client, "/monitor/api/overview", "operator:" + Key)).StatusCode);
        foreach (string wrong in new[] { "operator:wrong key 0123456789", "root:" + Key, "operator:", "", "operator:" + Key + "x" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(client, "/monitor/api/overview", wrong)).StatusCode);
        }

        foreach (string header in new[] { "Basic %%%", "Basic", "Bearer x", "" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/monitor/api/overview");
            request.Headers.TryAddWithoutValidation("Authorization", header);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request)).StatusCode);
        }

        // Five and two wrong ones so far: three more, and the right one is not listened to either.
        for (int i = 0; i < 3; i++)
        {
            await GetAsync(client, "/monitor/api/overview", "operator:guess");
        }

        HttpResponseMessage late = await GetAsync(client, "/monitor/api/overview", "operator:" + Key);
        Assert.Equal(HttpStatusCode.TooManyRequests, late.StatusCode);
        Assert.InRange(late.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        await program.Process.TerminateAsync();
        await program.Process.ExitAsync();
        string log = program.Process.ToString();
        Assert.Contains("wrong key from 127.0.0.1", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, log, StringComparison.Ordinal);
        Assert.DoesNotContain("guess", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_thatIsTooShort_isSaidAtTheStart_withoutTellingIt()
    {
        await using ChildProcess program = RelayProgram.Launch("--Relay:Host:MonitorKey=swordfish");
        Assert.Equal(2, await program.ExitAsync());
        Assert.Equal("relay: Relay:Host:MonitorKey must have at least 16 characters; it has 9.", Assert.Single(program.Errors));
    }

    [Fact]
    public async Task Orders_ofOtherPages_areRefused()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using FrameStream anna = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        using HttpClient client = program.Client();
        string own = $"http://{program.Http}";
        (string? Site, string? Origin)[] others =
        [
            ("cross-site", null), ("same-site", null), ("none", null), (null, "http://evil.example"), (null, "null"), (null, null), ("cross-site", own),
            ("", own),
        ];
        foreach ((string? site, string? origin) in others)
        {
            foreach (string path in new[] { "/monitor/api/kick", "/monitor/api/drain" })
            {
                using HttpRequestMessage order = Order(path, new JsonObject { ["room"] = "plaza", ["epoch"] = "1", ["member"] = 1 }, site, origin);
                HttpStatusCode status = (await client.SendAsync(order)).StatusCode;
                Assert.True(status == HttpStatusCode.Forbidden, $"{path} of {site}, {origin}: {status}");
            }
        }

        JsonNode sample = await JsonAsync(client, "/monitor/api/overview");
        Assert.Equal((false, 1), ((bool)sample["server"]!["draining"]!, (int)sample["server"]!["members"]!));
    }

    [Fact]
    public async Task Room_isLookedInto_andAMemberTakenOut()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using FrameStream anna = await (await FrameStream.WebSocketAsync(program.Http)).JoinAsync("halls/a:1");
        using FrameStream ben = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("halls/a:1");
        await anna.MoveAsync(1.5);
        await ben.SeesAsync(anna, 1.5);
        using HttpClient client = program.Client();

        JsonNode sample = await JsonAsync(client, "/monitor/api/overview");
        JsonNode room = Assert.Single(sample["rooms"]!.AsArray())!;
        Assert.Equal(("halls/a:1", 2), ((string?)room["name"], (int)room["members"]!));
        foreach (string path in new[] { "halls/a:1", "halls%2Fa:1", "halls%2Fa%3A1" })
        {
            JsonNode view = await JsonAsync(client, "/monitor/api/rooms/" + path);
            Assert.Equal(["websocket", "tcp"], view["members"]!.AsArray().Select(member => (string?)member!["transport"]));
        }

        JsonNode seen = (await JsonAsync(client, "/monitor/api/rooms/halls%2Fa:1"))["members"]![0]!;
        Assert.Equal(("Anna", 1.5), ((string?)seen["name"], (double)seen["place"]![0]!));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/monitor/api/rooms/nowhere")).StatusCode);

        string epoch = (string)room["epoch"]!;
        foreach ((HttpStatusCode status, JsonNode body) in new (HttpStatusCode, JsonNode)[]
        {
            (HttpStatusCode.NotFound, KickOf("nowhere", epoch, 1)),
            (HttpStatusCode.NotFound, KickOf("halls/a:1", "1", 1)),
            (HttpStatusCode.NotFound, KickOf("halls/a:1", epoch, 99)),
            (HttpStatusCode.BadRequest, KickOf("halls/a:1", "no hex", 1)),
            (HttpStatusCode.BadRequest, new JsonObject { ["member"] = 1 }),
            (HttpStatusCode.BadRequest, new JsonObject { ["member"] = "one" }),
            (HttpStatusCode.BadRequest, new JsonObject { ["room"] = new string('x', 10_000) }),
            (HttpStatusCode.OK, KickOf("halls/a:1", epoch, (uint)seen["id"]!)),
            (HttpStatusCode.NotFound, KickOf("halls/a:1", epoch, (uint)seen["id"]!)),
        })
        {
            using HttpRequestMessage order = Order("/monitor/api/kick", body, "same-origin", $"http://{program.Http}");
            HttpResponseMessage answer = await client.SendAsync(order);
            Assert.Equal(status, answer.StatusCode);
            Assert.NotEmpty(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["text"]!.GetValue<string>());
        }

        Assert.Equal(ReadStatus.Ok, Left.TryRead(await anna.UntilAsync(FrameType.Left), out Left left));
        Assert.Equal(CloseCode.Kicked, left.Reason);
        Assert.Contains(program.Process.Output, line => line.Contains("took member", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Drain_tellsTheClients_andTheMonitorShowsIt()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using FrameStream anna = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        using HttpClient client = program.Client();
        foreach ((string? site, string? origin) in new[] { ("same-origin", "https://behind.a.proxy"), (null, $"http://{program.Http}") })
        {
            using HttpRequestMessage order = Order("/monitor/api/drain", null, site, origin);
            Assert.Equal(HttpStatusCode.Accepted, (await client.SendAsync(order)).StatusCode);
        }

        Assert.Equal(ReadStatus.Ok, GoAway.TryRead(await anna.UntilAsync(FrameType.GoAway), out GoAway goAway));
        Assert.Equal(CloseCode.ServiceRestart, goAway.Reason);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        Assert.True((bool)(await JsonAsync(client, "/monitor/api/overview"))["server"]!["draining"]!);
    }

    [Fact]
    public async Task Events_comeOncePerSecond_toManyAlike_upToALimit_andDoNotHoldTheEndUp()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using FrameStream anna = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        using FrameStream ben = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        using HttpClient client = program.Client();
        using Watcher first = await Watcher.OpenAsync(client);
        using Watcher second = await Watcher.OpenAsync(client);
        JsonNode before = await first.NextAsync();
        await anna.MoveAsync(1);
        await ben.SeesAsync(anna, 1);
        JsonNode after = await first.UntilAsync(sample => (double)sample["rooms"]![0]!["ticksPerSecond"]! > 0);
        Assert.True((long)after["number"]! > (long)before["number"]!);
        Assert.True((double)after["rates"]!["bytesOut"]! > 0);
        Assert.InRange((double)after["seconds"]!, 0.5, 5);
        Assert.True((double)after["rooms"]![0]!["tick"]!["p99"]! > 0);
        JsonNode same = await second.UntilAsync(sample => (long)sample["number"]! >= (long)after["number"]!);
        Assert.InRange((long)same["number"]!, (long)after["number"]!, (long)after["number"]! + 3);

        var more = new List<Watcher>();
        for (int i = 0; i < 14; i++)
        {
            more.Add(await Watcher.OpenAsync(client));
        }

        using HttpResponseMessage tooMany = await client.GetAsync("/monitor/api/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, tooMany.StatusCode);
        more.ForEach(watcher => watcher.Dispose());
        anna.Dispose();
        ben.Dispose();
        await program.Process.TerminateAsync();
        Assert.Equal(0, await program.Process.ExitAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task Diagnostics_tellARoomsFigures()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using FrameStream anna = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        using HttpClient client = program.Client();
        JsonNode answer = await JsonAsync(client, "/diagnostics/room?name=plaza");
        Assert.Equal(("plaza", 1), ((string?)answer["room"]!["name"], (int)answer["room"]!["members"]!));
        Assert.NotNull(answer["process"]!["allocatedPerSecond"]);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/diagnostics/room?name=nowhere")).StatusCode);
    }

    private static JsonObject KickOf(string room, string epoch, uint member) => new() { ["room"] = room, ["epoch"] = epoch, ["member"] = member };

    private static HttpRequestMessage Order(string path, JsonNode? body, string? site, string? origin)
    {
        var order = new HttpRequestMessage(HttpMethod.Post, path);
        if (body is not null)
        {
            order.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        foreach ((string name, string? value) in new[] { ("Sec-Fetch-Site", site), ("Origin", origin) })
        {
            if (value is not null)
            {
                order.Headers.Add(name, value);
            }
        }

        return order;
    }

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string path, string credentials)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        return client.SendAsync(request);
    }

    private static async Task<JsonNode> JsonAsync(HttpClient client, string path)
    {
        HttpResponseMessage answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    /// <summary>Somebody who reads the stream of samples.</summary>
    private sealed class Watcher(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        public static async Task<Watcher> OpenAsync(HttpClient client)
        {
            HttpResponseMessage response = await client.GetAsync("/monitor/api/events", HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            return new Watcher(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        }

        public async Task<JsonNode> NextAsync()
        {
            while (true)
            {
                string? line = await reader.ReadLineAsync().WaitAsync(ChildProcess.Patience, TimeProvider.System);
                Assert.NotNull(line);
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    return JsonNode.Parse(line["data: ".Length..])!;
                }
            }
        }

        public async Task<JsonNode> UntilAsync(Func<JsonNode, bool> condition)
        {
            while (true)
            {
                JsonNode sample = await NextAsync();
                if (condition(sample))
                {
                    return sample;
                }
            }
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
