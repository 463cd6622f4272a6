using System.Net;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files.Api;

/// <summary>Limits of size and space.</summary>
public sealed class QuotaTests : IAsyncLifetime
{
    private const int MaxImage = 200_000, AccountQuota = 500_000, TotalQuota = 800_000;

    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.StartAsync(
        $"--Relay:Files:MaxImageBytes={MaxImage}", "--Relay:Files:MaxVideoBytes=300000", "--Relay:Files:MaxAudioBytes=300000",
        "--Relay:Files:MaxModelBytes=300000", "--Relay:Files:MaxDocumentBytes=300000", "--Relay:Files:MaxUploads=4",
        $"--Relay:Files:AccountQuota={AccountQuota}", $"--Relay:Files:TotalQuota={TotalQuota}");

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Case52_whatIsTooLarge_isRefused_announcedOrNot_andLeavesNothing()
    {
        using HttpClient anna = _server.As("anna");
        using var patient = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = ChildProcess.Patience });

        // Of 10 GiB that are announced not a byte is read; of what is not announced, as much as may be.
        using var announced = new StreamContent(new ScriptedStream([1], 1));
        announced.Headers.ContentLength = 10L << 30;
        using var request = new HttpRequestMessage(HttpMethod.Post, anna.BaseAddress + "files") { Content = announced };
        request.Headers.ExpectContinue = true;
        request.Headers.Authorization = anna.DefaultRequestHeaders.Authorization;
        using (HttpResponseMessage refused = await patient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        }

        byte[] picture = Picture.Png(52, 250_000);
        Answer known = await anna.Upload(picture).Is(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal((MaxImage, picture.Length), ((int)known.Json["limit"]!, (int)known.Json["value"]!));
        using var endless = new StreamContent(new EndlessStream(picture));
        endless.Headers.TryAddWithoutValidation("Transfer-Encoding", "chunked");
        HttpStatusCode? status = null;
        try
        {
            status = (await anna.Upload(endless)).Status;
        }
        catch (HttpRequestException)
        {
            // The server has answered, and closed before its sender looked.
        }

        Assert.True(status is null or HttpStatusCode.RequestEntityTooLarge, status.ToString());
        await UploadApiTests.UntilNothingIsUnderWayAsync(_server);
        Assert.Empty(await _server.StoredAsync());
        await _server.CheckBooksAsync();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await anna.Tus(HttpMethod.Post, "uploads", null, ("Upload-Length", "10737418240"))).Status);
    }

    [Fact]
    public async Task Quotas_holdToTheByte_howeverManyComeAtOnce()
    {
        using HttpClient anna = _server.As("anna"), ben = _server.As("ben"), carl = _server.As("carl");
        byte[][] pictures = [.. Enumerable.Range(0, 8).Select(i => Picture.Png(i, 120_000))];
        Answer[] answers = await Task.WhenAll(pictures.Select(picture => anna.Upload(picture)));
        Assert.All(answers, answer => Assert.True(
            answer.Status is HttpStatusCode.Created or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.Conflict, answer.Text));
        await UploadApiTests.UntilNothingIsUnderWayAsync(_server);
        foreach (byte[] picture in pictures)
        {
            await anna.Upload(picture);
        }

        Answer full = await anna.Upload(Picture.Png(9, 120_000)).Is(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(AccountQuota, (int)full.Json["limit"]!);
        long used = Assert.Single(await _server.RowsAsync("SELECT account, bytes FROM file_usage WHERE account <> ''")).Value;
        Assert.InRange(used, AccountQuota - 128_500, AccountQuota);

        // Others have room, until the server has none; what is there already takes none of the server's.
        HashSet<string> stored = await _server.StoredAsync();
        await ben.Upload(pictures.First(picture => stored.Contains(StoreBed.HashOf(picture).Hex))).Is(HttpStatusCode.Created);
        await ben.Upload(Picture.Png(10, 120_000)).Is(HttpStatusCode.Created);
        await ben.Upload(Picture.Png(11, 120_000)).Is(HttpStatusCode.Created);
        Answer none = await carl.Upload(Picture.Png(12, 120_000)).Is(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(TotalQuota, (int)none.Json["limit"]!);
        await _server.CheckBooksAsync();
    }

    [Fact]
    public async Task WhatIsSetAside_isNobodyElses_andComesBack()
    {
        using HttpClient anna = _server.As("anna");
        string first = await anna.BeginTus(300_000);
        Answer full = await anna.Tus(HttpMethod.Post, "uploads", null, ("Upload-Length", "300000")).Is(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal((AccountQuota, 600_000), ((int)full.Json["limit"]!, (int)full.Json["value"]!));
        string[] more = [await anna.BeginTus(10), await anna.BeginTus(10), await anna.BeginTus(10)];
        Answer many = await anna.Tus(HttpMethod.Post, "uploads", null, ("Upload-Length", "10")).Is(HttpStatusCode.Conflict);
        Assert.Equal((4, 5), ((int)many.Json["limit"]!, (int)many.Json["value"]!));
        foreach (string upload in more.Append(first))
        {
            await anna.Tus(HttpMethod.Delete, upload).Is(HttpStatusCode.NoContent);
        }

        Assert.Empty(await _server.RowsAsync("SELECT account, bytes FROM file_usage WHERE bytes <> 0"));
        await anna.Upload(Picture.Png(3, 150_000)).Is(HttpStatusCode.Created);
        await _server.CheckBooksAsync();
    }

    /// <summary>A picture that does not end.</summary>
    private sealed class EndlessStream(byte[] beginning) : MemoryStream
    {
        private int _sent;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = Math.Min(buffer.Length, 16_384);
            for (int i = 0; i < count; i++, _sent++)
            {
                buffer.Span[i] = _sent < beginning.Length ? beginning[_sent] : (byte)_sent;
            }

            return ValueTask.FromResult(count);
        }

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            CopyAsync(destination, cancellationToken);

        private async Task CopyAsync(Stream destination, CancellationToken cancellationToken)
        {
            byte[] block = new byte[16_384];
            while (true)
            {
                await destination.WriteAsync(block.AsMemory(0, await ReadAsync(block, cancellationToken)), cancellationToken);
            }
        }
    }
}
