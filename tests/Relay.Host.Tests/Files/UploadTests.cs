using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Disk;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files;

/// <summary>Contents on their way in: what is durable when, and what is left of those that never arrive.</summary>
public sealed class UploadTests : IDisposable
{
    private const int Segment = SealedLayout.SegmentLength;


    private readonly StoreBed _bed = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_inManySteps_withOrWithoutRestarts_isOneFile(bool restarts)
    {
        byte[] content = StoreBed.Content(1_500_000);
        int[] steps = [0, 1, 0, 99, Segment - 100, 1, Segment - 1, 1, Segment, 3 * Segment, 4 * Segment, (4 * Segment) + 1, 5];
        FileStore store = await _bed.OpenAsync();
        FileUpload upload = store.BeginOne();
        string id = upload.Id;
        int offset = 0;
        foreach (int step in steps.Append(content.Length - steps.Sum()))
        {
            await upload.AppendAsync(content[offset..(offset + step)]).DoneAsync();
            offset += step;
            Assert.Equal(offset, upload.Length);
            await upload.CheckpointAsync().DoneAsync();
            await upload.DisposeAsync();
            if (restarts)
            {
                store.Dispose();
                store = await _bed.OpenAsync();
            }

            Assert.Equal((StoreOutcome.Done, (long)offset), store.LengthOf(id));
            upload = await store.ResumeOneAsync(id);
            Assert.Equal(offset, upload.Length);
            Assert.Equal(2, _bed.Uploads.Length);
        }

        await upload.PublishAsync(default).DoneAsync();
        await upload.DisposeAsync();
        Assert.Equal(StoreBed.HashOf(content), upload.Hash);
        Assert.Equal(content, await store.ReadAsync(upload.Hash!.Value));
        Assert.Empty(_bed.Uploads);
        Assert.Equal(StoreStatus.Missing, (await store.ResumeAsync(id)).Outcome.Status);
    }

    [Fact]
    public async Task Case53_senderThatGoesAway_leavesWhatCame_andTheRestCanFollow()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(12 * Segment);
        FileUpload upload = store.BeginOne();
        StoreOutcome cut = await upload.AppendAsync(new ScriptedStream(content[..700_000], 10_000, new IOException("reset by peer")), StoreBed.NoLimit, default);
        Assert.Equal(new StoreOutcome(StoreStatus.Cut, "reset by peer"), cut);
        Assert.Equal(700_000, upload.Length);
        await upload.CheckpointAsync().DoneAsync();
        await upload.DisposeAsync();
        Assert.Empty(_bed.Objects);

