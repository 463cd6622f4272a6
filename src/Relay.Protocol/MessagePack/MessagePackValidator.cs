namespace Relay.Protocol.MessagePack;

/// <summary>
/// Checks values that are relayed unparsed, so that no receiver gets bytes that its decoder chokes on: one pass in time proportional to
/// the bytes, without allocating.
/// </summary>
public static class MessagePackValidator
{
    /// <summary>
    /// Checks that the input is exactly one MessagePack value, whole, with nothing behind it, within the limits, with str in UTF-8 and
    /// timestamps as the specification has them. Encodings longer than they need be, and keys that occur twice, are allowed.
    /// </summary>
    /// <param name="input">The encoded value.</param>
    /// <param name="limits">What it may cost.</param>
    /// <returns>Ok, or the first fault: TooLarge before a byte is looked at; then, in the order of the bytes and for each value in this
    /// order, Truncated or Malformed (0xC1), KeyNotText, TooDeep, TooMany, BadText or Malformed (timestamp); TrailingBytes last.</returns>
    public static MessagePackVerdict Check(ReadOnlySpan<byte> input, in MessagePackLimits limits)
    {
        if (input.Length > limits.MaxBytes)
        {
            return new MessagePackVerdict(MessagePackStatus.TooLarge, 0, limits.MaxBytes, input.Length);
        }

        MessagePackVerdict verdict = MessagePackWalk.Over(input, 0, limits.MaxDepth, limits.MaxNodes, contents: true, limits.TextKeysOnly);
        return verdict.Status == MessagePackStatus.Ok && verdict.Position != input.Length
            ? new MessagePackVerdict(MessagePackStatus.TrailingBytes, verdict.Position, verdict.Position, input.Length)
            : verdict;
    }
}
