using Relay.Conformance.Tests.Echo;
using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>Sections 9 and 10: messages that are large, or in many frames, or in many writes, or many.</summary>
internal static class LimitCases
{
    private const int KiB = 1 << 10, MiB = 1 << 20;

    private static readonly int[] Sizes = [64 * KiB, 256 * KiB, MiB, 4 * MiB, 8 * MiB, 16 * MiB];
    private static readonly int[] FragmentSizes = [64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, 4 * MiB];
    private static readonly int[] PieceSizes = [64, 128, 256, 512, KiB, 2 * KiB];
    private static readonly int[] RoundSizes = [0, 16, 64, 256, KiB, 4 * KiB];

    public static IEnumerable<Case> For(EchoSettings settings) =>
    [
        .. Sizes.Select((size, i) => Whole(settings, $"9.1.{i + 1}", WebSocketOpcode.Text, size)),
        .. Sizes.Select((size, i) => Whole(settings, $"9.2.{i + 1}", WebSocketOpcode.Binary, size)),
        .. FragmentSizes.Select((size, i) => Fragmented(settings, $"9.3.{i + 1}", WebSocketOpcode.Text, 4 * MiB, size)),
        .. FragmentSizes.Select((size, i) => Fragmented(settings, $"9.4.{i + 1}", WebSocketOpcode.Binary, 4 * MiB, size)),
        .. PieceSizes.Select((size, i) => Chopped(settings, $"9.5.{i + 1}", WebSocketOpcode.Text, size)),
        .. PieceSizes.Select((size, i) => Chopped(settings, $"9.6.{i + 1}", WebSocketOpcode.Binary, size)),
        .. RoundSizes.Select((size, i) => Rounds(settings, $"9.7.{i + 1}", WebSocketOpcode.Text, size)),
        .. RoundSizes.Select((size, i) => Rounds(settings, $"9.8.{i + 1}", WebSocketOpcode.Binary, size)),
        Fragmented(settings, "10.1.1", WebSocketOpcode.Text, 65_536, 1300),
    ];

    private static Case Whole(EchoSettings settings, string id, WebSocketOpcode kind, int size) =>
        Expected.Of(settings, id, $"{kind} message of {size / KiB} KiB", kind, size, fragments: 1, dialogue =>
            dialogue.SendAsync(Wire.Frame(kind, Payload.Of(kind, size))));

    private static Case Fragmented(EchoSettings settings, string id, WebSocketOpcode kind, int size, int fragment)
    {
        int fragments = (size + fragment - 1) / fragment;
        return Expected.Of(settings, id, $"{kind} message of {size / KiB} KiB in frames of {fragment} bytes", kind, size, fragments,
            dialogue =>
            dialogue.SendAsync(Wire.Fragments(kind, Payload.Of(kind, size), fragment)));
    }

    private static Case Chopped(EchoSettings settings, string id, WebSocketOpcode kind, int piece) =>
        Expected.Of(settings, id, $"{kind} message of 1024 KiB, written {piece} bytes at a time", kind, MiB, fragments: 1, dialogue =>
            dialogue.SendChoppedAsync(piece, Wire.Frame(kind, Payload.Of(kind, MiB))));

    private static Case Rounds(EchoSettings settings, string id, WebSocketOpcode kind, int size)
    {
        int refusal = Expected.Refusal(settings, kind, size, fragments: 1);
        return new Case(id, $"1000 {kind} messages of {size} bytes, each when the one before is back: {Expected.Tell(refusal)}",
            async dialogue =>
        {
            byte[] payload = Payload.Of(kind, size);
            byte[] frame = Wire.Frame(kind, payload);
            for (int i = 0; i < 1000; i++)
            {
                await dialogue.SendAsync(frame);
                if (refusal != 0)
                {
                    await dialogue.FailsAsync(refusal);
                    return;
                }

                await dialogue.ExpectAsync(kind, payload);
            }

            await dialogue.EndAsync();
        });
    }
}
