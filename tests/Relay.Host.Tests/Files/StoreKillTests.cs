using System.Globalization;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Tests.Files.Kit;
using Xunit.Abstractions;

namespace Relay.Host.Tests.Files;

/// <summary>A process is killed while it uploads, and the next one finds what was acknowledged and nothing that is half.</summary>
public sealed class StoreKillTests(ITestOutputHelper output)
{
    [Fact]
    public Task KilledAtRandomInstants_whatWasAcknowledgedIsThere_nothingHalf() => KillAsync(4);

    [Fact]
    [Trait("Category", "Full")]
    public Task KilledAtAHundredRandomInstants_whatWasAcknowledgedIsThere_nothingHalf() => KillAsync(100);

    private async Task KillAsync(int times)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        using var bed = new StoreBed();
        int next = 0, files = 0, resumed = 0;
        for (int i = 0; i < times; i++)
        {
            ChildProcess writer = ChildProcess.Start(
                Layout.DotNet,
                [typeof(WriterProgram).Assembly.Location, bed.Directory, next.ToString(CultureInfo.InvariantCulture)],
                "writer: ready");
            await writer.LineAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 400)), TimeProvider.System);
            await writer.DisposeAsync();
            string[][] lines = [.. writer.Output.Skip(1).Select(line => line.Split(' '))];
            Assert.True(writer.Errors.Length == 0, writer.ToString());

            FileStore store = await bed.OpenAsync();
            var all = (await store.AllAsync()).Select(entry => entry.Name.Hex).ToHashSet(StringComparer.Ordinal);
            files += all.Count;

            // Whatever is visible is whole, acknowledged or not, and whatever was acknowledged is visible.
            foreach (string hash in all)
            {
                Assert.True(ContentHash.TryParse(hash, out ContentHash known));
                Assert.Equal(known, StoreBed.HashOf(await store.ReadAsync(known)));
            }

            int[] done = [.. lines.Where(line => line[0] == "done").Select(line => int.Parse(line[1], CultureInfo.InvariantCulture))];
            Assert.All(done, number => Assert.Contains(StoreBed.HashOf(WriterProgram.Content(number)).Hex, all));

            // What was begun and acknowledged goes on where it was acknowledged, or was published without anybody having heard of it.
            if (lines is [.., ["kept", string id, string of, string length]] && int.Parse(of, CultureInfo.InvariantCulture) is var begun)
            {
                byte[] content = WriterProgram.Content(begun);
                (StoreOutcome outcome, FileUpload? upload) = await store.ResumeAsync(id);
                if (outcome.Status == StoreStatus.Missing)
                {
                    Assert.Contains(StoreBed.HashOf(content).Hex, all);
                }
                else
                {
                    Assert.True(outcome.IsDone, outcome.ToString());
                    Assert.True(upload!.Length >= long.Parse(length, CultureInfo.InvariantCulture), $"{upload.Length} of {length} acknowledged bytes");
                    await upload.AppendAsync(content[(int)upload.Length..]).DoneAsync();
                    await upload.PublishAsync(default).DoneAsync();
                    await upload.DisposeAsync();
                    Assert.Equal(content, await store.ReadAsync(StoreBed.HashOf(content)));
                    resumed++;
                }
            }

            Assert.All(store.UploadIds(), id => Assert.True(store.Discard(id)));
            Assert.Empty(bed.Uploads);
            foreach (StoredEntry entry in await store.AllAsync())
            {
                await store.DeleteAsync(entry.Name).DoneAsync();
            }

            next = Math.Max(next, lines.Length == 0 ? 0 : lines.Max(line => int.Parse(line[0] == "done" ? line[1] : line[2], CultureInfo.InvariantCulture))) + 1;
        }

        output.WriteLine($"{times} kills, {files} files, {resumed} uploads gone on with");
        Assert.True(next > times, "Nothing was acknowledged: nothing was shown.");
    }
}
