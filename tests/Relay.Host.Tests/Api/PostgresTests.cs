using System.Net;
using System.Text.Json.Nodes;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Storage.Kit;
using Relay.Protocol;

namespace Relay.Host.Tests.Api;

/// <summary>Every statement of the interface once on PostgreSQL; the other tests use SQLite.</summary>
[Collection(StorageCollection.Name)]
public sealed class PostgresTests(PostgresCluster cluster)
{
    private static readonly (string, string) Any = ("If-Match", "*");

    [Fact]
    public async Task Interface_onPostgreSql_doesTheSame()
    {
        string directory = Directory.CreateTempSubdirectory("relay-api-").FullName;
        ApiServer server = await ApiServer.StartAsync(
            "--Relay:Storage:ConnectionString=" + cluster.ConnectionString(await cluster.CreateDatabaseAsync()), "--Relay:Storage:Directory=" + directory);
        try
        {
            using HttpClient anna = server.As("anna"), ben = server.As("ben"), admin = server.As("boss", admin: true);
            (string, string) key = ("Idempotency-Key", "k1");
            Answer made = await anna.Post("rooms", new { name = "hall", title = "50%_\\ Hall", entry = "invite" }, key).Is(HttpStatusCode.Created);
            Assert.Equal(made.Text, (await anna.Post("rooms", new { name = "hall", title = "50%_\\ Hall", entry = "invite" }, key).Is(HttpStatusCode.Created)).Text);
            await admin.Post("webhooks", new { url = "https://example.invalid/", events = new[] { "room.updated" } }).Is(HttpStatusCode.Created);
            await anna.Patch("rooms/hall", new { title = "50%_\\ hall", settings = new { capacity = 9 } }, ("If-Match", "\"1\"")).Is(HttpStatusCode.OK);
            Answer stale = await anna.Patch("rooms/hall", new { title = "x" }, ("If-Match", "\"1\"")).Is(HttpStatusCode.PreconditionFailed);
            Assert.Equal(["settings.capacity", "title"], stale.Json["staleFields"]!.AsArray().Select(field => field!.GetValue<string>()));
            Assert.Single((await anna.Get("rooms?q=" + Uri.EscapeDataString("%_\\")).Is(HttpStatusCode.OK)).Json["items"]!.AsArray());
            Assert.Empty((await ben.Get("rooms?q=hall").Is(HttpStatusCode.OK)).Json["items"]!.AsArray());
            await ben.Get("rooms/hall").Is(HttpStatusCode.NotFound);

            JsonNode invite = (await anna.Post("rooms/hall/invites", new { maxUses = 1, role = "moderator" }).Is(HttpStatusCode.Created)).Json;
            await using Visitor there = await server.JoinAsync("ben", "hall", invite["token"]!.GetValue<string>());
            await using Visitor eve = await server.ConnectAsync("eve");
            Assert.Equal(CloseCode.Forbidden, await eve.TryJoinAsync("hall", invite["token"]!.GetValue<string>()));
            Assert.Equal("moderator", (await ben.Get("rooms/hall").Is(HttpStatusCode.OK)).Json["yourRole"]!.GetValue<string>());
            Assert.Single((await anna.Get("rooms/hall/invites").Is(HttpStatusCode.OK)).Json["items"]!.AsArray());
            await anna.Delete("rooms/hall/invites/" + invite["id"]!.GetValue<string>()).Is(HttpStatusCode.NoContent);

            await anna.Put("rooms/hall/attributes/sign", new { value = "'; --", terms = new { persistent = true } }).Is(HttpStatusCode.Created);
            await there.UntilAsync("set 0 sign");
            Assert.Equal(2, (await anna.Get("rooms/hall/roles").Is(HttpStatusCode.OK)).Json["items"]!.AsArray().Count);
            await anna.Put("rooms/hall/bans/user:" + ApiServer.Id("ben"), new { reason = "noise" }).Is(HttpStatusCode.OK);
            Assert.Single((await anna.Get("rooms/hall/bans").Is(HttpStatusCode.OK)).Json["items"]!.AsArray());
            await anna.Delete("rooms/hall/roles/" + ApiServer.Id("ben")).Is(HttpStatusCode.NoContent);
            await anna.Get("users?q=a").Is(HttpStatusCode.OK);
            string hook = (await admin.Get("webhooks").Is(HttpStatusCode.OK)).Json["items"]![0]!["id"]!.GetValue<string>();
            JsonArray deliveries = [];
            for (int i = 0; i < 200 && deliveries.Count == 0; i++)
            {
                deliveries = (await admin.Get($"webhooks/{hook}/deliveries").Is(HttpStatusCode.OK)).Json["items"]!.AsArray();
            }

            Assert.Equal("room.updated", Assert.Single(deliveries)!["event"]!.GetValue<string>());
            await admin.Delete("webhooks/" + hook).Is(HttpStatusCode.NoContent);

            // A copy has what is persistent in it, and nothing is left of what is deleted.
            await anna.Post("rooms", new { name = "copy", template = new { room = "hall" } }).Is(HttpStatusCode.Created);
            Assert.Equal("'; --", (await anna.Get("rooms/copy/attributes/sign").Is(HttpStatusCode.OK)).Json["value"]!.GetValue<string>());
            await anna.Delete("rooms/hall", Any).Is(HttpStatusCode.NoContent);
            await anna.Get("rooms/hall").Is(HttpStatusCode.NotFound);
            await anna.Post("rooms", new { name = "hall" }).Is(HttpStatusCode.Created);
            await anna.Get("rooms/hall/attributes/sign").Is(HttpStatusCode.NotFound);
        }
        finally
        {
            await server.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData(true, CloseCode.StoreUnavailable)]
    [InlineData(false, CloseCode.None)]
    public async Task DatabaseAway_aRoomThatTakesAnInviteStaysClosed_andNothingIsKnownOfOthers(bool isRequired, CloseCode elsewhere)
    {
        ApiServer server = await ApiServer.StartAsync(
            "--Relay:Storage:ConnectionString=" + cluster.ConnectionString(await cluster.CreateDatabaseAsync()),
            $"--Relay:Storage:Require={isRequired}", "--Relay:Storage:RetryTimeout=00:00:00.2", "--Relay:Api:DirectoryAge=00:00:00");
        try
        {
            using HttpClient anna = server.As("anna");
            await anna.Post("rooms", new { name = "hall", entry = "invite" }).Is(HttpStatusCode.Created);
            string invite = (await anna.Post("rooms/hall/invites", new { }).Is(HttpStatusCode.Created)).Json["token"]!.GetValue<string>();
            await using Visitor owner = await server.JoinAsync("anna", "hall");
            await using Visitor ben = await server.ConnectAsync("ben");
            await cluster.StopAsync();
            try
            {
                Assert.Equal(CloseCode.StoreUnavailable, await ben.TryJoinAsync("hall"));
                Assert.Equal(CloseCode.StoreUnavailable, await ben.TryJoinAsync("hall", invite));
                Assert.Equal(elsewhere, await ben.TryJoinAsync("elsewhere"));
                await anna.Get("rooms/hall").Is(HttpStatusCode.ServiceUnavailable);
            }
            finally
            {
                await cluster.StartAsync();
            }

            await using Visitor eve = await server.ConnectAsync("eve");
            Assert.Equal(CloseCode.Forbidden, await eve.TryJoinAsync("hall"));
            Assert.Equal(CloseCode.None, await eve.TryJoinAsync("hall", invite));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }
}
