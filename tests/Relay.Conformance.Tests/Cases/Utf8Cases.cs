using System.Text;
using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>
/// Section 6: text must be UTF-8 as RFC 3629 has it. Valid text is echoed, however it is cut; other text fails the connection with 1007,
/// as soon as it can be told. The byte sequences are those that the well-known test files for UTF-8 decoders list: every length at its
/// first and last value, stray, missing and impossible bytes, overlong forms, surrogates, non-characters.
/// </summary>
internal static class Utf8Cases
{
    /// <summary>A Greek word of one two-byte, one three-byte and three more two-byte code points.</summary>
    private static readonly byte[] Word = Hex("CE BA E1 BD B9 CF 83 CE BC CE B5");

    private static readonly byte[] Surrogate = Hex("ED A0 80");
    private static readonly byte[] BeyondLast = Hex("F4 90 80 80");
    private static readonly byte[] Tail = Payload.Utf8("edited");

    private static readonly string[] Truncated =
        ["C0", "E0 80", "F0 80 80", "F8 80 80 80", "FC 80 80 80 80", "DF", "EF BF", "F7 BF BF", "FB BF BF BF", "FD BF BF BF BF"];

    public static IEnumerable<Case> All => [.. Cut, .. FailFast, .. Sequences];

    private static IEnumerable<Case> Cut =>
    [
        Valid("6.1.1", "empty message", Pieces.One, Array.Empty<byte>()),
        Valid("6.1.2", "message of three empty frames", Pieces.One, [], [], []),
        Valid("6.1.3", "message of three frames, the first and last of them empty", Pieces.One, [], Payload.Utf8("only here"), []),
        Valid("6.2.1", "letters of one and two bytes in one frame", Pieces.One, Payload.Utf8("Grüße, µ@ß; ñandú à gogo")),
        Valid("6.2.2", "letters of one and two bytes, cut between two of them", Pieces.One, Payload.Utf8("Grüße, µ@ß;"),
            Payload.Utf8(" ñandú à gogo")),
        Valid("6.2.3", "letters of one and two bytes, a frame for each byte", Pieces.One, Each(Payload.Utf8("Grüße, µ@ß; ñandú à gogo"))),
        Valid("6.2.4", "letters of two and three bytes, a frame for each byte", Pieces.One, Each(Word)),
        Invalid("6.3.1", "surrogate between valid text, in one frame", [.. Word, .. Surrogate, .. Tail]),
        Invalid("6.3.2", "surrogate between valid text, a frame for each byte", Each([.. Word, .. Surrogate, .. Tail])),
    ];

    private static IEnumerable<Case> FailFast =>
    [
        InFrames("6.4.1", "valid frame, one with a code point beyond the last, and nothing more", Word, BeyondLast, Tail),
        InFrames("6.4.2", "frame that ends within such a code point, one with the byte that betrays it", [.. Word, BeyondLast[0]],
            [BeyondLast[1]], [.. BeyondLast[2..], .. Tail]),
        WithinFrame("6.4.3", "part of a frame that is valid, a part with a code point beyond the last", Word, BeyondLast, Tail),
        WithinFrame("6.4.4", "part of a frame that ends within such a code point, the byte that betrays it", [.. Word, BeyondLast[0]],
            [BeyondLast[1]], [.. BeyondLast[2..], .. Tail]),
    ];

    private static IEnumerable<Case> Sequences
    {
        get
        {
            var groups = new (string What, byte[][] Valid, byte[][] Invalid)[]
            {
                ("text with code points of 1, 2, 3, 4 bytes",
                    [Around("24"), Around("C2 A2"), Around("E2 82 AC"), Around("F0 A4 AD A2"), Word], []),
                ("the first bytes of a Greek word", [], []),
                ("the first code point of its length", [Hex("00"), Hex("C2 80"), Hex("E0 A0 80"), Hex("F0 90 80 80")], []),
                ("the first of five and six bytes", [], [Hex("F8 88 80 80 80"), Hex("FC 84 80 80 80 80")]),
                ("the last code point of its length", [Hex("7F"), Hex("DF BF"), Hex("EF BF BF"), Hex("F4 8F BF BF")], []),
                ("the last of four, five and six bytes that the form could hold", [],
                    [Hex("F7 BF BF BF"), Hex("FB BF BF BF BF"), Hex("FD BF BF BF BF BF")]),
                ("next to the surrogates and to the end", [Hex("ED 9F BF"), Hex("EE 80 80"), Hex("EF BF BD"), Hex("F4 8F BF BF")],
                    [BeyondLast]),
                ("continuation bytes without a start", [], [.. Strays, Run(0x80, 0xBF)]),
                ("starts without a continuation, each before a space", [],
                    [Spaced(0xC0, 0xDF), Spaced(0xE0, 0xEF), Spaced(0xF0, 0xF7), Spaced(0xF8, 0xFB), Spaced(0xFC, 0xFD)]),
                ("the last byte missing", [], [.. Truncated.Select(Hex)]),
                ("ten sequences in a row whose last byte is missing", [], [Hex(string.Join(' ', Truncated))]),
                ("bytes that occur nowhere", [], [Hex("FE"), Hex("FF"), Hex("FE FE FF FF")]),
                ("overlong forms of the slash", [], [Hex("C0 AF"), Hex("E0 80 AF"), Hex("F0 80 80 AF"), Hex("F8 80 80 80 AF"),
                    Hex("FC 80 80 80 80 AF")]),
                ("the highest overlong forms", [], [Hex("C1 BF"), Hex("E0 9F BF"), Hex("F0 8F BF BF"), Hex("F8 87 BF BF BF"),
                    Hex("FC 83 BF BF BF BF")]),
                ("overlong forms of NUL", [], [Hex("C0 80"), Hex("E0 80 80"), Hex("F0 80 80 80"), Hex("F8 80 80 80 80"),
                    Hex("FC 80 80 80 80 80")]),
                ("a surrogate", [], [.. new[] { 0xD800, 0xDB7F, 0xDB80, 0xDBFF, 0xDC00, 0xDF80, 0xDFFF }.Select(Surrogates)]),
                ("a pair of surrogates", [], [.. SurrogatePairs]),
                ("a code point that is no character", [.. NonCharacters], []),
                ("a code point of the specials", [.. Enumerable.Range(0xFFF9, 7).Select(Encode)], []),
            };

            int group = 5;
            foreach ((string what, byte[][] valid, byte[][] invalid) in groups)
            {
                int number = 1;
                if (group == 6)
                {
                    for (; number <= Word.Length; number++)
                    {
                        byte[] first = Word[..number];

                        // Whole code points end after these bytes.
                        yield return number is 2 or 5 or 7 or 9 or 11
                            ? Valid(Id(), Tell(what, first), Pieces.One, first) : Invalid(Id(), Tell(what, first), first);
                    }
                }

                foreach (byte[] bytes in valid)
                {
                    yield return Valid(Id(), Tell(what, bytes), Pieces.One, bytes);
                    number++;
                }

                foreach (byte[] bytes in invalid)
                {
                    yield return Invalid(Id(), Tell(what, bytes), bytes);
                    number++;
                }

                group++;

                string Id() => $"6.{group}.{number}";
            }
        }
    }

