using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Relay.Host.Files;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>Servers that are set up otherwise, or whose files are not well.</summary>
public sealed class FileServerTests
{
    [Fact]
    public async Task Damage_isNotServed()
    {
        string directory = Directory.CreateTempSubdirectory("relay-served-").FullName;
        ApiServer server = await ApiServer.StartAsync("--Relay:Files:Store:Directory=" + directory);
        try
        {
            byte[] content = StoreBed.Content(8 * SealedLayout.SegmentLength, 1);
            string hash = await server.PutAsync(content, "anna"), path = "files/" + hash;
            string stored = Path.Combine(directory, "objects", hash[..2], hash[2..4], hash);
            await SpoilAsync(stored, SealedLayout.Offset(6));
            using HttpClient nobody = server.Asker(null);
            await nobody.Get(path, ("Range", "bytes=0-1")).Is(HttpStatusCode.PartialContent);

            // What is well before it is sent, and then the connection ends: nobody takes it for all of it.
            using (var raw = new RawHttp(server.Http))
            {
                string head = await raw.AskAsync("GET /" + path);
                Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
                long length = head.Length - head.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4 + await raw.RestAsync();
                Assert.InRange(length, 0, 6 * SealedLayout.SegmentLength);
            }

            Answer failed = await nobody.Get(path, ("Range", $"bytes={6 * SealedLayout.SegmentLength}-")).Is(HttpStatusCode.InternalServerError);
            Assert.Equal(("no-store", null), (failed.Header("Cache-Control"), failed.Header("ETag")));
            Assert.Null(failed.Header("Content-Range"));

            // Its header, and itself.
            await SpoilAsync(stored, 20);
            await nobody.Get(path).Is(HttpStatusCode.InternalServerError);
            await nobody.Head(path).Is(HttpStatusCode.InternalServerError);
            File.Delete(stored);
            await nobody.Get(path).IsMissing();
        }
        finally
        {
            await server.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Store_thatIsAway_isSaidToBe()
    {
        ApiServer server = await ApiServer.StartAsync(
            "--Relay:Files:Store:S3:Bucket=files", "--Relay:Files:Store:S3:Endpoint=http://127.0.0.1:1",
            "--Relay:Files:Store:S3:AccessKey=x", "--Relay:Files:Store:S3:SecretKey=x", "--Relay:Files:Store:S3:Timeout=00:00:01");
        try
        {
            using HttpClient nobody = server.Asker(null), anna = server.As("anna");
            Answer away = await nobody.Get("files/" + new string('0', 64)).Is(HttpStatusCode.ServiceUnavailable);
            Assert.Equal(("5", "no-store"), (away.Header("Retry-After"), away.Header("Cache-Control")));
            await anna.Post($"files/{new string('0', 64)}/url", new { }).Is(HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Origin_ofFiles_hasNothingElse_andNoOtherHasFiles()
    {
        ApiServer server = await ApiServer.StartAsync("--Relay:Files:Origin=https://files.example.org");
        try
        {
            string hash = await server.PutAsync(StoreBed.Content(100, 1), "anna"), path = "files/" + hash;
            foreach (string host in new[] { "files.example.org", "FILES.example.org", "files.example.org.", "files.example.org:443" })
            {
                Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(server, "GET /" + path, "Host: " + host), StringComparison.Ordinal);
                foreach (string other in new[] { "/", "/docs", "/health/live", "/api/v1/rooms", "/monitor", "/filesx", "/problems", "//" + path })
                {
                    Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(server, "GET " + other, "Host: " + host), StringComparison.Ordinal);
                }

                Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(server, "POST /api/v1/auth/guest", "Host: " + host, "Content-Length: 0"), StringComparison.Ordinal);
                Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(server, "GET /relay", ["Host: " + host, .. Socket]), StringComparison.Ordinal);
            }

            foreach (string host in new[] { "example.org", "files.example.org:8080", "xfiles.example.org", "files.example.org.evil.org", "127.0.0.1" })
            {
                string sent = await AskAsync(server, $"GET /{path}?expires=1&signature=a%20b", "Host: " + host);
                Assert.StartsWith("HTTP/1.1 308 ", sent, StringComparison.Ordinal);
                Assert.Contains($"\r\nLocation: https://files.example.org/{path}?expires=1&signature=a%20b\r\n", sent, StringComparison.Ordinal);
                Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(server, "GET /health/live", "Host: " + host), StringComparison.Ordinal);
            }

            Assert.StartsWith("HTTP/1.1 101 ", await AskAsync(server, "GET /relay", Socket), StringComparison.Ordinal);
            using HttpClient anna = server.As("anna");
            Answer signed = await anna.Post(path + "/url", new { }).Is(HttpStatusCode.OK);
            Assert.StartsWith($"https://files.example.org/{path}?expires=", signed.Json["url"]!.GetValue<string>(), StringComparison.Ordinal);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Answers_areCounted()
    {
        ApiServer server = await ApiServer.StartAsync();
        var told = new ConcurrentQueue<(string Name, double Value, string Tags)>();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var meters = new MeterListener();
        try
        {
            // Other tests have servers in this process as well: what tells this one's apart is the length of its file.
            byte[] content = StoreBed.Content(123_457, 1);
            meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == FilesMetrics.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
            meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
            meters.Start();
            string path = "files/" + await server.PutAsync(content, "anna");
            using HttpClient nobody = server.Asker(null);
            await nobody.Get(path).Is(HttpStatusCode.OK);
            await nobody.Get(path, ("Range", "bytes=1-")).Is(HttpStatusCode.PartialContent);
            await nobody.Get(path, ("Range", "bytes=999999-")).Is(HttpStatusCode.RequestedRangeNotSatisfiable);

            // An answer is counted when it is over, which whoever reads it may know first.
            await last.Task.WaitAsync(ChildProcess.Patience, TimeProvider.System);
            Assert.Contains(told, one => one is { Name: "relay.files.served", Value: 123_457 });
            Assert.Contains(told, one => one is { Name: "relay.files.served", Value: 123_456 });
            Assert.Contains(told, one => one is { Name: "relay.files.answers", Tags: "416 False" });
            Assert.Contains(told, one => one is { Name: "relay.files.answer.duration", Value: > 0, Tags: "206 False" });
        }
        finally
        {
            await server.DisposeAsync();
        }

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            told.Enqueue((instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Value}"))));
            if (told.Count(one => one.Name == "relay.files.answer.duration") == 3)
            {
                last.TrySetResult();
            }
        }
    }

    private static string[] Socket { get; } =
    [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol: relay.posbus.v1",
    ];

    private static async Task<string> AskAsync(ApiServer server, string start, params string[] headers)
    {
        using var raw = new RawHttp(server.Http);
        return await raw.AskAsync(start, headers);
    }

    private static async Task SpoilAsync(string path, long offset)
    {
        await using FileStream file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset + 5;
        int value = file.ReadByte();
        file.Position = offset + 5;
        file.WriteByte((byte)(value ^ 1));
    }
}
