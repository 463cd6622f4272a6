using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Relay.Host.Accounts;

namespace Relay.Host.Tests.Accounts;

/// <summary>Sessions over HTTP: begun, refreshed, stolen, ended.</summary>
public sealed class SessionTests : IClassFixture<AccountsFixture>
{
    private readonly AccountsServer _server;

    public SessionTests(AccountsFixture fixture) => _server = fixture.Server;

    [Fact]
    public async Task Guest_comesIn_isSomebody_andIsToldNothingCacheable()
    {
        HttpResponseMessage answer = await _server.Client.PostAsJsonAsync("guest", new { name = "Anna" });
        Assert.True(answer.Headers.CacheControl!.NoStore);
        JsonNode tokens = await AccountsServer.JsonAsync(answer);
        Assert.Equal(("Anna", "guest", "Bearer", 600), ((string)tokens["name"]!, (string)tokens["kind"]!, (string)tokens["tokenType"]!, (int)tokens["expiresIn"]!));
        using HttpClient anna = _server.NewClient((string)tokens["accessToken"]!);
        JsonNode me = (await anna.GetFromJsonAsync<JsonNode>("me"))!;
        Assert.Equal((string)tokens["accountId"]!, (string)me["id"]!);
        Assert.Equal(22, ((string)me["id"]!).Length);
    }

