using System.Net;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Files.Api;

/// <summary>Disks, buckets and keys that are not as they should be, as those who send files see it.</summary>
public sealed class FileFaultTests
{
    [PrivilegedFact]
    public async Task DiskThatIsFull_orMayNotBeWritten_isSaid_andNothingIsLostOrLeft()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 8);
        ApiServer server = await ApiServer.StartAsync("--Relay:Files:Store:Directory=" + Path.Combine(disk.Directory, "files"));
        using HttpClient anna = server.As("anna");
        byte[] kept = Picture.Png(1, 100_000), content = Picture.Png(2, 3_000_000);
        await anna.Upload(kept).Is(HttpStatusCode.Created);
        string upload = await anna.BeginTus(content.Length);
        await anna.AppendTus(upload, 0, content[..1_000_000]).Is(HttpStatusCode.NoContent);
        string filler = Path.Combine(disk.Directory, "filler");
        await File.WriteAllBytesAsync(filler, new byte[5_900_000]);

        Answer full = await anna.Upload(content).Is(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("disk is full", full.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotEmpty(full.Header("Retry-After"));
        await anna.AppendTus(upload, 1_000_000, content[1_000_000..]).Is(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("1000000", (await anna.Tus(HttpMethod.Head, upload).Is(HttpStatusCode.OK)).Header("Upload-Offset"));
        Assert.Equal(kept, await server.ContentAsync(StoreBed.HashOf(kept).Hex));
        File.Delete(filler);

        await disk.RemountAsync("ro");
        await anna.Upload(content).Is(HttpStatusCode.ServiceUnavailable);
        await anna.AppendTus(upload, 1_000_000, content[1_000_000..]).Is(HttpStatusCode.ServiceUnavailable);
        Assert.Equal(kept, await server.ContentAsync(StoreBed.HashOf(kept).Hex));
        await disk.RemountAsync("rw");

        await anna.AppendTus(upload, 1_000_000, content[1_000_000..]).Is(HttpStatusCode.NoContent);
        Assert.Equal(content, await server.ContentAsync(StoreBed.HashOf(content).Hex));
        await server.CheckBooksAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task BucketThatIsAway_isSaid_andNothingIsLost_alsoAtTheStart()
    {
        await using S3Server bucket = await S3Server.StartNewAsync();
        string[] arguments =
        [
            "--Relay:Files:Store:S3:Bucket=files", "--Relay:Files:Store:S3:Endpoint=" + bucket.Endpoint, "--Relay:Files:Store:S3:AccessKey=S3RVER",
            "--Relay:Files:Store:S3:SecretKey=S3RVER", "--Relay:Files:Store:S3:Timeout=00:00:02", "--Relay:Files:SweepInterval=1.00:00:00",
        ];
        await bucket.StopAsync();
        ApiServer server = await ApiServer.StartAsync(arguments);
        using HttpClient anna = server.As("anna");
        byte[] content = Picture.Png(1, 200_000);
        Assert.Equal("unavailable", (await anna.Upload(content).Is(HttpStatusCode.ServiceUnavailable)).Problem);
        using var plain = new HttpClient();
        Assert.StartsWith("Degraded", await plain.GetStringAsync($"http://{server.Http}/health/ready"), StringComparison.Ordinal);
        await bucket.StartAsync();
        Answer sent = await anna.Upload(content);
        for (int i = 0; i < 300 && sent.Status == HttpStatusCode.ServiceUnavailable; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            sent = await anna.Upload(content);
        }

        Assert.True(sent.Status == HttpStatusCode.Created, sent.Text);

        // It goes away while the last part comes: that is here, and gets there when the bucket is back.
        byte[] late = Picture.Png(2, 200_000);
        string upload = await anna.BeginTus(late.Length);
        await bucket.StopAsync();
        await anna.AppendTus(upload, 0, late).Is(HttpStatusCode.ServiceUnavailable);
        await anna.Delete("files/" + StoreBed.HashOf(content).Hex).Is(HttpStatusCode.NoContent);
        await bucket.StartAsync();
        Assert.Equal($"{late.Length}", (await anna.Tus(HttpMethod.Head, upload).Is(HttpStatusCode.OK)).Header("Upload-Offset"));
        await anna.AppendTus(upload, late.Length, []).Is(HttpStatusCode.NoContent);
        Assert.Equal(late, await server.ContentAsync(StoreBed.HashOf(late).Hex));
        await SweepTests.SweepAsync(server);
        Assert.Equal([StoreBed.HashOf(late).Hex], await server.StoredAsync());
        await server.CheckBooksAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task AMasterKey_isReplacedByPuttingANewOneBehindIt_andTakingItAwayLater()
    {
        string directory = Directory.CreateTempSubdirectory("relay-rotation-").FullName;
        string first = Convert.ToBase64String(new byte[32]), second = Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)]);
        string[] place =
        [
            "--Relay:Storage:ConnectionString=Data Source=" + Path.Combine(directory, "relay.db"),
            "--Relay:Files:Store:Directory=" + Path.Combine(directory, "files"),
        ];
        byte[] content = Picture.Png(1, 200_000);
        ApiServer server = await ApiServer.StartAsync([.. place, "--Relay:Files:Store:Keys:0=" + first]);
        using (HttpClient anna = server.As("anna"))
        {
            await anna.Upload(content).Is(HttpStatusCode.Created);
        }

        string before = await server.SealedWithAsync(StoreBed.HashOf(content));
        await server.DisposeAsync();
        server = await ApiServer.StartAsync([.. place, "--Relay:Files:Store:Keys:0=" + first, "--Relay:Files:Store:Keys:1=" + second]);
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        while (await server.SealedWithAsync(StoreBed.HashOf(content)) == before || (await File.ReadAllLinesAsync(Path.Combine(directory, "files", "keys"), patience.Token)).Length > 1)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }

        await server.DisposeAsync();
        server = await ApiServer.StartAsync([.. place, "--Relay:Files:Store:Keys:0=" + second]);
        Assert.Equal(content, await server.ContentAsync(StoreBed.HashOf(content).Hex));
        await server.CheckBooksAsync();
        await server.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task AnotherMasterKey_endsTheStart_andSaysSo()
    {
        string directory = Directory.CreateTempSubdirectory("relay-wrong-key-").FullName;
        string files = "--Relay:Files:Store:Directory=" + Path.Combine(directory, "files");
        await using (RelayProgram first = await RelayProgram.StartAsync(files, "--Relay:Files:Store:Keys:0=" + Convert.ToBase64String(new byte[32])))
        {
            await first.Process.TerminateAsync();
            await first.Process.ExitAsync();
        }

        byte[] other = new byte[32];
        other[0] = 1;
        await using ChildProcess second = RelayProgram.Launch(files, "--Relay:Files:Store:Keys:0=" + Convert.ToBase64String(other));
        Assert.Equal(1, await second.ExitAsync());
        string line = Assert.Single(second.Errors);
        Assert.StartsWith("relay: ", line, StringComparison.Ordinal);
        Assert.Contains("Relay:Files:Store:Keys", line, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(other), line, StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }
}
