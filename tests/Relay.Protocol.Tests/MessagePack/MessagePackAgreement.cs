using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>Holds everything that reads MessagePack against the oracle, on bytes of any kind.</summary>
internal static class MessagePackAgreement
{
    public static void Check(byte[] input, params ReadOnlySpan<MessagePackLimits> limits)
    {
        foreach (ref readonly MessagePackLimits limit in limits)
        {
            MessagePackVerdict expected = MessagePackOracle.Check(input, limit, out string json);
            MessagePackVerdict verdict = MessagePackValidator.Check(input, limit);
            Same(input, expected, verdict);
            if (verdict.Status == MessagePackStatus.Ok)
            {
                var reader = new MessagePackReader(input);
                Same(input, json, MessagePackTree.Read(ref reader)?.Json ?? "nothing");
                Same(input, 0, reader.Remaining);
            }
        }

        CheckEverythingElse(input);
    }

    private static void CheckEverythingElse(byte[] input)
    {
        // Skipping looks at structure alone, and wherever it begins, it ends within the input.
        for (int start = 0; start <= input.Length; start++)
        {
            var skipper = new MessagePackReader(input.AsSpan(start));
            MessagePackStatus status = skipper.TrySkip(3);
            Same(input, status == MessagePackStatus.Ok, skipper.Position > 0);
            MessagePackStatus raw = new MessagePackReader(input.AsSpan(start)).TryReadRaw(out ReadOnlySpan<byte> encoded, 3);
            Same(input, (status, skipper.Position), (raw, encoded.Length));
        }

        var reader = new MessagePackReader(input, strict: false);
        while (MessagePackTree.Read(ref reader, depth: 10) is not null)
        {
            // Each takes a byte at least, so this ends.
        }

        // What a reader answers "no" to, it has not moved over.
        int position = reader.Position;
        reader.TryReadNil();
        Same(input, position, reader.Position);
        Same(input, true, MessagePackText.Format(input, 50).Length <= 50);
    }

    private static void Same<T>(byte[] input, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            Assert.Fail($"{Convert.ToHexString(input)}: expected {expected}, got {actual}");
        }
    }
}
