using Relay.Fuzz;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>A body and what the library makes of it.</summary>
/// <param name="Body">The body.</param>
/// <param name="Fields">What was read; <c>null</c> if it was refused.</param>
/// <param name="Encoded">The frame that the library writes of what it read.</param>
/// <param name="Space">The measures that it was read by.</param>
internal sealed record LayoutCase(byte[] Body, IReadOnlyList<string>? Fields, byte[] Encoded, NaiveSpace Space)
{
    public static LayoutCase Of(FrameLayout frame, byte[] body, RoomSpace space)
    {
        DecodedMessage message = DecodedMessage.Read((FrameType)frame.Type, body, space)
            ?? throw new InvalidOperationException($"The library has no message for {frame.Name}.");
        bool isOk = message.Status == ReadStatus.Ok;
        return new LayoutCase(body, isOk ? message.Fields.ToArray() : null, message.Encoded, SpaceOf(space));
    }

    public static NaiveSpace SpaceOf(RoomSpace space) => new(space.StepsX, space.StepsY, space.StepsZ);

    /// <summary>Reads and writes the same body by the table.</summary>
    /// <returns>What is different, or <c>null</c>.</returns>
    public string? Difference(FrameLayout frame)
    {
        IReadOnlyList<LayoutValue>? values = LayoutReader.Read(frame, Body, Space);
        if ((values is null) != (Fields is null))
        {
            return $"{frame.Name}: {(Fields is null ? "only the table" : "only the code")} accepts {Convert.ToHexString(Body)}";
        }

        if (values is null)
        {
            return null;
        }

        LayoutValue[] plain = WithoutEmptyWords(frame, values);
        string[] read = LayoutReader.Show(plain).ToArray();
        string[] code = WithoutEmptyWords(frame, Fields!);
        if (!read.SequenceEqual(code))
        {
            return $"{frame.Name}: code [{string.Join(", ", code)}], table [{string.Join(", ", read)}] of {Convert.ToHexString(Body)}";
        }

        string written = Convert.ToHexString(LayoutBytes.Frame(frame, plain, Space));
        string encoded = Convert.ToHexString(Encoded);
        return written == encoded ? null : $"{frame.Name}: code writes {encoded}, table {written}";
    }

    /// <summary>
    /// Two ways to say nothing that the library does not keep: an epoch of 0 in a join is none (§6.1), and of an update's extension that
    /// holds nothing only its absence is written.
    /// </summary>
    private static LayoutValue[] WithoutEmptyWords(FrameLayout frame, IReadOnlyList<LayoutValue> values)
    {
        var plain = values.ToList();
        if (frame.Name is "Join" or "ChangeRoom" && plain.Any(value => value is { Name: "epoch", Value: 0UL }))
        {
            plain.RemoveAll(value => value.Name is "epoch" or "cursor");
            plain[^1] = plain[^1] with { Value = 0UL };
        }

        for (int i = 0; frame.Name == "TransformUpdate" && i < plain.Count - 1; i++)
        {
            if (plain[i].Value is LayoutRecord { IsExtended: true } record && plain[i + 1] is { Name: "flags", Value: 0UL })
            {
                plain[i] = plain[i] with { Value = record with { IsExtended = false } };
                plain.RemoveAt(i + 1);
            }
        }

        return plain.ToArray();
    }

    private static string[] WithoutEmptyWords(FrameLayout frame, IReadOnlyList<string> fields)
    {
        var plain = fields.ToList();
        for (int i = 0; frame.Name == "TransformUpdate" && i < plain.Count - 1; i++)
        {
            if (plain[i].StartsWith("record = extended 1", StringComparison.Ordinal) && plain[i + 1] == "flags = 0")
            {
                plain[i] = plain[i].Replace("extended 1", "extended 0", StringComparison.Ordinal);
                plain.RemoveAt(i + 1);
            }
        }

        return plain.ToArray();
    }
}
