using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>
/// Finds rooms, or opens them. A room that is stored is fetched and filled off the shard; whoever wants to enter meanwhile waits, and all
/// go in when it is there. So there is one of each name at any time.
/// </summary>
internal sealed class Openings
{
    private readonly Shard _shard;
    private readonly Dictionary<string, Opening> _opening = new(StringComparer.Ordinal);

    public Openings(Shard shard) => _shard = shard;

    /// <summary>Finds a room that is open, or opens it.</summary>
    /// <param name="name">The room's name.</param>
    /// <param name="options">What it is to be like if this opens it.</param>
    /// <param name="logic">The logic that it gets then.</param>
    /// <param name="done">Called with the room, at once if it is open or not stored, or with why not. The room closes afterwards if nobody
    /// needs it.</param>
    public void Find(string name, RoomOptions options, OpenLogic? logic, Action<Room?, Fault> done)
    {
        if (_shard.FindRoom(name) is { } open)
        {
            Enter(open, done);
        }
        else if (_opening.TryGetValue(name, out Opening? opening))
        {
            opening.Waiting.Add(done);
        }
        else if (!_shard.TryCountRoom())
        {
            done(null, new Fault(
                CloseCode.TooManyRooms, "The server has as many rooms as it may.", _shard.Settings.MaxRooms, _shard.Settings.MaxRooms));
        }
        else if (_shard.Settings.Saver is { } saver)
        {
            opening = new Opening(name, options, logic, _shard);
            opening.Waiting.Add(done);
            _opening.Add(name, opening);
            opening.Begin(saver.Store);
        }
        else
        {
            Room room = _shard.MakeRoom(name, options);
            _shard.OpenRoom(room, logic);
            Enter(room, done);
        }
    }

    /// <summary>Opens a room, or finds it open, and holds it (<see cref="Room.Holds"/>) until <see cref="Shard.Release"/>.</summary>
    /// <param name="name">The room's name.</param>
    /// <param name="options">What it is to be like if this opens it.</param>
    /// <param name="logic">The logic that it gets then.</param>
    /// <param name="done">Called with the room, or with why not.</param>
    public void Hold(string name, RoomOptions options, OpenLogic? logic, Action<Room?, Fault> done)
    {
        if (_shard.IsDraining)
        {
            done(null, IsDraining);
            return;
        }

        Find(name, options, logic, (room, fault) =>
        {
            if (room is not null)
            {
                room.Holds++;
            }

            done(room, fault);
        });
    }

    /// <summary>Rooms that are being opened get other options.</summary>
    /// <param name="name">The room; its instances get them too.</param>
    /// <param name="options">The options.</param>
    public void Reconfigure(string name, RoomOptions options)
    {
        foreach (Opening opening in _opening.Values)
        {
            if (RoomInstance.BaseOf(opening.Name) == name)
            {
                opening.NewOptions = options;
            }
        }
    }

    /// <summary>The shard has ended: nobody gets in.</summary>
    public void Abandon()
    {
        foreach (Opening opening in _opening.Values)
        {
            foreach (Action<Room?, Fault> done in opening.Waiting)
            {
                done(null, IsDraining);
            }
        }

        _opening.Clear();
    }

    private static Fault IsDraining => new(CloseCode.GoingAway, "The server is draining.");

    private void Enter(Room room, Action<Room?, Fault> done)
    {
        room.Holds++;
        done(room, Fault.None);
        _shard.Release(room);
    }

    private void Finish(Opening opening, Room? room, Fault fault)
    {
        _opening.Remove(opening.Name);
        if (room is null || _shard.IsDraining)
        {
            _shard.UncountRoom();
            room?.Dispose();
            foreach (Action<Room?, Fault> done in opening.Waiting)
            {
                done(null, room is null ? fault : IsDraining);
            }

            return;
        }

        _shard.OpenRoom(room, opening.Logic, isDetached: !fault.IsNone);
        room.Holds++;
        if (opening.NewOptions is { } options)
        {
            Reconfiguration.Apply(_shard, room, options);
        }

        foreach (Action<Room?, Fault> done in opening.Waiting)
        {
            done(room, Fault.None);
        }

        _shard.Release(room);
    }

    /// <summary>A room on its way from the store, and who waits for it; then, to the shard: here it is.</summary>
    private sealed class Opening(string name, RoomOptions options, OpenLogic? logic, Shard shard) : ShardMessage
    {
        private Room? _room;
        private Fault _fault;

        public string Name => name;

        public OpenLogic? Logic => logic;

        public List<Action<Room?, Fault>> Waiting { get; } = [];

        /// <summary>Options that came while it was being opened.</summary>
        public RoomOptions? NewOptions { get; set; }

        public void Begin(IRoomStore store) => _ = Task.Run(async () =>
        {
            Room? filled = null;
            _fault = await LoadCall.InTimeAsync(shard.Settings, async token =>
            {
                StoredRoom? stored = await store.LoadAsync(name, token).ConfigureAwait(false);
                Room made = shard.MakeRoom(name, options);
                if (stored is not null)
                {
                    RoomFiller.Fill(made, stored);
                }

                filled = made;
            }).ConfigureAwait(false);
            _room = _fault.IsNone ? filled : shard.Settings.OpenDetached ? shard.MakeRoom(name, options) : null;
            shard.Lane.Push(this);
        });

        public override void Handle(Shard shard) => shard.Openings.Finish(this, _room, _fault);
    }
}
