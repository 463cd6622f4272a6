using System.Diagnostics;
using System.Globalization;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Tests.Files.Kit;
using Xunit.Abstractions;
using static Relay.Host.Tests.Measured;

namespace Relay.Host.Tests.Files;

/// <summary>What the store takes with 1 GiB, on the disk that tests have. Prints; only what is stored is asserted, never how
/// fast.</summary>
[Trait("Category", "Full")]
public sealed class FileFigureTests(ITestOutputHelper output)
{
    private const long Length = 1L << 30;

    [Fact]
    public async Task Gibibyte_isUploaded_andReadInTheMiddle()
    {
        using var bed = new StoreBed();
        FileStore store = await bed.OpenAsync();
        string source = Path.Combine(bed.Directory, "source"), copy = Path.Combine(bed.Directory, "copy");
        await ShellAsync($"head -c {Length.ToString(CultureInfo.InvariantCulture)} /dev/urandom > {source}; sync {source}");
        await store.PutAsync(StoreBed.Content(10_000_000));
        ContentHash hash = default;
        for (int run = 1; run <= 4; run++)
        {
            TimeSpan plain = await TimeAsync(() => ShellAsync($"cp {source} {copy} && sha256sum {source} > {copy}.sum"));
            await ShellAsync($"rm {copy}; sync");
            GC.Collect();
            long before = Environment.WorkingSet, most = 0;
            using var stop = new CancellationTokenSource();
            Task watching = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    most = Math.Max(most, Environment.WorkingSet);
                    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
                }
            });
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            TimeSpan append = default, rest = default;
            await using (FileUpload upload = store.BeginOne())
            {
                await using (FileStream file = new(source, FileMode.Open, FileAccess.Read, FileShare.Read, 0))
                {
                    append = await TimeAsync(() => upload.AppendAsync(file, StoreBed.NoLimit, default).DoneAsync());
                }

                rest = await TimeAsync(() => upload.PublishAsync(default).DoneAsync());
                hash = upload.Hash!.Value;
            }

            cpu = Environment.CpuUsage.TotalTime - cpu;
            await stop.CancelAsync();
            await watching;
            Assert.Equal((await File.ReadAllTextAsync(copy + ".sum"))[..64], hash.Hex);
            output.Print($"run {run}: cp and sha256sum {plain.TotalSeconds:0.00} s; upload {(append + rest).TotalSeconds:0.00} s");
            output.Print($"  of it seal, fsync, publish {rest.TotalSeconds:0.00} s; {cpu.TotalSeconds:0.00} s of processors");
            output.Print($"  {plain / (append + rest):0.00} of their speed; resident memory {(most - before) / 1048576.0:+0.0;-0.0} MiB");
            if (run < 4)
            {
                await store.DeleteAsync(store.NameOf(hash)).DoneAsync();
            }
        }

        string path = Path.Combine(bed.Options.Directory!, "objects", store.NameOf(hash).Path);
        foreach (bool isCold in new[] { false, true })
        {
            var times = new List<double>();
            for (int i = -5; i < 50; i++)
            {
                if (isCold)
                {
                    await ShellAsync($"dd if={path} iflag=nocache count=0 status=none");
                }

                long at = (Length / 2) + (i * 1_000_003L);
                TimeSpan time = await TimeAsync(async () => Assert.Single(await store.ReadAsync(hash, null, at, 1)));
                if (i >= 0)
                {
                    // The first ones are for the compiler.
                    times.Add(time.TotalMilliseconds);
                }
            }

            times.Sort();
            string where = isCold ? "on the disk" : "in memory";
            output.Print($"first byte in the middle, {where}: {times[25]:0.00} ms (median), {times[^1]:0.00} ms (slowest of 50)");
        }

        for (int run = 1; run <= 2; run++)
        {
            (_, StoredFile? opened) = await store.OpenAsync(hash);
            await using StoredFile all = opened!;
            TimeSpan read = await TimeAsync(() => all.CopyToAsync(0, Length, Stream.Null, default).DoneAsync());
            output.Print($"all of it, into nothing: {Length / 1048576 / read.TotalSeconds:0} MiB/s");
        }

        await using FileUpload left = store.BeginOne();
        await using (FileStream again = File.OpenRead(source))
        {
            await left.AppendAsync(again, StoreBed.NoLimit, default).DoneAsync();
        }

        output.Print($"checkpoint of 1 GiB: {(await TimeAsync(() => left.CheckpointAsync().DoneAsync())).TotalSeconds:0.00} s");
        await left.DisposeAsync();
        using var other = new StoreBed(bed.Directory);
        FileStore next = await other.OpenAsync();
        FileUpload? resumed = null;
        TimeSpan resuming = await TimeAsync(async () => resumed = await next.ResumeOneAsync(left.Id));
        output.Print($"resumed by another process: {resuming.TotalSeconds:0.00} s");
        await resumed!.SealAsync().DoneAsync();
        Assert.Equal(hash, resumed.Hash);
        await resumed.AbortAsync();
    }

    private static async Task ShellAsync(string command)
    {
        using var shell = Process.Start("/bin/sh", ["-c", command]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }
}
