using System.Net;
using System.Text.Json.Nodes;
using Relay.Host.Tests.Api.Kit;

namespace Relay.Host.Tests.Api;

/// <summary>What all operations have in common.</summary>
public sealed class PlumbingTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Document_isValidOpenApi_andSaysOfEachOperationWhatItIs()
    {
        using var plain = new HttpClient();
        string text = await plain.GetStringAsync($"http://{server.Http}/openapi/v1.json");
        string file = Path.Combine(Path.GetTempPath(), $"relay-openapi-{Environment.ProcessId}.json");
        await File.WriteAllTextAsync(file, text);
        try
        {
            await using ChildProcess node = ChildProcess.Start("node", [Path.Combine(Layout.Root, "tests/interop/openapi.mjs"), file]);
            int code = await node.ExitAsync();
            Assert.True(code == 0, node.ToString());
        }
        finally
        {
            File.Delete(file);
        }

        JsonNode document = JsonNode.Parse(text)!;
        foreach ((string path, JsonNode? item) in document["paths"]!.AsObject())
        {
            foreach ((string method, JsonNode? operation) in item!.AsObject())
            {
                string name = $"{method} {path}";
                Assert.False(string.IsNullOrEmpty(operation!["summary"]?.GetValue<string>()), name);
                Assert.NotNull(operation["operationId"]);
                foreach (string piece in path.Split('/').Where(piece => piece.StartsWith('{')))
                {
                    Assert.Contains(operation["parameters"]!.AsArray(), parameter => "{" + parameter!["name"]!.GetValue<string>() + "}" == piece);
                }

                Assert.Contains(operation["responses"]!.AsObject(), response => response.Key == "401");
                Assert.NotNull(operation["responses"]!["401"]!["content"]!["application/problem+json"]!["schema"]);
                bool hasBody = method is not ("get" or "head" or "delete") && path != "/api/v1/uploads" &&
                    !path.Contains("/auth/accounts/{id}/", StringComparison.Ordinal);
                Assert.Equal(hasBody, operation["requestBody"] is not null);
            }
        }
    }

    [Fact]
    public async Task Pages_loadNothingFromElsewhere()
    {
        using var plain = new HttpClient();
        foreach (string path in new[] { "docs", "docs/docs.js", "docs/docs.css" })
        {
            using HttpResponseMessage page = await plain.GetAsync($"http://{server.Http}/{path}");
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.StartsWith("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.DoesNotContain("//cdn", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Key_ofARequest_makesItOnce()
    {
        using HttpClient anna = server.As("anna"), ben = server.As("ben");
        (string, string) key = ("Idempotency-Key", "one-and-only");
        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => anna.Post("rooms", new { title = "once" }, key)));
        Answer first = answers.First(answer => answer.Status == HttpStatusCode.Created);
        Assert.All(answers, answer => Assert.True(answer.Status == HttpStatusCode.Created || answer.Problem == "busy", answer.Text));
        Answer again = await anna.Post("rooms", new { title = "once" }, key).Is(HttpStatusCode.Created);
        Assert.Equal((first.Text, first.Tag, first.Message.Headers.Location), (again.Text, again.Tag, again.Message.Headers.Location));
        Assert.Single((await anna.Get("rooms?q=once").Is(HttpStatusCode.OK)).Json["items"]!.AsArray());
        Assert.Equal("idempotency-key-reused", (await anna.Post("rooms", new { title = "twice" }, key).Is(HttpStatusCode.UnprocessableEntity)).Problem);

        // Another's key of the same name is another key, and a request that was refused may be sent again.
        await ben.Post("rooms", new { title = "bens" }, key).Is(HttpStatusCode.Created);
        (string, string) second = ("Idempotency-Key", "second");
        await anna.Post("rooms", new { settings = new { capacity = 0 } }, second).Is(HttpStatusCode.UnprocessableEntity);
        await anna.Post("rooms", new { settings = new { capacity = 1 } }, second).Is(HttpStatusCode.Created);
        await anna.Post("rooms", new { }, ("Idempotency-Key", "a b")).Is(HttpStatusCode.BadRequest);

        // Also one that only the room refuses.
        string room = again.Json["name"]!.GetValue<string>();
        (string, string) third = ("Idempotency-Key", "third");
        await anna.Post($"rooms/{room}/objects", new { parent = 999 }, third).Is(HttpStatusCode.NotFound);
        await anna.Post($"rooms/{room}/objects", new { parent = 999 }, third).Is(HttpStatusCode.NotFound);
        await anna.Post($"rooms/{room}/objects", new { name = "made" }, third).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Requests_beyondTheLimit_areToldWhenToComeAgain()
    {
        ApiServer small = await ApiServer.StartAsync("--Relay:Api:RequestsPerSecond=1", "--Relay:Api:RequestBurst=3");
        try
        {
            using HttpClient anna = small.As("anna"), ben = small.As("ben");
            Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => anna.Get("rooms")));
            Answer refused = answers.First(answer => answer.Status == HttpStatusCode.TooManyRequests);
            Assert.Equal("rate-limited", refused.Problem);
            Assert.True(refused.Message.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
            await ben.Get("rooms").Is(HttpStatusCode.OK);
        }
        finally
        {
            await small.DisposeAsync();
        }
    }

    [Fact]
    public async Task Bearer_thatIsNotGood_isNotTakenForNone()
    {
        using HttpClient wrong = server.As("a.b.c");
        Answer refused = await wrong.Get("rooms").Is(HttpStatusCode.Unauthorized);
        Assert.Equal("Bearer", refused.Message.Headers.WwwAuthenticate.First().Scheme);
        Assert.Equal("no-store", refused.Message.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Origin_thatIsAllowed_mayRead()
    {
        ApiServer open = await ApiServer.StartAsync("--Relay:AllowedOrigins:0=https://example.org");
        try
        {
            using HttpClient anna = open.As("anna");
            Answer allowed = await anna.Call(HttpMethod.Get, "rooms", null, ("Origin", "https://example.org")).Is(HttpStatusCode.OK);
            Assert.Equal("https://example.org", allowed.Message.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Answer other = await anna.Call(HttpMethod.Get, "rooms", null, ("Origin", "https://example.com")).Is(HttpStatusCode.OK);
            Assert.False(other.Message.Headers.Contains("Access-Control-Allow-Origin"));
        }
        finally
        {
            await open.DisposeAsync();
        }
    }
}
