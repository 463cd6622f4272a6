using Relay.Protocol.Buffers;

namespace Relay.Core.Rooms;

/// <summary>
/// Somebody who looks at a room: a connection, a cursor into the versions and a position in the reliable ring. It has no queue: what it
/// is sent next follows from these two numbers alone, whether it is up to date, late or new.
/// </summary>
internal sealed class Receiver
{
    public Receiver(Connection connection, uint member, ulong cursor)
    {
        Connection = connection;
        Member = member;
        Cursor = cursor;
    }

    /// <summary>The connection through which it is reached.</summary>
    public Connection Connection { get; }

    /// <summary>The member that it is; audiences are checked against it.</summary>
    public uint Member { get; }

    /// <summary>Where the room's list of receivers has this one.</summary>
    public int Index { get; set; }

    /// <summary>The version up to which it is complete; 0 for nothing.</summary>
    public ulong Cursor { get; set; }

    /// <summary>The last reliable sequence that it was sent. Meaningless while <see cref="NeedsSnapshot"/>.</summary>
    public ulong Position { get; set; }

    /// <summary>Whether it must be told who is here before anything else: it is new, or the ring has overtaken it.</summary>
    public bool NeedsSnapshot { get; set; } = true;

    /// <summary>The snapshot that it is being sent, if it takes more than one transmission.</summary>
    public RoomSnapshot? Snapshot { get; set; }

    /// <summary>What belongs to that snapshot and is for this receiver alone; null if nothing does.</summary>
    public Queue<SharedBuffer>? PrivateParts { get; set; }

    /// <summary>Which part of <see cref="Snapshot"/> comes next.</summary>
    public int NextPart { get; set; }

    /// <summary>The last message in the ring that is not for everybody but concerns this receiver: up to it the shared encoding is not
    /// for it.</summary>
    public ulong LastException { get; set; }

    /// <summary>Forgets a snapshot that is not sent to its end.</summary>
    public void DropSnapshot()
    {
        Snapshot?.Release();
        Snapshot = null;
        while (PrivateParts is not null && PrivateParts.TryDequeue(out SharedBuffer? part))
        {
            part.Release();
        }

        PrivateParts = null;
    }

    /// <summary>Slots that it is not to see; null for none. What it is sent is then encoded for it alone.</summary>
    public HashSet<int>? Hidden { get; set; }
}
