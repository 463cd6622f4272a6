using System.Text;
using System.Text.Json.Nodes;
using Relay.Host.Accounts;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>Access tokens of a real provider, shown to this server as they are.</summary>
[Collection(PeersGroup.Name)]
public sealed class OidcBearerTests(Peers peers) : IAsyncLifetime
{
    private const string Rs256 = "https://rooms.example/rs256";
    private const string Es256 = "https://rooms.example/es256";

    public async Task InitializeAsync()
    {
        await peers.OrderAsync("set", new JsonObject { ["down"] = false, ["slowMs"] = 0, ["lie"] = null });
        await peers.OrderAsync("rotate", new JsonObject { ["generation"] = Guid.NewGuid().ToString("N") });
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData(Rs256)]
    [InlineData(Es256)]
    public async Task Token_ofTheProvider_isBelieved_andTheSameAccountEachTime(string audience)
    {
        await using SignInServer server = await StartAsync(audience);
        string token = await peers.MachineTokenAsync(audience);
        int fetches = await peers.RequestsAsync("/jwks");
        string account = await AcceptedAsync(server, token);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(account, await AcceptedAsync(server, token));
        }

        Assert.Equal(account, await AcceptedAsync(server, await peers.MachineTokenAsync(audience)));
        Assert.Equal(fetches + 1, await peers.RequestsAsync("/jwks"));
        Assert.Equal(BearerStatus.NotMine, await LookAsync(server, "an-opaque-token"));
    }

    [Fact]
    public async Task Case26_algNone_isRefused()
    {
        await using SignInServer server = await StartAsync(Rs256);
        string good = await peers.MachineTokenAsync(Rs256);
        string claims = good.Split('.')[1];
        foreach (string header in new[] { "{\"alg\":\"none\"}", "{\"alg\":\"None\",\"typ\":\"at+jwt\"}", "{\"alg\":\"nOnE\"}", "{\"alg\":\"\"}", "{}" })
        {
            foreach (string signature in new[] { "", good.Split('.')[2] })
            {
                Assert.NotEqual(BearerStatus.Accepted, await LookAsync(server, $"{Encode(header)}.{claims}.{signature}"));
            }
        }
    }

    [Fact]
    public async Task Case27_publicKeyAsHmacSecret_isRefused()
    {
        await using SignInServer server = await StartAsync(Rs256);
        await AcceptedAsync(server, await peers.MachineTokenAsync(Rs256));
        string token = await peers.SignAsync(Header("HS256", await KeyIdAsync(Rs256)), Claims(), by: "public-as-secret");
        Assert.Equal(BearerStatus.Refused, await LookAsync(server, token));
    }

    [Fact]
    public async Task Case28_tenThousandUnknownKids_causeOneFetchPerInterval()
    {
        await using SignInServer server = await StartAsync(Rs256);
        string good = await peers.MachineTokenAsync(Rs256);
        string[] parts = good.Split('.');
        int before = await peers.RequestsAsync("/jwks");
        string[] kids = ["../../etc/passwd", "' OR 1=1 --", "https://evil.example/jwks", "\\u0000", new string('k', 255)];
        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            string kid = i < kids.Length ? kids[i] : $"kid-{i}";
            Assert.Equal(BearerStatus.Refused, await LookAsync(server, $"{Encode($"{{\"alg\":\"RS256\",\"kid\":\"{kid}\"}}")}.{parts[1]}.{parts[2]}"));
        });
        Assert.Equal(before + 1, await peers.RequestsAsync("/jwks"));
        await AcceptedAsync(server, good);

        server.Clock.Advance(TimeSpan.FromSeconds(61));
        string unknown = $"{Encode("{\"alg\":\"RS256\",\"kid\":\"another\"}")}.{parts[1]}.{parts[2]}";
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => LookAsync(server, unknown).AsTask()));
        Assert.Equal(before + 2, await peers.RequestsAsync("/jwks"));
    }

    [Fact]
    public async Task Case29_wrongClaims_areRefused_andTheSkewIsAMinute()
    {
        await using SignInServer server = await StartAsync(Rs256);
        string kid = await KeyIdAsync(Rs256);
        long now = server.Clock.GetUtcNow().ToUnixTimeSeconds();
        async Task<BearerStatus> With(string name, JsonNode? value)
        {
            JsonObject claims = Claims();
            claims.Remove(name);
            if (value is not null)
            {
                claims[name] = value;
            }

            return await LookAsync(server, await peers.SignAsync(Header("RS256", kid), claims));
        }

        Assert.Equal(BearerStatus.Accepted, await With("exp", now + 60));
        Assert.Equal(BearerStatus.Accepted, await With("exp", now - 50));
        Assert.Equal(BearerStatus.Accepted, await With("nbf", now + 50));
        Assert.Equal(BearerStatus.Accepted, await With("aud", new JsonArray("https://other.example", Rs256)));
        foreach ((string name, JsonNode? value) in new (string, JsonNode?)[]
        {
            ("exp", now - 61), ("exp", null), ("exp", "tomorrow"), ("nbf", now + 75), ("nbf", "now"), ("aud", "https://other.example"), ("aud", null),
            ("aud", new JsonArray()), ("sub", null), ("sub", ""), ("sub", new string('s', 256)),
        })
        {
            Assert.True(await With(name, value) == BearerStatus.Refused, $"{name} = {value}");
        }

        // Somebody else's token is nobody's here.
        Assert.Equal(BearerStatus.NotMine, await With("iss", peers.Issuer + "/"));
        Assert.Equal(BearerStatus.NotMine, await With("iss", null));
        Assert.Equal(BearerStatus.Refused, await LookAsync(server, await peers.SignAsync(Header("RS256", kid), Claims(), by: "other")));
        string good = await peers.SignAsync(Header("RS256", kid), Claims());
        Assert.Equal(BearerStatus.Refused, await LookAsync(server, good[..^2] + (good[^2] == 'A' ? "BA" : "AA")));
        JsonObject crit = Header("RS256", kid);
        crit["crit"] = new JsonArray("b64");
        crit["b64"] = true;
        Assert.NotEqual(BearerStatus.Accepted, await LookAsync(server, await peers.SignAsync(crit, Claims())));
    }

    [Fact]
    public async Task Algorithm_thatIsNotOnTheList_isRefused()
    {
        await using SignInServer server = await SignInServer.StartAsync([.. Settings(Es256), ("Accounts:Oidc:0:Algorithms:0", "RS256")]);
        Assert.Equal(BearerStatus.Refused, await LookAsync(server, await peers.MachineTokenAsync(Es256)));
    }

    [Fact]
    public async Task Keys_thatRotate_areFollowed_andWhatWasSignedWithWithdrawnOnesIsRefused()
    {
        await using SignInServer server = await StartAsync(Rs256);
        string old = await peers.MachineTokenAsync(Rs256);
        await AcceptedAsync(server, old);
        await peers.OrderAsync("rotate", new JsonObject { ["generation"] = "next" });
        string young = await peers.MachineTokenAsync(Rs256);
        Assert.Equal(BearerStatus.Refused, await LookAsync(server, young));
        server.Clock.Advance(TimeSpan.FromSeconds(61));
        await AcceptedAsync(server, young);

        // It was believed before, and is remembered; but not by these keys.
        Assert.Equal(BearerStatus.Refused, await LookAsync(server, old));
    }

    [Fact]
    public async Task Case33_providerDown_cachedKeysServeToABound_andWithoutKeysNobodyComesIn()
    {
        await using SignInServer server = await StartAsync(Rs256);
        await using SignInServer fresh = await StartAsync(Rs256);
        string kid = await KeyIdAsync(Rs256);
        string token = await LongTokenAsync(kid), other = await LongTokenAsync(kid);
        await AcceptedAsync(server, token);
        await peers.OrderAsync("set", new JsonObject { ["down"] = true });
        Assert.Equal(BearerStatus.Unavailable, await LookAsync(fresh, token));
        server.Clock.Advance(TimeSpan.FromHours(23));
        await AcceptedAsync(server, token);
        await AcceptedAsync(server, other);
        server.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(BearerStatus.Unavailable, await LookAsync(server, token));
        Assert.Equal(BearerStatus.Unavailable, await LookAsync(server, other));

        await peers.OrderAsync("set", new JsonObject { ["down"] = false });
        Assert.Equal(BearerStatus.Unavailable, await LookAsync(server, token));
        server.Clock.Advance(TimeSpan.FromSeconds(61));
        fresh.Clock.Advance(TimeSpan.FromSeconds(61));
        await AcceptedAsync(server, token);
        await AcceptedAsync(fresh, token);
    }

    [Theory]
    [InlineData("another issuer", "/.well-known/openid-configuration", "{\"body\":{\"issuer\":\"https://evil.example\",\"jwks_uri\":\"ISSUER/jwks\"}}")]
    [InlineData("no keys", "/jwks", "{\"body\":{\"keys\":[]}}")]
    [InlineData("no JSON object", "/jwks", "{\"body\":[]}")]
    [InlineData("too much", "/jwks", "{\"fill\":1000000}")]
    [InlineData("a redirect", "/jwks", "{\"status\":302,\"headers\":{\"location\":\"ISSUER/jwks\"}}")]
    [InlineData("an error", "/.well-known/openid-configuration", "{\"status\":500,\"body\":{}}")]
    public async Task Provider_thatPublishesNonsense_isNotGoneBy(string what, string path, string lie)
    {
        await using SignInServer server = await StartAsync(Rs256);
        string token = await peers.MachineTokenAsync(Rs256);
        JsonNode answer = JsonNode.Parse(lie.Replace("ISSUER", peers.Issuer, StringComparison.Ordinal))!;
        await peers.OrderAsync("set", new JsonObject { ["lie"] = new JsonObject { [path] = answer } });
        Assert.True(await LookAsync(server, token) == BearerStatus.Unavailable, what);
        Assert.Contains("Oidc test cannot be asked", server.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token, server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Provider_thatIsSlow_isNotWaitedForLong()
    {
        await using SignInServer server = await SignInServer.StartAsync([.. Settings(Rs256), ("Accounts:Oidc:0:Timeout", "00:00:00.2")]);
        string token = await peers.MachineTokenAsync(Rs256);
        await peers.OrderAsync("set", new JsonObject { ["slowMs"] = 20_000 });
        Assert.Equal(BearerStatus.Unavailable, await LookAsync(server, token).AsTask().WaitAsync(TimeSpan.FromSeconds(15), TimeProvider.System));
    }

    [Fact]
    public async Task Account_thatIsDisabled_isRefused_alsoWithATokenThatIsRemembered()
    {
        await using SignInServer server = await StartAsync(Rs256);
        string token = await peers.MachineTokenAsync(Rs256);
        string account = await AcceptedAsync(server, token);
        Assert.True(await server.Get<AccountDesk>().DisableAsync("test", account, null, CancellationToken.None));
        Assert.Equal(BearerStatus.Refused, await LookAsync(server, token));
    }

    private Task<SignInServer> StartAsync(string audience) => SignInServer.StartAsync(Settings(audience));

    private (string Name, string Value)[] Settings(string audience) =>
    [
        ("Accounts:Oidc:0:Name", "test"), ("Accounts:Oidc:0:Authority", peers.Issuer), ("Accounts:Oidc:0:RequireHttps", "false"), ("Accounts:Oidc:0:Audience", audience),
    ];

    private async Task<string> KeyIdAsync(string audience)
    {
        string header = (await peers.MachineTokenAsync(audience)).Split('.')[0];
        return (string)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(header))!["kid"]!;
    }

    private async Task<string> LongTokenAsync(string kid)
    {
        JsonObject claims = Claims();
        claims["exp"] = TimeProvider.System.GetUtcNow().AddDays(3).ToUnixTimeSeconds();
        claims["jti"] = Guid.NewGuid().ToString();
        return await peers.SignAsync(Header("RS256", kid), claims);
    }

    private JsonObject Claims()
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject { ["iss"] = peers.Issuer, ["sub"] = "anna", ["aud"] = Rs256, ["iat"] = now, ["exp"] = now + 600 };
    }

    private static JsonObject Header(string algorithm, string kid) => new() { ["alg"] = algorithm, ["kid"] = kid, ["typ"] = "at+jwt" };

    private static async ValueTask<BearerStatus> LookAsync(SignInServer server, string token) =>
        (await server.Get<IBearerVerifier>().VerifyAsync(token, CancellationToken.None)).Status;

    private static async Task<string> AcceptedAsync(SignInServer server, string token)
    {
        BearerAnswer answer = await server.Get<IBearerVerifier>().VerifyAsync(token, CancellationToken.None);
        Assert.Equal(BearerStatus.Accepted, answer.Status);
        return answer.Principal!.AccountId()!;
    }

    private static string Encode(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
