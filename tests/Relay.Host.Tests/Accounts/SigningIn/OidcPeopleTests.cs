using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Relay.Host.Accounts;
using Relay.Host.Accounts.SigningIn.Oidc;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>People who sign in at a real provider, through its own pages and forms, and come back.</summary>
[Collection(PeersGroup.Name)]
public sealed class OidcPeopleTests(Peers peers) : IAsyncLifetime
{
    private const string Secret = "relay secret: 100%";

    public Task InitializeAsync() => peers.OrderAsync("set", new JsonObject { ["down"] = false, ["slowMs"] = 0, ["lie"] = null });

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Person_signsIn_throughTheProvidersPages_andIsTheSameAccountNextTime()
    {
        await using SignInServer server = await StartAsync();
        using var browser = new Browser();
        (string page, JsonNode tokens) = await SignInAsync(server, browser, "anna", "/playground?room=plaza");
        Assert.Equal("/playground?room=plaza", page);
        Assert.Equal(("user", "anna of the provider"), ((string?)tokens["kind"], (string?)tokens["name"]));
        using var second = new Browser();
        Assert.Equal((string?)tokens["accountId"], (string?)(await SignInAsync(server, second, "anna", "/")).Tokens["accountId"]);
        using var ben = new Browser();
        Assert.NotEqual((string?)tokens["accountId"], (string?)(await SignInAsync(server, ben, "ben", "/")).Tokens["accountId"]);

        // No token ever stood in an address, and no secret in the log.
        string log = server.Log.Text;
        Assert.DoesNotContain((string)tokens["accessToken"]!, log, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_isGoodOnce_andInTheBrowserThatBeganAlone()
    {
        await using SignInServer server = await StartAsync();
        using var browser = new Browser();
        using var thief = new Browser();
        await thief.Http.GetAsync(new Uri(server.Address, "/api/v1/auth/oidc/test/start"));
        string code = await CodeAsync(server, browser, "anna", "/");
        Assert.Equal(HttpStatusCode.Unauthorized, (await ExchangeAsync(server, thief, code)).StatusCode);

        // Whoever tried has used it up.
        Assert.Equal(HttpStatusCode.Unauthorized, (await ExchangeAsync(server, browser, code)).StatusCode);
        code = await CodeAsync(server, browser, "anna", "/");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await ExchangeAsync(server, browser, code)).StatusCode);
        code = await CodeAsync(server, browser, "anna", "/");
        Assert.Equal(HttpStatusCode.OK, (await ExchangeAsync(server, browser, code)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ExchangeAsync(server, browser, code)).StatusCode);
    }

    [Fact]
    public async Task Start_sendsChallengeStateAndNonce_andBindsThemToTheBrowser()
    {
        await using SignInServer server = await StartAsync();
        using var browser = new Browser();
        HttpResponseMessage answer = await browser.Http.GetAsync(new Uri(server.Address, "/api/v1/auth/oidc/test/start"));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query = QueryHelpers.ParseQuery(answer.Headers.Location!.Query);
        Assert.Equal(("code", "S256", "relay"), ((string?)query["response_type"], (string?)query["code_challenge_method"], (string?)query["client_id"]));
        Assert.Equal(Callback(server), (string?)query["redirect_uri"]);
        Assert.All(new[] { "state", "nonce", "code_challenge" }, name => Assert.Equal(43, ((string)query[name]!).Length));
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith(OidcEndpoints.Cookie + "=", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("no-store", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callback_thatIsNotQuiteRight_isRefused()
    {
        await using SignInServer server = await StartAsync(("Accounts:FailuresPerMinute", "100000"), ("Accounts:Oidc:1:Name", "twin"), ("Accounts:Oidc:1:Authority", peers.Issuer),
            ("Accounts:Oidc:1:RequireHttps", "false"), ("Accounts:Oidc:1:ClientId", "app"));
        foreach ((string what, Func<Uri, Uri> change) in new (string, Func<Uri, Uri>)[]
        {
            ("another state", uri => With(uri, "state", new string('s', 43))),
            ("no state", uri => With(uri, "state", null)),
            ("another issuer (RFC 9207)", uri => With(uri, "iss", "https://evil.example")),
            ("no issuer, from one that names itself", uri => With(uri, "iss", null)),
            ("another code", uri => With(uri, "code", "stolen")),
            ("no code", uri => With(uri, "code", null)),
            ("two states", uri => new Uri(uri + "&state=" + new string('s', 43))),
            ("another provider's address", uri => new Uri(uri.ToString().Replace("/test/", "/twin/", StringComparison.Ordinal))),
        })
        {
            using var browser = new Browser();
            Uri back = await BackAsync(server, browser, "anna", "/");
            HttpResponseMessage refused = await browser.Http.GetAsync(change(back));
            Assert.True(refused.StatusCode == HttpStatusCode.Unauthorized, $"{what}: {(int)refused.StatusCode}");
            Assert.DoesNotContain("relay_code", refused.Headers.Location?.ToString() ?? "", StringComparison.Ordinal);
        }

        // In another browser (login CSRF), and a second time.
        using var victim = new Browser();
        using var other = new Browser();
        await other.Http.GetAsync(new Uri(server.Address, "/api/v1/auth/oidc/test/start"));
        Uri stolen = await BackAsync(server, victim, "mallory", "/");
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.Http.GetAsync(stolen)).StatusCode);
        Uri used = await BackAsync(server, victim, "anna", "/");
        Assert.Equal(HttpStatusCode.Redirect, (await victim.Http.GetAsync(used)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await victim.Http.GetAsync(used)).StatusCode);

        Uri late = await BackAsync(server, victim, "anna", "/");
        server.Clock.Advance(OidcFlow.Lifetime);
        Assert.Equal(HttpStatusCode.Unauthorized, (await victim.Http.GetAsync(late)).StatusCode);
    }

    [Fact]
    public async Task Person_whoCancels_isNotSignedIn()
    {
        await using SignInServer server = await StartAsync();
        using var browser = new Browser();
        Uri back = await browser.ThroughProviderAsync(new Uri(server.Address, "/api/v1/auth/oidc/test/start"), "anna", Callback(server), cancels: true);
        Assert.Contains("error=access_denied", back.Query, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.Http.GetAsync(back)).StatusCode);
    }

