using Relay.Protocol.MessagePack;
using Relay.Protocol.Tests;

namespace Relay.Fuzz;

/// <summary>
/// Input: a byte that picks the limits, one that picks where a key is set or removed, then a value. The validator and the reader are held
/// against the oracle; what is changed in a valid map is valid, and what is left in it is as it was.
/// </summary>
internal sealed class MessagePackTarget : IFuzzTarget
{
    private static readonly MessagePackLimits[] Limits =
    [
        new() { MaxBytes = int.MaxValue, MaxDepth = 100, MaxNodes = int.MaxValue },
        new() { MaxBytes = 64, MaxDepth = 4, MaxNodes = 20, TextKeysOnly = true },
        new() { MaxBytes = 4_096, MaxDepth = 2, MaxNodes = 100, TextKeysOnly = true },
        new() { MaxBytes = 4_096, MaxDepth = 0, MaxNodes = 1 },
    ];

    private static readonly byte[][] Paths = [[0xA1, 0x61], [0xA1, 0x61, 0xA1, 0x62], [0xA0, 0xA1, 0x61, 0xD9, 0x01, 0x62]];

    public string Name => "messagepack";

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
        {
            return;
        }

        byte[] value = input[2..].ToArray();
        MessagePackAgreement.Check(value, Limits[input[0] % Limits.Length]);
        CheckSubKey(value, Paths[(input[1] >> 1) % Paths.Length], remove: input[1] % 2 == 1);
    }

    private static void CheckSubKey(byte[] map, byte[] path, bool remove)
    {
        byte[] destination = new byte[remove ? map.Length : MessagePackSubKey.MaxSize(map.Length, path.Length, 1)];
        MessagePackStatus status = remove
            ? MessagePackSubKey.TryRemove(map, path, destination, out int written)
            : MessagePackSubKey.TrySet(map, path, [0xC0], destination, out written);
        DisagreementException.ThrowUnlessEqual(status == MessagePackStatus.NoRoom, false, "Room that is always enough");
        MessagePackStatus whole = MessagePackOracle.Check(map, Limits[0], out _).Status;
        if (status != MessagePackStatus.Ok || whole != MessagePackStatus.Ok)
        {
            // Text and timestamps are not looked at in between, but a fault of the structure always is.
            bool missed = status == MessagePackStatus.Ok && whole is not (MessagePackStatus.BadText or MessagePackStatus.Malformed or MessagePackStatus.TooDeep);
            DisagreementException.ThrowUnlessEqual(missed, false, "A map that is none was changed");
            return;
        }

        byte[] result = destination[..written];
        DisagreementException.ThrowUnlessEqual(MessagePackOracle.Check(result, Limits[0], out string json).Status, MessagePackStatus.Ok, "Result");

        // Done once more it changes nothing.
        byte[] again = new byte[destination.Length + map.Length];
        status = remove
            ? MessagePackSubKey.TryRemove(result, path, again, out written)
            : MessagePackSubKey.TrySet(result, path, [0xC0], again, out written);
        DisagreementException.ThrowUnlessEqual(status, MessagePackStatus.Ok, "Status of the second time");
        DisagreementException.ThrowUnlessEqual(Convert.ToHexString(again.AsSpan(0, written)), Convert.ToHexString(result), "Second time, of " + json);
    }
}
