using Relay.Host.Files.Store;
using Relay.Host.Files.Types;
using Relay.Host.Tests.Files.Kit;
using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Types;

/// <summary>Files that are inspected where they are kept, sealed.</summary>
public sealed class StoredContentTests : IDisposable
{
    private readonly StoreBed _bed = new();

    [Fact]
    public async Task StoredFile_isInspectedLikeAnyOther()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] large = PngFile.Of(400, 300, PngFile.Chunk("teSt", StoreBed.Content(200_000)), PngFile.Chunk("teSt", StoreBed.Content(100_000)));
        foreach (byte[] file in Sample.All.Select(sample => sample.File).Append(large))
        {
            Assert.Equal(await Content.InspectAsync(file), await InspectAsync(store, await store.PutAsync(file)));
        }
    }

    [Fact]
    public async Task StoredFile_isReadAsItIs_whereverItIsRead()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(200_000);
        (_, StoredFile? file) = await store.OpenAsync(await store.PutAsync(content));
        await using (file)
        {
            using var stored = new StoredContent(file!);
            Assert.Equal(content.Length, stored.Length);
            byte[] read = new byte[70_000];
            foreach (int offset in new[] { 0, 65_535, 65_536, 1, 199_999, 131_072, 131_071 })
            {
                int count = await stored.ReadAsync(offset, read, default);
                Assert.InRange(count, 1, 65_536);
                Assert.Equal(content.AsSpan(offset, count), read.AsSpan(0, count));
            }

            Assert.True(stored.Outcome.IsDone);
        }
    }

    [Fact]
    public async Task StoredFileThatIsDamaged_isNotJudged()
    {
        FileStore store = await _bed.OpenAsync();
        ContentHash hash = await store.PutAsync(PngFile.Of(400, 300, PngFile.Chunk("teSt", StoreBed.Content(200_000))));
        await using (FileStream stream = File.OpenWrite(Assert.Single(_bed.Objects)))
        {
            // In the last segment, where the picture is.
            stream.Position = stream.Length - 100;
            stream.Write([1, 2, 3, 4]);
        }

        Inspection inspection = await InspectAsync(store, hash);
        Assert.Equal((InspectionStatus.StoreFailed, StoreStatus.Damaged), (inspection.Status, inspection.Outcome.Status));
        Assert.Equal("it cannot be read just now", inspection.Reason);
    }

    [Fact]
    public async Task InspectionThatNobodyWaitsFor_ends()
    {
        FileStore store = await _bed.OpenAsync();
        ContentHash hash = await store.PutAsync(PngFile.Of(50, 30));
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();
        Assert.Equal(StoreStatus.Cut, (await InspectAsync(store, hash, stopped.Token)).Outcome.Status);
    }

    public void Dispose() => _bed.Dispose();

    private static async Task<Inspection> InspectAsync(FileStore store, ContentHash hash, CancellationToken cancellationToken = default)
    {
        (StoreOutcome outcome, StoredFile? file) = await store.OpenAsync(hash, cancellationToken: CancellationToken.None);
        Assert.True(outcome.IsDone, outcome.Reason);
        await using (file)
        {
            using var content = new StoredContent(file!);
            return await FileInspector.InspectAsync(content, new InspectionLimits(), cancellationToken);
        }
    }
}