    [Theory]
    [InlineData("{\"name\":\"\"}")]
    [InlineData("{\"name\":\"a\\u0000b\"}")]
    [InlineData("{\"name\":\"a\\u202eb\"}")]
    [InlineData("{\"name\":\"12345678901234567890123456789012345678901234567890123456789012345\"}")]
    [InlineData("{\"name\":1}")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("{\"nome\":\"a\"}")]
    [InlineData("null")]
    [InlineData("[")]
    public async Task Guest_requestThatIsWrong_isToldSo(string body)
    {
        using var content = new StringContent(body);
        HttpResponseMessage answer = await _server.Client.PostAsync("guest", content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Refresh_rotates_andTheOldTokenUsedAgain_endsTheSessionAtOnce()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        string first = anna.Refresh;
        Assert.Equal(HttpStatusCode.OK, await anna.RefreshAsync());
        Assert.NotEqual(first, anna.Refresh);
        Assert.Equal(HttpStatusCode.OK, await anna.MeAsync());

        Assert.Equal(HttpStatusCode.Unauthorized, (await _server.Client.PostAsJsonAsync("refresh", new { refreshToken = first })).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await anna.MeAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, await anna.RefreshAsync());
    }

    [Fact]
    public async Task Refresh_byWhoeverKnowsOnlyTheSessionsId_endsNothing()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        foreach (string forged in new[]
        {
            "rt_" + anna.Session + Secrets.NewId() + Secrets.NewSecret(), "rt_" + anna.Session, anna.Access, "", "rt_" + new string('A', 87), new string('x', 60_000),
        })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await _server.Client.PostAsJsonAsync("refresh", new { refreshToken = forged })).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await anna.RefreshAsync());
    }

    [Fact]
    public async Task Refresh_twiceAtOnce_isGrantedOnceAtMost()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _server.Client.PostAsJsonAsync("refresh", new { refreshToken = anna.Refresh })));
        Assert.True(answers.Count(answer => answer.IsSuccessStatusCode) <= 1);
        Assert.Equal(HttpStatusCode.Unauthorized, await anna.MeAsync());
    }

    [Fact]
    public async Task Case29_accessToken_expires_afterItsTimeAnd60Seconds_andRefreshBringsAnother()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        _server.Time.Shift += TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(30);
        Assert.Equal(HttpStatusCode.OK, await anna.MeAsync());
        _server.Time.Shift += TimeSpan.FromSeconds(40);
        Assert.Equal(HttpStatusCode.Unauthorized, await anna.MeAsync());
        Assert.Equal(HttpStatusCode.OK, await anna.RefreshAsync());
        Assert.Equal(HttpStatusCode.OK, await anna.MeAsync());
    }

    [Fact]
    public async Task Guests_unusedForADay_areGone_andOnesThatAreUsed_stay()
    {
        AccountsServer.Guest gone = await _server.GuestAsync();
        AccountsServer.Guest stays = await _server.GuestAsync();
        _server.Time.Shift += TimeSpan.FromHours(14);
        Assert.Equal(HttpStatusCode.OK, await stays.RefreshAsync());
        _server.Time.Shift += TimeSpan.FromHours(14);
        await _server.Get<AccountsUpkeep>().PurgeAsync(default);
        Assert.Null(await _server.Get<AccountDesk>().FindAsync(gone.Account, default));
        Assert.Equal(HttpStatusCode.Unauthorized, await gone.RefreshAsync());
        Assert.NotNull(await _server.Get<AccountDesk>().FindAsync(stays.Account, default));
        Assert.Equal(HttpStatusCode.OK, await stays.RefreshAsync());
    }

    [Fact]
    public async Task Logout_endsThisSession_orAll_andOthersCannotBeEnded()
    {
        Account user = await _server.Get<AccountDesk>().FindOrCreateAsync(new ExternalIdentity("test", "logout", "Anna"), default);
        AccountsServer.Guest one = await SignInAsync(user), two = await SignInAsync(user), three = await SignInAsync(user);
        AccountsServer.Guest other = await _server.GuestAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await other.SendAsync(HttpMethod.Delete, "sessions/" + one.Session, null)).StatusCode);
        JsonNode list = await AccountsServer.JsonAsync(await one.GetAsync("sessions"));
        Assert.Equal(3, list["sessions"]!.AsArray().Count);
        Assert.Equal(one.Session, (string)list["sessions"]!.AsArray().Single(session => (bool)session!["isCurrent"]!)!["id"]!);

        Assert.Equal(HttpStatusCode.NoContent, (await one.SendAsync(HttpMethod.Delete, "sessions/" + two.Session, null)).StatusCode);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await one.MeAsync(), await two.MeAsync()));
        Assert.Equal(HttpStatusCode.OK, (await one.PostAsync("logout", new { all = true })).StatusCode);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await one.MeAsync(), await three.MeAsync()));
        Assert.Equal(HttpStatusCode.OK, await other.MeAsync());
    }

    [Fact]
    public async Task Sessions_beyondTheMost_endTheOneUsedLeastLately()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Accounts:MaxSessions=2");
        Account user = await server.Get<AccountDesk>().FindOrCreateAsync(new ExternalIdentity("test", "many", null), default);
        var tokens = new List<SessionTokens>();
        for (int i = 0; i < 3; i++)
        {
            server.Time.Shift += TimeSpan.FromSeconds(1);
            tokens.Add((await server.Get<AccountDesk>().StartSessionAsync(user, new SignIn("test", "x", null), default))!);
        }

        Assert.True(server.Get<Revocations>().IsRevoked(user.Id, tokens[0].SessionId));
        Assert.False(server.Get<Revocations>().IsRevoked(user.Id, tokens[1].SessionId));
        Assert.Equal(2, (await server.Get<SessionDesk>().ListAsync(user.Id, default)).Count);
    }

    [Fact]
    public async Task Disabled_account_isOutAtOnce_cannotSignIn_andAfterEnablingOldTokensStayWorthless()
    {
        AccountDesk desk = _server.Get<AccountDesk>();
        Account user = await desk.FindOrCreateAsync(new ExternalIdentity("test", "disabled", null), default);
        AccountsServer.Guest session = await SignInAsync(user);
        using HttpClient admin = _server.NewClient(AccountsServer.AdminKey);
        Assert.Equal(HttpStatusCode.Forbidden, (await session.PostAsync($"accounts/{user.Id}/disable")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _server.Client.PostAsync($"accounts/{user.Id}/disable", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync($"accounts/{Secrets.NewId()}/disable", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"accounts/{user.Id}/disable", null)).StatusCode);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await session.MeAsync(), await session.RefreshAsync()));
        Assert.Null(await desk.StartSessionAsync(await desk.FindOrCreateAsync(new ExternalIdentity("test", "disabled", null), default), new SignIn("test", "", null), default));

        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"accounts/{user.Id}/enable", null)).StatusCode);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await session.MeAsync(), await session.RefreshAsync()));
        Assert.Equal(HttpStatusCode.OK, await (await SignInAsync(user)).MeAsync());
    }

    [Fact]
    public async Task Admin_isMadeByAdminsAlone_fromTheNextTokensOn_andUnmadeAtOnce()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        using HttpClient admin = _server.NewClient(AccountsServer.AdminKey);
        string path = $"accounts/{anna.Account}/admin";
        Assert.Equal(HttpStatusCode.Forbidden, (await anna.SendAsync(HttpMethod.Put, path, null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PutAsync($"accounts/{Secrets.NewId()}/admin", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.PutAsync(path, null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await anna.RefreshAsync());
        JsonNode audit = await AccountsServer.JsonAsync(await anna.GetAsync("audit"));
        Assert.Contains(audit["entries"]!.AsArray(), entry => (string?)entry!["action"] == "admin-granted" && (string?)entry["target"] == anna.Account);

        Assert.Equal(HttpStatusCode.OK, (await admin.DeleteAsync(path)).StatusCode);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), ((await anna.GetAsync("audit")).StatusCode, await anna.RefreshAsync()));
        AccountDesk desk = _server.Get<AccountDesk>();
        Assert.False((await desk.FindAsync(anna.Account, default))!.IsAdmin);
    }

    [Fact]
    public async Task Profile_isKept_bounded_andChangedOnlyAsExpected()
    {
        AccountsServer.Guest anna = await _server.GuestAsync("Anna");
        HttpResponseMessage first = await anna.GetAsync("me");
        Assert.Equal("\"1\"", first.Headers.ETag!.Tag);
        using HttpClient client = _server.NewClient(anna.Access);
        client.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", "\"1\"");
        HttpResponseMessage changed = await client.PatchAsJsonAsync("me", new { name = "'; DROP TABLE accounts; --", profile = new { hat = "red" } });
        JsonNode me = await AccountsServer.JsonAsync(changed);
        Assert.Equal(("'; DROP TABLE accounts; --", "red"), ((string)me["name"]!, (string)me["profile"]!["hat"]!));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await client.PatchAsJsonAsync("me", new { name = "Late" })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await anna.SendAsync(HttpMethod.Patch, "me", new { profile = new { x = new string('x', 5000) } })).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await anna.SendAsync(HttpMethod.Patch, "me", new { profile = "x" })).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await anna.SendAsync(HttpMethod.Patch, "me", new { profile = new { x = new string('x', 200_000) } })).StatusCode);
    }

    [Fact]
    public async Task Identity_belongsToOneAccount_makesAGuestAUser_andTheLastOneStays()
    {
        AccountDesk desk = _server.Get<AccountDesk>();
        AccountsServer.Guest guest = await _server.GuestAsync();
        var mail = new ExternalIdentity("mail", "hash-of-anna", "Anna", new Dictionary<string, string> { ["verified"] = "true" });
        Assert.Equal(LinkOutcome.Linked, await desk.LinkAsync(guest.Account, mail, null, default));
        Assert.Equal(LinkOutcome.Linked, await desk.LinkAsync(guest.Account, mail, null, default));
        Assert.Equal((guest.Account, AccountKind.User), ((await desk.FindOrCreateAsync(mail, default)).Id, (await desk.FindAsync(guest.Account, default))!.Kind));

        Account other = await desk.FindOrCreateAsync(new ExternalIdentity("mail", "hash-of-ben", null), default);
        Assert.Equal(LinkOutcome.BelongsToAnother, await desk.LinkAsync(other.Id, mail, null, default));
        Assert.Equal(UnlinkOutcome.NotFound, await desk.UnlinkAsync(other.Id, mail.Provider, mail.Subject, null, default));
        Assert.Equal(UnlinkOutcome.LastOne, await desk.UnlinkAsync(guest.Account, mail.Provider, mail.Subject, null, default));
        Assert.Equal(LinkOutcome.Linked, await desk.LinkAsync(guest.Account, new ExternalIdentity("wallet", "0xabc", null), null, default));
        Assert.Equal(UnlinkOutcome.Removed, await desk.UnlinkAsync(guest.Account, mail.Provider, mail.Subject, null, default));
        Assert.NotEqual(guest.Account, (await desk.FindOrCreateAsync(mail, default)).Id);
    }

    [Fact]
    public async Task Identity_usedTwiceAtOnce_isOneAccount()
    {
        Account[] accounts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            _server.Get<AccountDesk>().FindOrCreateAsync(new ExternalIdentity("test", "at-once", null), default)));
        Assert.Single(accounts.Select(account => account.Id).Distinct());
    }

    /// <summary>Odyssey let two subjects act for anybody.</summary>
    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("00000000-0000-0000-0000-000000000003")]
    [InlineData("admin")]
    [InlineData("root")]
    [InlineData("operator")]
    [InlineData("relay")]
    public async Task OdysseyDefect7_hardCodedSubjects_noSubjectIsSpecial(string subject)
    {
        AccountDesk desk = _server.Get<AccountDesk>();
        Account account = await desk.FindOrCreateAsync(new ExternalIdentity("test", subject, subject), default);
        AccountsServer.Guest session = await SignInAsync(account);
        Assert.NotEqual(subject, account.Id);
        Assert.False(account.IsAdmin);
        Assert.Equal(HttpStatusCode.Forbidden, (await session.GetAsync("api-keys")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await session.PostAsync("room-token", new { room = "plaza", account = account.Id })).StatusCode);
    }

    /// <summary>Odyssey kept every challenge for ever, in one growing value.</summary>
    [Fact]
    public async Task Odyssey_challengesWithoutExpiry_areTakenOnce_expire_andAreBounded()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Accounts:MaxOneTimeSecrets=100");
        IOneTimeStore store = server.Get<IOneTimeStore>();
        string secret = Secrets.NewSecret();
        Assert.True(await store.PutAsync("wallet", secret, """{"a":1}""", TimeSpan.FromMinutes(5), default));
        Assert.Null(await store.TakeAsync("mail", secret, default));
        string?[] taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.TakeAsync("wallet", secret, default)));
        Assert.Equal("""{"a":1}""", Assert.Single(taken, one => one is not null));

        await store.PutAsync("wallet", secret, "{}", TimeSpan.FromMinutes(5), default);
        server.Time.Shift += TimeSpan.FromMinutes(6);
        Assert.Null(await store.TakeAsync("wallet", secret, default));
        Assert.Equal(1, await store.PurgeAsync(default));

        int kept = 0;
        for (int i = 0; i < 130; i++)
        {
            kept += await store.PutAsync("wallet", Secrets.NewSecret(), "{}", TimeSpan.FromMinutes(5), default) ? 1 : 0;
        }

        Assert.Equal(100, kept);
        Assert.True(await store.PutAsync("mail", Secrets.NewSecret(), "{}", TimeSpan.FromMinutes(5), default));
        server.Time.Shift += TimeSpan.FromMinutes(6);
        Assert.True(await store.PutAsync("wallet", Secrets.NewSecret(), "{}", TimeSpan.FromMinutes(5), default));
    }

    /// <summary>Odyssey made a guest for whoever asked, as often as they did.</summary>
    [Fact]
    public async Task Odyssey_guestsWithoutLimit_areLimitedByAddress()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Accounts:GuestsPerMinute=5");
        var statuses = new List<HttpStatusCode>();
        for (int i = 0; i < 8; i++)
        {
            HttpResponseMessage answer = await server.Client.PostAsync("guest", null);
            statuses.Add(answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        // A slow machine may have earned one more meanwhile.
        Assert.InRange(statuses.Count(status => status == HttpStatusCode.OK), 5, 6);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    private async Task<AccountsServer.Guest> SignInAsync(Account account)
    {
        SessionTokens tokens = (await _server.Get<AccountDesk>().StartSessionAsync(account, new SignIn("test", "tests", IPAddress.Loopback), default))!;
        return new AccountsServer.Guest(_server, JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(tokens, System.Text.Json.JsonSerializerOptions.Web))!);
    }
}
