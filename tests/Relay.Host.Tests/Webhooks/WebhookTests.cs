using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Webhooks;

namespace Relay.Host.Tests.Webhooks;

/// <summary>Webhooks, to a real receiver.</summary>
public sealed class WebhookTests
{
    private const string Secret = "a-secret-of-sixteen-or-more";

    private static readonly string[] Fast =
        ["--Relay:Webhooks:AllowPrivate=true", "--Relay:Webhooks:FirstPause=00:00:00.010", "--Relay:Webhooks:MaxAttempts=3", "--Relay:Webhooks:Timeout=00:00:01"];

    [Fact]
    public async Task Events_areDeliveredSigned_inOrder_andTriedAgain()
    {
        ApiServer server = await ApiServer.StartAsync(Fast);
        int calls = 0;
        await using var receiver = new Receiver(_ => Interlocked.Increment(ref calls) == 1 ? 500 : 204);
        try
        {
            using HttpClient anna = server.As("anna");
            await anna.Post("rooms", new { name = "told" }).Is(HttpStatusCode.Created);
            JsonNode hook = (await anna.Post(
                "rooms/told/webhooks", new { url = receiver.Url, secret = Secret, events = new[] { "room.updated", "member.banned", "role.changed" } }).Is(HttpStatusCode.Created)).Json;
            await anna.Patch("rooms/told", new { title = "new" }, ("If-Match", "*")).Is(HttpStatusCode.OK);
            Delivery first = await receiver.NextAsync(), again = await receiver.NextAsync();
            Assert.Equal((first.Id, first.Body), (again.Id, again.Body));
            Assert.Equal(("room.updated", "told"), (again.Json["event"]!.GetValue<string>(), again.Json["room"]!.GetValue<string>()));
            again.CheckSignature(Secret);
            Assert.Throws<Xunit.Sdk.TrueException>(() => again.CheckSignature(Secret + "x"));

            await anna.Put("rooms/told/roles/" + ApiServer.Id("ben"), new { role = "moderator" }).Is(HttpStatusCode.OK);
            await anna.Put("rooms/told/bans/user:" + ApiServer.Id("eve"), new { reason = "noise" }).Is(HttpStatusCode.OK);
            Assert.Equal("moderator", (await receiver.NextAsync()).Json["role"]!.GetValue<string>());
            Assert.Equal("noise", (await receiver.NextAsync()).Json["reason"]!.GetValue<string>());
            string path = $"rooms/told/webhooks/{hook["id"]!.GetValue<string>()}";
            Assert.DoesNotContain("secret", (await anna.Get("rooms/told/webhooks").Is(HttpStatusCode.OK)).Text, StringComparison.Ordinal);
            JsonNode done = await DeliveryAsync(anna, path, "delivered");
            Assert.Equal(2, done["attempts"]!.GetValue<int>());
            await anna.Delete(path).Is(HttpStatusCode.NoContent);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task RoomsAndMembers_areTold_toTheirRoomsWebhooks()
    {
        ApiServer server = await ApiServer.StartAsync(Fast);
        await using var receiver = new Receiver(_ => 204);
        try
        {
            using HttpClient anna = server.As("anna");
            await anna.Post("rooms", new { name = "told" }).Is(HttpStatusCode.Created);
            string[] events = ["room.opened", "room.closed", "member.joined", "member.left"];
            await anna.Post("rooms/told/webhooks", new { url = receiver.Url, events }).Is(HttpStatusCode.Created);
            await using (await server.JoinAsync("ben", "elsewhere"))
            await using (await server.JoinAsync("ben", "told"))
            {
                JsonNode opened = (await receiver.NextAsync()).Json, joined = (await receiver.NextAsync()).Json;
                Assert.Equal(("room.opened", "told", "told"), (Text(opened, "event"), Text(opened, "room"), Text(opened, "instance")));
                Assert.Equal(("member.joined", Text(opened, "epoch"), "1"), (Text(joined, "event"), Text(joined, "epoch"), Text(joined, "member")));
                Assert.Equal((ApiServer.Id("ben"), "ben", "member"), (Text(joined, "user"), Text(joined, "name"), Text(joined, "role")));
            }

            JsonNode left = (await receiver.NextAsync()).Json, closed = (await receiver.NextAsync()).Json;
            Assert.Equal(("member.left", ApiServer.Id("ben")), (Text(left, "event"), Text(left, "user")));
            Assert.NotEmpty(Text(left, "reason"));
            Assert.Equal("room.closed", Text(closed, "event"));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Events_thatComeAtOnce_areStoredTogether_andNoMoreThanMayWait()
    {
        ApiServer server = await ApiServer.StartAsync([.. Fast, "--Relay:Webhooks:MaxWaiting=900", "--Relay:Webhooks:FirstPause=01:00:00"]);
        await using var receiver = new Receiver(_ => 500);
        try
        {
            using HttpClient admin = server.As("boss", admin: true);
            string path = "webhooks/" + (await admin.Post("webhooks", new { url = receiver.Url, events = new[] { "member.joined" } }).Is(HttpStatusCode.Created)).Json["id"]!.GetValue<string>();
            var queue = server.Services.GetRequiredService<WebhookQueue>();
            for (int i = 0; i < 1000; i++)
            {
                queue.Happened(WebhookEvent.MemberJoined, "plaza", ("member", "1"));
                queue.Happened(WebhookEvent.MemberLeft, "plaza", ("member", "1"));
            }

            // What is stored and what is dropped are all that wanted to be told, and none besides.
            for (int i = 0; queue.Dropped < 100 && i < 600; i++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }

            var table = server.Services.GetRequiredService<WebhookTable>();
            IReadOnlyList<DeliveryRow> stored = await table.DeliveriesAsync(null, path["webhooks/".Length..], "", 2000, CancellationToken.None);
            Assert.Equal((900, 100), (stored.Count, queue.Dropped));
            Assert.All(stored, row => Assert.Equal("member.joined", row.Event));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Receiver_thatFailsOrRedirects_isGivenUp_andHoldsUpNoOther()
    {
        ApiServer server = await ApiServer.StartAsync(Fast);
        await using var bad = new Receiver(_ => 307);
        await using var good = new Receiver(_ => 200);
        try
        {
            using HttpClient admin = server.As("boss", admin: true), ben = server.As("ben");
            string[] events = ["room.created", "room.deleted"];
            string path = "webhooks/" + (await admin.Post("webhooks", new { url = bad.Url, events }).Is(HttpStatusCode.Created)).Json["id"]!.GetValue<string>();
            await admin.Post("webhooks", new { url = good.Url, events }).Is(HttpStatusCode.Created);
            await ben.Get("webhooks").Is(HttpStatusCode.Forbidden);
            await ben.Post("rooms", new { name = "brief" }).Is(HttpStatusCode.Created);
            await ben.Delete("rooms/brief", ("If-Match", "*")).Is(HttpStatusCode.NoContent);
            Assert.Equal("room.created", (await good.NextAsync()).Json["event"]!.GetValue<string>());
            Assert.Equal("room.deleted", (await good.NextAsync()).Json["event"]!.GetValue<string>());
            JsonNode parked = await DeliveryAsync(admin, path, "parked");
            Assert.Equal((3, "307"), (parked["attempts"]!.GetValue<int>(), parked["outcome"]!.GetValue<string>()));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Receiver_inAPrivateNetwork_isNotReached()
    {
        ApiServer server = await ApiServer.StartAsync("--Relay:Webhooks:FirstPause=00:00:00.010", "--Relay:Webhooks:MaxAttempts=2");
        await using var inside = new Receiver(_ => 200);
        try
        {
            using HttpClient anna = server.As("anna");
            await anna.Post("rooms", new { name = "probe" }).Is(HttpStatusCode.Created);
            foreach (string url in new[] { inside.Url, "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "ftp://example.org/", "https://a:b@example.org/", "x" })
            {
                await anna.Post("rooms/probe/webhooks", new { url, events = new[] { "room.updated" } }).Is(HttpStatusCode.UnprocessableEntity);
            }

            // A name is looked at when it is resolved.
            string name = $"https://localhost:{new Uri(inside.Url).Port}/";
            string path = "rooms/probe/webhooks/" +
                (await anna.Post("rooms/probe/webhooks", new { url = name, events = new[] { "room.updated" } }).Is(HttpStatusCode.Created)).Json["id"]!.GetValue<string>();
            await anna.Patch("rooms/probe", new { title = "x" }, ("If-Match", "*")).Is(HttpStatusCode.OK);
            Assert.Contains("private network", (await DeliveryAsync(anna, path, "parked"))["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Equal(0, inside.Count);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:192.168.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    public void Address_isOfTheInternet_orNot(string address, bool expected) => Assert.Equal(expected, WebhookAddress.IsPublic(IPAddress.Parse(address)));

    private static string Text(JsonNode json, string name) => json[name]!.GetValue<string>();

    private static async Task<JsonNode> DeliveryAsync(HttpClient client, string path, string state)
    {
        for (int i = 0; i < 600; i++)
        {
            JsonArray all = (await client.Get(path + "/deliveries").Is(HttpStatusCode.OK)).Json["items"]!.AsArray();
            if (all.FirstOrDefault(delivery => delivery!["state"]!.GetValue<string>() == state) is { } found)
            {
                return found;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        throw new InvalidOperationException($"No delivery is {state}.");
    }

    private sealed record Delivery(string Id, string Signature, string Body)
    {
        public JsonNode Json => JsonNode.Parse(Body)!;

        public void CheckSignature(string secret)
        {
            string[] parts = Signature.Split(',');
            string t = parts[0]["t=".Length..];
            byte[] mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{t}.{Body}"));
            Assert.True(parts[1] == "v1=" + Convert.ToHexStringLower(mac));
            Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(long.Parse(t, CultureInfo.InvariantCulture)), TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
        }
    }

    /// <summary>An HTTP server that notes what it gets.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly System.Threading.Channels.Channel<Delivery> _got = System.Threading.Channels.Channel.CreateUnbounded<Delivery>();
        private readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.Ordinal);
        private readonly Task _serving;
        private int _count;

        public Receiver(Func<int, int> statusOf)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/hook/";
            probe.Stop();
            _listener.Prefixes.Add(Url);
            _listener.Start();
            _serving = ServeAsync(statusOf);
        }

        public string Url { get; }

        public int Count => Volatile.Read(ref _count);

        public async Task<Delivery> NextAsync()
        {
            using var patience = new CancellationTokenSource(ChildProcess.Patience);
            return await _got.Reader.ReadAsync(patience.Token);
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _serving;
        }

        private async Task ServeAsync(Func<int, int> statusOf)
        {
            try
            {
                while (true)
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    Interlocked.Increment(ref _count);
                    using var reader = new StreamReader(context.Request.InputStream);
                    var delivery = new Delivery(context.Request.Headers["Relay-Delivery"]!, context.Request.Headers["Relay-Signature"]!, await reader.ReadToEndAsync());
                    context.Response.StatusCode = statusOf(_attempts.AddOrUpdate(delivery.Id, 1, (_, count) => count + 1));
                    if (context.Response.StatusCode == 307)
                    {
                        context.Response.Headers["Location"] = "http://127.0.0.1:1/";
                    }

                    context.Response.Close();
                    _got.Writer.TryWrite(delivery);
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // It has been closed.
            }
        }
    }
}
