using System.Net;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Images.Kit;
using Relay.Host.Tests.Files.Kit;
using Picture = Relay.Host.Tests.Files.Kit.Picture;

namespace Relay.Host.Tests.Files.Api;

/// <summary>Images in other sizes, as those who ask for them see it.</summary>
public sealed class VariantApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task AVariant_isMadeOnce_isServedLikeAFile_andGoesWithItsImage()
    {
        using HttpClient anna = server.As("anna"), nobody = new();
        byte[] content = Picture.Png(1, 30_000);
        string hash = StoreBed.HashOf(content).Hex, url = $"http://{server.Http}/files/{hash}";
        Answer made = await anna.Upload(content, "?name=cat.png&visibility=public").Is(HttpStatusCode.Created);
        Assert.True(made.Json["variants"]!.GetValue<bool>());

        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => nobody.GetAsync(url + "/64.webp")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(answers.Select(answer => answer.Headers.ETag!.Tag).Distinct());
        Assert.Equal("image/webp", answers[0].Content.Headers.ContentType!.MediaType);
        Assert.Equal("cat.webp", answers[0].Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        byte[] variant = await answers[0].Content.ReadAsByteArrayAsync();
        Assert.Equal("RIFF"u8.ToArray(), variant[..4]);
        Assert.Equal($"\"{StoreBed.HashOf(variant).Hex}\"", answers[0].Headers.ETag!.Tag);
        Assert.Equal(2, (await server.StoredAsync()).Count);
        await server.CheckBooksAsync();

        // A variant has no address of its own, and is nobody's.
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync($"http://{server.Http}/files/{StoreBed.HashOf(variant).Hex}")).StatusCode);
        await anna.Delete("files/" + hash).Is(HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(url + "/64.webp")).StatusCode);
        await SweepTests.SweepAsync(server);
        Assert.Empty(await server.StoredAsync());
        await server.CheckBooksAsync();
    }

    [Theory]
    [InlineData("63.webp")]
    [InlineData("064.webp")]
    [InlineData("64.svg")]
    public async Task WhatIsNoVariant_isNotThere(string name)
    {
        using HttpClient anna = server.As("anna"), nobody = new();
        byte[] content = Picture.Png(2);
        await anna.Upload(content, "?visibility=public");
        using HttpResponseMessage answer = await nobody.GetAsync($"http://{server.Http}/files/{StoreBed.HashOf(content).Hex}/{name}");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task AVariant_isSeenByThoseAlone_whoSeeItsImage()
    {
        using HttpClient anna = server.As("anna"), nobody = new();
        byte[] content = Picture.Png(3);
        string url = $"http://{server.Http}/files/{StoreBed.HashOf(content).Hex}";
        await anna.Upload(content).Is(HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(url + "/128.jpg")).StatusCode);
        Answer signed = await anna.Post($"files/{StoreBed.HashOf(content).Hex}/url").Is(HttpStatusCode.OK);
        string query = signed.Json["url"]!.GetValue<string>().Split('?')[1];
        using HttpResponseMessage seen = await nobody.GetAsync($"{url}/128.jpg?{query}");
        Assert.Equal("image/jpeg", seen.Content.Headers.ContentType!.MediaType);
        Assert.True(seen.Headers.CacheControl!.Private);
        await anna.Delete("files/" + StoreBed.HashOf(content).Hex).Is(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task AVariant_thatIsLongerThanAnImageMayBe_isRefused()
    {
        await using ApiServer small = await ApiServer.StartAsync("--Relay:Files:MaxImageBytes=200000");
        using HttpClient anna = small.As("anna"), nobody = new();
        var random = new Random(1);
        byte[] noise = Drawing.Png(600, 600, (_, _) => new Colour(random.Next(256), random.Next(256), random.Next(256)));
        byte[] content = await Vips.ConvertAsync(noise, ".jpg", "[Q=30]");
        await anna.Upload(content, "?visibility=public").Is(HttpStatusCode.Created);
        string url = $"http://{small.Http}/files/{StoreBed.HashOf(content).Hex}";
        using HttpResponseMessage refused = await nobody.GetAsync(url + "/4096.png");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("It would be too long.", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync(url + "/64.png")).StatusCode);
    }

    [Fact]
    public async Task WithoutTheProgram_imagesAreServedAllTheSame_andReadinessSaysIt()
    {
        ApiServer off = await ApiServer.StartAsync("--Relay:Files:Images:Program=");
        using HttpClient anna = off.As("anna"), nobody = new();
        byte[] content = Picture.Png(4);
        Answer made = await anna.Upload(content, "?visibility=public").Is(HttpStatusCode.Created);
        Assert.False(made.Json["variants"]!.GetValue<bool>());
        Assert.Equal(content, await nobody.GetByteArrayAsync($"http://{off.Http}/files/{StoreBed.HashOf(content).Hex}/64.webp"));
        string ready = await nobody.GetStringAsync($"http://{off.Http}/health/ready");
        Assert.StartsWith("Healthy\n", ready, StringComparison.Ordinal);
        Assert.Contains("variants off", ready, StringComparison.Ordinal);
        await off.DisposeAsync();
    }
}
