using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Disk;
using Relay.Host.Files.Store.Sealing;
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
        byte[] large = PngFile.Of(400, 300, PngFile.Chunk("teSt", StoreBed.Content(200_000)), PngFile.Chunk("teSt", StoreBed.Content(9)));
        foreach (byte[] file in new[] { large, Sample.Of("mp4").File, Sample.Of("gltf").File, JpegFile.End, [] })
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
                Assert.InRange(count, 1, read.Length);
                Assert.Equal(content.AsSpan(offset, count), read.AsSpan(0, count));
            }

            Assert.True(stored.Outcome.IsDone);
        }
    }

    [Fact]
    public async Task StoredFile_readFromItsBeginningToItsEnd_isAskedForInFewPieces()
    {
        FileStore store = await _bed.OpenAsync();
        FileSecret token = StoreBed.Token(1);
        byte[] jpeg = Bytes.Join(JpegFile.Of(50, 30)[..^2], new byte[4_000_000], JpegFile.End);
        ContentHash hash = await store.PutAsync(jpeg, token);
        using var disk = new DiskBackEnd(_bed.Options.Directory!);
        (_, ISealedSource? source) = await disk.OpenAsync(store.NameOf(hash, token), default);
        var counted = new CountedSource(source!);
        (_, StoredFile? file) = await StoredFile.OpenAsync(counted, hash, _ => token, default);
        await using (file)
        {
            using var content = new StoredContent(file!);
            Inspection inspection = await FileInspector.InspectAsync(content, new InspectionLimits(), default);
            Assert.Equal(Inspection.Picture(FileType.Jpeg, 50, 30), inspection);
        }

        // 64 KiB, 128, 256, 512, and then a mebibyte each.
        Assert.Equal(7, counted.Starts);
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

    private sealed class CountedSource(ISealedSource source) : ISealedSource
    {
        public int Starts { get; private set; }

        public long Length => source.Length;

        public ValueTask<StoreOutcome> StartAsync(long offset, long count, CancellationToken cancellationToken)
        {
            Starts++;
            return source.StartAsync(offset, count, cancellationToken);
        }

        public ValueTask<StoreOutcome> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
            source.ReadAsync(buffer, cancellationToken);

        public ValueTask DisposeAsync() => source.DisposeAsync();
    }
}
