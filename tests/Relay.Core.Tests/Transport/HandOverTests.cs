using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Transport;

/// <summary>Whatever is not for the relay is Kestrel's, byte for byte, as if nobody had looked: the endpoint of the direct road answers
/// like one of Kestrel's own.</summary>
public sealed partial class HandOverTests
{
    private const int Avatars = 50;
    private const int Uploads = 8;

    private static readonly string Close = "Connection: close\r\n\r\n";

    private static readonly Dictionary<string, string> Requests = new()
    {
        ["get"] = "GET /echo?a=1 HTTP/1.1\r\nHost: h\r\n" + Close,
        ["head"] = "HEAD /echo HTTP/1.1\r\nHost: h\r\n" + Close,
        ["options"] = "OPTIONS /echo HTTP/1.1\r\nHost: h\r\n" + Close,
        ["put"] = "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        ["delete"] = "DELETE /echo HTTP/1.1\r\nHost: h\r\n" + Close,
        ["post"] = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        ["chunked"] = "POST /hash HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
            "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        ["http/1.0"] = "GET /echo HTTP/1.0\r\n\r\n",
        ["unknown path"] = "GET /nowhere HTTP/1.1\r\nHost: h\r\n" + Close,
        ["long path"] = $"GET /echo/{new string('p', 400)} HTTP/1.1\r\nHost: h\r\n" + Close,
        ["path that ends like the relay's"] = "GET /elsewhere/relay HTTP/1.1\r\nHost: h\r\n" + Close,
        ["no request"] = "\u0001\u0002 nonsense\r\n\r\n",
        ["no method"] = "G\r\n\r\n",
        ["pipelined"] = "GET /echo?1 HTTP/1.1\r\nHost: h\r\n\r\n" +
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nxGET /echo?3 HTTP/1.1\r\nHost: h\r\n" + Close,
        ["download"] = "GET /slow HTTP/1.1\r\nHost: h\r\n" + Close,
        ["relay without upgrade, then post"] = "GET /relay HTTP/1.1\r\nHost: h\r\n\r\n" +
            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        ["relay without upgrade, then download"] = "GET /relay HTTP/1.1\r\nHost: h\r\n\r\nGET /slow HTTP/1.1\r\nHost: h\r\n" + Close,
        ["post to the relay"] = "POST /relay HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n" + Close,
    };

    [Theory]
    [ClassData(typeof(Cases))]
    public async Task Request_isAnsweredAsByKestrelItself(string request, int segment)
    {
        await using RelayTestServer server = await StartAsync();
        byte[] bytes = Encoding.Latin1.GetBytes(Requests[request]);
        string direct = await AnswerAsync(server, Wire.WebSocket, bytes, segment);
        string pipe = await AnswerAsync(server, Wire.PipeWebSocket, bytes, segment);
        Assert.StartsWith("HTTP/1.1 ", direct, StringComparison.Ordinal);
        Assert.Equal(pipe, direct);
    }