    /// <summary>What the provider's token endpoint hands out is checked, whatever it is.</summary>
    [Fact]
    public async Task IdToken_thatIsBroken_isRefused()
    {
        await using SignInServer server = await StartAsync(("Accounts:FailuresPerMinute", "100000"));
        using var probe = new Browser();
        await SignInAsync(server, probe, "anna", "/");
        string kid = await KeyIdAsync();
        foreach ((string what, Action<JsonObject> change, string by, string algorithm) in new (string, Action<JsonObject>, string, string)[]
        {
            ("nothing wrong", _ => { }, "ours", "RS256"),
            ("azp fits", claims => { claims["aud"] = new JsonArray("relay", "app"); claims["azp"] = "relay"; }, "ours", "RS256"),
            ("another nonce", claims => claims["nonce"] = "another", "ours", "RS256"),
            ("no nonce", claims => claims.Remove("nonce"), "ours", "RS256"),
            ("another audience", claims => claims["aud"] = "app", "ours", "RS256"),
            ("two audiences and no azp", claims => claims["aud"] = new JsonArray("relay", "app"), "ours", "RS256"),
            ("another azp", claims => claims["azp"] = "app", "ours", "RS256"),
            ("another issuer", claims => claims["iss"] = "https://evil.example", "ours", "RS256"),
            ("expired", claims => claims["exp"] = 1_600_000_000, "ours", "RS256"),
            ("no time", claims => claims.Remove("iat"), "ours", "RS256"),
            ("another key", _ => { }, "other", "RS256"),
            ("HS256 with the public key", _ => { }, "public-as-secret", "HS256"),
        })
        {
            using var browser = new Browser();
            Uri start = new(server.Address, "/api/v1/auth/oidc/test/start");
            Uri atProvider = (await browser.Http.GetAsync(start)).Headers.Location!;
            string nonce = QueryHelpers.ParseQuery(atProvider.Query)["nonce"]!;
            Uri back = await browser.ThroughProviderAsync(atProvider, "anna", Callback(server));
            long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            var claims = new JsonObject { ["iss"] = peers.Issuer, ["sub"] = "anna", ["aud"] = "relay", ["iat"] = now, ["exp"] = now + 600, ["nonce"] = nonce };
            change(claims);
            string token = await peers.SignAsync(new JsonObject { ["alg"] = algorithm, ["kid"] = kid }, claims, by);
            await LieAsync("/token", new JsonObject { ["access_token"] = "x", ["token_type"] = "Bearer", ["id_token"] = token });
            HttpResponseMessage answer = await browser.Http.GetAsync(back);
            await peers.OrderAsync("set", new JsonObject { ["lie"] = null });
            bool isGood = what is "nothing wrong" or "azp fits";
            Assert.True(answer.StatusCode == (isGood ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized), $"{what}: {(int)answer.StatusCode}");
        }
    }

