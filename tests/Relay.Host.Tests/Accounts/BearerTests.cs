using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Relay.Host.Accounts;
using Relay.Host.Accounts.Jwt;
using Relay.Protocol;

namespace Relay.Host.Tests.Accounts;

/// <summary>Bearers over HTTP and in Hello: the uniform answer, keys of servers, limits, and that no secret is logged.</summary>
public sealed class BearerTests
{
    [Fact]
    public async Task Cases26to29_everyBadBearer_getsTheSameAnswer_overHttpAndOnTheSocket()
    {
        await using AccountsServer server = await AccountsServer.StartAsync();
        AccountsServer.Guest anna = await server.GuestAsync();
        using JwtKey stranger = JwtKey.Own(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        string[] parts = anna.Access.Split('.');
        string forged = JwtWriter.Write(stranger, AccessTokens.Type, json =>
        {
            json.WriteString("iss", "relay");
            json.WriteString("aud", "relay");
            json.WriteString("sub", anna.Account);
        });
        AccountsServer.Guest ended = await server.GuestAsync();
        await ended.PostAsync("logout");
        string[] bad =
        [
            "x", "a.b.c", forged, $"{parts[0]}.{parts[1]}.{new string('A', 86)}", $"eyJhbGciOiJub25lIn0.{parts[1]}.", ended.Access, anna.Refresh,
            "rk_" + Secrets.NewId() + "_" + Secrets.NewSecret(), "rk_x", await anna.TicketAsync(), new string('x', 9000), AccountsServer.AdminKey + "x",
        ];
        var answers = new HashSet<string>();
        foreach (string bearer in bad)
        {
            using HttpClient client = server.NewClient(bearer);
            HttpResponseMessage answer = await client.GetAsync("me");
            answers.Add($"{answer.StatusCode} {answer.Headers.WwwAuthenticate} {Detail(await answer.Content.ReadAsStringAsync())}");
            using RelaySocket socket = await RelaySocket.TcpAsync(server);
            if (!bearer.StartsWith("tk_", StringComparison.Ordinal))
            {
                Assert.Equal(CloseCode.Unauthorized, await socket.HelloAsync(bearer));
            }
        }

        Assert.Single(answers);
        Assert.Contains("Unauthorized Bearer error=\"invalid_token\"", Assert.Single(answers), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await anna.MeAsync());
    }

    /// <summary>Whatever is wrong with a token, one signature is worked out, with the key that it names or with the decoy: so what is wrong
    /// cannot be told by the time that it takes.</summary>
    [Theory]
    [InlineData("no token", 0)]
    [InlineData("alg none", 0)]
    [InlineData("algorithm that is not allowed", 0)]
    [InlineData("unknown key", 0)]
    [InlineData("key of another algorithm", 0)]
    [InlineData("short signature", 0)]
    [InlineData("wrong signature", 1)]
    [InlineData("wrong issuer", 1)]
    [InlineData("expired", 1)]
    [InlineData("good", 1)]
    public void Cases26to29_everyBadToken_takesTheWorkOfOneSignature(string what, int withTheKeyItself)
    {
        using var counted = new CountingEcdsa();
        using var decoyCounted = new CountingEcdsa();
        using JwtKey key = JwtKey.Own(counted), decoy = JwtKey.Own(decoyCounted);
        using var rsa = RSA.Create(2048);
        using JwtKey ofRsa = JwtKey.Read(RsaJwk(rsa))!;
        var policy = new JwtPolicy { Algorithms = new HashSet<JwtAlgorithm> { JwtAlgorithm.ES256 }, Issuer = "relay", Audience = "relay" };
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        string good = Write("relay", now), body = good.Split('.')[1];
        (string? text, JwtKey? named) = what switch
        {
            "no token" => ("x", null),
            "alg none" => ($"eyJhbGciOiJub25lIn0.{body}.", key),
            "algorithm that is not allowed" => ($"eyJhbGciOiJIUzI1NiJ9.{body}.{new string('A', 43)}", key),
            "unknown key" => (good, null),
            "key of another algorithm" => (good, ofRsa),
            "short signature" => (good[..^6], key),
            "wrong signature" => ($"{good[..good.LastIndexOf('.')]}.{new string('B', 85)}A", key),
            "wrong issuer" => (Write("other", now), key),
            "expired" => (Write("relay", now - TimeSpan.FromDays(1)), key),
            _ => (good, (JwtKey?)key),
        };
        JwtVerdict verdict = policy.Check(JwtToken.Read(text), named, decoy, now);
        Assert.Equal(what == "good", verdict == JwtVerdict.Ok);
        Assert.Equal((withTheKeyItself, 1 - withTheKeyItself), (counted.Verified, decoyCounted.Verified));

        string Write(string issuer, DateTimeOffset issued) => JwtWriter.Write(key, AccessTokens.Type, json =>
        {
            json.WriteString("iss", issuer);
            json.WriteString("aud", "relay");
            json.WriteString("sub", "anna");
            json.WriteNumber("iat", issued.ToUnixTimeSeconds());
            json.WriteNumber("exp", issued.ToUnixTimeSeconds() + 600);
        });
    }

    [Fact]
    public async Task ApiKeys_areMadeByOperators_openWhatTheyAreFor_andAreWorthlessOnceRemoved()
    {
        await using AccountsServer server = await AccountsServer.StartAsync();
        using HttpClient admin = server.NewClient(AccountsServer.AdminKey);
        JsonNode made = await AccountsServer.JsonAsync(await admin.PostAsJsonAsync("api-keys", new { name = "game", scopes = new[] { "rooms" }, expiresInDays = 10 }));
        string text = (string)made["apiKey"]!;
        string id = (string)made["key"]!["id"]!;
        using HttpClient game = server.NewClient(text);
        Assert.Equal(HttpStatusCode.Forbidden, (await game.GetAsync("api-keys")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await game.GetAsync("me")).StatusCode);
        using RelaySocket socket = await RelaySocket.InAsync(server, text);
        Assert.Equal("game", socket.Name);

        await server.Get<ApiKeyDesk>().TouchAsync(default);
        JsonNode list = await AccountsServer.JsonAsync(await admin.GetAsync("api-keys"));
        Assert.NotNull((string?)list["apiKeys"]!.AsArray().Single()!["lastUsed"]);
        Assert.DoesNotContain(text[^20..], list.ToJsonString(), StringComparison.Ordinal);

        foreach (string wrong in new[] { "{\"name\":\"x\",\"scopes\":[\"everything\"]}", "{\"name\":\"\"}", "{\"name\":\"x\",\"expiresInDays\":0}" })
        {
            using var content = new StringContent(wrong);
            Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsync("api-keys", content)).StatusCode);
        }

