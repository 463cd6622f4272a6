using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Relay.Host.Files;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Files.Api;

/// <summary>What goes, and what stays, on both databases.</summary>
[Collection(StorageCollection.Name)]
public sealed class SweepTests(PostgresCluster cluster)
{
    [Theory]
    [BothDatabases]
    public async Task WhatIsTemporaryGoes_whatIsClaimedOrInARoomStays(Db kind)
    {
        await using Bed bed = await Bed.StartAsync(kind, cluster);
        ApiServer server = bed.Server;
        using HttpClient anna = server.As("anna"), ben = server.As("ben");
        string[] hashes = new string[4];
        for (int i = 0; i < hashes.Length; i++)
        {
            hashes[i] = (await anna.Upload(Picture.Png(i)).Is(HttpStatusCode.Created)).Json["hash"]!.GetValue<string>();
        }

        (string temporary, string claimed, string shown, string brief) = (hashes[0], hashes[1], hashes[2], hashes[3]);
        await anna.Patch("files/" + claimed, new { kept = true }).Is(HttpStatusCode.OK);
        await ben.Upload(Picture.Png(0)).Is(HttpStatusCode.Created);
        await anna.Post("rooms", new { name = "gallery" }).Is(HttpStatusCode.Created);
        await using Visitor there = await server.JoinAsync("anna", "gallery");
        (int wall, _) = await ShowAsync(anna, shown, persistent: true);
        (int desk, _) = await ShowAsync(anna, brief, persistent: false);
        await ExpireAsync(server, "TRUE");

        // What has expired is nobody's to see any more; what a room shows has not expired.
        await anna.Get("files/" + temporary).Is(HttpStatusCode.NotFound);
        await anna.Get("files/" + brief).Is(HttpStatusCode.NotFound);
        await anna.Get("files/" + shown).Is(HttpStatusCode.OK);
        await SweepAsync(server);
        Assert.Equal(new[] { claimed, shown }.Order(StringComparer.Ordinal), (await server.StoredAsync()).Order(StringComparer.Ordinal));
        await server.CheckBooksAsync();

        // When the room shows it no more, it has its lifetime anew, and goes then.
        await anna.Delete($"rooms/gallery/objects/{wall}", ("If-Match", "*")).Is(HttpStatusCode.NoContent);
        await SweepAsync(server);
        Assert.NotNull((await anna.Get("files/" + shown).Is(HttpStatusCode.OK)).Json["expires"]);
        await ExpireAsync(server, "TRUE");
        await SweepAsync(server);
        Assert.Equal([claimed], await server.StoredAsync());
        await anna.Get("files/" + claimed).Is(HttpStatusCode.OK);
        await server.CheckBooksAsync();
        Assert.True(desk > 0);
    }

    [Theory]
    [BothDatabases]
    public async Task UploadsThatDoNotGoOn_go_andWhatWasSetAsideComesBack(Db kind)
    {
        await using Bed bed = await Bed.StartAsync(kind, cluster);
        ApiServer server = bed.Server;
        using HttpClient anna = server.As("anna");
        byte[] content = Picture.Png(1, 100_000);
        string left = await anna.BeginTus(content.Length), going = await anna.BeginTus(content.Length);
        await anna.AppendTus(left, 0, content[..50_000]).Is(HttpStatusCode.NoContent);
        await server.ExecuteAsync($"UPDATE file_uploads SET expires = 1 WHERE id = '{left[(left.LastIndexOf('/') + 1)..]}'");
        await SweepAsync(server);
        await anna.Tus(HttpMethod.Head, left).Is(HttpStatusCode.NotFound);
        await anna.AppendTus(left, 50_000, content[50_000..]).Is(HttpStatusCode.NotFound);
        await anna.AppendTus(going, 0, content).Is(HttpStatusCode.NoContent);
        await server.CheckBooksAsync();
        Assert.Empty(Directory.GetDirectories(Path.Combine(bed.Directory, "files", "uploads")));
    }

