using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>Something that a handler has the server do in a room. The shard's thread.</summary>
/// <param name="shard">The room's shard.</param>
/// <param name="room">The room.</param>
/// <param name="value">What came of it.</param>
internal delegate Fault AuthorDeed(Shard shard, Room room, out ulong value);

/// <summary>Takes what a handler asks of its room to the room's shard, and the answer back; bounded.</summary>
internal sealed class AuthorCalls(Shard shard, Room room, int limit)
{
    public static readonly Fault HasEnded = new(CloseCode.NotFound, "The room has ended.");

    private int _open;
    private volatile bool _isEnded;

    /// <summary>Whether the room has ended.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>Has something done.</summary>
    /// <param name="deed">What.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    /// <exception cref="RoomRefusedException">It was not done.</exception>
    public async Task<ulong> CallAsync(AuthorDeed deed, CancellationToken cancellationToken)
    {
        int open = Interlocked.Increment(ref _open);
        if (_isEnded || open > limit)
        {
            Interlocked.Decrement(ref _open);
            throw new RoomRefusedException(
                _isEnded ? HasEnded : new Fault(CloseCode.RateLimited, "More calls wait for the room than the limit.", limit, open));
        }

        var call = new Call(this, deed);
        shard.Lane.Push(call);
        if (_isEnded || shard.IsOver)
        {
            // It may have come too late to be found by whoever ended the room.
            call.Abandon();
        }

        return await call.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The room has ended.</summary>
    public void End() => _isEnded = true;

    /// <summary>To the room's shard: do this.</summary>
    private sealed class Call(AuthorCalls calls, AuthorDeed deed) : ShardMessage
    {
        private readonly TaskCompletionSource<ulong> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ulong> Done => _done.Task;

        public override void Handle(Shard shard)
        {
            if (calls._isEnded)
            {
                Abandon();
                return;
            }

            RoomKeeper? keeper = calls.Room.World.Keeper;
            ulong mark = keeper?.Mark ?? 0;
            Fault fault = deed(shard, calls.Room, out ulong value);
            if (fault.IsNone && keeper is not null && keeper.Mark != mark)
            {
                keeper.Await(new Commit(this, value));
            }
            else
            {
                End(fault, value);
            }
        }

        private void End(in Fault fault, ulong value)
        {
            if (fault.IsNone ? _done.TrySetResult(value) : _done.TrySetException(new RoomRefusedException(fault)))
            {
                Interlocked.Decrement(ref calls._open);
            }
        }

        public override void Abandon()
        {
            if (_done.TrySetException(new RoomRefusedException(HasEnded)))
            {
                Interlocked.Decrement(ref calls._open);
            }
        }

        /// <summary>What it changed is being stored.</summary>
        private sealed class Commit(Call call, ulong value) : Waiter
        {
            public override void Settle(in Fault fault) => call.End(fault, value);
        }
    }

    private Room Room => room;
}
