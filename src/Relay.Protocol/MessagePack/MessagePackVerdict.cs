namespace Relay.Protocol.MessagePack;

/// <summary>What a check found: enough to name the rule, the limit and the value in a refusal.</summary>
/// <param name="Status">The rule that was broken first, or Ok.</param>
/// <param name="Position">The offset in bytes at which the offending value begins; the end of the value when Ok or TrailingBytes; 0 when
/// TooLarge.</param>
/// <param name="Limit">MaxBytes for TooLarge, MaxDepth for TooDeep, MaxNodes for TooMany, the bytes that there are for Truncated, the bytes
/// of the value for TrailingBytes; otherwise 0.</param>
/// <param name="Measured">What was held against it: bytes; levels; values so far with those that the last header promises; the fewest bytes
/// that would do; bytes that there are. It may be a lower bound, since a check stops at the first fault. Otherwise 0.</param>
public readonly record struct MessagePackVerdict(MessagePackStatus Status, int Position, long Limit, long Measured);
