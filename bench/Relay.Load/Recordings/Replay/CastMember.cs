namespace Relay.Load.Recordings.Replay;

/// <summary>A member of a recording.</summary>
internal sealed class CastMember(uint id)
{
    /// <summary>Its number in the recording.</summary>
    public uint Id => id;

    /// <summary>Its name; empty where presence does not tell.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>Its avatar's slot; <c>null</c> where presence does not tell.</summary>
    public uint? Slot { get; set; }

    /// <summary>Whether it was in the room when the recording begins.</summary>
    public bool IsThereAtStart { get; set; } = true;

    /// <summary>Moves by slot, for one whose own slot is not told.</summary>
    public Dictionary<uint, int> MovesBySlot { get; } = [];
}
