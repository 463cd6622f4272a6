namespace Relay.Core.Hosting;

/// <summary>What an <see cref="IRoomHandler"/> says of a member's message. The default lets it pass.</summary>
public readonly record struct MessageVerdict
{
    /// <summary>The message is done as it is.</summary>
    public static MessageVerdict Pass => default;

    /// <summary>Why not, for the sender; null when it passes.</summary>
    public string? Refusal { get; private init; }

    /// <summary>What stands in the place of the event's payload or the attribute's value; null for what the sender gave.</summary>
    public ReadOnlyMemory<byte>? Replacement { get; private init; }

    /// <summary>The message is refused with 4403.</summary>
    /// <param name="reason">One line that the sender gets to see; at most 255 bytes of UTF-8 of it.</param>
    public static MessageVerdict Refuse(string reason = "Not allowed in this room.") => new() { Refusal = reason };

    /// <summary>The message is done with other content: an event with another payload, an attribute with another value. Anything else has
    /// nothing to replace, and counts as a failure of the handler; so does a payload that the kind of event does not allow.</summary>
    /// <param name="content">The payload, or one MessagePack value. Not to be changed afterwards.</param>
    public static MessageVerdict Replace(ReadOnlyMemory<byte> content) => new() { Replacement = content };
}
