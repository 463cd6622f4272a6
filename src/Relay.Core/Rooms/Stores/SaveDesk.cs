namespace Relay.Core.Rooms.Stores;

/// <summary>Sees to it that the rooms of a shard are stored: those that must be at the end of each wake-up, the others now and
/// then.</summary>
internal sealed class SaveDesk
{
    private readonly Shard _shard;
    private readonly List<RoomKeeper> _due = [];
    private Action? _finished;

    public SaveDesk(Shard shard) => _shard = shard;

    /// <summary>Whether somebody waits for what only <see cref="Sweep"/> does.</summary>
    public bool NeedsSweep { get; private set; }

    /// <summary>A room has changed in a way that must be stored at once.</summary>
    public void Wants(RoomKeeper keeper)
    {
        if (!keeper.IsDue)
        {
            keeper.IsDue = true;
            _due.Add(keeper);
            NeedsSweep = true;
        }
    }

    /// <summary>At the end of a wake-up: what changed in it goes to the store.</summary>
    public void Run()
    {
        foreach (RoomKeeper keeper in _due)
        {
            keeper.IsDue = false;
            keeper.Hand();
        }

        _due.Clear();
    }

    /// <summary>Four times a second: answers what has waited too long, and has stored what moved.</summary>
    public void Sweep()
    {
        if (_shard.Settings.Saver is null)
        {
            return;
        }

        long unsaved = 0;
        bool isBusy = false;
        for (int i = 0; i < _shard.Rooms.Count; i++)
        {
            if (_shard.Rooms[i].World.Keeper is { } keeper)
            {
                keeper.Sweep(_shard.Now);
                unsaved += keeper.Unsaved;
                isBusy |= keeper.IsBusy;
            }
        }

        _shard.Stats.Unsaved = unsaved;
        NeedsSweep = isBusy || _finished is not null;
        TryFinish();
    }

    /// <summary>Has everything stored that is not.</summary>
    /// <param name="finished">Called once, when all is.</param>
    public void Finish(Action finished)
    {
        _finished = finished;
        NeedsSweep = true;
        TryFinish();
    }

    /// <summary>A room's changes are stored.</summary>
    public void Stored(RoomKeeper keeper, Room room, ulong upTo)
    {
        keeper.Stored(upTo);
        _shard.CloseIfEmpty(room);
        TryFinish();
    }

    private void TryFinish()
    {
        if (_finished is not { } finished)
        {
            return;
        }

        bool isDone = true;
        for (int i = 0; i < _shard.Rooms.Count; i++)
        {
            isDone &= _shard.Rooms[i].World.Keeper?.TryFinish() ?? true;
        }

        if (isDone)
        {
            _finished = null;
            finished();
        }
    }
}
