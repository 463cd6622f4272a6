using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;
using Xunit.Abstractions;
using static Relay.Host.Tests.Measured;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>What downloads from the real program take. Prints; only what arrives is asserted, never how fast.</summary>
[Trait("Category", "Full")]
public sealed class ServingFigureTests(ITestOutputHelper output)
{
    private const int Length = 1 << 30, Small = 1 << 20, WarmUp = 200, Times = 50, Many = 1000;

    [Fact]
    public async Task Gibibyte_andAThousandAtOnce_areDownloaded()
    {
        string directory = Directory.CreateTempSubdirectory("relay-served-").FullName;
        try
        {
            string database = "--Relay:Storage:ConnectionString=Data Source=" + Path.Combine(directory, "relay.db");
            (string large, string small, string source) = await FillAsync(directory, database);

            // A gibibyte in this process makes it slower to start others than what is measured.
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            await using RelayProgram program = await RelayProgram.StartAsync(database, "--Relay:Host:Development=false");
            string files = $"http://{program.Http}/files/";
            using HttpClient client = program.Client();
            string stored = Path.Combine(directory, "files", "objects", large[..2], large[2..4], large);
            foreach (bool isCold in new[] { false, true })
            {
                await FirstBytesAsync(client, "files/" + large, stored, isCold);
            }

            for (int run = 1; run <= 3; run++)
            {
                TimeSpan plain = await TimeAsync(() => ShellAsync($"cat {source} | sha256sum > {source}.sum"));
                (TimeSpan http, long most, long before) = await WatchedAsync(
                    program.Process.Id, () => ShellAsync($"curl -sf {files}{large} | sha256sum > {source}.got"));
                Assert.Equal(await File.ReadAllTextAsync(source + ".sum"), await File.ReadAllTextAsync(source + ".got"));
                TimeSpan alone = await TimeAsync(() => ShellAsync($"curl -sf {files}{large} -o /dev/null"));
                output.Print($"run {run}: cat | sha256sum {plain.TotalSeconds:0.00} s; curl | sha256sum {http.TotalSeconds:0.00} s; curl alone {Length / 1048576 / alone.TotalSeconds:0} MiB/s");
                output.Print($"  resident memory {before / 1048576.0:0.0} MiB, at most {most / 1048576.0:0.0} MiB");
            }

            for (int run = 1; run <= 2; run++)
            {
                (TimeSpan took, long most, long before) = await WatchedAsync(program.Process.Id, () => Task.WhenAll(
                    Enumerable.Range(0, Many).Select(async _ => Assert.Equal(
                        small, Convert.ToHexStringLower(SHA256.HashData(await client.GetByteArrayAsync("files/" + small)))))));
                output.Print($"{Many} at once of 1 MiB: {took.TotalSeconds:0.00} s, resident memory {before / 1048576.0:0.0} MiB, at most {most / 1048576.0:0.0} MiB");
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Puts two files in.</summary>
    private static async Task<(string Large, string Small, string Source)> FillAsync(string directory, string database)
    {
        ApiServer server = await ApiServer.StartAsync(database);
        byte[] content = StoreBed.Content(Length, 1);
        string source = Path.Combine(directory, "source");
        await File.WriteAllBytesAsync(source, content);
        string large = await server.PutAsync(content, "anna"), small = await server.PutAsync(StoreBed.Content(Small, 2), "anna");
        await server.DisposeAsync();
        return (large, small, source);
    }

    private async Task FirstBytesAsync(HttpClient client, string path, string stored, bool isCold)
    {
        var times = new List<double>();
        for (int i = -WarmUp; i < Times; i++)
        {
            if (isCold && i > -10)
            {
                await ShellAsync($"dd if={stored} iflag=nocache count=0 status=none");
            }

            TimeSpan time = await TimeAsync(async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                long at = (Length / 2) + (i * 1_000_003L);
                request.Headers.Range = new(at, at);
                using HttpResponseMessage answer = await client.SendAsync(request);
                Assert.Single(await answer.Content.ReadAsByteArrayAsync());
            });
            if (i >= 0)
            {
                // The first ones are for the compiler.
                times.Add(time.TotalMilliseconds);
            }
        }

        times.Sort();
        output.Print($"first byte in the middle, {(isCold ? "on the disk" : "in memory")}: {times[Times / 2]:0.00} ms (median), {times[^1]:0.00} ms (slowest of {Times})");
    }

    /// <summary>Does something while it looks at the memory of a process.</summary>
    private static async Task<(TimeSpan Took, long Most, long Before)> WatchedAsync(int process, Func<Task> work)
    {
        long before = Resident(process), most = before;
        using var stop = new CancellationTokenSource();
        Task watching = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                most = Math.Max(most, Resident(process));
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
            }
        });
        TimeSpan took = await TimeAsync(work);
        await stop.CancelAsync();
        await watching;
        return (took, most, before);
    }

    private static long Resident(int process)
    {
        string pages = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/statm")).Split(' ')[1];
        return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }

    private static async Task ShellAsync(string command)
    {
        using var shell = Process.Start("/bin/sh", ["-c", command]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }
}
