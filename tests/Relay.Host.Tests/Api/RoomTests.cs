using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Relay.Host.Tests.Api.Kit;
using Relay.Protocol;

namespace Relay.Host.Tests.Api;

/// <summary>Rooms over REST, and what people in them see of it.</summary>
public sealed class RoomTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly (string, string) Any = ("If-Match", "*");

    [Fact]
    public async Task Room_isMadeFoundChangedAndDeleted()
    {
        using HttpClient anna = server.As("anna");
        Answer made = await anna.Post("rooms", new { name = "made", title = "Made", settings = new { capacity = 7, scene = "moon" } }).Is(HttpStatusCode.Created);
        Assert.Equal("/api/v1/rooms/made", made.Message.Headers.Location!.ToString());
        Assert.Equal(("\"1\"", "owner"), (made.Tag, made.Json["yourRole"]!.GetValue<string>()));
        Answer read = await anna.Get("rooms/made").Is(HttpStatusCode.OK);
        Assert.Equal((7, "moon"), (read.Json["settings"]!["capacity"]!.GetValue<int>(), read.Json["settings"]!["scene"]!.GetValue<string>()));
        await anna.Post("rooms", new { name = "made" }).Is(HttpStatusCode.Conflict);

        Answer changed = await anna.Patch("rooms/made", new { description = "all of it", settings = new { capacity = (int?)null } }, ("If-Match", read.Tag!)).Is(HttpStatusCode.OK);
        Assert.Equal(("\"2\"", null, "all of it"), (changed.Tag, changed.Json["settings"]!["capacity"], changed.Json["description"]!.GetValue<string>()));
        await anna.Delete("rooms/made").Is(HttpStatusCode.PreconditionRequired);
        await anna.Delete("rooms/made", ("If-Match", "\"1\"")).Is(HttpStatusCode.PreconditionFailed);
        await anna.Delete("rooms/made", ("If-Match", changed.Tag!)).Is(HttpStatusCode.NoContent);
        await anna.Get("rooms/made").Is(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("größe-世界")]
    [InlineData("x:y@z+1")]
    [InlineData("a/.b")]
    [InlineData("~home.")]
    public async Task Name_ofAnyKind_comesBackAsItWas(string name)
    {
        using HttpClient anna = server.As("anna");
        Answer made = await anna.Post("rooms", new { name }).Is(HttpStatusCode.Created);
        string path = made.Message.Headers.Location!.OriginalString["/api/v1/".Length..];
        Assert.Equal(name, (await anna.Get(path).Is(HttpStatusCode.OK)).Json["name"]!.GetValue<string>());
        await anna.Put(path + "/attributes/a%2Fb%25", new { value = 1, terms = new { persistent = true } }).Is(HttpStatusCode.Created);
        Assert.Equal("a/b%", (await anna.Get(path + "/attributes").Is(HttpStatusCode.OK)).Json["items"]![0]!["key"]!.GetValue<string>());
        await using Visitor ben = await server.JoinAsync("ben", name);
        Assert.Equal("set 0 a/b% 1", await ben.UntilAsync("set 0 a/b%"));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("'; DROP TABLE rooms; --")]
    [InlineData("a~2")]
    [InlineData("")]
    [InlineData("/a")]
    public async Task Name_thatIsNone_isRefused(string name)
    {
        using HttpClient anna = server.As("anna");
        Assert.Equal("invalid", (await anna.Post("rooms", new { name }).Is(HttpStatusCode.UnprocessableEntity)).Problem);
    }

    [Fact]
    public async Task Double_encodedSlash_isNotASlash()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "twice/over" }).Is(HttpStatusCode.Created);
        await anna.Get("rooms/twice%2Fover").Is(HttpStatusCode.OK);
        await anna.Get("rooms/twice%252Fover").Is(HttpStatusCode.NotFound);
        await anna.Get("rooms/twice%ff").Is(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Settings_changeInTheOpenRoom_andTheAnswerSaysWhichWait()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "live", title = "Before", settings = new { scene = "one" } }).Is(HttpStatusCode.Created);
        await using Visitor ben = await server.JoinAsync("ben", "live");
        Answer changed = await anna.Patch(
            "rooms/live", new { settings = new { scene = "two", capacity = 3, tickRate = 10 } }, Any).Is(HttpStatusCode.OK);
        Assert.Equal(["capacity", "info"], Names(changed.Json["applied"]!));
        Assert.Equal(["tickRate"], Names(changed.Json["waiting"]!));
        Assert.Contains("two", await ben.UntilAsync("merged 0 relay.room \"scene\""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_thatAreWrong_areNamedFieldByField()
    {
        using HttpClient anna = server.As("anna");
        Answer refused = await anna.Post("rooms", new
        {
            title = new string('x', 201),
            settings = new
            {
                capacity = 0,
                tickRate = 2000,
                defaultRole = "nobody",
                roles = new[] { new { name = "one", permissions = new[] { "fly" } } },
                bounds = new { min = new[] { 0, 0 }, max = new[] { 1, 1, 1 } },
            },
        }).Is(HttpStatusCode.UnprocessableEntity);
        string[] fields = [.. refused.Json["errors"]!.AsArray().Select(error => error!["field"]!.GetValue<string>()).Order(StringComparer.Ordinal)];
        Assert.Equal(
            ["settings.bounds.min", "settings.capacity", "settings.defaultRole", "settings.roles.0.permissions", "settings.tickRate", "title"], fields);
    }

    [Fact]
    public async Task Tag_ofTwoChanges_letsExactlyOneThrough_andNamesWhatIsStale()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "race" }).Is(HttpStatusCode.Created);
        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            anna.Patch("rooms/race", new { title = i.ToString(CultureInfo.InvariantCulture), settings = new { capacity = 10 + i } }, ("If-Match", "\"1\""))));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        foreach (Answer lost in answers.Where(answer => answer.Status != HttpStatusCode.OK))
        {
            Assert.Equal((HttpStatusCode.PreconditionFailed, "precondition-failed"), (lost.Status, lost.Problem));
            Assert.Equal(["settings.capacity", "title"], Names(lost.Json["staleFields"]!));
        }
    }

    [Fact]
    public async Task Closing_takesOut_andKeepsOut_untilItIsOpened()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "shut" }).Is(HttpStatusCode.Created);
        await using Visitor ben = await server.JoinAsync("ben", "shut");
        await using Visitor owner = await server.JoinAsync("anna", "shut");
        await anna.Patch("rooms/shut", new { entry = "closed" }, Any).Is(HttpStatusCode.OK);
        Assert.Equal("left 4435", await ben.UntilAsync("left"));
        Assert.Equal(CloseCode.RoomClosed, await ben.TryJoinAsync("shut"));
        await anna.Patch("rooms/shut", new { entry = "open" }, Any).Is(HttpStatusCode.OK);
        Assert.Equal(CloseCode.None, await ben.TryJoinAsync("shut"));
    }

    [Fact]
    public async Task Deleting_takesEverybodyOut_andLeavesNothing()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "doomed", title = "x" }).Is(HttpStatusCode.Created);
        await anna.Put("rooms/doomed/attributes/kept", new { value = 1, terms = new { persistent = true } }).Is(HttpStatusCode.Created);
        await using Visitor ben = await server.JoinAsync("ben", "doomed");
        await using Visitor owner = await server.JoinAsync("anna", "doomed");
        await anna.Delete("rooms/doomed", Any).Is(HttpStatusCode.NoContent);
        Assert.StartsWith("left", await ben.UntilAsync("left"), StringComparison.Ordinal);
        Assert.StartsWith("left", await owner.UntilAsync("left"), StringComparison.Ordinal);
        Assert.Equal(CloseCode.None, await ben.TryJoinAsync("doomed"));
        using HttpClient other = server.As("ben");
        await other.Get("rooms/doomed/attributes/kept").Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task List_showsOnlyWhatOneMaySee_pageByPage_andSearches()
    {
        using HttpClient anna = server.As("lister"), ben = server.As("looker"), admin = server.As("boss", admin: true);
        for (int i = 0; i < 5; i++)
        {
            await anna.Post("rooms", new { name = $"list{i}", title = $"100%_{i} Häuser", entry = i % 2 == 0 ? "open" : "invite" }).Is(HttpStatusCode.Created);
        }

        Assert.Equal(["list0", "list2", "list4"], await AllAsync(ben, "100%25_", 2));
        Assert.Equal(["list0", "list1", "list2", "list3", "list4"], await AllAsync(anna, "H%C3%84USER", 1));
        Assert.Equal(5, (await AllAsync(admin, "100%25_", 100)).Length);
        Assert.Empty(await AllAsync(ben, "'%20OR%201%3D1%20--", 5));
        await ben.Get("rooms/list1").Is(HttpStatusCode.NotFound);
        await ben.Get("rooms?limit=0").Is(HttpStatusCode.UnprocessableEntity);
        await ben.Get("rooms?limit=101").Is(HttpStatusCode.UnprocessableEntity);
        await ben.Get("rooms?cursor=%27").Is(HttpStatusCode.UnprocessableEntity);

        static async Task<string[]> AllAsync(HttpClient client, string text, int limit)
        {
            var names = new List<string>();
            string cursor = "";
            do
            {
                JsonNode page = (await client.Get($"rooms?q={text}&limit={limit}{cursor}").Is(HttpStatusCode.OK)).Json;
                names.AddRange(page["items"]!.AsArray().Select(room => room!["name"]!.GetValue<string>()));
                cursor = page["nextCursor"] is { } next ? "&cursor=" + next.GetValue<string>() : "";
            }
            while (cursor.Length > 0);
            return [.. names];
        }
    }

    [Fact]
    public async Task Others_changeAndDeleteNothing()
    {
        using HttpClient anna = server.As("anna"), ben = server.As("ben"), admin = server.As("boss", admin: true), nobody = server.As(null);
        await anna.Post("rooms", new { name = "mine" }).Is(HttpStatusCode.Created);
        await ben.Patch("rooms/mine", new { title = "ours" }, Any).Is(HttpStatusCode.Forbidden);
        await ben.Delete("rooms/mine", Any).Is(HttpStatusCode.Forbidden);
        await nobody.Get("rooms/mine").Is(HttpStatusCode.Unauthorized);
        await admin.Patch("rooms/mine", new { title = "the house's" }, Any).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("{\"titel\":\"x\"}", 400, "titel")]
    [InlineData("{\"title\":\"x\",\"title\":\"y\"}", 400, "twice")]
    [InlineData("{\"title\":7}", 400, "$.title")]
    [InlineData("{\"title\":", 400, "not as it must be")]
    [InlineData("[]", 400, "not as it must be")]
    [InlineData("null", 400, "null")]
    [InlineData("", 400, "not as it must be")]
    [InlineData("{\"entry\":\"ajar\"}", 400, "$.entry")]
    [InlineData("{\"title\":\"\\ud800\"}", 400, "")]
    [InlineData("{\"title\":\"\\u0000\"}", 422, "control")]
    public async Task Body_thatIsWrong_isRefusedInOneLine(string body, int status, string says)
    {
        using HttpClient anna = server.As("anna");
        Answer refused = await anna.Post("rooms", body).Is((HttpStatusCode)status);
        Assert.Equal("application/problem+json", refused.Message.Content.Headers.ContentType!.MediaType);
        Assert.Contains(says, refused.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("Relay.Host", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_thatIsTooLarge_orNoJson_isRefused()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", $"{{\"title\":\"{new string('x', 1100 * 1024)}\"}}").Is(HttpStatusCode.RequestEntityTooLarge);
        using var text = new StringContent("{}");
        using HttpResponseMessage answer = await anna.PostAsync("rooms", text);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task Unknown_pathsAndMethods_areProblemsToo()
    {
        using HttpClient anna = server.As("anna");
        Assert.Equal("not-found", (await anna.Get("nothing").Is(HttpStatusCode.NotFound)).Problem);
        Assert.Equal("method-not-allowed", (await anna.Delete("rooms").Is(HttpStatusCode.MethodNotAllowed)).Problem);
        using var plain = new HttpClient();
        Assert.Contains("412", await plain.GetStringAsync($"http://{server.Http}/problems/precondition-failed"), StringComparison.Ordinal);
    }

    private static string[] Names(JsonNode array) => [.. array.AsArray().Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal)];
}
