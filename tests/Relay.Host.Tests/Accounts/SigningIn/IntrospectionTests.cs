using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Relay.Host.Accounts;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>Tokens that only the provider can read.</summary>
[Collection(PeersGroup.Name)]
public sealed class IntrospectionTests(Peers peers) : IAsyncLifetime
{
    private const string Verifier = "a-code-verifier-of-more-than-forty-three-characters";

    public Task InitializeAsync() => peers.OrderAsync("set", new JsonObject { ["down"] = false, ["slowMs"] = 0, ["lie"] = null });

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task OpaqueToken_isBelieved_untilItIsRevoked()
    {
        await using SignInServer server = await StartAsync();
        string token = await OpaqueTokenAsync("dora");
        BearerAnswer answer = await LookAsync(server, token);
        Assert.Equal(BearerStatus.Accepted, answer.Status);
        int asked = await peers.RequestsAsync("/token/introspection");
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(answer.Principal!.AccountId(), (await LookAsync(server, token)).Principal!.AccountId());
        }

        Assert.Equal(asked, await peers.RequestsAsync("/token/introspection"));
        await RevokeAsync(token);
        server.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(BearerStatus.Refused, (await LookAsync(server, token)).Status);
    }

    [Fact]
    public async Task OpaqueToken_thatIsUnknown_isRefused_andAskedAboutOnceInAWhile()
    {
        await using SignInServer server = await StartAsync();
        int asked = await peers.RequestsAsync("/token/introspection");
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(BearerStatus.Refused, (await LookAsync(server, "no-such-token")).Status);
        }

        Assert.Equal(asked + 1, await peers.RequestsAsync("/token/introspection"));
    }

    [Fact]
    public async Task Case33_providerDown_opaqueTokensAreNeitherBelievedNorRefused()
    {
        await using SignInServer server = await StartAsync();
        string token = await OpaqueTokenAsync("emil");
        Assert.Equal(BearerStatus.Accepted, (await LookAsync(server, token)).Status);
        await peers.OrderAsync("set", new JsonObject { ["down"] = true });
        Assert.Equal(BearerStatus.Accepted, (await LookAsync(server, token)).Status);
        server.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(BearerStatus.Unavailable, (await LookAsync(server, token)).Status);
        Assert.Equal(BearerStatus.Unavailable, (await LookAsync(server, "another")).Status);
        await peers.OrderAsync("set", new JsonObject { ["down"] = false });
        Assert.Equal(BearerStatus.Accepted, (await LookAsync(server, token)).Status);
    }

    [Theory]
    [InlineData("good", "{}", true)]
    [InlineData("not active", "{\"active\":false}", false)]
    [InlineData("active as a text", "{\"active\":\"true\"}", false)]
    [InlineData("expired", "{\"exp\":1600000000}", false)]
    [InlineData("not yet", "{\"nbf\":32000000000}", false)]
    [InlineData("no subject", "{\"sub\":null}", false)]
    [InlineData("another issuer", "{\"iss\":\"https://evil.example\"}", false)]
    [InlineData("a refresh token (Ory Hydra)", "{\"token_use\":\"refresh_token\"}", false)]
    [InlineData("an access token (Ory Hydra)", "{\"token_use\":\"access_token\"}", true)]
    public async Task Answer_isReadStrictly(string what, string change, bool isGood)
    {
        await using SignInServer server = await StartAsync();
        var body = new JsonObject { ["active"] = true, ["sub"] = "frida", ["exp"] = 32_000_000_000, ["iss"] = peers.Issuer };
        foreach ((string name, JsonNode? value) in JsonNode.Parse(change)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        await peers.OrderAsync("set", new JsonObject { ["lie"] = new JsonObject { ["/token/introspection"] = new JsonObject { ["body"] = body } } });
        Assert.True((await LookAsync(server, "token")).Status == (isGood ? BearerStatus.Accepted : BearerStatus.Refused), what);
    }

    private Task<SignInServer> StartAsync() => SignInServer.StartAsync(
        ("Accounts:Oidc:0:Name", "test"), ("Accounts:Oidc:0:Authority", peers.Issuer), ("Accounts:Oidc:0:RequireHttps", "false"),
        ("Accounts:Oidc:0:ClientId", "relay"), ("Accounts:Oidc:0:ClientSecret", "relay secret: 100%"), ("Accounts:Oidc:0:Introspection", "true"));

    private static ValueTask<BearerAnswer> LookAsync(SignInServer server, string token) => server.Get<IBearerVerifier>().VerifyAsync(token, CancellationToken.None);

    /// <summary>What another program gets for a person: an access token without a resource is opaque.</summary>
    private async Task<string> OpaqueTokenAsync(string user)
    {
        const string App = "http://127.0.0.1:9/app";
        using var browser = new Browser();
        string challenge = System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(Verifier)));
        string start = QueryHelpers.AddQueryString(peers.Issuer + "/auth", new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = "app",
            ["redirect_uri"] = App,
            ["scope"] = "openid",
            ["code_challenge"] = challenge,
            ["code_challenge_method"] = "S256",
            ["state"] = "s",
        });
        Uri back = await browser.ThroughProviderAsync(new Uri(start), user, App);
        JsonNode tokens = await PostAsync(browser, "/token", new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = QueryHelpers.ParseQuery(back.Query)["code"]!,
            ["redirect_uri"] = App,
            ["code_verifier"] = Verifier,
        });
        string token = (string)tokens["access_token"]!;
        Assert.DoesNotContain(".", token, StringComparison.Ordinal);
        return token;
    }

    private async Task RevokeAsync(string token)
    {
        using var browser = new Browser();
        await PostAsync(browser, "/token/revocation", new Dictionary<string, string> { ["token"] = token });
    }

    private async Task<JsonNode> PostAsync(Browser browser, string path, Dictionary<string, string> form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, peers.Issuer + path)
        {
            Content = new FormUrlEncodedContent(form),
            Headers = { Authorization = Browser.Basic("app", "app-secret") },
        };
        HttpResponseMessage answer = await browser.Http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
