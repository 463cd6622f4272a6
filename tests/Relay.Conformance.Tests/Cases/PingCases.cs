using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>Section 2: pings are answered with their payload, one by one and in order; pongs that nobody asked for mean nothing.</summary>
internal static class PingCases
{
    public static IEnumerable<Case> All =>
    [
        Answered("2.1", "ping without a payload", []),
        Answered("2.2", "ping with a payload of text", Payload.Utf8("are you there?")),
        Answered("2.3", "ping with a payload that is not text", [0x00, 0xFF, 0xFE, 0x80, 0xC0, 0x0A, 0x7F, 0x00]),
        Answered("2.4", "ping with 125 bytes, the most there may be", Payload.Of(WebSocketOpcode.Binary, 125)),
        new("2.5", "ping with 126 bytes, one too many: failed with 1002", async dialogue =>
        {
            await dialogue.SendAsync(Wire.Frame(WebSocketOpcode.Ping, Payload.Of(WebSocketOpcode.Binary, 126)));
            await dialogue.FailsAsync(1002);
        }),
        Answered("2.6", "ping with 125 bytes, written byte by byte", Payload.Of(WebSocketOpcode.Binary, 125), pieceBytes: 1),
        Unanswered("2.7", "pong out of the blue, without a payload", []),
        Unanswered("2.8", "pong out of the blue, with a payload", Payload.Utf8("yes, I am")),
        new("2.9", "pong out of the blue, then a ping: only the ping is answered", async dialogue =>
        {
            byte[] ping = Payload.Utf8("and you?");
            await dialogue.SendAsync(Wire.Frame(WebSocketOpcode.Pong, Payload.Utf8("yes, I am")), Wire.Frame(WebSocketOpcode.Ping, ping));
            await dialogue.ExpectAsync(WebSocketOpcode.Pong, ping);
            await dialogue.EndAsync();
        }),
        Ten("2.10", "ten pings at once", pieceBytes: int.MaxValue),
        Ten("2.11", "ten pings, written byte by byte", pieceBytes: 1),
    ];

    private static Case Answered(string id, string what, byte[] payload, int pieceBytes = int.MaxValue) =>
        new(id, $"{what}: answered", async dialogue =>
    {
        await dialogue.SendChoppedAsync(pieceBytes, Wire.Frame(WebSocketOpcode.Ping, payload));
        await dialogue.ExpectAsync(WebSocketOpcode.Pong, payload);
        await dialogue.EndAsync();
    });

    private static Case Unanswered(string id, string what, byte[] payload) => new(id, $"{what}: nothing comes of it", async dialogue =>
    {
        await dialogue.SendAsync(Wire.Frame(WebSocketOpcode.Pong, payload));
        await dialogue.EndAsync();
    });

    private static Case Ten(string id, string what, int pieceBytes) => new(id, $"{what}: ten pongs in order", async dialogue =>
    {
        byte[][] payloads = [.. Enumerable.Range(0, 10).Select(i => Payload.Utf8($"ping {i}"))];
        await dialogue.SendChoppedAsync(pieceBytes, [.. payloads.Select(payload => Wire.Frame(WebSocketOpcode.Ping, payload))]);
        foreach (byte[] payload in payloads)
        {
            await dialogue.ExpectAsync(WebSocketOpcode.Pong, payload);
        }

        await dialogue.EndAsync();
    });
}
