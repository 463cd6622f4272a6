using System.IO.Pipelines;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files;

/// <summary>A real S3 server that is stopped, and started again.</summary>
public sealed class S3OutageTests : IAsyncLifetime
{
    private S3Server _server = null!;

    public async Task InitializeAsync() => _server = await S3Server.StartNewAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(200_000, false)]
    [InlineData(20_000_000, true)]
    public async Task ServerThatIsDown_isSaidToBe_nothingIsLost_andTheRestIsDoneLater(int length, bool restart)
    {
        using StoreBed bed = _server.Bed();
        FileStore store = await bed.OpenAsync();
        byte[] first = StoreBed.Content(10), content = StoreBed.Content(length);
        ContentHash there = await store.PutAsync(first);
        FileUpload upload = store.BeginOne();
        await upload.AppendAsync(content).DoneAsync();
        await _server.StopAsync();

        StoreOutcome outcome = await upload.PublishAsync(default);
        Assert.Equal(StoreStatus.Unavailable, outcome.Status);
        Assert.Contains($"S3 bucket files at {_server.Endpoint}: Connection refused", outcome.Reason, StringComparison.Ordinal);
        await upload.DisposeAsync();
        Assert.Equal((StoreOutcome.Done, (long)length), store.LengthOf(upload.Id));
        if (restart)
        {
            Assert.Equal(StoreStatus.Unavailable, (await bed.TryOpenAsync()).Outcome.Status);
        }
        else
        {
            Assert.Equal(StoreStatus.Unavailable, (await store.TryReadAsync(there)).Outcome.Status);
            Assert.Equal(StoreStatus.Unavailable, (await store.DeleteAsync(store.NameOf(there))).Status);
            await Assert.ThrowsAsync<IOException>(store.AllAsync);
        }

        await _server.StartAsync();
        store = restart ? await bed.OpenAsync() : store;
        Assert.Equal(first, await store.ReadAsync(there));
        await using (FileUpload later = await store.ResumeOneAsync(upload.Id))
        {
            Assert.Equal((StoreBed.HashOf(content), length), (later.Hash, later.Length));
            await later.PublishAsync(default).DoneAsync();
        }

        Assert.Equal(content, await store.ReadAsync(StoreBed.HashOf(content)));
        Assert.Empty(bed.Uploads);
    }

    [Fact]
    public async Task ServerThatGoesDown_inTheMiddleOfARead_cutsIt_withoutAByteThatIsNotRight()
    {
        using StoreBed bed = _server.Bed();
        FileStore store = await bed.OpenAsync();
        byte[] content = StoreBed.Content(30_000_000);
        ContentHash hash = await store.PutAsync(content);
        (_, StoredFile? file) = await store.OpenAsync(hash);
        await using (file)
        {
            var pipe = new Pipe();
            Task<StoreOutcome> copying = file!.CopyToAsync(0, file.Length, pipe.Writer, default);
            byte[] begin = new byte[1_000_000];
            await pipe.Reader.AsStream(leaveOpen: true).ReadExactlyAsync(begin);
            await _server.StopAsync();
            using var rest = new MemoryStream();
            Task reading = pipe.Reader.CopyToAsync(rest);
            StoreOutcome outcome = await copying;
            await pipe.Writer.CompleteAsync();
            await reading;
            Assert.Equal(StoreStatus.Unavailable, outcome.Status);
            Assert.True(content.AsSpan(0, begin.Length + (int)rest.Length).SequenceEqual([.. begin, .. rest.ToArray()]));
        }

        await _server.StartAsync();
        Assert.Equal(content, await store.ReadAsync(hash));
    }
}
