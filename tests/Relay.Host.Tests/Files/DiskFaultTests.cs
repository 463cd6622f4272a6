using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Tests.Files.Kit;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Files;

/// <summary>Disks that are full or may not be written.</summary>
public sealed class DiskFaultTests
{
    [PrivilegedFact]
    public async Task FullDisk_isSaid_leavesNothingVisible_andWhatWasAcknowledgedGoesOnLater()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 8);
        using var bed = new StoreBed(disk.Directory);
        FileStore store = await bed.OpenAsync();
        byte[] content = StoreBed.Content(5_000_000);
        ContentHash there = await store.PutAsync([1]);
        FileUpload kept = store.BeginOne();
        await kept.AppendAsync(content[..1_000_000]).DoneAsync();
        await kept.CheckpointAsync().DoneAsync();
        string filler = Path.Combine(disk.Directory, "filler");
        await File.WriteAllBytesAsync(filler, new byte[4_000_000]);

        StoreOutcome outcome = await kept.AppendAsync(content[1_000_000..]);
        Assert.Equal(new StoreOutcome(StoreStatus.Full, "the disk is full"), outcome);
        Assert.Equal(StoreStatus.Full, (await kept.CheckpointAsync()).Status);
        Assert.Equal(StoreStatus.Full, (await kept.PublishAsync(default)).Status);
        await kept.DisposeAsync();
        await using (FileUpload upload = store.BeginOne())
        {
            Assert.Equal(StoreStatus.Full, (await upload.AppendAsync(content)).Status);
        }

        // What was never acknowledged has gone and made room; what was has kept what it had.
        Assert.Single(bed.Objects);
        Assert.Equal([1], await store.ReadAsync(there));
        Assert.Equal((StoreOutcome.Done, 1_000_000L), store.LengthOf(kept.Id));
        File.Delete(filler);
        await using FileUpload again = await store.ResumeOneAsync(kept.Id);
        await again.AppendAsync(content[1_000_000..]).DoneAsync();
        await again.PublishAsync(default).DoneAsync();
        Assert.Equal(content, await store.ReadAsync(StoreBed.HashOf(content)));
    }

    [PrivilegedTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task DiskThatFillsUp_atEachStep_isSaid_andNothingIsVisible(int step)
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 2);
        using var bed = new StoreBed(disk.Directory);
        FileStore store = await bed.OpenAsync();
        FileUpload upload = store.BeginOne();
        if (step > 0)
        {
            await upload.AppendAsync(StoreBed.Content(65_536)).DoneAsync();
        }

        if (step > 1)
        {
            await upload.CheckpointAsync().DoneAsync();
        }

        Fill(disk);
        StoreOutcome outcome = step switch
        {
            0 => store.Begin().Outcome,
            1 => await upload.CheckpointAsync(),
            _ => await upload.PublishAsync(default),
        };
        Assert.Equal(StoreStatus.Full, outcome.Status);
        await upload.DisposeAsync();
        Assert.Empty(bed.Objects);
        Assert.Equal(step > 1 ? StoreStatus.Done : StoreStatus.Missing, store.LengthOf(upload.Id).Outcome.Status);
        File.Delete(Path.Combine(disk.Directory, "filler"));
        if (step > 1)
        {
            await using FileUpload again = await store.ResumeOneAsync(upload.Id);
            await again.PublishAsync(default).DoneAsync();
            Assert.Equal(StoreBed.Content(65_536), await store.ReadAsync(again.Hash!.Value));
        }

        Assert.Empty(bed.Uploads);
    }

    [PrivilegedFact]
    public async Task ReadOnlyDisk_isSaid_atEveryStep_andFilesCanBeReadAllTheSame()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 8);
        using var bed = new StoreBed(disk.Directory);
        FileStore store = await bed.OpenAsync();
        byte[] content = StoreBed.Content(200_000);
        ContentHash hash = await store.PutAsync(content);
        await using (FileUpload before = store.BeginOne())
        {
            await before.AppendAsync([1]).DoneAsync();
            await before.CheckpointAsync().DoneAsync();
        }

        store.Dispose();
        await disk.RemountAsync("ro");
        store = await bed.OpenAsync();
        StoreOutcome readOnly = new(StoreStatus.ReadOnly, "the disk is read-only");
        Assert.Equal(readOnly, store.Begin().Outcome);
        string id = Path.GetFileName(Path.GetDirectoryName(bed.Uploads[0])!);
        Assert.Equal(readOnly, (await store.ResumeAsync(id)).Outcome);
        Assert.Equal(readOnly, await store.DeleteAsync(store.NameOf(hash)));
        Assert.Equal(content, await store.ReadAsync(hash));

        await disk.RemountAsync("rw");
        await using FileUpload upload = await store.ResumeOneAsync(id);
        await upload.PublishAsync(default).DoneAsync();
        Assert.Equal([1], await store.ReadAsync(upload.Hash!.Value));
    }

    private static void Fill(SmallDisk disk)
    {
        using FileStream filler = File.Create(Path.Combine(disk.Directory, "filler"), 1);
        byte[] block = new byte[1024];
        Assert.ThrowsAny<IOException>(() => WriteForEver(filler, block));
    }

    private static void WriteForEver(FileStream file, byte[] block)
    {
        while (true)
        {
            file.Write(block);
        }
    }
}
