namespace Relay.Core.Rooms;

/// <summary>Somebody in a room: who, in which slot, and the receiver through which they look at it.</summary>
internal sealed class Member
{
    public Member(Room room, uint id, byte[] nameUtf8, int slot, byte generation, Receiver receiver)
    {
        Room = room;
        Id = id;
        NameUtf8 = nameUtf8;
        Slot = slot;
        Generation = generation;
        Receiver = receiver;
    }

    /// <summary>The room.</summary>
    public Room Room { get; }

    /// <summary>Unique within the room's epoch, never 0.</summary>
    public uint Id { get; }

    /// <summary>The name that others see.</summary>
    public byte[] NameUtf8 { get; }

    /// <summary>The avatar's slot.</summary>
    public int Slot { get; }

    /// <summary>The slot's generation.</summary>
    public byte Generation { get; }

    /// <summary>The number of the message by which it joined.</summary>
    public ulong JoinSequence { get; init; }

    /// <summary>How this member is told of the room.</summary>
    public Receiver Receiver { get; }
}