        upload = await store.ResumeOneAsync(upload.Id);
        using var cancel = new CancellationTokenSource();
        cut = await upload.AppendAsync(
            new ScriptedStream(content[700_000..], 100, before: offset => offset < 1000 ? Task.CompletedTask : cancel.CancelAsync()), StoreBed.NoLimit, cancel.Token);
        Assert.Equal((StoreStatus.Cut, 701_000), (cut.Status, upload.Length));
        await upload.AppendAsync(content[701_000..]).DoneAsync();
        await upload.PublishAsync(default).DoneAsync();
        await upload.DisposeAsync();
        Assert.Equal(content, await store.ReadAsync(StoreBed.HashOf(content)));
    }

    [Fact]
    public async Task WhatWasNeverAcknowledged_isNotThereAfterARestart_andWhatWas_is()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(20 * Segment);
        FileUpload upload = store.BeginOne();
        await upload.AppendAsync(content[..500_000]).DoneAsync();
        await upload.CheckpointAsync().DoneAsync();

        // On the disk, but not acknowledged: other bytes may follow instead.
        await upload.AppendAsync(StoreBed.Content(600_000, seed: 2)).DoneAsync();
        await upload.DisposeAsync();
        Assert.Equal(500_000, store.LengthOf(upload.Id).Length);
        string before = _bed.Uploads.Single(path => path.EndsWith(".part", StringComparison.Ordinal));

        FileUpload again = await store.ResumeOneAsync(upload.Id);
        Assert.Equal(500_000, again.Length);
        await again.AppendAsync(content[500_000..]).DoneAsync();
        await again.PublishAsync(default).DoneAsync();
        await again.DisposeAsync();
        Assert.Equal(content, await store.ReadAsync(StoreBed.HashOf(content)));
        Assert.False(File.Exists(before));
    }

    [Fact]
    public async Task Resumed_afterARestart_hasAnotherKey_andNoNonceIsUsedTwice()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(3 * Segment);
        FileUpload upload = store.BeginOne();
        await upload.AppendAsync(content[..(Segment + 100)]).DoneAsync();
        await upload.CheckpointAsync().DoneAsync();
        await upload.DisposeAsync();
        string part = _bed.Uploads.Single(path => path.EndsWith(".part", StringComparison.Ordinal));
        byte[] before = await File.ReadAllBytesAsync(part);

        store.Dispose();
        store = await _bed.OpenAsync();
        upload = await store.ResumeOneAsync(upload.Id);
        Assert.False(File.Exists(part));
        byte[] after = await File.ReadAllBytesAsync(_bed.Uploads.Single(path => path.EndsWith(".part", StringComparison.Ordinal)));
        Assert.Equal(before.Length, after.Length);
        Assert.NotEqual(before[16..48], after[16..48]);
        Assert.NotEqual(before[SealedHeader.Length..], after[SealedHeader.Length..]);
        await upload.AbortAsync();
    }

    [Fact]
    public async Task WhatWasAcknowledged_andDamagedSince_isNotGoneOnWith()
    {
        FileStore store = await _bed.OpenAsync();
        FileUpload upload = store.BeginOne();
        await upload.AppendAsync(StoreBed.Content(3 * Segment)).DoneAsync();
        await upload.CheckpointAsync().DoneAsync();
        await upload.DisposeAsync();
        store.Dispose();
        string state = _bed.Uploads.Single(path => path.EndsWith("state", StringComparison.Ordinal));
        string part = _bed.Uploads.Single(path => path.EndsWith(".part", StringComparison.Ordinal));
        foreach (string file in new[] { part, state })
        {
            byte[] right = await File.ReadAllBytesAsync(file);
            foreach (int at in new[] { SealedHeader.Length + 1, right.Length - 1 })
            {
                byte[] wrong = [.. right];
                wrong[at] ^= 1;
                await File.WriteAllBytesAsync(file, wrong);
                Assert.Equal(StoreStatus.Damaged, (await (await _bed.OpenAsync()).ResumeAsync(upload.Id)).Outcome.Status);
            }

            await File.WriteAllBytesAsync(file, right[..^1]);
            Assert.Equal(StoreStatus.Damaged, (await (await _bed.OpenAsync()).ResumeAsync(upload.Id)).Outcome.Status);
            await File.WriteAllBytesAsync(file, right);
        }

        await using FileUpload sound = await (await _bed.OpenAsync()).ResumeOneAsync(upload.Id);
        Assert.Equal(2, _bed.Uploads.Length);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 101)]
    [InlineData(Segment, Segment + 1)]
    [InlineData(4 * Segment, (4 * Segment) + 1)]
    [InlineData(1_000_000, 3_000_000)]
    public async Task Case52_moreThanTheLimit_isRefused_andNothingIsLeft(int limit, int length)
    {
        FileStore store = await _bed.OpenAsync();
        await using (FileUpload upload = store.BeginOne())
        {
            StoreOutcome outcome = await upload.AppendAsync(new ScriptedStream(StoreBed.Content(length), 7_000), limit, default);
            Assert.Equal(StoreStatus.TooLarge, outcome.Status);
            Assert.Equal(StoreStatus.TooLarge, (await upload.AppendAsync([1])).Status);
            Assert.Equal(StoreStatus.TooLarge, (await upload.PublishAsync(default)).Status);
        }

        Assert.Empty(_bed.Uploads);
        Assert.Empty(_bed.Objects);
        await using FileUpload exact = store.BeginOne();
        await exact.AppendAsync(new MemoryStream(StoreBed.Content(limit)), limit, default).DoneAsync();
        await exact.PublishAsync(default).DoneAsync();
        Assert.Equal(limit, (await store.ReadAsync(exact.Hash!.Value)).Length);
    }

    [Fact]
    public async Task Case53_sameContentTwice_isStoredOnce()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(200_000);
        await store.PutAsync(content);
        string path = Assert.Single(_bed.Objects);
        byte[] first = await File.ReadAllBytesAsync(path);
        await using FileUpload again = store.BeginOne();
        await again.AppendAsync(content).DoneAsync();
        await again.PublishAsync(default).DoneAsync();
        Assert.True(again.WasThere);
        Assert.Equal(first, await File.ReadAllBytesAsync(Assert.Single(_bed.Objects)));
        Assert.Empty(_bed.Uploads);
    }

    [Fact]
    public async Task Case53_sameContent_manyTimesAtOnce_isStoredOnce_andAllAreTold()
    {
        FileStore store = await _bed.OpenAsync(), other = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(300_000);
        var uploads = new List<FileUpload>();
        for (int i = 0; i < 16; i++)
        {
            FileUpload upload = (i % 2 == 0 ? store : other).BeginOne();
            await upload.AppendAsync(content).DoneAsync();
            await upload.SealAsync().DoneAsync();
            uploads.Add(upload);
        }

        StoreOutcome[] outcomes = await Task.WhenAll(uploads.Select(upload => Task.Run(() => upload.PublishAsync(default))));
        Assert.All(outcomes, outcome => Assert.True(outcome.IsDone, outcome.Reason));
        Assert.Single(uploads, upload => !upload.WasThere);
        Assert.Single(_bed.Objects);
        Assert.Empty(_bed.Uploads);
        Assert.Equal(content, await other.ReadAsync(StoreBed.HashOf(content)));
    }

    [Fact]
    public async Task Case53_oneName_isGivenOnce_howeverManyAskAtOnce()
    {
        using var disk = new DiskBackEnd(_bed.Directory);
        for (int round = 0; round < 20; round++)
        {
            var name = new FileName(StoreBed.HashOf([(byte)round]).Hex);
            string[] paths = [.. Enumerable.Range(0, 8).Select(i => Path.Combine(_bed.Directory, $"{round}-{i}"))];
            await Task.WhenAll(paths.Select(path => File.WriteAllTextAsync(path, path)));
            StoreOutcome[] outcomes = await Task.WhenAll(paths.Select(path => disk.PutAsync(path, name, replace: false, default)));
            int first = Assert.Single(Enumerable.Range(0, paths.Length), i => outcomes[i].IsDone);
            Assert.Equal(paths.Length - 1, outcomes.Count(outcome => outcome.Status == StoreStatus.Exists));
            Assert.Equal(paths[first], await File.ReadAllTextAsync(Path.Combine(_bed.Directory, "objects", name.Path)));
            Assert.Equal(paths.Length - 1, paths.Count(File.Exists));
        }
    }

    [Fact]
    public async Task SameContent_inPlaceOfOneThatIsDamaged_replacesIt()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(Segment + 5);
        ContentHash hash = await store.PutAsync(content);
        string path = Assert.Single(_bed.Objects);
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path))[..^1]);
        Assert.Equal(StoreStatus.Damaged, (await store.TryReadAsync(hash)).Outcome.Status);
        await store.PutAsync(content);
        Assert.Equal(content, await store.ReadAsync(hash));
    }

    [Fact]
    public async Task Sealed_butNotPublished_isNotVisible_andAbortLeavesNothing()
    {
        FileStore store = await _bed.OpenAsync();
        FileUpload upload = store.BeginOne();
        await upload.AppendAsync(StoreBed.Content(100_000)).DoneAsync();
        await upload.CheckpointAsync().DoneAsync();
        await upload.SealAsync().DoneAsync();
        Assert.NotNull(upload.Hash);
        Assert.Empty(_bed.Objects);
        Assert.Equal(StoreStatus.Missing, (await store.TryReadAsync(upload.Hash.Value)).Outcome.Status);
        await upload.AbortAsync();
        Assert.Empty(_bed.Uploads);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_bed.Options.Directory!, "uploads")));
        Assert.Equal(StoreStatus.Missing, (await store.ResumeAsync(upload.Id)).Outcome.Status);
    }

    [Fact]
    public async Task Left_withoutACheckpoint_nothingIsLeft()
    {
        FileStore store = await _bed.OpenAsync();
        await using (FileUpload upload = store.BeginOne())
        {
            await upload.AppendAsync(StoreBed.Content(1_000_000)).DoneAsync();
            Assert.NotEmpty(_bed.Uploads);
        }

        Assert.Empty(_bed.Uploads);
    }

    [Fact]
    public async Task Upload_hasOneUserAtATime_andNeedsItsToken()
    {
        FileStore store = await _bed.OpenAsync();
        FileSecret token = StoreBed.Token(1);
        FileUpload upload = store.BeginOne(token);
        Assert.Equal(StoreStatus.InUse, (await store.ResumeAsync(upload.Id, token)).Outcome.Status);
        await upload.AppendAsync([1, 2, 3]).DoneAsync();
        await upload.CheckpointAsync().DoneAsync();
        await upload.DisposeAsync();

        for (int i = 0; i < 2; i++)
        {
            // Left open at first, then by another process.
            Assert.Equal(StoreStatus.WrongKey, (await store.ResumeAsync(upload.Id)).Outcome.Status);
            Assert.Equal(StoreStatus.WrongKey, (await store.ResumeAsync(upload.Id, StoreBed.Token(2))).Outcome.Status);
            Assert.Equal(StoreStatus.WrongKey, store.LengthOf(upload.Id).Outcome.Status);
            await using (FileUpload again = await store.ResumeOneAsync(upload.Id, token))
            {
                Assert.Equal(StoreStatus.InUse, (await store.ResumeAsync(upload.Id, token)).Outcome.Status);
            }

            store = await _bed.OpenAsync();
        }

        FileUpload last = await store.ResumeOneAsync(upload.Id, token);
        await last.PublishAsync(default).DoneAsync();
        await last.DisposeAsync();
        Assert.Equal([1, 2, 3], await store.ReadAsync(last.Hash!.Value, token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../../../../../etc/pass")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Case51_idThatIsNone_isMissing(string id)
    {
        FileStore store = await _bed.OpenAsync();
        Assert.Equal(StoreStatus.Missing, (await store.ResumeAsync(id)).Outcome.Status);
        Assert.Equal(StoreStatus.Missing, store.LengthOf(id).Outcome.Status);
    }

    [Fact]
    public async Task Discard_takesAnUpload_unlessSomebodyIsAtIt_andNoFile()
    {
        FileStore store = await _bed.OpenAsync();
        ContentHash hash = await store.PutAsync([1]);
        FileUpload left = store.BeginOne(), used = store.BeginOne();
        foreach (FileUpload upload in new[] { left, used })
        {
            await upload.AppendAsync(StoreBed.Content(100)).DoneAsync();
            await upload.CheckpointAsync().DoneAsync();
        }

        await left.DisposeAsync();
        Assert.Equal(new[] { left.Id, used.Id }.Order(StringComparer.Ordinal), store.UploadIds().Order(StringComparer.Ordinal));
        Assert.True(store.Discard(left.Id));
        Assert.False(store.Discard(used.Id));
        Assert.True(store.Discard("../" + hash.Hex));
        Assert.Equal(StoreStatus.Missing, (await store.ResumeAsync(left.Id)).Outcome.Status);
        await used.DisposeAsync();
        Assert.True(store.Discard(used.Id));
        Assert.Empty(_bed.Uploads);
        Assert.Equal([1], await store.ReadAsync(hash));
    }

    [Fact]
    public async Task MoreThanAreKeptOpen_canAllBeResumed()
    {
        FileStore store = await _bed.OpenAsync();
        var ids = new List<string>();
        for (int i = 0; i < 70; i++)
        {
            await using FileUpload upload = store.BeginOne();
            await upload.AppendAsync([(byte)i]).DoneAsync();
            await upload.CheckpointAsync().DoneAsync();
            ids.Add(upload.Id);
        }

        foreach ((int i, string id) in ids.Index())
        {
            await using FileUpload upload = await store.ResumeOneAsync(id);
            await upload.PublishAsync(default).DoneAsync();
            Assert.Equal([(byte)i], await store.ReadAsync(upload.Hash!.Value));
        }
    }

    [Fact]
    public async Task Reader_thatHasOpenedAFile_readsItToItsEnd_alsoWhenItIsDeleted()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(3 * Segment);
        ContentHash hash = await store.PutAsync(content);
        (_, StoredFile? file) = await store.OpenAsync(hash);
        await store.DeleteAsync(store.NameOf(hash)).DoneAsync();
        await store.DeleteAsync(store.NameOf(hash)).DoneAsync();
        using var read = new MemoryStream();
        await file!.CopyToAsync(0, file.Length, read, default).DoneAsync();
        await file.DisposeAsync();
        Assert.Equal(content, read.ToArray());
        Assert.Equal(StoreStatus.Missing, (await store.TryReadAsync(hash)).Outcome.Status);
        Assert.Empty(await store.AllAsync());
    }

    public void Dispose() => _bed.Dispose();
}
