using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>Section 5: messages in several frames, with control frames between them, and in orders that are none.</summary>
internal static class FragmentationCases
{
    private static readonly byte[] One = Payload.Utf8("the first part, ");
    private static readonly byte[] Two = Payload.Utf8("the second part, ");
    private static readonly byte[] Three = Payload.Utf8("the third.");
    private static readonly byte[] Ask = Payload.Utf8("still there?");

    /// <param name="kind">Text or Binary: of what kind the messages are.</param>
    public static IEnumerable<Case> For(WebSocketOpcode kind) =>
    [
        Fails("5.1", "ping in two frames", Pieces.One, Begun(WebSocketOpcode.Ping, One), Last(Two)),
        Fails("5.2", "pong in two frames", Pieces.One, Begun(WebSocketOpcode.Pong, One), Last(Two)),
        Joined("5.3", "two frames in one write", kind, Pieces.One),
        Joined("5.4", "two frames, each in a write", kind, Pieces.Frames),
        Joined("5.5", "two frames, byte by byte", kind, Pieces.Bytes),
        JoinedAroundPing("5.6", "two frames with a ping between, in one write", kind, Pieces.One),
        JoinedAroundPing("5.7", "two frames with a ping between, each in a write", kind, Pieces.Frames),
        JoinedAroundPing("5.8", "two frames with a ping between, byte by byte", kind, Pieces.Bytes),
        Fails("5.9", "final continuation of nothing, then a message, in one write", Pieces.One, Last(One), Whole(kind, Two)),
        Fails("5.10", "final continuation of nothing, then a message, each in a write", Pieces.Frames, Last(One), Whole(kind, Two)),
        Fails("5.11", "final continuation of nothing, then a message, byte by byte", Pieces.Bytes, Last(One), Whole(kind, Two)),
        Fails("5.12", "continuation of nothing that is not final, then a message, in one write", Pieces.One, More(One), Whole(kind, Two)),
        Fails("5.13", "continuation of nothing that is not final, then a message, each in a write", Pieces.Frames, More(One),
            Whole(kind, Two)),
        Fails("5.14", "continuation of nothing that is not final, then a message, byte by byte", Pieces.Bytes, More(One), Whole(kind, Two)),
        new("5.15", "message in two frames, a continuation of nothing, a message: the first echoed, then failed with 1002",
            async dialogue =>
        {
            await dialogue.SendAsync(Begun(kind, One), Last(Two), More(Three), Whole(kind, One));
            await dialogue.ExpectUnlessFailedAsync(kind, [.. One, .. Two]);
            await dialogue.FailsAsync(1002);
        }),
        Fails("5.16", "continuation of nothing that is not final before a message in two frames, twice", Pieces.One,
            Twice(More(One), Begun(kind, Two), Last(Three))),
        Fails("5.17", "final continuation of nothing before a message in two frames, twice", Pieces.One,
            Twice(Last(One), Begun(kind, Two), Last(Three))),
        Fails("5.18", "message that begins within another", Pieces.One, Begun(kind, One), Whole(kind, Two)),
        FiveAroundPings("5.19", "five frames with two pings between, the rest only when the first ping is answered", kind, Pieces.One),
        FiveAroundPings("5.20", "five frames with two pings between, each in a write, the rest only when the first ping is answered",
            kind, Pieces.Frames),
    ];

    private static byte[] Begun(WebSocketOpcode opcode, byte[] payload) => Wire.Frame(opcode, payload, final: false);

    private static byte[] More(byte[] payload) => Wire.Frame(WebSocketOpcode.Continuation, payload, final: false);

    private static byte[] Last(byte[] payload) => Wire.Frame(WebSocketOpcode.Continuation, payload);

    private static byte[] Whole(WebSocketOpcode opcode, byte[] payload) => Wire.Frame(opcode, payload);

    private static byte[][] Twice(params byte[][] frames) => [.. frames, .. frames];

    private static Case Fails(string id, string what, Pieces pieces, params byte[][] frames) =>
        new(id, $"{what}: failed with 1002", async dialogue =>
    {
        await dialogue.SendAsync(pieces, frames);
        await dialogue.FailsAsync(1002);
    });

    private static Case Joined(string id, string what, WebSocketOpcode kind, Pieces pieces) =>
        new(id, $"message in {what}: echoed", async dialogue =>
    {
        await dialogue.SendAsync(pieces, Begun(kind, One), Last(Two));
        await dialogue.ExpectAsync(kind, [.. One, .. Two]);
        await dialogue.EndAsync();
    });

    private static Case JoinedAroundPing(string id, string what, WebSocketOpcode kind, Pieces pieces) =>
        new(id, $"message in {what}: pong, then echo", async dialogue =>
        {
            await dialogue.SendAsync(pieces, Begun(kind, One), Wire.Frame(WebSocketOpcode.Ping, Ask), Last(Two));
            await dialogue.ExpectAsync(WebSocketOpcode.Pong, Ask);
            await dialogue.ExpectAsync(kind, [.. One, .. Two]);
            await dialogue.EndAsync();
        });

    private static Case FiveAroundPings(string id, string what, WebSocketOpcode kind, Pieces pieces) =>
        new(id, $"message in {what}: pongs, then echo", async dialogue =>
        {
            await dialogue.SendAsync(pieces, Begun(kind, One), More(Two), Wire.Frame(WebSocketOpcode.Ping, Ask));
            await dialogue.ExpectAsync(WebSocketOpcode.Pong, Ask);
            await dialogue.SendAsync(pieces, More(One), More(Two), Wire.Frame(WebSocketOpcode.Ping, Three), Last(Three));
            await dialogue.ExpectAsync(WebSocketOpcode.Pong, Three);
            await dialogue.ExpectAsync(kind, [.. One, .. Two, .. One, .. Two, .. Three]);
            await dialogue.EndAsync();
        });
}
