using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Relay.Host.Files.Serving;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>Who gets a file, and that nobody else learns whether it is there.</summary>
public sealed class FileAccessTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly string Nowhere = "files/" + new string('0', 64);

    [Fact]
    public async Task Case56_fileOfAnother_isNotThere_forRangesAndConditionsEither()
    {
        string hash = await server.PutAsync(StoreBed.Content(100, 1), "anna", "owner"), path = "files/" + hash;
        using HttpClient nobody = server.Asker(null), anna = server.Asker("anna"), ben = server.Asker("ben"), boss = server.Asker("boss", admin: true);
        await nobody.Get(path).IsMissing();
        await ben.Get(path).IsMissing();
        foreach ((string, string) header in new[] { ("Range", "bytes=0-1"), ("Range", "bytes=999-"), ("If-None-Match", $"\"{hash}\""), ("If-Match", "\"x\"") })
        {
            await ben.Get(path, header).IsMissing();
            await ben.Head(path, header).IsMissing();
        }

        Answer own = await anna.Get(path).Is(HttpStatusCode.OK);
        await boss.Get(path).Is(HttpStatusCode.OK);
        Assert.Equal(
            ("private, max-age=31536000, immutable", "Authorization, File-Token", "same-site"),
            (own.Header("Cache-Control"), own.Header("Vary"), own.Header("Cross-Origin-Resource-Policy")));
    }

    [Fact]
    public async Task File_ofARoom_isForThoseWhoMayEnter()
    {
        using HttpClient anna = server.As("anna"), ben = server.Asker("ben"), eve = server.Asker("eve"), nobody = server.Asker(null);
        await anna.Post("rooms", new { name = "gallery", entry = "invite" }).Is(HttpStatusCode.Created);
        await anna.Put("rooms/gallery/roles/" + ApiServer.Id("ben"), new { role = "member" }).Is(HttpStatusCode.OK);
        string path = "files/" + await server.PutAsync(StoreBed.Content(100, 2), "anna", "room", room: "gallery");
        Answer seen = await ben.Get(path).Is(HttpStatusCode.OK);
        Assert.StartsWith("private, ", seen.Header("Cache-Control"), StringComparison.Ordinal);
        await eve.Get(path).IsMissing();
        await nobody.Get(path).IsMissing();
        await anna.Put("rooms/gallery/bans/user:" + ApiServer.Id("ben"), new { }).Is(HttpStatusCode.OK);
        await ben.Get(path).IsMissing();
    }

    [Fact]
    public async Task File_thatIsOver_isNotThere()
    {
        string path = "files/" + await server.PutAsync(StoreBed.Content(100, 3), "anna", expires: DateTimeOffset.UnixEpoch);
        using HttpClient anna = server.Asker("anna");
        await anna.Get(path).IsMissing();
    }

    [Fact]
    public async Task PublicFile_isForAll_andOthersHoldingsChangeNothing()
    {
        byte[] content = StoreBed.Content(100, 4);
        string path = "files/" + await server.PutAsync(content, "anna", "owner", name: "mine.png");
        await server.PutAsync(content, "ben", "public", name: "ours.png");
        using HttpClient nobody = server.Asker(null), anna = server.Asker("anna");
        Answer all = await nobody.Get(path).Is(HttpStatusCode.OK);
        Assert.Equal("inline; filename=\"ours.png\"", all.Header("Content-Disposition"));
        Assert.Equal(("cross-origin", null), (all.Header("Cross-Origin-Resource-Policy"), all.Header("Vary")));
        Assert.Equal("inline; filename=\"mine.png\"", (await anna.Get(path).Is(HttpStatusCode.OK)).Header("Content-Disposition"));
    }

    [Fact]
    public async Task Bearer_thatIsNotGood_isNotTakenForNone()
    {
        string path = "files/" + await server.PutAsync(StoreBed.Content(100, 5), "anna");
        using HttpClient wrong = server.Asker("a.b.c");
        Answer refused = await wrong.Get(path).Is(HttpStatusCode.Unauthorized);
        Assert.Equal(("no-store", "*"), (refused.Header("Cache-Control"), refused.Header("Access-Control-Allow-Origin")));
        Assert.Equal("Bearer", refused.Message.Headers.WwwAuthenticate.First().Scheme);
    }

    [Fact]
    public async Task File_underAToken_isForThoseWhoHaveIt()
    {
        FileSecret token = StoreBed.Token(7);
        const string Text = "File-Token";
        string right = System.Buffers.Text.Base64Url.EncodeToString(StoreBed.Content(16, 7));
        byte[] content = StoreBed.Content(100_000, 6);
        string path = "files/" + await server.PutAsync(content, "anna", token: token);
        using HttpClient nobody = server.Asker(null);
        Answer got = await nobody.Get(path, (Text, right), ("Range", "bytes=70000-")).Is(HttpStatusCode.PartialContent);
        Assert.Equal(content[70_000..], await got.BytesAsync());
        Assert.Equal(("private, max-age=31536000, immutable", "Authorization, File-Token"), (got.Header("Cache-Control"), got.Header("Vary")));
        await nobody.Get(path).IsMissing();
        await nobody.Get(path, (Text, System.Buffers.Text.Base64Url.EncodeToString(StoreBed.Content(16, 8)))).IsMissing();
        foreach (string wrong in new[] { "", "x", right[2..], "!" + right, new string('A', 88), new string('A', 4000) })
        {
            await nobody.Get(path, (Text, wrong)).Is(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task Signed_address_opensAFile_untilItExpires()
    {
        string hash = await server.PutAsync(StoreBed.Content(100, 9), "anna", "owner", name: "secret.png");
        using HttpClient anna = server.As("anna"), ben = server.As("ben"), boss = server.As("boss", admin: true), nobody = server.Asker(null);
        Answer signed = await anna.Post($"files/{hash}/url", new { expiresIn = 60 }).Is(HttpStatusCode.OK);
        string url = signed.Json["url"]!.GetValue<string>();
        Assert.StartsWith($"/files/{hash}?expires=", url, StringComparison.Ordinal);
        Assert.InRange(
            signed.Json["expires"]!.GetValue<DateTimeOffset>() - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        Answer got = await nobody.Get(url[1..]).Is(HttpStatusCode.OK);
        Assert.Matches("^private, max-age=[1-5]?[0-9], immutable$", got.Header("Cache-Control")!);
        Assert.Equal(("cross-origin", "*"), (got.Header("Cross-Origin-Resource-Policy"), got.Header("Access-Control-Allow-Origin")));
        await nobody.Get(url[1..] + "&download=1", ("Range", "bytes=0-1")).Is(HttpStatusCode.PartialContent);

        // Also an operator's is the owner's file, and nobody else's.
        string second = (await boss.Post($"files/{hash}/url", new { }).Is(HttpStatusCode.OK)).Json["url"]!.GetValue<string>();
        await nobody.Get(second[1..]).Is(HttpStatusCode.OK);
        await ben.Post($"files/{hash}/url", new { }).Is(HttpStatusCode.NotFound);
        await server.PutAsync(StoreBed.Content(100, 9), "ben", "owner", name: "other.png");
        Assert.Equal("inline; filename=\"secret.png\"", (await nobody.Get(url[1..])).Header("Content-Disposition"));
    }

    [Fact]
    public async Task Signed_address_thatWasChangedOrIsOver_isNone()
    {
        string hash = await server.PutAsync(StoreBed.Content(100, 10), "anna", "owner"), other = await server.PutAsync(StoreBed.Content(100, 11), "anna", "owner");
        var signer = server.Services.GetRequiredService<FileSigner>();
        string owner = ApiServer.Id("anna"), path = "files/" + hash;
        DateTimeOffset now = TimeProvider.System.GetUtcNow(), later = now.AddMinutes(1);
        string good = signer.Sign(hash, owner, later), signature = good[(good.IndexOf("signature=", StringComparison.Ordinal) + 10)..];
        using HttpClient nobody = server.Asker(null);
        await nobody.Get($"{path}?{good}").Is(HttpStatusCode.OK);
        await nobody.Get($"{path}?{signer.Sign(hash, owner, now)}").IsMissing();
        await nobody.Get($"{path}?{signer.Sign(hash, ApiServer.Id("ben"), later)}").IsMissing();
        await nobody.Get($"{path}?{signer.Sign(hash + "/64.webp", owner, later)}").IsMissing();
        await nobody.Get($"files/{other}?{good}").IsMissing();
        long seconds = later.ToUnixTimeSeconds();
        await nobody.Get($"{path}?expires={seconds + 1}&signature={signature}").IsMissing();
        await nobody.Get($"{path}?expires=99999999999999999999&signature={signature}").IsMissing();
        await nobody.Get($"{path}?expires={seconds}&expires={seconds}&signature={signature}").IsMissing();
        await nobody.Get($"{path}?signature={signature}").IsMissing();
        foreach (string wrong in new[] { "", "A", "AQ", signature[1..], signature[..^2], "B" + signature[1..], signature[..^3] + "AAA", "%00", new string('A', 3000) })
        {
            await nobody.Get($"{path}?expires={seconds}&signature={wrong}").IsMissing();
        }

        // What anybody may see needs none, and is not hurt by a bad one.
        string open = await server.PutAsync(StoreBed.Content(100, 12), "anna");
        await nobody.Get($"files/{open}?expires=1&signature=x").Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Signing_isStrict()
    {
        string hash = await server.PutAsync(StoreBed.Content(100, 13), "anna");
        using HttpClient anna = server.As("anna"), nobody = server.As(null);
        foreach (int wrong in new[] { 0, -1, 59, 604_801 })
        {
            await anna.Post($"files/{hash}/url", new { expiresIn = wrong }).Is(HttpStatusCode.UnprocessableEntity);
        }

        await anna.Post($"files/{hash}/url", new { expiresIn = 604_800 }).Is(HttpStatusCode.OK);
        await anna.Post($"files/{hash}/url", new { other = 1 }).Is(HttpStatusCode.BadRequest);
        await anna.Post($"files/{hash.ToUpperInvariant()}/url", new { }).Is(HttpStatusCode.NotFound);
        await anna.Post($"files/{hash}/url", new { }, ("File-Token", "x")).Is(HttpStatusCode.BadRequest);
        await nobody.Post($"files/{hash}/url", new { }).Is(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Missing_andNotToBeSeen_areAnsweredAlike()
    {
        using HttpClient anna = server.As("anna");
        await anna.Post("rooms", new { name = "cellar", entry = "invite" }).Is(HttpStatusCode.Created);
        string[] paths =
        [
            Nowhere,
            "files/" + await server.PutAsync(StoreBed.Content(100, 14), "anna", "owner"),
            "files/" + await server.PutAsync(StoreBed.Content(100, 15), "anna", "room", room: "cellar"),
        ];
        using HttpClient eve = server.Asker("eve");
        Answer missing = await eve.Get(Nowhere).Is(HttpStatusCode.NotFound);
        foreach (string path in paths)
        {
            Answer answer = await eve.Get(path).Is(HttpStatusCode.NotFound);
            Assert.Equal((missing.Text, string.Join('\n', missing.Headers())), (answer.Text, string.Join('\n', answer.Headers())));
        }

        // Not whether the one or the other is slower now and then, but whether the ranks of their times are mixed. If they are, the share of
        // pairs in which the one took longer is a half, give or take 0.04 with this many; told apart, it is near 0 or 1.
        const int Times = 120, Lanes = 6;
        var took = new List<double>[] { [], [], [] };
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(async lane =>
        {
            var random = new Random(lane);
            int[] order = [.. Enumerable.Range(0, Times / Lanes * paths.Length).Select(i => i % paths.Length)];
            random.Shuffle(order);
            foreach (int which in order)
            {
                double time = (await Measured.TimeAsync(() => eve.Get(paths[which]))).TotalMilliseconds;
                lock (took)
                {
                    took[which].Add(time);
                }
            }
        }));
        foreach ((int one, int other) in new[] { (0, 1), (0, 2), (1, 2) })
        {
            double share = took[one].SelectMany(_ => took[other], (a, b) => a > b ? 1.0 : a == b ? 0.5 : 0).Average();
            Assert.InRange(share, 0.3, 0.7);
        }
    }
}
