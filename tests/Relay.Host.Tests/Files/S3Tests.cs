using Relay.Host.Files.Store;
using Relay.Host.Files.Store.S3;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files;

/// <summary>Files in a bucket, on a real S3 server.</summary>
public sealed class S3Tests : IAsyncLifetime
{
    private const int Segment = SealedLayout.SegmentLength;

    private S3Server _server = null!;

    public async Task InitializeAsync() => _server = await S3Server.StartNewAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Contents_inOnePartAndInMany_comeBack_asDoRanges()
    {
        using StoreBed bed = _server.Bed();
        FileStore store = await bed.OpenAsync();
        FileSecret token = StoreBed.Token(1);
        foreach (int length in new[] { 0, 1, Segment, Segment + 1, (8 << 20) - 1000, 20_000_000 })
        {
            byte[] content = StoreBed.Content(length, seed: length);
            ContentHash hash = await store.PutAsync(content, length == 1 ? token : null);
            Assert.Equal(content, await store.ReadAsync(hash, length == 1 ? token : null));
            foreach ((int from, int to) in new[] { (0, 1), (length / 2, (length / 2) + 1), (length - 1, length), (Segment - 1, Segment + 1), (length / 3, length) })
            {
                if (from >= 0 && to <= length && length != 1)
                {
                    Assert.Equal(content[from..to], await store.ReadAsync(hash, null, from, to - from));
                }
            }
        }

        Assert.Empty(bed.Uploads);
        Assert.Empty(bed.Objects);

        // Six files and the note of keys.
        Assert.Equal(7, _server.Objects.Length);
        List<StoredEntry> all = await store.AllAsync();
        Assert.Equal(6, all.Count);
        Assert.Contains(all, entry => entry.SealedLength == SealedLayout.SealedLength(20_000_000) && entry.Since > DateTimeOffset.UnixEpoch.AddYears(50));
        foreach (StoredEntry entry in all)
        {
            await store.DeleteAsync(entry.Name).DoneAsync();
            await store.DeleteAsync(entry.Name).DoneAsync();
        }

        Assert.Empty(await store.AllAsync());
        Assert.Equal(StoreStatus.Missing, (await store.OpenAsync(StoreBed.HashOf([]))).Outcome.Status);
    }

    [Fact]
    public async Task SealedFile_isTheSameAsOnTheDisk()
    {
        using StoreBed bed = _server.Bed(), disk = new();
        FileStore store = await bed.OpenAsync();
        byte[] content = StoreBed.Content(9_000_000);
        ContentHash hash = await store.PutAsync(content);
        string path = Path.Combine(disk.Options.Directory!, "objects", store.NameOf(hash).Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(_server.Objects.Single(file => file.Contains(hash.Hex, StringComparison.Ordinal)), path);
        disk.Options.KeyDirectory = Path.Combine(bed.Directory, "keys");
        Assert.Equal(content, await (await disk.OpenAsync()).ReadAsync(hash));
    }

    [Fact]
    public async Task Case53_sameContentTwice_isStoredOnce()
    {
        using StoreBed bed = _server.Bed();
        FileStore store = await bed.OpenAsync();
        byte[] content = StoreBed.Content(100_000);
        await store.PutAsync(content);
        byte[] first = await File.ReadAllBytesAsync(ObjectOf(content));
        await using FileUpload again = store.BeginOne();
        await again.AppendAsync(content).DoneAsync();
        await again.PublishAsync(default).DoneAsync();
        Assert.True(again.WasThere);
        Assert.Equal(first, await File.ReadAllBytesAsync(ObjectOf(content)));
    }

    [Fact]
    public async Task ObjectThatIsDamaged_orCutOff_isSaidToBe()
    {
        using StoreBed bed = _server.Bed();
        FileStore store = await bed.OpenAsync();
        byte[] content = StoreBed.Content(3 * Segment);
        ContentHash hash = await store.PutAsync(content);
        string path = ObjectOf(content);
        byte[] right = await File.ReadAllBytesAsync(path);
        foreach (int length in new[] { 0, 50, SealedHeader.Length, (int)SealedLayout.Offset(2), right.Length - 1 })
        {
            await File.WriteAllBytesAsync(path, right[..length]);
            Assert.Equal(StoreStatus.Damaged, (await store.TryReadAsync(hash)).Outcome.Status);
        }

        right[SealedLayout.Offset(1)] ^= 1;
        await File.WriteAllBytesAsync(path, right);
        (StoreOutcome outcome, byte[] part) = await store.TryReadAsync(hash);
        Assert.Equal(StoreStatus.Damaged, outcome.Status);
        Assert.Equal(content[..Segment], part);
    }

    [Fact]
    public async Task ObjectThatIsPutAnew_whileItIsRead_isNotMixedWithItself()
    {
        using StoreBed bed = _server.Bed();
        FileStore store = await bed.OpenAsync();
        byte[] content = StoreBed.Content(3 * Segment);
        ContentHash hash = await store.PutAsync(content);
        (_, StoredFile? file) = await store.OpenAsync(hash);
        await using (file)
        {
            await store.DeleteAsync(store.NameOf(hash)).DoneAsync();
            await store.PutAsync(content);
            StoreOutcome outcome = await file!.CopyToAsync(0, file.Length, new MemoryStream(), default);
            Assert.Equal(StoreStatus.Unavailable, outcome.Status);
            Assert.EndsWith("was put anew while it was read", outcome.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WrongBucket_orCredentials_areSaidAtTheStart()
    {
        using StoreBed bed = _server.Bed();
        bed.Options.S3.Bucket = "other";
        (StoreOutcome outcome, _) = await bed.TryOpenAsync();
        Assert.Equal(StoreStatus.Unavailable, outcome.Status);
        Assert.Contains("NoSuchBucket", outcome.Reason, StringComparison.Ordinal);

        bed.Options.S3.Bucket = "files";
        bed.Options.S3.AccessKey = "nobody";
        (outcome, _) = await bed.TryOpenAsync();
        Assert.Equal(StoreStatus.Unavailable, outcome.Status);
        Assert.Contains("InvalidAccessKeyId", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OldKeys_areRotatedOut_inABucket_too()
    {
        using StoreBed bed = _server.Bed();
        byte[] content = StoreBed.Content(9_000_000);
        ContentHash hash = await (await bed.OpenAsync()).PutAsync(content);
        string old = Path.Combine(bed.Directory, "keys", "files-0001.key");
        await bed.AddKeyAsync(2);
        FileStore store = await bed.OpenAsync();
        Assert.Equal((1, 0), await store.RewrapAllAsync());
        File.Delete(old);
        store = await bed.OpenAsync();
        Assert.Equal(content, await store.ReadAsync(hash));
        Assert.Equal((0, 0), await store.RewrapAllAsync());
    }

    [Fact]
    public void OptionsThatCannotWork_areSaid_inOneLineEach()
    {
        var options = new S3Options
        {
            Bucket = "a",
            Endpoint = "minio:9000",
            Region = " ",
            AccessKey = "id",
            Prefix = "/x",
            Timeout = TimeSpan.Zero,
        };
        string[] problems = [.. options.Validate()];
        Assert.Equal(6, problems.Length);
        Assert.All(problems, problem => Assert.StartsWith("Relay:Files:Store:S3:", problem, StringComparison.Ordinal));
        Assert.Empty(new S3Options().Validate());
    }

    private string ObjectOf(byte[] content) => _server.Objects.Single(file => file.Contains(StoreBed.HashOf(content).Hex, StringComparison.Ordinal));
}