    [Fact]
    public async Task Expect100_isAnsweredBeforeTheBody()
    {
        await using RelayTestServer server = await StartAsync();
        string[] answers = new string[2];
        foreach ((int i, Wire wire) in new[] { Wire.WebSocket, Wire.PipeWebSocket }.Index())
        {
            await using RawTcpClient client = await RawTcpClient.ConnectAsync(server, wire, preface: false);
            await client.SendBytesAsync(Encoding.ASCII.GetBytes(
                "POST /hash HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"));
            answers[i] = await client.ReadTextAsync(until: "\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 100 ", answers[i], StringComparison.Ordinal);
            await client.SendBytesAsync("hello"u8.ToArray());
            answers[i] += await client.ReadTextAsync();
        }

        Assert.Equal(Plain(answers[1]), Plain(answers[0]));
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.PipeWebSocket)]
    [InlineData(Wire.TlsWebSocket)]
    public async Task OrdinaryConnection_isKestrelsOwn_andKeptAlive(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        using HttpClient client = Client(server, wire);
        string first = await client.GetStringAsync("/who");
        Assert.StartsWith("socket ", first, StringComparison.Ordinal);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(first, await client.GetStringAsync("/who"));
        }
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.PipeWebSocket)]
    public async Task Http2_withPriorKnowledge_isKestrelsOwn(Wire wire)
    {
        await using RelayTestServer server = await StartAsync(listen => listen.Protocols = HttpProtocols.Http2);
        using HttpClient client = Client(server, wire);
        client.DefaultRequestVersion = HttpVersion.Version20;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        string who = await client.GetStringAsync("/who");
        Assert.StartsWith("socket ", who, StringComparison.Ordinal);
        byte[] body = RandomNumberGenerator.GetBytes(1_000_000);
        string[] hashes = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
            await (await client.PostAsync("/hash", new ByteArrayContent(body))).Content.ReadAsStringAsync())).InTimeAsync("the uploads");
        Assert.All(hashes, hash => Assert.Equal(Convert.ToHexString(SHA256.HashData(body)), hash));
        Assert.Equal(who, await client.GetStringAsync("/who"));
    }

    [Fact]
    public async Task LargeUploads_besideARoomThatMoves_arriveWhole_andTheRoomIsServed()
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer watcher = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        var avatars = new List<Peer>();
        for (int i = 0; i < Avatars; i++)
        {
            avatars.Add(await Peer.JoinAsync(server, i % 2 == 0 ? Wire.Tcp : Wire.WebSocket, "plaza"));
        }

        byte[] body = RandomNumberGenerator.GetBytes(Full.Or(64, 16) << 20);
        string expected = Convert.ToHexString(SHA256.HashData(body));
        Task<string[]> uploads = Task.WhenAll(Enumerable.Range(0, Uploads).Select(_ => Task.Run(async () =>
        {
            using HttpClient client = Client(server, Wire.WebSocket);
            return await (await client.PostAsync("/hash", new ByteArrayContent(body))).Content.ReadAsStringAsync();
        })));
        int rounds = 0;
        do
        {
            rounds++;
            foreach (Peer avatar in avatars)
            {
                await avatar.MoveAsync(new Transform(rounds % 60, 0, avatar.Seat!.Slot / 100.0));
            }

            await watcher.UntilAsync(
                () => avatars.All(avatar => watcher.IsAt(avatar.Seat!.Slot, new Transform(rounds % 60, 0, avatar.Seat.Slot / 100.0))),
                "everybody's move");
        }
        while (!uploads.IsCompleted);

        Assert.All(await uploads, hash => Assert.Equal(expected, hash));
        Assert.InRange(rounds, 2, int.MaxValue);
        foreach (Peer avatar in avatars)
        {
            await avatar.DisposeAsync();
        }
    }

    private static Task<RelayTestServer> StartAsync(Action<ListenOptions>? listen = null) => RelayTestServer.StartAsync(
        options => options.Limits.FramesPerSecond = 0,
        use: app =>
        {
            app.MapRelay();
            app.MapMethods("/echo/{**rest}", ["GET", "HEAD", "PUT", "POST", "DELETE"], EchoAsync);
            app.MapMethods("/who", ["GET"], WhoAsync);
            app.MapMethods("/hash", ["POST"], HashAsync);
            app.MapMethods("/slow", ["GET"], SlowAsync);
        },
        listen: listen);

    private static async Task EchoAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        string body = await reader.ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {body}");
    }

    /// <summary>Whether Kestrel's transport carries the request, and on which connection.</summary>
    private static Task WhoAsync(HttpContext context)
    {
        string carrier = context.Features.Get<IConnectionSocketFeature>() is null ? "no socket" : "socket";
        return context.Response.WriteAsync($"{carrier} {context.Connection.Id}");
    }

    private static async Task HashAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        byte[] hash = await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted);
        await context.Response.WriteAsync(Convert.ToHexString(hash));
    }

    /// <summary>A download in pieces, each flushed by itself.</summary>
    private static async Task SlowAsync(HttpContext context)
    {
        for (int i = 0; i < 20; i++)
        {
            await context.Response.WriteAsync(i.ToString(CultureInfo.InvariantCulture).PadLeft(5000, '.'));
            await context.Response.Body.FlushAsync();
            await Task.Yield();
        }
    }

    private static HttpClient Client(RelayTestServer server, Wire wire)
    {
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => TestCertificate.Instance.Equals(certificate);
        return new HttpClient(handler) { BaseAddress = server.AddressOf(wire) };
    }

    private static async Task<string> AnswerAsync(RelayTestServer server, Wire wire, byte[] request, int segment)
    {
        await using RawTcpClient client = await RawTcpClient.ConnectAsync(server, wire, preface: false);
        await client.SendBytesAsync(request, segment);
        return Plain(await client.ReadTextAsync());
    }

    /// <summary>What two answers must have in common: everything but the time and where Kestrel cut its chunks, which depends on how fast
    /// the last one went.</summary>
    private static string Plain(string answer) => Cut().Replace(Date().Replace(answer, "Date: now"), "");

    [GeneratedRegex("Date: [^\r]*")]
    private static partial Regex Date();

    [GeneratedRegex("\r\n[0-9a-f]{2,4}\r\n")]
    private static partial Regex Cut();

    /// <summary>Every request, in one piece and byte by byte.</summary>
    private sealed class Cases : TheoryData<string, int>
    {
        public Cases()
        {
            foreach (string request in Requests.Keys)
            {
                Add(request, 0);
                Add(request, 1);
            }
        }
    }
}
