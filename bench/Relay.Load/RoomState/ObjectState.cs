using System.Text;
using Relay.Protocol.Messages;

namespace Relay.Load.RoomState;

/// <summary>An object as a client was told of it.</summary>
internal sealed record ObjectState(
    uint Id,
    ObjectFlags Flags,
    uint Parent,
    uint Owner,
    uint Creator,
    uint LockHolder,
    uint Slot,
    byte Generation,
    string Type,
    string Name,
    string AwaitedParent)
{
    public bool IsPlaced => (Flags & ObjectFlags.Placed) != 0;

    public bool IsPersistent => (Flags & ObjectFlags.Persistent) != 0;

    public static ObjectState Of(in StateEntry entry) => new(
        entry.Object,
        entry.ObjectFlags,
        entry.Parent,
        entry.Owner,
        entry.Creator,
        entry.LockHolder,
        entry.Slot,
        entry.Generation,
        Encoding.UTF8.GetString(entry.TypeUtf8),
        Encoding.UTF8.GetString(entry.NameUtf8),
        Encoding.UTF8.GetString(entry.AwaitedParentUtf8));
}