        server.Time.Shift += TimeSpan.FromDays(11);
        Assert.Equal(HttpStatusCode.Unauthorized, (await game.GetAsync("me")).StatusCode);
        server.Time.Shift -= TimeSpan.FromDays(11);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync("api-keys/" + id)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await game.GetAsync("me")).StatusCode);
        Assert.Equal(CloseCode.Unauthorized, await socket.ClosedAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await admin.DeleteAsync("api-keys/" + id)).StatusCode);
    }

    [Fact]
    public async Task Case34_aFloodOfBadLogins_isToldToWait_onBothRoads_withoutWorkOnSignatures()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Accounts:FailuresPerMinute=10");
        AccountsServer.Guest anna = await server.GuestAsync();
        string ticket = await anna.TicketAsync();
        using RelaySocket before = await RelaySocket.InAsync(server, ticket);
        Assert.Equal(CloseCode.None, await before.JoinAsync("plaza"));

        string forged = anna.Access[..^4] + "AAAA";
        using HttpClient flood = server.NewClient(forged);
        HttpStatusCode[] answers = [.. (await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => flood.GetAsync("me")))).Select(answer => answer.StatusCode)];
        Assert.InRange(answers.Count(status => status == HttpStatusCode.Unauthorized), 10, 60);
        Assert.Equal(500, answers.Count(status => status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests));
        HttpResponseMessage last = await flood.GetAsync("me");
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.NotNull(last.Headers.RetryAfter);
        Assert.Contains("Too many", Detail(await last.Content.ReadAsStringAsync()), StringComparison.Ordinal);

        using RelaySocket socket = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.RateLimited, await socket.HelloAsync(forged));
        using RelaySocket ticketed = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.RateLimited, await ticketed.HelloAsync(ticket));
        // Who is in, is in.
        Assert.Equal(CloseCode.AlreadyInRoom, await before.JoinAsync("plaza"));
    }

    [Fact]
    public async Task Case31_bearerInAUrl_isRefused_andNotLogged()
    {
        await using AccountsServer server = await AccountsServer.StartAsync();
        AccountsServer.Guest anna = await server.GuestAsync();
        using HttpClient client = server.NewClient(anna.Access);
        foreach (string path in new[]
        {
            "me?access_token=", "me?x=1&%61ccess_token=", "guest?token=", "../../../?Access_Token=", "../../../health/live?token=", "../../../relay?access_token=", "me?&refresh_token=", "../../../?credentials=",
        })
        {
            HttpResponseMessage answer = await client.GetAsync(path + anna.Access);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains("must not be in a URL", Detail(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(anna.Access, server.Log, StringComparison.Ordinal);
        Assert.Contains("access_token=***", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_ofEveryKind_areInNoLine_ofAllThatIsLogged()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Accounts:InstallationSecret=installation-secret-0123456789-0123456789");
        AccountsServer.Guest anna = await server.GuestAsync("Anna");
        var secrets = new List<string> { AccountsServer.AdminKey, "installation-secret-0123456789", anna.Access, anna.Refresh };
        await anna.RefreshAsync();
        secrets.AddRange([anna.Access, anna.Refresh]);
        using HttpClient admin = server.NewClient(AccountsServer.AdminKey);
        JsonNode key = await AccountsServer.JsonAsync(await admin.PostAsJsonAsync("api-keys", new { name = "game", scopes = new[] { "rooms" } }));
        secrets.Add((string)key["apiKey"]!);
        using HttpClient game = server.NewClient((string)key["apiKey"]!);
        string room = (string)(await AccountsServer.JsonAsync(await game.PostAsJsonAsync("room-token", new { room = "plaza", account = anna.Account })))["roomToken"]!;
        secrets.Add(room);

        string inHello = await anna.TicketAsync(), inUrl = await anna.TicketAsync();
        secrets.AddRange([inHello, inUrl]);
        using RelaySocket one = await RelaySocket.InAsync(server, inHello);
        secrets.Add(Convert.ToHexString(one.ResumeToken.AsSpan(16)));
        Assert.Equal(CloseCode.None, await one.JoinAsync("plaza", room));
        using RelaySocket two = await RelaySocket.WebAsync(server, "?ticket=" + inUrl);
        Assert.Equal(CloseCode.None, await two.HelloAsync(""));
        using RelaySocket replayed = await RelaySocket.WebAsync(server, "?x=1&ticket=" + inUrl);
        Assert.Equal(CloseCode.Unauthorized, await replayed.HelloAsync(""));
        using RelaySocket wrong = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.Unauthorized, await wrong.HelloAsync(anna.Access + "x"));
        using RelaySocket bearer = await RelaySocket.WebAsync(server, "", anna.Access);
        Assert.Equal(CloseCode.None, await bearer.HelloAsync(""));
        await anna.PostAsync("logout", new { all = true });
        await one.ClosedAsync();

        string log = server.Log;
        Assert.Contains("/relay", log, StringComparison.Ordinal);
        // A part of a secret is a secret: every stretch of 16 characters in the middle of each.
        Assert.All(secrets, secret => Assert.DoesNotContain(secret.Substring(secret.Length / 2, Math.Min(16, secret.Length / 2)), log, StringComparison.Ordinal));
    }

    private static System.Text.Json.JsonElement RsaJwk(RSA rsa)
    {
        RSAParameters half = rsa.ExportParameters(false);
        return System.Text.Json.JsonSerializer.SerializeToElement(
            new { kty = "RSA", kid = "rsa", n = Base64Url.EncodeToString(half.Modulus), e = Base64Url.EncodeToString(half.Exponent) });
    }

    private static string Detail(string problem) => (string)JsonNode.Parse(problem)!["detail"]!;

    /// <summary>A P-256 key that counts the signatures that it works out.</summary>
    private sealed class CountingEcdsa : ECDsa
    {
        private readonly ECDsa _real = Create(ECCurve.NamedCurves.nistP256);

        public int Verified { get; private set; }

        public override int KeySize => _real.KeySize;

        public override ECParameters ExportParameters(bool includePrivateParameters) => _real.ExportParameters(includePrivateParameters);

        public override byte[] SignHash(byte[] hash) => _real.SignHash(hash);

        public override bool VerifyHash(byte[] hash, byte[] signature)
        {
            Verified++;
            return _real.VerifyHash(hash, signature);
        }

        protected override void Dispose(bool disposing)
        {
            _real.Dispose();
            base.Dispose(disposing);
        }
    }
}
