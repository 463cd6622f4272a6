using System.Net;
using System.Security.Cryptography;
using System.Text;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>What is answered to GET and HEAD of a file: the whole, parts, conditions, and headers.</summary>
public sealed class FileServingTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const int Segment = SealedLayout.SegmentLength;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Segment)]
    [InlineData((3 * Segment) + 17)]
    public async Task File_isServed_whole(int length)
    {
        byte[] content = StoreBed.Content(length, 100 + length);
        string hash = await server.PutAsync(content, "anna");
        using HttpClient nobody = server.Asker(null);
        Answer got = await nobody.Get("files/" + hash).Is(HttpStatusCode.OK);
        Assert.Equal(content, await got.BytesAsync());
        Assert.Equal(
            ($"\"{hash}\"", "bytes", "image/png", $"{length}", "public, max-age=31536000, immutable"),
            (got.Tag, got.Header("Accept-Ranges"), got.Header("Content-Type"), got.Header("Content-Length"), got.Header("Cache-Control")));
        Answer head = await nobody.Head("files/" + hash).Is(HttpStatusCode.OK);
        Assert.Empty(await head.BytesAsync());
        Assert.Equal(got.Headers(), head.Headers());
    }

    [Fact]
    public async Task Part_isServed_acrossSegments()
    {
        byte[] content = StoreBed.Content((5 * Segment) + 100, 2);
        string path = "files/" + await server.PutAsync(content, "anna");
        using HttpClient nobody = server.Asker(null);
        foreach ((long from, long to) in new (long, long)[]
        {
            (0, 0), (1, 2), (Segment - 1, Segment), (Segment, (2 * Segment) - 1), (100, (4 * Segment) + 5), (5 * Segment, (5 * Segment) + 99),
            (0, (5 * Segment) + 99),
        })
        {
            Answer part = await nobody.Get(path, ("Range", $"bytes={from}-{to}")).Is(HttpStatusCode.PartialContent);
            Assert.Equal(content[(int)from..((int)to + 1)], await part.BytesAsync());
            Assert.Equal($"bytes {from}-{to}/{content.Length}", part.Header("Content-Range"));
            Assert.Equal($"{to - from + 1}", part.Header("Content-Length"));
        }

        Answer end = await nobody.Get(path, ("Range", "bytes=-7")).Is(HttpStatusCode.PartialContent);
        Assert.Equal(content[^7..], await end.BytesAsync());
        Answer beyond = await nobody.Get(path, ("Range", "bytes=999999999-")).Is(HttpStatusCode.RequestedRangeNotSatisfiable);
        Assert.Equal(($"bytes */{content.Length}", "no-store"), (beyond.Header("Content-Range"), beyond.Header("Cache-Control")));

        // Ranges are for GET.
        Answer head = await nobody.Head(path, ("Range", "bytes=0-1")).Is(HttpStatusCode.OK);
        Assert.Equal($"{content.Length}", head.Header("Content-Length"));
    }

    [Fact]
    public async Task Range_ofAnEmptyFile_isTheWholeOfIt()
    {
        string path = "files/" + await server.PutAsync([], "ben");
        using HttpClient nobody = server.Asker(null);
        Answer all = await nobody.Get(path, ("Range", "bytes=0-")).Is(HttpStatusCode.OK);
        Assert.Equal(("0", null), (all.Header("Content-Length"), all.Header("Content-Range")));
    }

    [Fact]
    public async Task Case56_overlappingRanges_areNotServed()
    {
        byte[] content = StoreBed.Content(100_000, 56);
        string path = "files/" + await server.PutAsync(content, "anna");
        using HttpClient nobody = server.Asker(null);
        string many = "bytes=" + string.Join(',', Enumerable.Range(0, 1000).Select(i => $"{i}-{i + 5000}"));
        Answer refused = await nobody.Get(path, ("Range", many)).Is(HttpStatusCode.RequestedRangeNotSatisfiable);
        Assert.Equal("bytes */100000", refused.Header("Content-Range"));
        Answer few = await nobody.Get(path, ("Range", "bytes=0-1,1-2,50-")).Is(HttpStatusCode.OK);
        Assert.Equal(content, await few.BytesAsync());
        Assert.Null(few.Header("Content-Range"));
    }

    [Fact]
    public async Task Case56_ifRange_ofAnotherContent_getsTheWhole()
    {
        byte[] content = StoreBed.Content(100_000, 57);
        string hash = await server.PutAsync(content, "anna"), path = "files/" + hash;
        using HttpClient nobody = server.Asker(null);
        (string, string) range = ("Range", "bytes=5-9");
        await nobody.Get(path, range, ("If-Range", $"\"{hash}\"")).Is(HttpStatusCode.PartialContent);
        foreach (string other in new[] { $"W/\"{hash}\"", hash, "\"other\"", "*", $"\"{hash}\", \"x\"", "Sat, 01 Jan 2050 00:00:00 GMT", "" })
        {
            Answer whole = await nobody.Get(path, range, ("If-Range", other)).Is(HttpStatusCode.OK);
            Assert.Equal(content.Length, (await whole.BytesAsync()).Length);
        }
    }

    [Fact]
    public async Task Conditions_areHeld()
    {
        string hash = await server.PutAsync(StoreBed.Content(1000, 3), "anna"), path = "files/" + hash, tag = $"\"{hash}\"";
        using HttpClient nobody = server.Asker(null);
        string[] always = (await nobody.Get(path)).Headers();
        foreach (string known in new[] { tag, "W/" + tag, "*", $"\"a,\\b\", W/\"\" ,, {tag}", $"\"x\"{tag}" })
        {
            Answer same = await nobody.Get(path, ("If-None-Match", known)).Is(HttpStatusCode.NotModified);
            Assert.Empty(await same.BytesAsync());
            Assert.All(same.Headers(), header => Assert.Contains(header, always));
            foreach (string wanted in new[] { "ETag", "Cache-Control", "Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy" })
            {
                Assert.NotNull(same.Header(wanted));
            }

            Assert.Null(same.Header("Content-Type"));
            await nobody.Head(path, ("If-None-Match", known)).Is(HttpStatusCode.NotModified);
        }

        foreach (string other in new[] { "\"x\"", hash, "\"" + hash, "x, " + tag, "W/*", "" })
        {
            await nobody.Get(path, ("If-None-Match", other)).Is(HttpStatusCode.OK);
        }

        await nobody.Get(path, ("If-Match", $"\"x\", {tag}")).Is(HttpStatusCode.OK);
        await nobody.Get(path, ("If-Match", "*")).Is(HttpStatusCode.OK);
        foreach (string other in new[] { "W/" + tag, "\"x\"", hash, "x" })
        {
            Answer failed = await nobody.Get(path, ("If-Match", other), ("If-None-Match", tag)).Is(HttpStatusCode.PreconditionFailed);
            Assert.Equal("no-store", failed.Header("Cache-Control"));
        }

        // What one has already comes before what part of it one wants.
        await nobody.Get(path, ("If-None-Match", tag), ("Range", "bytes=0-1")).Is(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("../../etc/x")]
    [InlineData("%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("C:%5C")]
    [InlineData("%00")]
    [InlineData("a%0d%0ab")]
    [InlineData("x/%2e%2e")]
    [InlineData("ab/cd/{hash}")]
    [InlineData("{hash}%00")]
    [InlineData("{hash}.png")]
    [InlineData("{HASH}")]
    [InlineData("")]
    public async Task Case51_path_isAHash_orNothing(string path)
    {
        string hash = await server.PutAsync(Encoding.UTF8.GetBytes("case 51: " + path), "anna");
        using var socket = new RawHttp(server.Http);
        string answer = await socket.AskAsync(
            "GET /files/" + path.Replace("{hash}", hash, StringComparison.Ordinal).Replace("{HASH}", hash.ToUpperInvariant(), StringComparison.Ordinal));
        Assert.Matches("^HTTP/1.1 40[04] ", answer);
    }

    [Fact]
    public async Task Case51_name_isMetadata()
    {
        string path = "files/" + await server.PutAsync(StoreBed.Content(10, 51), "anna", name: "C:\\..\\ö\r\nX: y\u202E.png");
        using HttpClient nobody = server.Asker(null);
        Answer got = await nobody.Get(path).Is(HttpStatusCode.OK);
        Assert.Equal("inline; filename=\"_X_ y.png\"; filename*=UTF-8''%C3%B6X_%20y.png", got.Header("Content-Disposition"));
        Assert.Null(got.Header("X"));
        Answer saved = await nobody.Get(path + "?download=1").Is(HttpStatusCode.OK);
        Assert.StartsWith("attachment; ", saved.Header("Content-Disposition"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image/png", "inline")]
    [InlineData("video/mp4", "inline")]
    [InlineData("image/svg+xml", "attachment")]
    [InlineData("text/html", "attachment")]
    [InlineData("application/pdf", "attachment")]
    [InlineData("model/gltf-binary", "attachment")]
    public async Task Case54_file_isNoPage_whateverItHolds(string type, string disposition)
    {
        byte[] content = [.. "\u0089PNG\r\n\u001A\n<script>alert(1)</script>"u8, .. Encoding.ASCII.GetBytes(type)];
        string path = "files/" + await server.PutAsync(content, "anna", name: "x.html", type: type);
        using HttpClient nobody = server.Asker(null);
        Answer got = await nobody.Get(path).Is(HttpStatusCode.OK);
        Assert.Equal((type, "nosniff", "no-referrer"), (got.Header("Content-Type"), got.Header("X-Content-Type-Options"), got.Header("Referrer-Policy")));
        Assert.Equal(disposition, got.Header("Content-Disposition")!.Split(';')[0]);
        string[] policy = got.Header("Content-Security-Policy")!.Split("; ");
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("sandbox", policy);
        Assert.DoesNotContain(policy, directive => directive.StartsWith("script", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_ofOtherOrigins_mayAsk()
    {
        using HttpClient nobody = server.Asker(null);
        Answer asked = await nobody.Call(
            HttpMethod.Options, "files/" + new string('a', 64), null, ("Origin", "https://example.org"),
            ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "authorization,range")).Is(HttpStatusCode.NoContent);
        Assert.Equal(("*", "GET, HEAD"), (asked.Header("Access-Control-Allow-Origin"), asked.Header("Access-Control-Allow-Methods")));
        Assert.Null(asked.Header("Access-Control-Allow-Credentials"));
        string[] headers = asked.Header("Access-Control-Allow-Headers")!.Split(", ");
        Assert.All(new[] { "Authorization", "File-Token", "If-None-Match", "Range" }, header => Assert.Contains(header, headers));
        await nobody.Call(HttpMethod.Delete, "files/" + new string('a', 64)).Is(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public async Task SlowReceivers_holdUpNobody()
    {
        byte[] large = StoreBed.Content(32 << 20, 5), small = StoreBed.Content(1 << 20, 6);
        string slow = await server.PutAsync(large, "anna"), quick = await server.PutAsync(small, "anna");
        RawHttp[] waiting = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => new RawHttp(server.Http))];
        try
        {
            // They ask and do not read: what the kernel takes goes, then the server waits for them.
            foreach (RawHttp one in waiting)
            {
                Assert.StartsWith("HTTP/1.1 200 ", await one.AskAsync("GET /files/" + slow), StringComparison.Ordinal);
            }

            using HttpClient nobody = server.Asker(null);
            Answer[] got = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => nobody.Get("files/" + quick).Is(HttpStatusCode.OK)));
            foreach (Answer one in got)
            {
                Assert.Equal(quick, Convert.ToHexStringLower(SHA256.HashData(await one.BytesAsync())));
            }
        }
        finally
        {
            Array.ForEach(waiting, one => one.Dispose());
        }
    }
}
