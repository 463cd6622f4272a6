using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>Sections 3 and 4: header bits and opcodes that mean nothing without an extension fail the connection with 1002. What came in
/// order before them should still be answered.</summary>
internal static class ReservedCases
{
    private static readonly byte[] Hello = Payload.Utf8("good morning");

    /// <param name="kind">Text or Binary: of what kind the messages are.</param>
    public static IEnumerable<Case> For(WebSocketOpcode kind) =>
        [.. Bits(kind), .. Opcodes(kind, "4.1", first: 3), .. Opcodes(kind, "4.2", first: 11)];

    private static IEnumerable<Case> Bits(WebSocketOpcode kind) =>
    [
        Alone("3.1", "message with RSV3 set", Wire.Frame(kind, Hello, reserved: 1)),
        Behind("3.2", "message, another with RSV2 set, ping", kind, Wire.Frame(kind, Hello, reserved: 2), Pieces.One),
        Behind("3.3", "message, another with RSV2 and RSV3 set, ping, each in a write", kind, Wire.Frame(kind, Hello, reserved: 3),
            Pieces.Frames),
        Behind("3.4", "message, another with RSV1 set, ping, byte by byte", kind, Wire.Frame(kind, Hello, reserved: 4), Pieces.Bytes),
        Alone("3.5", "binary message with RSV1 and RSV3 set", Wire.Frame(WebSocketOpcode.Binary, Hello, reserved: 5)),
        Alone("3.6", "ping with RSV1 and RSV2 set", Wire.Frame(WebSocketOpcode.Ping, Hello, reserved: 6)),
        Alone("3.7", "close with all three set", Wire.Frame(WebSocketOpcode.Close, reserved: 7)),
    ];

    private static IEnumerable<Case> Opcodes(WebSocketOpcode kind, string group, int first) =>
    [
        Alone($"{group}.1", $"opcode {first}, empty", Wire.Frame(first)),
        Alone($"{group}.2", $"opcode {first + 1} with a payload", Wire.Frame(first + 1, Hello)),
        Behind($"{group}.3", $"message, opcode {first + 2}, ping", kind, Wire.Frame(first + 2), Pieces.One),
        Behind($"{group}.4", $"message, opcode {first + 3} with a payload, ping, each in a write", kind, Wire.Frame(first + 3, Hello),
            Pieces.Frames),
        Behind($"{group}.5", $"message, opcode {first + 4} with a payload, ping, byte by byte", kind, Wire.Frame(first + 4, Hello),
            Pieces.Bytes),
    ];

    private static Case Alone(string id, string what, byte[] frame) => new(id, $"{what}: failed with 1002", async dialogue =>
    {
        await dialogue.SendAsync(frame);
        await dialogue.FailsAsync(1002);
    });

    private static Case Behind(string id, string what, WebSocketOpcode kind, byte[] frame, Pieces pieces) =>
        new(id, $"{what}: the first echoed, then failed with 1002", async dialogue =>
        {
            await dialogue.SendAsync(pieces, Wire.Frame(kind, Hello), frame, Wire.Frame(WebSocketOpcode.Ping));
            await dialogue.ExpectUnlessFailedAsync(kind, Hello);
            await dialogue.FailsAsync(1002);
        });
}
