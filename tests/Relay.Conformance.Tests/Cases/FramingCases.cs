using Relay.Conformance.Tests.Echo;
using Relay.Conformance.Tests.Kit;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Cases;

/// <summary>Section 1: single messages around the sizes where the form of the length changes.</summary>
internal static class FramingCases
{
    private static readonly int[] Sizes = [0, 125, 126, 127, 128, 65_535, 65_536];

    public static IEnumerable<Case> For(EchoSettings settings)
    {
        foreach ((string group, WebSocketOpcode kind) in new[] { ("1.1", WebSocketOpcode.Text), ("1.2", WebSocketOpcode.Binary) })
        {
            int number = 1;
            foreach (int size in Sizes)
            {
                yield return Expected.Of(settings, $"{group}.{number++}", $"{kind} message of {size} bytes", kind, size, fragments: 1,
                    dialogue =>
                    dialogue.SendAsync(Wire.Frame(kind, Payload.Of(kind, size))));
            }

            yield return Expected.Of(settings, $"{group}.{number}", $"{kind} message of 65536 bytes, written 997 at a time", kind, 65_536,
                fragments: 1, dialogue =>
                dialogue.SendChoppedAsync(997, Wire.Frame(kind, Payload.Of(kind, 65_536))));
        }
    }
}
