using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Relay.Host.Tests;

/// <summary>The built pages, as the program serves them; and the program without them.</summary>
public sealed class WebAssetsTests(BuiltPages pages) : IClassFixture<BuiltPages>
{
    private static readonly string[] Encodings = ["br", "gzip"];

    [Theory]
    [InlineData("/", "playground")]
    [InlineData("/about", "about")]
    [InlineData("/about/", "about")]
    public async Task Page_isRevalidated_andMayLoadFromItsServerOnly(string path, string title)
    {
        using HttpClient client = pages.Program.Client();
        using HttpResponseMessage page = await client.GetAsync(path);
        Assert.Equal($"<title>{title}</title>", await page.Content.ReadAsStringAsync());
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", page.Headers.CacheControl?.ToString());
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self' ws: wss: blob: data:;", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        using HttpResponseMessage same = await client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Empty(await same.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip")]
    [InlineData("BR", "br")]
    [InlineData("*", "br")]
    [InlineData("*, br;q=0", "gzip")]
    [InlineData("identity", null)]
    [InlineData("nonsense;;q=x", null)]
    [InlineData("", null)]
    public async Task Script_comesInTheSmallestEncodingThatTheBrowserTakes(string accepted, string? expected)
    {
        using HttpClient client = pages.Program.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/app-1a2b3c.js");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(expected, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("text/javascript; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("Accept-Encoding", Assert.Single(response.Headers.Vary));
        Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", response.Headers.GetValues("Cache-Control")));
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(body.Length, response.Content.Headers.ContentLength);
        using Stream unpacked = expected switch
        {
            "br" => new BrotliStream(new MemoryStream(body), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(body), CompressionMode.Decompress),
            _ => new MemoryStream(body),
        };
        Assert.Equal(BuiltPages.Script, await new StreamReader(unpacked).ReadToEndAsync());
    }

    [Fact]
    public async Task Variants_haveTagsOfTheirOwn_andHeadHasNoBody()
    {
        using HttpClient client = pages.Program.Client();
        var tags = new HashSet<EntityTagHeaderValue>();
        foreach (string encoding in Encodings.Append("identity"))
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, "/assets/app-1a2b3c.js");
            request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
            using HttpResponseMessage response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.NotEqual(0, response.Content.Headers.ContentLength);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync());
            Assert.True(tags.Add(response.Headers.ETag!));
        }

        using HttpResponseMessage icon = await client.GetAsync("/icon.svg");
        Assert.Equal("image/svg+xml; charset=utf-8", icon.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", icon.Headers.CacheControl?.ToString());
    }

    // As they stand on the wire: a client library would tidy these paths up.
    [Theory]
    [InlineData("/../secret.txt")]
    [InlineData("/assets/../../secret.txt")]
    [InlineData("/%2e%2e/secret.txt")]
    [InlineData("/assets/..%2f..%2fsecret.txt")]
    [InlineData("/assets/%2e%2e%5c%2e%2e%5csecret.txt")]
    [InlineData("//secret.txt")]
    [InlineData("/.built")]
    [InlineData("/assets")]
    [InlineData("/assets/app-1a2b3c.js.br")]
    [InlineData("/assets/app-1a2b3c.js%00.html")]
    [InlineData("/nothing.js")]
    public async Task Path_thatIsNoFileOfThePages_isNotFound(string path)
    {
        using var socket = new TcpClient();
        string host = pages.Program.Http;
        await socket.ConnectAsync(IPEndPoint.Parse(host));
        await using NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        string answer = await new StreamReader(stream).ReadToEndAsync().WaitAsync(ChildProcess.Patience, TimeProvider.System);
        Assert.Matches("^HTTP/1.1 40[04] ", answer);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hello_staysReachable_andStandsInForPagesThatAreNotBuilt()
    {
        const string Unbuilt = "<p >The playground is not built.";
        using HttpClient client = pages.Program.Client();
        string hello = await client.GetStringAsync("/hello");
        Assert.Contains("Say hello by hand", hello, StringComparison.Ordinal);
        Assert.DoesNotContain(Unbuilt, hello, StringComparison.Ordinal);

        await using RelayProgram bare = await RelayProgram.StartAsync();
        using HttpClient other = bare.Client();
        foreach (string path in new[] { "/", "/hello" })
        {
            Assert.Contains(Unbuilt, await other.GetStringAsync(path), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync("/monitor")).StatusCode);
    }
}
