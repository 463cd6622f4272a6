using Relay.Protocol.Messages;

namespace Relay.Load.RoomState;

/// <summary>What a client asked for in a numbered message.</summary>
internal enum DeedKind
{
    /// <summary>Something whose answer alone counts.</summary>
    Other,

    /// <summary>An event.</summary>
    Event,

    /// <summary>An attribute set, or a value merged into one; it carries the deed's stamp.</summary>
    Write,

    /// <summary>An object made or cloned.</summary>
    Make,

    /// <summary>An object removed.</summary>
    Remove,

    /// <summary>An object taken.</summary>
    Take,
}

/// <summary>How a numbered message was answered.</summary>
internal enum DeedAnswer
{
    None,
    Done,
    Refused,
}

/// <summary>
/// A numbered message as its author knows it. Events and values carry its stamp, so that whoever receives one knows whose it is, and which
/// of theirs.
/// </summary>
internal sealed class Deed
{
    private const int ClientShift = 40;

    public required DeedKind Kind { get; init; }

    /// <summary>The author.</summary>
    public required Stay Author { get; init; }

    /// <summary>The message's number in its session.</summary>
    public required ulong Number { get; init; }

    /// <summary>When it was meant to be sent.</summary>
    public long DueNanos { get; init; }

    /// <summary>Event: to whom.</summary>
    public EventAudience Audience { get; init; }

    /// <summary>Event to a member: which one. Take: the expected owner.</summary>
    public uint Member { get; init; }

    /// <summary>Event to roles: which.</summary>
    public uint Roles { get; init; }

    /// <summary>Event: its kind.</summary>
    public uint EventKind { get; init; }

    /// <summary>Write: what.</summary>
    public AttributeName Name { get; init; }

    /// <summary>Write: who is told of it.</summary>
    public AccessKind Readers { get; init; }

    /// <summary>Remove and Take: which object.</summary>
    public uint Object { get; init; }

    /// <summary>Take: whether the object outlives its owner's stay.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether its author lost its connection, and may have had to send it again.</summary>
    public bool WasInterrupted { get; set; }

    /// <summary>The room sequence of the message that told it; 0 while none has.</summary>
    public ulong SeenAt { get; set; }

    public DeedAnswer Answer { get; set; }

    /// <summary>Done: its value.</summary>
    public ulong Value { get; set; }

    public ulong Stamp => StampOf(Author.Client, Number);

    public static ulong StampOf(int client, ulong number) => ((ulong)client << ClientShift) | number;

    public override string ToString() =>
        $"{Kind} {Number} of client {Author.Client}" + (Kind == DeedKind.Event ? $" to {Audience} {Member}" : string.Empty);
}
