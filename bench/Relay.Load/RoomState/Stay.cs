using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>One client's stay in a room, from its Join to its Left, over however many connections: what it was told, and where that
/// began and ended.</summary>
/// <param name="client">The client's number in the room.</param>
/// <param name="slots">Places that the client knows from an earlier stay; <c>null</c> for none.</param>
internal sealed class Stay(int client, SlotValues? slots = null)
{
    private readonly List<(ulong After, ulong To)> _gaps = [];

    /// <summary>The client's number in the room; never that of another.</summary>
    public int Client => client;

    /// <summary>Which half of the room the client keeps to.</summary>
    public int District => client % 2;

    public uint Member { get; private set; }

    public uint Slot { get; private set; }

    public byte Generation { get; private set; }

    public RoomSpace? Space { get; private set; }

    /// <summary>The cut of the first snapshot: what comes after it is to be received.</summary>
    public ulong From { get; private set; }

    /// <summary>The last room sequence received; from a snapshot if nothing came after it.</summary>
    public ulong Position { get; set; }

    /// <summary>The highest room sequence that a batch presupposed.</summary>
    public ulong Presupposed { get; set; }

    /// <summary>What was received last before the stay ended.</summary>
    public ulong? End { get; private set; }

    /// <summary>From this room sequence on the server surely knows where the avatar stands.</summary>
    public ulong PlacedAfter { get; set; } = ulong.MaxValue;

    /// <summary>Whether it has been told who and what is in the room.</summary>
    public bool HasSnapshot { get; private set; }

    /// <summary>A snapshot of which parts are missing.</summary>
    public Replica? Building { get; private set; }

    public ulong BuildingSequence { get; private set; }

    /// <summary>Whether the client itself has asked for a snapshot, having lost its connection in the middle of one.</summary>
    public bool AskedForSnapshot { get; set; }

    public Replica Replica { get; private set; } = new();

    public SlotValues Slots { get; } = slots ?? new SlotValues();

    /// <summary>Since when it has been told things as they happen.</summary>
    public long LiveSinceNanos { get; set; }

    /// <summary>What it said last of where its avatar is.</summary>
    public SlotValue? Place { get; set; }

    public bool HasMember => Member != 0;

    /// <summary>Whether it was told a gap: nobody knows what was for it alone in there.</summary>
    public bool HasGaps => _gaps.Count > 0;

    /// <summary>When its first snapshot was whole: what was for it alone before may be in there.</summary>
    public long BeganNanos { get; private set; }

    public void Enter(uint member, uint slot, byte generation, RoomSpace space) =>
        (Member, Slot, Generation, Space) = (member, slot, generation, space);

    public void BeginSnapshot(ulong sequence) => (Building, BuildingSequence) = (new Replica(), sequence);

    /// <summary>The connection is gone: parts that have come are worth nothing.</summary>
    public void DropUnfinishedSnapshot()
    {
        AskedForSnapshot |= Building is not null;
        Building = null;
    }

    /// <summary>The snapshot is whole.</summary>
    /// <param name="isExcused">Whether what it skips need not have been received.</param>
    /// <param name="nowNanos">When.</param>
    public void EndSnapshot(bool isExcused, long nowNanos)
    {
        if (!HasSnapshot)
        {
            (From, BeganNanos) = (BuildingSequence, nowNanos);
        }
        else if (isExcused)
        {
            _gaps.Add((Position, BuildingSequence));
        }

        (HasSnapshot, AskedForSnapshot) = (true, false);
        Position = Math.Max(Position, BuildingSequence);
        Replica = Building!;
        Building = null;
    }

    public void Leave() => End = HasSnapshot ? Position : 0;

    /// <summary>Whether a message with this sequence, if it is for the member, has to be received.</summary>
    public bool Covers(ulong sequence)
    {
        foreach ((ulong after, ulong to) in _gaps)
        {
            if (sequence > after && sequence <= to)
            {
                return false;
            }
        }

        return HasSnapshot && sequence > From && sequence <= (End ?? ulong.MaxValue);
    }
}