    [Fact]
    public async Task WhatAProcessLeftBehind_betweenStoreAndDatabase_isRemovedOrAdopted()
    {
        await using Bed bed = await Bed.StartAsync(Db.Sqlite, cluster);
        ApiServer server = bed.Server;
        using HttpClient anna = server.As("anna");

        // Published, and the process ended before the database knew: as if it had never been told of the last part.
        byte[] content = Picture.Png(1, 100_000), other = Picture.Png(2, 100_000);
        string adopted = await anna.BeginTus(content.Length), lost = await anna.BeginTus(other.Length);
        await anna.AppendTus(adopted, 0, content).Is(HttpStatusCode.NoContent);
        await anna.AppendTus(lost, 0, other).Is(HttpStatusCode.NoContent);
        await server.ExecuteAsync("DELETE FROM file_holdings");
        await server.ExecuteAsync("DELETE FROM files");
        await server.ExecuteAsync("UPDATE file_uploads SET is_done = 0, reserved = length");
        await server.ExecuteAsync("DELETE FROM file_usage");
        await server.ExecuteAsync("INSERT INTO file_usage SELECT account, SUM(length) FROM file_uploads GROUP BY account UNION ALL SELECT '', SUM(length) FROM file_uploads");

        Answer head = await anna.Tus(HttpMethod.Head, adopted).Is(HttpStatusCode.OK);
        Assert.Equal($"{content.Length}", head.Header("Upload-Offset"));
        Answer done = await anna.AppendTus(adopted, content.Length, []).Is(HttpStatusCode.NoContent);
        Assert.Equal(StoreBed.HashOf(content).Hex, done.Header("File-Hash"));
        await anna.Get("files/" + StoreBed.HashOf(content).Hex).Is(HttpStatusCode.OK);

        await server.ExecuteAsync("UPDATE file_uploads SET expires = 1 WHERE is_done = 0");
        await SweepAsync(server);
        Assert.Equal([StoreBed.HashOf(content).Hex], await server.StoredAsync());
        await server.CheckBooksAsync();

        // Condemned, and the process ended before the store knew.
        await server.ExecuteAsync("DELETE FROM file_holdings");
        await server.ExecuteAsync("UPDATE file_usage SET bytes = 0 WHERE account <> ''");
        await server.ExecuteAsync("UPDATE files SET condemned = 1");
        await anna.Get("files/" + StoreBed.HashOf(content).Hex).Is(HttpStatusCode.NotFound);
        await SweepAsync(server);
        Assert.Empty(await server.StoredAsync());
        await server.CheckBooksAsync();
    }

    /// <summary>Makes an object that shows a file.</summary>
    private static async Task<(int Object, Answer Answer)> ShowAsync(HttpClient client, string hash, bool persistent)
    {
        Answer made = await client.Post("rooms/gallery/objects", new { type = "picture", persistent }).Is(HttpStatusCode.Created);
        int id = made.Json["id"]!.GetValue<int>();
        return (id, await client.Put(
            $"rooms/gallery/objects/{id}/attributes/relay.file", new { value = hash, terms = new { persistent } }).Is(HttpStatusCode.Created));
    }

    /// <summary>Lets the time be over of what is temporary.</summary>
    private static Task ExpireAsync(ApiServer server, string condition) =>
        server.ExecuteAsync($"UPDATE file_holdings SET expires = 1 WHERE expires IS NOT NULL AND {condition}");

    /// <summary>Removes what is over.</summary>
    internal static Task SweepAsync(ApiServer server) => server.Services.GetRequiredService<FileSweeper>().SweepAsync(CancellationToken.None);

    /// <summary>A server whose sweeper comes only when it is called.</summary>
    private sealed class Bed : IAsyncDisposable
    {
        public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("relay-sweep-").FullName;

        public ApiServer Server { get; private set; } = null!;

        public static async Task<Bed> StartAsync(Db kind, PostgresCluster cluster)
        {
            var bed = new Bed();
            string database = kind == Db.Sqlite
                ? $"Data Source={Path.Combine(bed.Directory, "relay.db")}"
                : cluster.ConnectionString(await cluster.CreateDatabaseAsync());
            bed.Server = await ApiServer.StartAsync(
                "--Relay:Storage:ConnectionString=" + database, "--Relay:Storage:Directory=" + bed.Directory,
                "--Relay:Files:Store:Directory=" + Path.Combine(bed.Directory, "files"), "--Relay:Files:SweepInterval=1.00:00:00");
            return bed;
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}
