namespace Relay.Load.RoomState;

/// <summary>How much a room keeps for receivers that are behind: whoever is further behind may be given a snapshot.</summary>
/// <param name="Messages">Messages.</param>
/// <param name="Bytes">Bytes of them.</param>
internal sealed record RingLimits(int Messages, int Bytes)
{
    /// <summary>Messages that went to nobody take room as well, and their size is not known here.</summary>
    private const int UnseenShare = 8;

    /// <summary>Those of a room unless its options say otherwise; the tester's own servers are started with them.</summary>
    public static RingLimits Usual { get; } = new(4096, 1024 * 1024);

    /// <summary>Whether so much was more than the room keeps.</summary>
    public bool AreExceededBy(ulong messages, long bytes) => messages >= (ulong)Messages || bytes >= Bytes - (Bytes / UnseenShare);
}
