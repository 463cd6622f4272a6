using Relay.Core.Rooms;

namespace Relay.Core.Hosting;

/// <summary>Holds a room open, although nobody may be in it, until it is disposed of. Any thread.</summary>
public sealed class RoomLease : IAsyncDisposable
{
    private readonly Shard _shard;
    private readonly Room _held;
    private int _isDisposed;

    internal RoomLease(Shard shard, Room held, RelayLimits limits)
    {
        _shard = shard;
        _held = held;
        Room = new RoomContext(shard, held, limits);
    }

    /// <summary>The room: to read, and to act there in the server's name. Refuses everything with 4404 once the lease has been disposed
    /// of.</summary>
    public RoomContext Room { get; }

    /// <summary>Lets go of the room: it ends if nobody else needs it. Calls that wait fail, so wait for them first.</summary>
    public ValueTask DisposeAsync()
    {
        Release();
        return ValueTask.CompletedTask;
    }

    internal void Release()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Room.End();
            _shard.Lane.Push(new Released(_held));
        }
    }

    /// <summary>To the room's shard: it is not held any more.</summary>
    private sealed class Released(Room room) : ShardMessage
    {
        public override void Handle(Shard shard) => shard.Release(room);
    }
}
