using System.Net;
using System.Text.Json.Nodes;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;
using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Api;

/// <summary>Files that come in one request.</summary>
public sealed class UploadApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Theory]
    [InlineData("../../etc/x", "x")]
    [InlineData("C:\\Windows\\x.png", "x.png")]
    [InlineData("%2e%2e", "%2e%2e")]
    [InlineData("..", "file")]
    [InlineData("a\u202Egnp.exe", "agnp.exe")]
    [InlineData("\U0001F408 cat.png ", "\U0001F408 cat.png")]
    [InlineData("<b>\"x\"|?*.png", "bx.png")]
    public async Task Case51_aNameIsMetadataAlone(string name, string kept)
    {
        using HttpClient anna = server.As("anna");
        byte[] content = Picture.Png(51);
        Answer made = await anna.Upload(content, "?name=" + Uri.EscapeDataString(name));
        string hash = StoreBed.HashOf(content).Hex;
        Assert.Equal(kept, made.Json["name"]!.GetValue<string>());
        Assert.Equal($"/files/{hash}", made.Json["url"]!.GetValue<string>());
        Assert.Equal("image/png", made.Json["type"]!.GetValue<string>());
        Assert.Contains(hash, await server.StoredAsync());
        Assert.Equal(content, await server.ContentAsync(hash));
    }

    [Theory]
    [InlineData("a%00b")]
    [InlineData("a%0d%0ab")]
    public async Task Case51_controlCharactersAreRefused(string name)
    {
        using HttpClient anna = server.As("anna");
        await anna.Upload(Picture.Png(51), "?name=" + name).Is(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Case53_theSameFileOfManyAtOnce_isStoredOnce_andGoesWithTheLast()
    {
        byte[] content = Picture.Png(53, 300_000);
        string hash = StoreBed.HashOf(content).Hex;
        string[] people = ["p1", "p2", "p3", "p4"];
        HttpClient[] clients = [.. people.Select(name => server.As(name))];
        Answer[] answers = await Task.WhenAll(clients.Concat(clients).Select(client => client.Upload(content)));
        Assert.All(answers, answer => Assert.Equal(hash, answer.Json["hash"]!.GetValue<string>()));
        Assert.Equal(people.Length, answers.Count(answer => answer.Status == HttpStatusCode.Created));
        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.Created or HttpStatusCode.OK, answer.Text));
        await server.CheckBooksAsync();
        foreach (HttpClient client in clients)
        {
            Assert.Equal(content, await server.ContentAsync(hash));
            await client.Delete("files/" + hash).Is(HttpStatusCode.NoContent);
            await client.Delete("files/" + hash).Is(HttpStatusCode.NotFound);
            client.Dispose();
        }

        Assert.DoesNotContain(hash, await server.StoredAsync());
        await server.CheckBooksAsync();
    }

    [Fact]
    public async Task Case53_aFileThatComesAgainWhileItIsRemoved_isThere()
    {
        byte[] content = Picture.Png(530, 100_000);
        string hash = StoreBed.HashOf(content).Hex;
        using HttpClient anna = server.As("anna"), ben = server.As("ben");
        for (int i = 0; i < 20; i++)
        {
            await anna.Upload(content).Is(HttpStatusCode.Created);
            Task<Answer> removing = anna.Delete("files/" + hash), coming = ben.Upload(content);
            await removing.Is(HttpStatusCode.NoContent);
            await coming.Is(HttpStatusCode.Created);
            Assert.Equal(content, await server.ContentAsync(hash));
            await ben.Delete("files/" + hash).Is(HttpStatusCode.NoContent);
        }

        await server.CheckBooksAsync();
    }

    [Fact]
    public async Task Case53_aFileThatIsCutOff_leavesNothing()
    {
        using HttpClient anna = server.As("anna");
        byte[] content = Picture.Png(531, 200_000);
        using var body = new StreamContent(new ScriptedStream(content[..100_000], 20_000, new IOException("gone")));
        body.Headers.ContentLength = content.Length;
        await Assert.ThrowsAsync<HttpRequestException>(() => anna.Upload(body));
        await UntilNothingIsUnderWayAsync(server);
        Assert.DoesNotContain(StoreBed.HashOf(content).Hex, await server.StoredAsync());
        await server.CheckBooksAsync();

        // Half a file that says it is whole.
        await anna.Upload(content[..100_000]).Is(HttpStatusCode.UnprocessableEntity);
        await server.CheckBooksAsync();
    }

    [Theory]
    [InlineData("<!doctype html><script>alert(1)</script>")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]
    [InlineData("#!/bin/sh\n")]
    [InlineData("")]
    public async Task Case54_whatIsNoPicture_isRefused_whateverItIsCalled(string text)
    {
        using HttpClient anna = server.As("anna");
        Answer refused = await anna.Upload(System.Text.Encoding.ASCII.GetBytes(text), "?name=cat.png").Is(HttpStatusCode.UnsupportedMediaType);
        Assert.Equal("file-not-taken", refused.Problem);
        await server.CheckBooksAsync();
    }

    [Fact]
    public async Task Case54_aPictureThatIsAlsoAPage_isRefused()
    {
        using HttpClient anna = server.As("anna");
        byte[] both = [.. Picture.Png(54, 20_000), .. "<script>alert(1)</script>"u8];
        Answer refused = await anna.Upload(both);
        Assert.True(refused.Status is HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity, refused.Text);
        Assert.DoesNotContain(StoreBed.HashOf(both).Hex, await server.StoredAsync());
        await server.CheckBooksAsync();
    }

    [Fact]
    public async Task Case55_aPictureOfTooManyPixels_isRefused_withTheLimit()
    {
        using HttpClient anna = server.As("anna");
        Answer side = await anna.Upload(PngFile.Claim(50_000, 50_000)).Is(HttpStatusCode.UnprocessableEntity);
        Assert.Equal((30_000, 50_000), ((int)side.Json["limit"]!, (int)side.Json["value"]!));
        Answer pixels = await anna.Upload(PngFile.Claim(20_000, 20_000)).Is(HttpStatusCode.UnprocessableEntity);
        Assert.Equal((100_000_000, 400_000_000), ((int)pixels.Json["limit"]!, (int)pixels.Json["value"]!));
        await server.CheckBooksAsync();
    }

    [Fact]
    public async Task AnUpload_needsAnAccount_andSaysWhatItIsNotGiven()
    {
        using HttpClient nobody = server.As(null), anna = server.As("anna");
        await nobody.Upload(Picture.Png(1)).Is(HttpStatusCode.Unauthorized);
        await nobody.Get("files").Is(HttpStatusCode.Unauthorized);
        await anna.Upload(Picture.Png(1), "?visibility=everybody").Is(HttpStatusCode.UnprocessableEntity);
        await anna.Upload(Picture.Png(1), "?visibility=room").Is(HttpStatusCode.UnprocessableEntity);
        await anna.Upload(Picture.Png(1), "?visibility=public&room=hall").Is(HttpStatusCode.UnprocessableEntity);
        await anna.Upload(Picture.Png(1), "", ("File-Token", "short")).Is(HttpStatusCode.BadRequest);
        using HttpClient ben = server.As("ben");
        await ben.Post("rooms", new { name = "bens-den", entry = "closed" }).Is(HttpStatusCode.Created);
        await anna.Upload(Picture.Png(1), "?room=bens-den").Is(HttpStatusCode.NotFound);
        await server.CheckBooksAsync();
    }

    [Fact]
    public async Task Files_areListedNewestFirst_readAndChanged_byTheirOwnerAlone()
    {
        using HttpClient carl = server.As("carl"), eve = server.As("eve");
        string[] hashes = new string[5];
        for (int i = 0; i < hashes.Length; i++)
        {
            hashes[i] = (await carl.Upload(Picture.Png(100 + i), $"?name={i}.png").Is(HttpStatusCode.Created)).Json["hash"]!.GetValue<string>();
        }

        var seen = new List<string>();
        for (string? query = "files?limit=2"; query is not null;)
        {
            JsonNode page = (await carl.Get(query).Is(HttpStatusCode.OK)).Json;
            seen.AddRange(page["items"]!.AsArray().Select(item => item!["hash"]!.GetValue<string>()));
            query = page["nextCursor"]?.GetValue<string>() is { } cursor ? $"files?limit=2&cursor={cursor}" : null;
        }

        Assert.Equal(hashes.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Assert.Empty((await eve.Get("files").Is(HttpStatusCode.OK)).Json["items"]!.AsArray());
        await eve.Get("files/" + hashes[0]).Is(HttpStatusCode.NotFound);
        await eve.Patch("files/" + hashes[0], new { visibility = "public" }).Is(HttpStatusCode.NotFound);
        await eve.Delete("files/" + hashes[0]).Is(HttpStatusCode.NotFound);
        Answer before = await carl.Get("files/" + hashes[0]).Is(HttpStatusCode.OK);
        Assert.NotNull(before.Json["expires"]);
        Answer after = await carl.Patch("files/" + hashes[0], new { kept = true, name = "a/b.png", visibility = "public" }).Is(HttpStatusCode.OK);
        Assert.Equal(("b.png", "public", null), (after.Json["name"]!.GetValue<string>(), after.Json["visibility"]!.GetValue<string>(), after.Json["expires"]));
        Assert.NotNull((await carl.Patch("files/" + hashes[0], new { kept = false }).Is(HttpStatusCode.OK)).Json["expires"]);
        await carl.Get("files/" + new string('A', 64)).Is(HttpStatusCode.NotFound);
        await carl.Get("files/..%2f..%2fetc").Is(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task AFileUnderAToken_isAnotherThanTheSameUnderTheMasterKey()
    {
        using HttpClient anna = server.As("anna");
        byte[] content = Picture.Png(77);
        string hash = StoreBed.HashOf(content).Hex;
        (string, string) token = ("File-Token", "AAECAwQFBgcICQoLDA0ODw");
        await anna.Upload(content, "", token).Is(HttpStatusCode.Created);
        Assert.DoesNotContain(hash, await server.StoredAsync());
        await anna.Get("files/" + hash).Is(HttpStatusCode.NotFound);
        await anna.Call(HttpMethod.Get, "files/" + hash, null, token).Is(HttpStatusCode.OK);
        await anna.Call(HttpMethod.Get, "files/" + hash, null, ("File-Token", "AAECAwQFBgcICQoLDA0OEA")).Is(HttpStatusCode.NotFound);
        await anna.Delete("files/" + hash, token).Is(HttpStatusCode.NoContent);
        await server.CheckBooksAsync();
    }

    /// <summary>Waits until the server has noticed that a sender has gone.</summary>
    internal static async Task UntilNothingIsUnderWayAsync(ApiServer server)
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        while ((await server.RowsAsync("SELECT id, reserved FROM file_uploads WHERE is_done = 0")).Length > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }
}
