using System.Net;
using System.Text.Json.Nodes;
using Relay.Client;
using Relay.Host.Tests.Api.Kit;

namespace Relay.Host.Tests.Api;

/// <summary>Objects and attributes over REST: what is stored and what is live are one.</summary>
public sealed class StateTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Writes_reachTheSocketInTheirOrder()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "order" }).Is(HttpStatusCode.Created);
        await using Visitor ben = await server.JoinAsync("ben", "order");
        for (int i = 0; i < 10; i++)
        {
            await anna.Put("rooms/order/attributes/n", new { value = i });
        }

        await anna.Patch("rooms/order/attributes/map", new { path = new[] { "a", "b" }, value = true }).Is(HttpStatusCode.OK);
        await anna.Delete("rooms/order/attributes/n").Is(HttpStatusCode.NoContent);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal($"set 0 n {i}", await ben.UntilAsync("set 0 n"));
        }

        Assert.Contains("\"b\": true", await ben.UntilAsync("set 0 map"), StringComparison.Ordinal);
        await ben.UntilAsync("AttributeRemoved");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    [InlineData("18446744073709551615")]
    [InlineData("1.0")]
    [InlineData("-0.25")]
    [InlineData("\"a\\u00e9\\n\"")]
    [InlineData("[1,[2,{\"x\":null}],\"y\"]")]
    [InlineData("{\"$bin\":\"AAEC\"}")]
    [InlineData("{\"$ext\":[-1,\"AAAAAA==\"]}")]
    [InlineData("{\"$float\":\"NaN\"}")]
    [InlineData("{\"$float\":\"-Infinity\"}")]
    [InlineData("{\"$map\":[[1,2],[\"$bin\",3]]}")]
    [InlineData("{\"$map\":[[\"$x\",3]]}")]
    [InlineData("{\"$a\":1,\"$b\":2}")]
    public async Task Value_comesBackAsItWas(string value)
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "values" });
        Answer set = await anna.Put("rooms/values/attributes/v", $"{{\"value\":{value},\"terms\":{{\"persistent\":true}}}}");
        Assert.True(set.Status is HttpStatusCode.OK or HttpStatusCode.Created, set.Text);
        Answer read = await anna.Get("rooms/values/attributes/v").Is(HttpStatusCode.OK);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(value), read.Json["value"]), read.Text);
        Assert.Contains(value.Contains('\\', StringComparison.Ordinal) ? "value" : $"\"value\":{value}", read.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("18446744073709551616")]
    [InlineData("1e999")]
    [InlineData("{\"$bin\":\"?\"}")]
    [InlineData("{\"$float\":\"1\"}")]
    [InlineData("{\"$other\":1}")]
    [InlineData("\"\\ud800\"")]
    public async Task Value_thatIsNone_isRefused(string value)
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "values" });
        Answer refused = await anna.Put("rooms/values/attributes/bad", $"{{\"value\":{value}}}");
        Assert.True(refused.Status is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest, refused.Text);
    }

    [Fact]
    public async Task Tag_ofAnAttribute_letsExactlyOneThrough()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "tags" }).Is(HttpStatusCode.Created);
        Answer[] first = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => anna.Put("rooms/tags/attributes/n", new { value = i }, ("If-None-Match", "*"))));
        Answer made = Assert.Single(first, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(first.Where(answer => answer != made), answer => Assert.Equal(HttpStatusCode.PreconditionFailed, answer.Status));

        // The room must stay open, or its next life has other tags.
        await using Visitor ben = await server.JoinAsync("ben", "tags");
        string tag = (await anna.Put("rooms/tags/attributes/n", new { value = 0 }).Is(HttpStatusCode.Created)).Tag!;
        Answer[] second = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => anna.Put("rooms/tags/attributes/n", new { value = i }, ("If-Match", tag))));
        Assert.Single(second, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(5, second.Count(answer => answer.Status == HttpStatusCode.PreconditionFailed));
        await anna.Delete("rooms/tags/attributes/n", ("If-Match", "\"0-1\"")).Is(HttpStatusCode.PreconditionFailed);
    }

    [Fact]
    public async Task Objects_areMadeChangedCopiedAndRemoved()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "things" }).Is(HttpStatusCode.Created);
        await using Visitor ben = await server.JoinAsync("ben", "things");
        Answer made = await anna.Post("rooms/things/objects", new
        {
            type = "chair",
            name = "red",
            place = new { x = 1.5, y = 0, z = -2 },
            attributes = new { color = new { value = "red", terms = new { cloneable = true } } },
        }).Is(HttpStatusCode.Created);
        uint id = made.Json["id"]!.GetValue<uint>();
        await ben.UntilAsync($"Object {id} red");
        Answer[] renames = await Task.WhenAll(Enumerable.Range(0, 5).Select(i =>
            anna.Patch($"rooms/things/objects/{id}", new { name = $"r{i}", place = new { x = 2.0, y = 0, z = 0 } }, ("If-Match", made.Tag!))));
        Answer renamed = Assert.Single(renames, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(2.0, renamed.Json["place"]!["x"]!.GetValue<double>(), 0.01);
        Assert.Equal(4, renames.Count(answer => answer.Status == HttpStatusCode.PreconditionFailed));

        // All or nothing.
        string name = renamed.Json["name"]!.GetValue<string>();
        await anna.Patch(
            $"rooms/things/objects/{id}", new { name = "half", place = new { x = 1.0, y = 0, z = 0, rotation = new[] { 1, 2 } } }, ("If-Match", "*"))
            .Is(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(name, (await anna.Get($"rooms/things/objects/{id}").Is(HttpStatusCode.OK)).Json["name"]!.GetValue<string>());

        uint copy = (await anna.Post($"rooms/things/objects/{id}/clone", new { name = "copy", parent = id }).Is(HttpStatusCode.Created)).Json["id"]!.GetValue<uint>();
        Assert.Equal("red", (await anna.Get($"rooms/things/objects/{copy}/attributes/color").Is(HttpStatusCode.OK)).Json["value"]!.GetValue<string>());
        JsonNode page = (await anna.Get("rooms/things/objects?limit=1").Is(HttpStatusCode.OK)).Json;
        Assert.Equal(id, page["items"]![0]!["id"]!.GetValue<uint>());
        Assert.Equal(copy, (await anna.Get("rooms/things/objects?limit=1&cursor=" + page["nextCursor"]!.GetValue<string>())).Json["items"]![0]!["id"]!.GetValue<uint>());
        await anna.Delete($"rooms/things/objects/{id}").Is(HttpStatusCode.NoContent);
        await ben.UntilAsync($"ObjectRemoved {id}");
        await anna.Get($"rooms/things/objects/{copy}").Is(HttpStatusCode.NotFound);
        await anna.Post("rooms/things/objects", new { parent = 999 }).Is(HttpStatusCode.NotFound);
        await anna.Post("rooms/things/objects", new { place = new { x = 1e6, y = 0, z = 0 } }).Is(HttpStatusCode.UnprocessableEntity);
        await anna.Post("rooms/things/objects", new { name = new string('x', 65) }).Is(HttpStatusCode.UnprocessableEntity);
    }

    /// <summary>Hole (f) of the systems before: an object is looked for in its room only.</summary>
    [Fact]
    public async Task HoleF_object_isOnlyFoundInItsRoom()
    {
        using HttpClient anna = server.As("anna"), eve = server.As("eve");
        await anna.Post("rooms", new { name = "hers", entry = "invite" }).Is(HttpStatusCode.Created);
        await eve.Post("rooms", new { name = "eves" }).Is(HttpStatusCode.Created);
        await using Visitor keeper = await server.JoinAsync("anna", "hers");
        uint id = 0;
        for (int i = 0; i < 3; i++)
        {
            id = (await anna.Post("rooms/hers/objects", new { name = $"secret{i}" }).Is(HttpStatusCode.Created)).Json["id"]!.GetValue<uint>();
        }

        await eve.Get($"rooms/hers/objects/{id}").Is(HttpStatusCode.NotFound);
        foreach (HttpMethod method in new[] { HttpMethod.Get, HttpMethod.Patch, HttpMethod.Delete })
        {
            await eve.Call(method, $"rooms/eves/objects/{id}", method == HttpMethod.Patch ? new { name = "mine" } : null).Is(HttpStatusCode.NotFound);
        }

        await eve.Post($"rooms/eves/objects/{id}/clone").Is(HttpStatusCode.NotFound);
        await eve.Put($"rooms/eves/objects/{id}/attributes/x", new { value = 1 }).Is(HttpStatusCode.NotFound);
        Assert.Equal("secret2", (await anna.Get($"rooms/hers/objects/{id}").Is(HttpStatusCode.OK)).Json["name"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("guest", false, false, false, false)]
    [InlineData("member", true, true, false, false)]
    [InlineData("moderator", true, true, true, true)]
    [InlineData("owner", true, true, true, true)]
    public async Task Permission_isThatOfTheRole(string role, bool creates, bool pins, bool edits, bool setsRoom)
    {
        using HttpClient anna = server.As("anna"), user = server.As("user-" + role);
        await anna.Post("rooms", new { name = "rights" });
        await anna.Put($"rooms/rights/roles/{ApiServer.Id("user-" + role)}", new { role }).Is(HttpStatusCode.OK);
        await using Visitor keeper = await server.JoinAsync("anna", "rights");
        uint id = (await anna.Post("rooms/rights/objects", new { type = "x" }).Is(HttpStatusCode.Created)).Json["id"]!.GetValue<uint>();
        await CheckAsync(creates, user.Post("rooms/rights/objects", new { type = "y" }));
        await CheckAsync(creates && pins, user.Post("rooms/rights/objects", new { type = "y", persistent = true }));
        await CheckAsync(edits, user.Patch($"rooms/rights/objects/{id}", new { type = "z" }));
        await CheckAsync(edits, user.Put($"rooms/rights/objects/{id}/attributes/a", new { value = 1 }));
        await CheckAsync(setsRoom, user.Put("rooms/rights/attributes/a", new { value = 1 }));
        await CheckAsync(false, user.Put("rooms/rights/attributes/relay.x", new { value = 1 }));
        await CheckAsync(false, user.Put("rooms/rights/attributes/relay.file", new { value = 1 }));
        await CheckAsync(edits, user.Put($"rooms/rights/objects/{id}/attributes/relay.file", new { value = 1 }));
        await CheckAsync(
            creates,
            user.Post(
                "rooms/rights/objects",
                new { attributes = new Dictionary<string, object> { ["relay.file"] = new { value = 1 } } }));
        await CheckAsync(edits, user.Delete($"rooms/rights/objects/{id}"));

        static async Task CheckAsync(bool allowed, Task<Answer> calling)
        {
            Answer answer = await calling;
            Assert.Equal(allowed, answer.Status != HttpStatusCode.Forbidden);
            Assert.True(!allowed || (int)answer.Status < 300, answer.Text);
        }
    }

    [Fact]
    public async Task Attribute_thatOthersMayNotSee_isNotThereForThem()
    {
        using HttpClient anna = server.As("anna"), ben = server.As("ben");
        await anna.Post("rooms", new { name = "private" }).Is(HttpStatusCode.Created);
        await using Visitor keeper = await server.JoinAsync("anna", "private");
        await anna.Put("rooms/private/attributes/notes", new { value = "for us", terms = new { readers = "roles:moderator,owner" } }).Is(HttpStatusCode.Created);
        await ben.Get("rooms/private/attributes/notes").Is(HttpStatusCode.NotFound);
        Assert.Empty((await ben.Get("rooms/private/attributes").Is(HttpStatusCode.OK)).Json["items"]!.AsArray());
        Assert.Equal("roles:moderator,owner", (await anna.Get("rooms/private/attributes/notes").Is(HttpStatusCode.OK)).Json["terms"]!["readers"]!.GetValue<string>());
        await anna.Put("rooms/private/attributes/notes", new { value = 1, terms = new { readers = "roles:king" } }).Is(HttpStatusCode.UnprocessableEntity);

        // Whoever may add to it without seeing it is not shown it either.
        var box = new { value = new { anna = "yes" }, terms = new { readers = "roles:owner", writers = "everyone" } };
        await anna.Put("rooms/private/attributes/ballots", box).Is(HttpStatusCode.Created);
        Answer cast = await ben.Patch("rooms/private/attributes/ballots", new { path = new[] { "ben" }, value = "no" }).Is(HttpStatusCode.NoContent);
        Assert.Empty(cast.Text);
        JsonNode ballots = (await anna.Get("rooms/private/attributes/ballots").Is(HttpStatusCode.OK)).Json["value"]!;
        Assert.Equal(("yes", "no"), (ballots["anna"]!.GetValue<string>(), ballots["ben"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Lock_ofAMember_holdsOverRestToo()
    {
        using HttpClient anna = server.As("anna"), eve = server.As("eve");
        await anna.Post("rooms", new { name = "locks" }).Is(HttpStatusCode.Created);
        await using Visitor ben = await server.JoinAsync("ben", "locks");
        uint id = await ben.Client.CreateObjectAsync(new ObjectSpec { Type = "box", Name = "box" });
        await eve.Patch($"rooms/locks/objects/{id}", new { name = "mine" }).Is(HttpStatusCode.Forbidden);
        using HttpClient owner = server.As("ben");
        await owner.Patch($"rooms/locks/objects/{id}", new { name = "still bens" }).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("'; DROP TABLE room_attributes; --")]
    [InlineData("\" OR \"\"=\"")]
    [InlineData("%_\\")]
    public async Task Metacharacters_areText(string text)
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "sql", title = text, description = text });
        string key = Uri.EscapeDataString(text);
        Answer set = await anna.Put($"rooms/sql/attributes/{key}", new { value = text, terms = new { persistent = true } });
        Assert.True((int)set.Status < 300, set.Text);
        Assert.Equal(text, (await anna.Get($"rooms/sql/attributes/{key}").Is(HttpStatusCode.OK)).Json["value"]!.GetValue<string>());
        Answer found = await anna.Get($"rooms?q={key}").Is(HttpStatusCode.OK);
        Assert.NotNull(found.Json["items"]);
        await anna.Get($"users?q={key}").Is(HttpStatusCode.OK);
        await anna.Get($"online?user={key}").Is(HttpStatusCode.OK);
        await anna.Put($"rooms/sql/bans/{Uri.EscapeDataString("user:" + text)}", new { reason = text }).Is(HttpStatusCode.OK);
        await anna.Delete($"rooms/sql/bans/{Uri.EscapeDataString("user:" + text)}").Is(HttpStatusCode.NoContent);
        await anna.Put($"rooms/sql/roles/{key}", new { role = text }).Is(HttpStatusCode.UnprocessableEntity);
        await anna.Delete($"rooms/sql/invites/{key}").Is(HttpStatusCode.NotFound);
    }
}
