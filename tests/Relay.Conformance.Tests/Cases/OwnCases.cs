using Relay.Conformance.Tests.Echo;
using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>Section R: what RFC 6455 says besides of frames, and what becomes of the edges of the limits. A header that tells of too much
/// is refused by itself: its payload need not come.</summary>
internal static class OwnCases
{
    private const int Text = 1, Binary = 2;

    public static IEnumerable<Case> For(EchoSettings settings)
    {
        byte[] hello = Payload.Utf8("good evening");
        int tooMany = settings.MaxFragments + 1;
        return
        [
            Fails("R.1", "frame that is not masked", 1002, Wire.Frame(Binary, hello, masked: false)),
            Fails("R.2", "ping that is not masked", 1002, Wire.Frame((int)WebSocketOpcode.Ping, hello, masked: false)),
            Fails("R.3", "length of 12 in two bytes", 1002, Wire.Frame(Binary, hello, lengthBytes: 2)),
            Fails("R.4", "length of 12 in eight bytes", 1002, Wire.Frame(Binary, hello, lengthBytes: 8)),
            Fails("R.5", "length of 65535 in eight bytes", 1002, Wire.Head(Binary, 65_535, lengthBytes: 8)),
            Fails("R.6", "length with its highest bit set", 1002, Wire.Head(Binary, long.MinValue)),
            Fails("R.7", "header of the longest frame there may be, 2^63 - 1 bytes", 1009, Wire.Head(Binary, long.MaxValue)),
            Fails("R.8", "header of a frame one byte above the limit", 1009, Wire.Head(Binary, settings.MaxMessage + 1L)),
            Fails("R.9", "frame within the limit, header of one that is not with it", 1009, Wire.Frame(Binary, hello, final: false),
                Wire.Head(0, settings.MaxMessage - hello.Length + 1L)),
            Expected.Of(settings, "R.10", $"message of {settings.MaxMessage} bytes, the most there may be, in three frames",
                WebSocketOpcode.Binary, settings.MaxMessage, fragments: 3, dialogue =>
                dialogue.SendAsync(Wire.Fragments(WebSocketOpcode.Binary, Payload.Of(WebSocketOpcode.Binary, settings.MaxMessage),
                    (settings.MaxMessage / 2) - 1))),
            Expected.Of(settings, "R.11", $"message of {settings.MaxFragments} frames, the most there may be", WebSocketOpcode.Binary,
                settings.MaxFragments, settings.MaxFragments, dialogue =>
                dialogue.SendAsync(Wire.Fragments(WebSocketOpcode.Binary, Payload.Of(WebSocketOpcode.Binary, settings.MaxFragments), 1))),
            Expected.Of(settings, "R.12", "message of one frame more", WebSocketOpcode.Binary, tooMany, tooMany, dialogue =>
                dialogue.SendAsync(Wire.Fragments(WebSocketOpcode.Binary, Payload.Of(WebSocketOpcode.Binary, tooMany), 1))),
            Fails("R.13", "close that is not final", 1002, Wire.Frame(WebSocketOpcode.Close, final: false)),
            new("R.14", "close of nothing in the midst of a message: answered", dialogue =>
                dialogue.CloseAsync([Wire.Frame(Binary, hello, final: false), Wire.Frame(WebSocketOpcode.Close)], 1000, 1005)),
            new("R.15", "hundred messages in one write: hundred echoes in order", async dialogue =>
            {
                byte[][] payloads = [.. Enumerable.Range(0, 100).Select(size => Payload.Of(WebSocketOpcode.Binary, size))];
                await dialogue.SendAsync([.. payloads.Select(payload => Wire.Frame(Binary, payload))]);
                foreach (byte[] payload in payloads)
                {
                    await dialogue.ExpectAsync(WebSocketOpcode.Binary, payload);
                }

                await dialogue.EndAsync();
            }),
            .. settings.AcceptText ? ByteByByte : [],
        ];
    }

    /// <summary>Sequences whose second byte already betrays them; the rest is never sent.</summary>
    private static IEnumerable<Case> ByteByByte =>
    [
        Fails("R.16", "overlong form of three bytes, a frame for each byte", 1007, Begun(0xE0, 0x9F)),
        Fails("R.17", "overlong form of four bytes, a frame for each byte", 1007, Begun(0xF0, 0x8F)),
        Fails("R.18", "surrogate, a frame for each byte", 1007, Begun(0xED, 0xA0)),
        Fails("R.19", "code point beyond the last, a frame for each byte", 1007, Begun(0xF4, 0x90)),
        Fails("R.20", "byte that starts nothing, in a frame of more", 1007, [.. Wire.Frame(Text, [0x41, 0xC1, 0x41, 0x41]).AsSpan(0, 8)]),
    ];

    private static byte[][] Begun(byte first, byte second) =>
        [Wire.Frame(Text, [first], final: false), Wire.Frame((int)WebSocketOpcode.Continuation, [second], final: false)];

    private static Case Fails(string id, string what, int code, params byte[][] frames) =>
        new(id, $"{what}: failed with {code}", async dialogue =>
    {
        await dialogue.SendAsync(frames);
        await dialogue.FailsAsync(code);
    });
}
