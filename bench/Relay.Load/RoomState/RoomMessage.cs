using Relay.Protocol.Frames;

namespace Relay.Load.RoomState;

/// <summary>A reliable message as whoever got it first got it, and who has got it.</summary>
internal sealed class RoomMessage(ulong sequence, FrameType type, byte[] body, Change[] changes, int clients)
{
    private readonly ulong[] _received = new ulong[(clients + 63) / 64];
    private readonly ulong[] _missed = new ulong[(clients + 63) / 64];

    public ulong Sequence => sequence;

    public FrameType Type => type;

    public int Length => body.Length;

    /// <summary>Of Presence and State.</summary>
    public Change[] Changes => changes;

    /// <summary>The deed that it tells; <c>null</c> if that is not known, or of no consequence.</summary>
    public Deed? Deed { get; set; }

    /// <summary>What it is, in a few words.</summary>
    public string Describe() => type == FrameType.Event
        ? $"an event ({Deed})"
        : string.Join(", ", changes.Select(change => change.GetType().Name));

    public bool Matches(FrameType other, ReadOnlySpan<byte> bytes) => other == type && bytes.SequenceEqual(body);

    public bool WasReceivedBy(int client) => Has(_received, client);

    public void Received(int client) => Add(_received, client);

    /// <summary>Whether it has been counted as lost for a client.</summary>
    public bool WasMissedBy(int client) => Has(_missed, client);

    public void Missed(int client) => Add(_missed, client);

    private static bool Has(ulong[] set, int client) => (set[client >> 6] >> client & 1) != 0;

    private static void Add(ulong[] set, int client) => set[client >> 6] |= 1UL << client;
}
