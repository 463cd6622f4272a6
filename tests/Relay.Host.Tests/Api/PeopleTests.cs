using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Relay.Host.Tests.Api.Kit;
using Relay.Protocol;

namespace Relay.Host.Tests.Api;

/// <summary>Members, roles, bans, invites and room tokens.</summary>
public sealed class PeopleTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Members_areListed_andTakenOutByThoseWhoMay()
    {
        using HttpClient anna = server.As("anna"), eve = server.As("eve");
        await anna.Post("rooms", new { name = "crowd" }).Is(HttpStatusCode.Created);
        await using Visitor ben = await server.ConnectAsync("ben");
        uint member = await ben.JoinAsync("crowd");
        JsonNode listed = (await eve.Get("rooms/crowd/members").Is(HttpStatusCode.OK)).Json["items"]![0]!;
        Assert.Equal((member, ApiServer.Id("ben"), "member"), (listed["member"]!.GetValue<uint>(), listed["account"]!.GetValue<string>(), listed["role"]!.GetValue<string>()));
        Assert.Equal("crowd", (await eve.Get("rooms/crowd/online").Is(HttpStatusCode.OK)).Json["items"]![0]!["room"]!.GetValue<string>());
        await eve.Delete($"rooms/crowd/members/{member}").Is(HttpStatusCode.Forbidden);
        await anna.Delete($"rooms/crowd/members/{member}").Is(HttpStatusCode.NoContent);
        Assert.Equal("left 4433", await ben.UntilAsync("left"));
        await anna.Delete($"rooms/crowd/members/{member}").Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Role_holdsAtOnce_andAtTheNextStay()
    {
        using HttpClient anna = server.As("anna"), ben = server.As("ben"), admin = server.As("boss", admin: true);
        string path = "rooms/ranks/roles/";
        await anna.Post("rooms", new { name = "ranks" }).Is(HttpStatusCode.Created);
        await using Visitor there = await server.JoinAsync("ben", "ranks");
        await ben.Put("rooms/ranks/attributes/x", new { value = 1 }).Is(HttpStatusCode.Forbidden);
        await anna.Put(path + ApiServer.Id("ben"), new { role = "moderator" }).Is(HttpStatusCode.OK);
        Assert.Equal("moderator", (await anna.Get("rooms/ranks/members").Is(HttpStatusCode.OK)).Json["items"]![0]!["role"]!.GetValue<string>());
        await ben.Put("rooms/ranks/attributes/x", new { value = 1 }).Is(HttpStatusCode.Created);

        // A moderator gives no roles, and nobody takes the owner's.
        await ben.Put(path + ApiServer.Id("eve"), new { role = "member" }).Is(HttpStatusCode.Forbidden);
        await anna.Put(path + ApiServer.Id("anna"), new { role = "guest" }).Is(HttpStatusCode.UnprocessableEntity);
        await anna.Put(path + ApiServer.Id("eve"), new { role = "king" }).Is(HttpStatusCode.UnprocessableEntity);
        await anna.Put(path + ApiServer.Id("eve"), new { role = "owner" }).Is(HttpStatusCode.OK);
        using HttpClient eve = server.As("eve");
        await eve.Put(path + ApiServer.Id("anna"), new { role = "guest" }).Is(HttpStatusCode.Forbidden);
        await admin.Delete(path + ApiServer.Id("eve")).Is(HttpStatusCode.NoContent);
        Assert.Equal(2, (await anna.Get("rooms/ranks/roles?limit=100").Is(HttpStatusCode.OK)).Json["items"]!.AsArray().Count);
        await anna.Delete(path + ApiServer.Id("ben")).Is(HttpStatusCode.NoContent);
        await ben.Put("rooms/ranks/attributes/x", new { value = 2 }).Is(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Ban_takesOut_keepsOut_andHoldsOverRest()
    {
        using HttpClient anna = server.As("anna"), ben = server.As("ben");
        await anna.Post("rooms", new { name = "banned" }).Is(HttpStatusCode.Created);
        await using Visitor there = await server.JoinAsync("ben", "banned");
        string path = "rooms/banned/bans/user:" + ApiServer.Id("ben");
        await ben.Put("rooms/banned/bans/user:" + ApiServer.Id("anna"), new { }).Is(HttpStatusCode.Forbidden);
        await anna.Put(path, new { reason = "noise" }).Is(HttpStatusCode.OK);
        Assert.Equal("left 4434", await there.UntilAsync("left"));
        Assert.Equal(CloseCode.Banned, await there.TryJoinAsync("banned"));
        Assert.Equal(4434, (await ben.Get("rooms/banned").Is(HttpStatusCode.Forbidden)).Json["code"]!.GetValue<int>());
        Assert.Equal("noise", (await anna.Get("rooms/banned/bans").Is(HttpStatusCode.OK)).Json["items"]![0]!["reason"]!.GetValue<string>());
        await anna.Delete(path).Is(HttpStatusCode.NoContent);
        Assert.Equal(CloseCode.None, await there.TryJoinAsync("banned"));
        await anna.Put("rooms/banned/bans/ben", new { }).Is(HttpStatusCode.UnprocessableEntity);
        await anna.Put(path, new { until = "2001-01-01T00:00:00Z" }).Is(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Invite_opensItsRoomOnly_asOftenAsItMay_untilItIsTakenBack()
    {
        using HttpClient anna = server.As("anna"), ben = server.As("ben");
        await anna.Post("rooms", new { name = "party", entry = "invite" }).Is(HttpStatusCode.Created);
        await anna.Post("rooms", new { name = "other", entry = "invite" }).Is(HttpStatusCode.Created);
        await ben.Post("rooms/party/invites").Is(HttpStatusCode.NotFound);
        JsonNode invite = (await anna.Post("rooms/party/invites", new { maxUses = 1, role = "moderator" }).Is(HttpStatusCode.Created)).Json;
        string token = invite["token"]!.GetValue<string>();
        await using Visitor first = await server.ConnectAsync("ben"), second = await server.ConnectAsync("eve");
        Assert.Equal(CloseCode.Forbidden, await first.TryJoinAsync("party"));
        Assert.Equal(CloseCode.Forbidden, await first.TryJoinAsync("other", token));
        Assert.Equal(CloseCode.Forbidden, await first.TryJoinAsync("party", token[1..] + "x"));
        Assert.Equal(CloseCode.None, await first.TryJoinAsync("party", token));
        Assert.Equal(CloseCode.Forbidden, await second.TryJoinAsync("party", token));
        Assert.Equal("moderator", (await ben.Get("rooms/party").Is(HttpStatusCode.OK)).Json["yourRole"]!.GetValue<string>());

        // Who came in by it comes in again without a use, and without it as long as there is a role.
        await first.Client.LeaveAsync();
        Assert.Equal(CloseCode.None, await first.TryJoinAsync("party", token));
        JsonNode open = (await anna.Post("rooms/party/invites", new { expiresIn = 60 }).Is(HttpStatusCode.Created)).Json;
        Assert.Equal(CloseCode.None, await second.TryJoinAsync("party", open["token"]!.GetValue<string>()));
        Answer list = await anna.Get("rooms/party/invites").Is(HttpStatusCode.OK);
        Assert.Equal(2, list.Json["items"]!.AsArray().Count);
        Assert.DoesNotContain("token", list.Text, StringComparison.Ordinal);

        // Whoever is banned takes none of its uses.
        JsonNode last = (await anna.Post("rooms/party/invites", new { maxUses = 1 }).Is(HttpStatusCode.Created)).Json;
        string use = last["token"]!.GetValue<string>();
        await using Visitor third = await server.ConnectAsync("mallory"), fourth = await server.ConnectAsync("cleo");
        await anna.Put("rooms/party/bans/user:" + ApiServer.Id("mallory"), new { }).Is(HttpStatusCode.OK);
        Assert.Equal(CloseCode.Banned, await third.TryJoinAsync("party", use));
        Assert.Equal(CloseCode.None, await fourth.TryJoinAsync("party", use));
        await anna.Delete("rooms/party/invites/" + last["id"]!.GetValue<string>()).Is(HttpStatusCode.NoContent);
        await anna.Delete("rooms/other/invites/" + open["id"]!.GetValue<string>()).Is(HttpStatusCode.NotFound);
        await anna.Delete("rooms/party/invites/" + open["id"]!.GetValue<string>()).Is(HttpStatusCode.NoContent);
        await second.Client.LeaveAsync();
        Assert.Equal(CloseCode.Forbidden, await second.TryJoinAsync("party", open["token"]!.GetValue<string>()));
        Assert.Equal(CloseCode.Forbidden, await second.TryJoinAsync("party"));
        await anna.Post("rooms/party/invites", new { expiresIn = 1 }).Is(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Case30_tokenOfARoom_opensNoOther()
    {
        using HttpClient anna = server.As("anna"), auth = server.As("anna");
        await anna.Post("rooms", new { name = "grant-a", entry = "invite" }).Is(HttpStatusCode.Created);
        await anna.Post("rooms", new { name = "grant-b", entry = "invite" }).Is(HttpStatusCode.Created);
        string token = (await anna.Post("auth/room-token", new { room = "grant-a", account = ApiServer.Id("ben"), role = "moderator" }).Is(HttpStatusCode.OK))
            .Json["roomToken"]!.GetValue<string>();
        await using Visitor ben = await server.ConnectAsync("ben"), eve = await server.ConnectAsync("eve");
        Assert.Equal(CloseCode.Forbidden, await ben.TryJoinAsync("grant-b", token));
        Assert.Equal(CloseCode.Forbidden, await eve.TryJoinAsync("grant-a", token));
        Assert.Equal(CloseCode.None, await ben.TryJoinAsync("grant-a", token));
        Assert.Equal("moderator", (await anna.Get("rooms/grant-a/members").Is(HttpStatusCode.OK)).Json["items"]![0]!["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task Online_doesNotTellOfRoomsThatOneMayNotSee()
    {
        using HttpClient anna = server.As("anna"), ben = server.As("ben");
        await anna.Post("rooms", new { name = "hidden", entry = "invite" }).Is(HttpStatusCode.Created);
        await using Visitor owner = await server.JoinAsync("anna", "hidden");
        string path = "online?user=" + ApiServer.Id("anna");
        Assert.Contains((await anna.Get(path).Is(HttpStatusCode.OK)).Json["items"]!.AsArray(), client => client!["room"]?.GetValue<string>() == "hidden");
        Assert.DoesNotContain("hidden", (await ben.Get(path).Is(HttpStatusCode.OK)).Text, StringComparison.Ordinal);
        await ben.Get("rooms/hidden/online").Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Users_areFound_withoutGuests()
    {
        using HttpClient anna = server.As("anna");
        using HttpClient nobody = server.As(null);
        string guest = (await nobody.Post("auth/guest", new { name = "Wanda" }).Is(HttpStatusCode.OK)).Text;
        Assert.Contains("Wanda", guest, StringComparison.Ordinal);
        Assert.Empty((await anna.Get("users?q=wanda").Is(HttpStatusCode.OK)).Json["items"]!.AsArray());
        await server.Services.GetRequiredService<Host.Accounts.AccountDesk>()
            .FindOrCreateAsync(new Host.Accounts.ExternalIdentity("test", "aenne", "Änne"), default);
        Answer found = await anna.Get("users?q=" + Uri.EscapeDataString("änn")).Is(HttpStatusCode.OK);
        Assert.Equal("Änne", Assert.Single(found.Json["items"]!.AsArray())!["name"]!.GetValue<string>());
        await anna.Get("users/" + ApiServer.Id("x")).Is(HttpStatusCode.NotFound);
        await nobody.Get("users").Is(HttpStatusCode.Unauthorized);
    }
}
