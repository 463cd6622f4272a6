using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Dapper;
using Microsoft.Data.Sqlite;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;
using Xunit.Abstractions;

namespace Relay.Host.Tests.Files.Api;

/// <summary>The program is killed while files come, are claimed, removed and swept, and started again.</summary>
public sealed class FileKillTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("relay-file-kill-").FullName;
    private readonly ConcurrentDictionary<int, bool> _claimed = new();
    private int _next;

    [Fact]
    public Task KilledAtRandomInstants_noClaimedFileIsLost_noneIsHalf_andNothingIsLeftOver() => KillAsync(3);

    [Fact]
    [Trait("Category", "Full")]
    public Task KilledAtAHundredRandomInstants_noClaimedFileIsLost_noneIsHalf_andNothingIsLeftOver() => KillAsync(100);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Database => $"Data Source={Path.Combine(_directory, "relay.db")}";

    private async Task KillAsync(int times)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        string? token = null;
        for (int i = 0; i < times; i++)
        {
            RelayProgram program = await RelayProgram.StartAsync(
                "--Relay:Storage:ConnectionString=" + Database, "--Relay:Files:SweepInterval=00:00:01", "--Relay:Files:MaxUploads=1000",
                "--Relay:Api:RequestsPerSecond=100000", "--Relay:Api:RequestBurst=100000");
            token ??= await SignInAsync(program);
            int before = _claimed.Count;
            Task[] work = [.. Enumerable.Range(0, 4).Select(worker => WorkAsync(program, token, worker))];
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, 600)), TimeProvider.System);
            using var patience = new CancellationTokenSource(ChildProcess.Patience);
            while (_claimed.Count == before)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
            }

            await program.DisposeAsync();
            await Task.WhenAll(work);

            // What nobody has claimed is over, so that the next start sweeps it, and may be killed in that.
            await using var connection = new SqliteConnection(Database + ";Pooling=false");
            await connection.ExecuteAsync("UPDATE file_holdings SET expires = 1 WHERE expires IS NOT NULL");
        }

        ApiServer server = await ApiServer.StartAsync("--Relay:Storage:ConnectionString=" + Database, "--Relay:Files:SweepInterval=1.00:00:00");
        await server.ExecuteAsync("UPDATE file_uploads SET expires = 1");
        await SweepTests.SweepAsync(server);
        await server.CheckBooksAsync();
        Assert.Empty(Directory.GetDirectories(Path.Combine(_directory, "files", "uploads")));
        HashSet<string> stored = await server.StoredAsync();
        foreach (int number in _claimed.Keys)
        {
            byte[] content = Content(number);
            string hash = StoreBed.HashOf(content).Hex;
            Assert.True(stored.Contains(hash), $"{number} was claimed and is not there");
            Assert.Equal(content, await server.ContentAsync(hash));
        }

        // Those whose claim was done and not told may be there as well, whole.
        foreach (string hash in stored)
        {
            Assert.Equal(hash, StoreBed.HashOf(await server.ContentAsync(hash)).Hex);
        }

        output.WriteLine($"{times} kills, {_next} files begun, {_claimed.Count} claimed, {stored.Count} there");
        await server.DisposeAsync();
    }

    /// <summary>Sends, claims and removes files until the program is gone.</summary>
    private async Task WorkAsync(RelayProgram program, string token, int worker)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{program.Http}/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            while (true)
            {
                int number = Interlocked.Increment(ref _next);
                byte[] content = Content(number);
                string path = "files/" + StoreBed.HashOf(content).Hex;
                if (worker == 0)
                {
                    string upload = await client.BeginTus(content.Length);
                    await client.AppendTus(upload, 0, content[..20_000]).Is(HttpStatusCode.NoContent);
                    await client.AppendTus(upload, 20_000, content[20_000..]).Is(HttpStatusCode.NoContent);
                }
                else
                {
                    await client.Upload(content).Is(HttpStatusCode.Created);
                }

                if (number % 3 == 0)
                {
                    await client.Patch(path, new { kept = true }).Is(HttpStatusCode.OK);
                    _claimed[number] = true;
                }
                else if (number % 3 == 1)
                {
                    await client.Delete(path).Is(HttpStatusCode.NoContent);
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // It was killed.
        }
    }

    private static byte[] Content(int number) => Picture.Png(number, 60_000);

    private static async Task<string> SignInAsync(RelayProgram program)
    {
        using var nobody = new HttpClient { BaseAddress = new Uri($"http://{program.Http}/api/v1/") };
        return (await nobody.Post("auth/guest").Is(HttpStatusCode.OK)).Json["accessToken"]!.GetValue<string>();
    }
}
