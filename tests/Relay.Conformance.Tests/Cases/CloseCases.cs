using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>Section 7: the client's close is answered, nothing behind it counts, and TCP ends from the server's side; a close that is not
/// well formed is answered with 1002 or 1007.</summary>
internal static class CloseCases
{
    private static readonly byte[] Hello = Payload.Utf8("before the end");

    private static readonly int[] Allowed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
    private static readonly int[] Forbidden = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];

    /// <param name="kind">Text or Binary: of what kind the messages are.</param>
    /// <param name="longMessage">A message that is long and still allowed, in bytes.</param>
    public static IEnumerable<Case> For(WebSocketOpcode kind, int longMessage) =>
    [
        new("7.1.1", "message, then close: echoed and closed", async dialogue =>
        {
            await dialogue.SendAsync(Wire.Frame(kind, Hello));
            await dialogue.ExpectAsync(kind, Hello);
            await dialogue.EndAsync();
        }),
        Closed("7.1.2", "close twice: answered once", Wire.Close(1000), Wire.Frame(WebSocketOpcode.Close)),
        Closed("7.1.3", "ping behind a close: not answered", Wire.Close(1000), Wire.Frame(WebSocketOpcode.Ping)),
        Closed("7.1.4", "message behind a close: not echoed", Wire.Close(1000), Wire.Frame(kind, Hello)),
        Closed("7.1.5", "close within a message, the rest behind it: not echoed", Wire.Frame(kind, Hello, final: false), Wire.Close(1000),
            Wire.Frame(WebSocketOpcode.Continuation, Hello)),
        new("7.1.6", $"message of {longMessage} bytes, a short one, close and ping at once: both echoed before the close", async dialogue =>
        {
            byte[] payload = Payload.Of(kind, longMessage);
            await dialogue.SendAsync(Wire.Frame(kind, payload), Wire.Frame(kind, Hello), Wire.Close(1000),
                Wire.Frame(WebSocketOpcode.Ping));
            await dialogue.ExpectUnlessFailedAsync(kind, payload);
            await dialogue.ExpectUnlessFailedAsync(kind, Hello);
            await dialogue.ClosesAsync(mayReset: true, 1000);
        }),
        new("7.3.1", "close without a payload: answered", dialogue => dialogue.CloseAsync([Wire.Frame(WebSocketOpcode.Close)], 1000, 1005)),
        Answered("7.3.2", "close with one byte", 1002, Wire.Frame(WebSocketOpcode.Close, [0x03])),
        Answered("7.3.3", "close with a code", 1000, Wire.Close(1000)),
        Answered("7.3.4", "close with a code and a reason", 1000, Wire.Close(1000, Hello)),
        Answered("7.3.5", "close with the longest reason, 123 bytes", 1000, Wire.Close(1000, Payload.Of(WebSocketOpcode.Text, 123))),
        Answered("7.3.6", "close with a reason of 124 bytes, one too many", 1002, Wire.Close(1000, Payload.Of(WebSocketOpcode.Text, 124))),
        Answered("7.5.1", "close whose reason is not UTF-8", 1007, Wire.Close(1000, [.. Hello, 0xED, 0xA0, 0x80])),
        .. Allowed.Select((code, i) => Answered($"7.7.{i + 1}", $"close with code {code}, which may be sent", code, Wire.Close(code))),
        .. Forbidden.Select((code, i) => Answered($"7.9.{i + 1}", $"close with code {code}, which may not be sent", 1002,
            Wire.Close(code))),
        Answered("7.13.1", "close with code 5000, of which the RFC says nothing", 1002, Wire.Close(5000)),
        Answered("7.13.2", "close with code 65535, of which the RFC says nothing", 1002, Wire.Close(65_535)),
    ];

    private static Case Answered(string id, string what, int code, byte[] close) =>
        new(id, $"{what}: answered with {code}", dialogue => dialogue.CloseAsync([close], code));

    private static Case Closed(string id, string what, params byte[][] frames) =>
        new(id, what, dialogue => dialogue.CloseAsync(frames, 1000));
}
