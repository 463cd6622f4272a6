namespace Relay.Host.Files.Types;

/// <summary>How far the first bytes of a file say what it is.</summary>
internal enum SniffStatus
{
    /// <summary>There are too few of them to say.</summary>
    TooShort,

    /// <summary>It is of a type that is taken, as far as they go.</summary>
    Known,

    /// <summary>It is of no type that is taken, or hides what is none.</summary>
    NotAllowed,
}

/// <summary>What the first bytes of a file say.</summary>
/// <param name="Status">How far they say it.</param>
/// <param name="Type">The type if it is known; otherwise null.</param>
/// <param name="Reason">For people, after "The file is refused: ": why it is not allowed, as "it is HTML"; otherwise empty.</param>
internal readonly record struct Sniffed(SniffStatus Status, FileType? Type, string Reason)
{
    /// <summary>More bytes are needed.</summary>
    public static Sniffed TooShort => new(SniffStatus.TooShort, null, "");

    /// <summary>It is of a type that is taken.</summary>
    /// <param name="type">Which.</param>
    public static Sniffed Known(FileType type) => new(SniffStatus.Known, type, "");

    /// <summary>It is refused.</summary>
    /// <param name="reason">Why, as "it is HTML".</param>
    public static Sniffed NotAllowed(string reason) => new(SniffStatus.NotAllowed, null, reason);
}
