using Relay.Protocol.Messages;

namespace Relay.Client;

/// <summary>An object of a room as the server told it last; attributes and its place not included. protocol-spec.md §11.1.</summary>
/// <param name="Id">Its id; never 0, never given again while the room lives.</param>
/// <param name="Parent">The object that it is under; 0 for the root of the tree.</param>
/// <param name="Owner">The member that owns it; 0 for nobody.</param>
/// <param name="Creator">The member that made it; 0 for the server, or for a member of an earlier life of the room.</param>
/// <param name="LockHolder">The member that has locked it; 0 for nobody.</param>
/// <param name="Flags">What it is like.</param>
/// <param name="Slot">With <see cref="ObjectFlags.Placed"/>: the slot that its transform is told under; otherwise 0.</param>
/// <param name="Generation">With <see cref="ObjectFlags.Placed"/>: the slot's generation; otherwise 0.</param>
/// <param name="Type">The application's word for what it is; may be empty.</param>
/// <param name="Name">Its name, which nothing else in the room has; empty for none.</param>
/// <param name="AwaitedParent">With <see cref="ObjectFlags.ParentByName"/>: the name of the parent that it waits for at the root; otherwise
/// empty.</param>
public readonly record struct RoomObject(
    uint Id,
    uint Parent,
    uint Owner,
    uint Creator,
    uint LockHolder,
    ObjectFlags Flags,
    uint Slot,
    byte Generation,
    string Type,
    string Name,
    string AwaitedParent)
{
    /// <summary>Whether it has a place in the room.</summary>
    public bool IsPlaced => (Flags & ObjectFlags.Placed) != 0;
}
