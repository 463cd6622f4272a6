using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>Finds rooms, or opens them.</summary>
internal sealed class Openings
{
    private readonly Shard _shard;

    public Openings(Shard shard) => _shard = shard;

    /// <summary>Opens a room, or finds it open, and holds it (<see cref="Room.Holds"/>) until <see cref="Shard.Release"/>.</summary>
    /// <param name="name">The room's name.</param>
    /// <param name="options">What it is to be like if this opens it.</param>
    /// <param name="logic">The logic that it gets then.</param>
    /// <param name="done">Called with the room, or with why not.</param>
    public void Hold(string name, RoomOptions options, OpenLogic? logic, Action<Room?, Fault> done)
    {
        if (_shard.IsDraining)
        {
            done(null, new Fault(CloseCode.GoingAway, "The server is draining."));
            return;
        }

        Room? room = _shard.FindRoom(name) ?? _shard.TryOpenRoom(name, options, logic);
        if (room is null)
        {
            done(null, TooMany);
            return;
        }

        room.Holds++;
        done(room, Fault.None);
    }

    private Fault TooMany => new(
        CloseCode.TooManyRooms, "The server has as many rooms as it may.", _shard.Settings.MaxRooms, _shard.Settings.MaxRooms);
}
