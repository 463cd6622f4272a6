using System.Globalization;
using System.Net;
using System.Text;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Files.Api;

/// <summary>Uploads that go on where they were cut off.</summary>
public sealed class TusTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task TusJsClient_sendsAFile_stopsAndGoesOn()
    {
        byte[] content = Picture.Png(1, 600_000);
        (string from, Answer file) = await SendAsync($"http://{server.Http}", content, chunk: 100_000, abortAt: 250_000);
        Assert.Equal("300000", from);
        Assert.Equal(("photo.png", "public"), (file.Json["name"]!.GetValue<string>(), file.Json["visibility"]!.GetValue<string>()));
        Assert.Equal(content, await server.ContentAsync(StoreBed.HashOf(content).Hex));
    }

    [Fact]
    public async Task TusJsClient_overARoadThatIsCutAgainAndAgain_sendsAFile()
    {
        byte[] content = Picture.Png(2, 3_000_000);
        await using var road = new TcpProxy(int.Parse(server.Http.Split(':')[1], CultureInfo.InvariantCulture));
        Task<(string, Answer File)> sending = SendAsync($"http://127.0.0.1:{road.Port}", content, chunk: 200_000);
        for (int cut = 0; cut < 6 && !sending.IsCompleted; cut++)
        {
            // In the middle of a part, or after it, so that its answer is lost.
            CutAt when = cut % 2 == 0 ? CutAt.BeforeTheServerGetsIt : CutAt.BeforeTheAnswerArrives;
            await Task.WhenAny(sending, road.CutAsync(bytes => bytes.Length > 10_000, when));
        }

        await sending;
        Assert.Equal(content, await server.ContentAsync(StoreBed.HashOf(content).Hex));
        await server.CheckBooksAsync();
    }

    [Fact]
    public async Task Options_tellWhatItCanDo()
    {
        using HttpClient nobody = server.As(null);
        Answer options = await nobody.Call(HttpMethod.Options, "uploads").Is(HttpStatusCode.NoContent);
        Assert.Equal("1.0.0", options.Header("Tus-Version"));
        Assert.Equal("creation,expiration,termination", options.Header("Tus-Extension"));
        Assert.Equal("2147483648", options.Header("Tus-Max-Size"));
    }

    [Fact]
    public async Task AnUpload_isToldOf_goesOnFromItsOffsetAlone_andBecomesAFile()
    {
        using HttpClient anna = server.As("anna"), eve = server.As("eve");
        byte[] content = Picture.Png(3, 50_000);
        string upload = await anna.BeginTus(content.Length, ("Upload-Metadata", $"filename {Base64("ü/å.png")},visibility {Base64("public")}"));
        Answer head = await anna.Tus(HttpMethod.Head, upload).Is(HttpStatusCode.OK);
        Assert.Equal(("0", $"{content.Length}", "no-store"), (head.Header("Upload-Offset"), head.Header("Upload-Length"), head.Header("Cache-Control")));
        Answer part = await anna.AppendTus(upload, 0, content[..10]).Is(HttpStatusCode.NoContent);
        Assert.Equal("10", part.Header("Upload-Offset"));
        Assert.NotEmpty(part.Header("Upload-Expires"));
        Answer wrong = await anna.AppendTus(upload, 0, content).Is(HttpStatusCode.Conflict);
        Assert.Equal(10, (int)wrong.Json["limit"]!);

        // Nobody else's, in no way.
        await eve.Tus(HttpMethod.Head, upload).Is(HttpStatusCode.NotFound);
        await eve.AppendTus(upload, 10, content[10..]).Is(HttpStatusCode.NotFound);
        await eve.Tus(HttpMethod.Delete, upload).Is(HttpStatusCode.NotFound);

        // As PATCH where only POST gets through; byte by byte at first, so that what it is shows late.
        await anna.Tus(HttpMethod.Post, upload, content[10..11], ("Upload-Offset", "10"), ("X-HTTP-Method-Override", "PATCH")).Is(HttpStatusCode.NoContent);
        Answer last = await anna.AppendTus(upload, 11, content[11..]).Is(HttpStatusCode.NoContent);
        string hash = StoreBed.HashOf(content).Hex;
        Assert.Equal((hash, "/files/" + hash), (last.Header("File-Hash"), last.Header("Content-Location")));
        Answer done = await anna.Tus(HttpMethod.Head, upload).Is(HttpStatusCode.OK);
        Assert.Equal((hash, $"{content.Length}"), (done.Header("File-Hash"), done.Header("Upload-Offset")));

        // Whoever has not heard of the end may send the last part again, as nothing.
        await anna.AppendTus(upload, content.Length, []).Is(HttpStatusCode.NoContent);
        Assert.Equal("å.png", (await anna.Get("files/" + hash).Is(HttpStatusCode.OK)).Json["name"]!.GetValue<string>());
        await anna.Tus(HttpMethod.Delete, upload).Is(HttpStatusCode.NoContent);
        await anna.Tus(HttpMethod.Head, upload).Is(HttpStatusCode.NotFound);
        await anna.Get("files/" + hash).Is(HttpStatusCode.OK);
        await server.CheckBooksAsync();
    }

    [Theory]
    [InlineData("Tus-Resumable", "0.2.2", HttpStatusCode.PreconditionFailed)]
    [InlineData("Upload-Length", "-1", HttpStatusCode.BadRequest)]
    [InlineData("Upload-Length", "many", HttpStatusCode.BadRequest)]
    [InlineData("Upload-Length", "", HttpStatusCode.BadRequest)]
    [InlineData("Upload-Length", "0", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("Upload-Length", "99999999999999", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("Upload-Metadata", "filename ?", HttpStatusCode.BadRequest)]
    [InlineData("Upload-Metadata", "a YQ==,a YQ==", HttpStatusCode.BadRequest)]
    [InlineData("Upload-Metadata", "visibility YQ==", HttpStatusCode.UnprocessableEntity)]
    public async Task WhatIsNotWellSaid_isRefused(string name, string value, HttpStatusCode status)
    {
        using HttpClient anna = server.As("anna");
        var headers = new Dictionary<string, string> { ["Tus-Resumable"] = "1.0.0", ["Upload-Length"] = "1000", [name] = value };
        await anna.Call(HttpMethod.Post, "uploads", null, [.. headers.Select(header => (header.Key, header.Value))]).Is(status);
    }

    [Fact]
    public async Task Parts_thatAreNone_areRefused_andWhatIsNoFileIsGone()
    {
        using HttpClient anna = server.As("anna");
        string upload = await anna.BeginTus(1000);
        await anna.Call(HttpMethod.Patch, upload["/api/v1/".Length..], "x", ("Tus-Resumable", "1.0.0"), ("Upload-Offset", "0"))
            .Is(HttpStatusCode.UnsupportedMediaType);
        await anna.Tus(HttpMethod.Patch, upload, [1]).Is(HttpStatusCode.BadRequest);
        await anna.Tus(HttpMethod.Post, upload, [1], ("X-HTTP-Method-Override", "PUT")).Is(HttpStatusCode.MethodNotAllowed);
        await anna.AppendTus(upload, 0, "<html>"u8.ToArray()).Is(HttpStatusCode.UnsupportedMediaType);
        await anna.Tus(HttpMethod.Head, upload).Is(HttpStatusCode.NotFound);

        string small = await anna.BeginTus(100);
        await anna.AppendTus(small, 0, Picture.Png(5, 5000)).Is(HttpStatusCode.RequestEntityTooLarge);
        await anna.Tus(HttpMethod.Head, "uploads/" + new string('a', 22)).Is(HttpStatusCode.NotFound);
        await anna.Tus(HttpMethod.Head, "uploads/..%2f..%2fstate").Is(HttpStatusCode.NotFound);
        await server.CheckBooksAsync();
    }

    [Fact]
    public async Task AFileUnderAToken_goesOnWithTheTokenAlone()
    {
        using HttpClient anna = server.As("anna");
        byte[] content = Picture.Png(6, 50_000);
        (string, string) token = ("File-Token", "AAECAwQFBgcICQoLDA0ODw");
        string upload = await anna.BeginTus(content.Length, token);
        await anna.AppendTus(upload, 0, content[..20_000], token).Is(HttpStatusCode.NoContent);
        await anna.AppendTus(upload, 20_000, content[20_000..]).Is(HttpStatusCode.NotFound);
        await anna.AppendTus(upload, 20_000, content[20_000..], token).Is(HttpStatusCode.NoContent);
        await anna.Call(HttpMethod.Get, "files/" + StoreBed.HashOf(content).Hex, null, token).Is(HttpStatusCode.OK);
        await server.CheckBooksAsync();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a file with the real client.</summary>
    private async Task<(string From, Answer File)> SendAsync(string origin, byte[] content, int chunk, int? abortAt = null)
    {
        string directory = Directory.CreateTempSubdirectory("relay-tus-").FullName;
        string path = Path.Combine(directory, "photo.png");
        await File.WriteAllBytesAsync(path, content);
        string place = Path.Combine(Layout.Root, "tests", "files");
        string[] abort = abortAt is { } at ? [at.ToString(CultureInfo.InvariantCulture)] : [];
        await using ChildProcess client = ChildProcess.Start(
            "node",
            [Path.Combine(place, "tus.mjs"), origin + "/api/v1/uploads", "anna", path, chunk.ToString(CultureInfo.InvariantCulture), .. abort],
            "tus: done",
            place);
        string line = await client.LineAsync();
        Directory.Delete(directory, recursive: true);
        using HttpClient anna = server.As("anna");
        return (line[(line.LastIndexOf('=') + 1)..], await anna.Get("files/" + StoreBed.HashOf(content).Hex).Is(HttpStatusCode.OK));
    }
}