    [Fact]
    public async Task ReturnTo_elsewhere_isRefused()
    {
        await using SignInServer server = await StartAsync();
        foreach (string returnTo in new[] { "https://evil.example/", "//evil.example/", "/\\evil.example/", "/a#b", "evil", "/a\r\nSet-Cookie: x=1", "/ü", "/" + new string('a', 512) })
        {
            HttpResponseMessage answer = await server.Http.GetAsync(new Uri("/api/v1/auth/oidc/test/start?returnTo=" + Uri.EscapeDataString(returnTo), UriKind.Relative));
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, returnTo);
        }
    }

    [Fact]
    public async Task Provider_thatIsDown_isSaidToBe_andUnknownOnesAreNotFound()
    {
        await using SignInServer server = await StartAsync();
        await peers.OrderAsync("set", new JsonObject { ["down"] = true });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Http.GetAsync(new Uri("/api/v1/auth/oidc/test/start", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync(new Uri("/api/v1/auth/oidc/other/start", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Identity_isLinked_toTheAccountThatIsSignedIn()
    {
        await using SignInServer server = await StartAsync();
        SessionTokens guest = await server.GuestAsync();
        using var browser = new Browser();
        using var ask = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, "/api/v1/auth/oidc/test/link"))
        {
            Content = JsonContent.Create(new JsonObject { ["returnTo"] = "/me" }),
            Headers = { Authorization = new("Bearer", guest.AccessToken) },
        };
        JsonNode answer = (await (await browser.Http.SendAsync(ask)).Content.ReadFromJsonAsync<JsonNode>())!;
        Uri back = await browser.ThroughProviderAsync(new Uri((string)answer["location"]!), "carla", Callback(server));
        Assert.Equal("/me#relay_linked", (await browser.Http.GetAsync(back)).Headers.Location!.OriginalString);
        using var later = new Browser();
        Assert.Equal(guest.AccountId, (string?)(await SignInAsync(server, later, "carla", "/")).Tokens["accountId"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.PostAsync("oidc/test/link", [])).Status);
    }

    private async Task<SignInServer> StartAsync(params (string Name, string Value)[] more)
    {
        SignInServer server = await SignInServer.StartAsync(
        [
            ("Accounts:Oidc:0:Name", "test"), ("Accounts:Oidc:0:Authority", peers.Issuer), ("Accounts:Oidc:0:RequireHttps", "false"),
            ("Accounts:Oidc:0:ClientId", "relay"), ("Accounts:Oidc:0:ClientSecret", Secret), .. more,
        ]);
        await peers.OrderAsync("redirects", new JsonObject { ["uris"] = new JsonArray(Callback(server)) });
        return server;
    }

    private static string Callback(SignInServer server) => new Uri(server.Address, "/api/v1/auth/oidc/test/callback").AbsoluteUri;

    private Task LieAsync(string path, JsonObject body) =>
        peers.OrderAsync("set", new JsonObject { ["lie"] = new JsonObject { [path] = new JsonObject { ["body"] = body } } });

    private async Task<string> KeyIdAsync()
    {
        string header = (await peers.MachineTokenAsync("https://rooms.example/rs256")).Split('.')[0];
        return (string)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(header))!["kid"]!;
    }

    private static Task<Uri> BackAsync(SignInServer server, Browser browser, string user, string returnTo) => browser.ThroughProviderAsync(
        new Uri(server.Address, "/api/v1/auth/oidc/test/start?returnTo=" + Uri.EscapeDataString(returnTo)), user, Callback(server));

    private static async Task<string> CodeAsync(SignInServer server, Browser browser, string user, string returnTo)
    {
        HttpResponseMessage answer = await browser.Http.GetAsync(await BackAsync(server, browser, user, returnTo));
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        string[] parts = answer.Headers.Location!.OriginalString.Split("#relay_code=");
        Assert.Equal(returnTo, parts[0]);
        return parts[1];
    }

    private static Task<HttpResponseMessage> ExchangeAsync(SignInServer server, Browser browser, string code) =>
        browser.Http.PostAsJsonAsync(new Uri(server.Address, "/api/v1/auth/oidc/exchange"), new JsonObject { ["code"] = code });

    private static async Task<(string Page, JsonNode Tokens)> SignInAsync(SignInServer server, Browser browser, string user, string returnTo)
    {
        string code = await CodeAsync(server, browser, user, returnTo);
        HttpResponseMessage answer = await ExchangeAsync(server, browser, code);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return (returnTo, JsonNode.Parse(text)!);
    }

    private static Uri With(Uri uri, string name, string? value)
    {
        Dictionary<string, Microsoft.Extensions.Primitives.StringValues> query = QueryHelpers.ParseQuery(uri.Query);
        query.Remove(name);
        if (value is not null)
        {
            query[name] = value;
        }

        return new Uri(QueryHelpers.AddQueryString(uri.GetLeftPart(UriPartial.Path), query));
    }
}