    private static IEnumerable<byte[]> Strays =>
        [Hex("80"), Hex("BF"), .. Enumerable.Range(2, 5).Select(count =>
            Enumerable.Range(0, count).Select(i => (byte)(i % 2 == 0 ? 0x80 : 0xBF)).ToArray())];

    private static IEnumerable<byte[]> SurrogatePairs =>
        from high in new[] { 0xD800, 0xDB7F, 0xDB80, 0xDBFF }
        from low in new[] { 0xDC00, 0xDFFF }
        select (byte[])[.. Surrogates(high), .. Surrogates(low)];

    /// <summary>The last two code points of each plane.</summary>
    private static IEnumerable<byte[]> NonCharacters =>
        Enumerable.Range(0, 17).SelectMany(plane => new[] { Encode((plane << 16) | 0xFFFE), Encode((plane << 16) | 0xFFFF) });

    private static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static byte[] Around(string hex) => [.. "left "u8, .. Hex(hex), .. " right"u8];

    private static byte[] Run(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(value => (byte)value)];

    private static byte[] Spaced(int first, int last) => [.. Run(first, last).SelectMany(value => new[] { value, (byte)' ' })];

    private static byte[] Encode(int codePoint) => Encoding.UTF8.GetBytes(char.ConvertFromUtf32(codePoint));

    /// <summary>A surrogate in the form that code points of three bytes have.</summary>
    private static byte[] Surrogates(int value) => [0xED, (byte)(0x80 | ((value >> 6) & 0x3F)), (byte)(0x80 | (value & 0x3F))];

    private static byte[][] Each(byte[] bytes) => [.. bytes.Select(value => new[] { value })];

    private static string Tell(string what, byte[] bytes) =>
        $"{what}, {(bytes.Length > 20 ? $"{bytes.Length} bytes" : Convert.ToHexString(bytes))}";

    private static Case Valid(string id, string what, Pieces pieces, params byte[][] parts) => new(id, $"{what}: echoed", async dialogue =>
    {
        await dialogue.SendAsync(pieces, Wire.Fragments(WebSocketOpcode.Text, parts));
        await dialogue.ExpectAsync(WebSocketOpcode.Text, [.. parts.SelectMany(part => part)]);
        await dialogue.EndAsync();
    });

    private static Case Invalid(string id, string what, params byte[][] parts) => new(id, $"{what}: failed with 1007", async dialogue =>
    {
        await dialogue.SendAsync(Wire.Fragments(WebSocketOpcode.Text, parts));
        await dialogue.FailsAsync(1007);
    });

    /// <summary>A ping between the first two frames proves that the first was found good.</summary>
    private static Case InFrames(string id, string what, byte[] good, byte[] bad, byte[] rest) =>
        new(id, $"{what}: failed with 1007 at once", async dialogue =>
        {
            byte[][] frames = Wire.Fragments(WebSocketOpcode.Text, good, bad, rest);
            await dialogue.SendAsync(frames[0], Wire.Frame(WebSocketOpcode.Ping));
            await dialogue.ExpectAsync(WebSocketOpcode.Pong, []);
            await dialogue.SendAsync(frames[1]);
            await dialogue.ExpectFailFastAsync();
            await dialogue.SendAsync(frames[2]);
            await dialogue.FailsAsync(1007);
        });

    private static Case WithinFrame(string id, string what, byte[] good, byte[] bad, byte[] rest) =>
        new(id, $"{what}: failed with 1007 at once", async dialogue =>
        {
            byte[] frame = Wire.Frame(WebSocketOpcode.Text, [.. good, .. bad, .. rest]);
            int begin = frame.Length - rest.Length - bad.Length;
            await dialogue.SendAsync(frame[..begin]);
            await dialogue.SendAsync(frame[begin..^rest.Length]);
            await dialogue.ExpectFailFastAsync();
            await dialogue.SendAsync(frame[^rest.Length..]);
            await dialogue.FailsAsync(1007);
        });
}
