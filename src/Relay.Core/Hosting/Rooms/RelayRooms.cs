using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>
/// What the server does with rooms for others than their members: for REST, for operators. Whatever must last is stored first
/// (<see cref="IModerationStore"/>) and then done in every open instance of the room. Any thread. Fails with
/// <see cref="RoomRefusedException"/>: 4500 if it could not be stored (nothing has changed then), and what each method names.
/// </summary>
public sealed class RelayRooms
{
    private readonly Func<string, Shard> _shardOf;
    private readonly RelayOptions _options;
    private readonly IModerationStore _store;
    private readonly RoomHandlers _handlers;
    private readonly TimeProvider _time;

    internal RelayRooms(Func<string, Shard> shardOf, RelayOptions options, IModerationStore store, RoomHandlers handlers, TimeProvider time)
    {
        _shardOf = shardOf;
        _options = options;
        _store = store;
        _handlers = handlers;
        _time = time;
    }

    /// <summary>Opens a room, or finds it open, and holds it open.</summary>
    /// <param name="room">The room's name; of an instance that it spilled over into, with the number.</param>
    /// <param name="options">What it is to be like if this opens it; null for the server's default.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>To be disposed of when the room is not needed any more. It takes no member's seat.</returns>
    /// <exception cref="ArgumentException">The options are not valid, or the name is too long or empty.</exception>
    /// <exception cref="RoomRefusedException">4431 the server has as many rooms as it may, 4500 what is stored of the room cannot be
    /// fetched, 1001 the server is draining.</exception>
    public async Task<RoomLease> OpenAsync(string room, RoomOptions? options = null, CancellationToken cancellationToken = default)
    {
        Check(room);
        RoomOptions chosen = Valid(options ?? _options.Room);
        OpenLogic? logic = await _handlers.FindLogicAsync(room, cancellationToken).ConfigureAwait(false);
        var order = new HoldOrder(room, chosen, logic, _options.Limits);
        Shard shard = _shardOf(room);
        shard.Lane.Push(order);
        if (shard.IsOver)
        {
            order.Abandon();
        }

        try
        {
            return await order.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            order.GiveUp();
            throw;
        }
    }

    /// <summary>Gives a room other settings, in all its open instances at once. Members keep their roles by name; a role that is gone
    /// becomes the default role. The members are told by the room's attribute <c>relay.room</c>, field by field (protocol-spec.md
    /// §11.2).</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="options">All its settings.</param>
    /// <param name="cancellationToken">Ends the wait, not the change.</param>
    /// <returns>What holds now, and what must wait until the room is opened the next time.</returns>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public async Task<SettingsChange> ApplyAsync(string room, RoomOptions options, CancellationToken cancellationToken = default)
    {
        Valid(options);
        return await AskAsync(
            room,
            shard =>
            {
                shard.Openings.Reconfigure(RoomInstance.BaseOf(room), options);
                SettingsChange[] changes = [.. shard.InstancesOf(RoomInstance.BaseOf(room))
                    .Select(open => Reconfiguration.Apply(shard, open, options))];
                return new SettingsChange(
                    changes.Length > 0,
                    [.. changes.SelectMany(change => change.Applied).Distinct()],
                    [.. changes.SelectMany(change => change.Waiting).Distinct()]);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives a user a role in a room, for this and every later stay.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="userId">Who; <see cref="ConnectDecision.UserId"/>.</param>
    /// <param name="role">The role's name.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    /// <returns>How many members that changed.</returns>
    /// <exception cref="RoomRefusedException">4422 an open instance of the room has no such role, 4500.</exception>
    public async Task<int> SetRoleAsync(string room, string userId, string role, CancellationToken cancellationToken = default)
    {
        string name = RoomInstance.BaseOf(room);
        bool isKnown = await AskAsync(
            room, shard => Array.TrueForAll(shard.InstancesOf(name), open => open.FindRole(role) >= 0), cancellationToken)
            .ConfigureAwait(false);
        if (!isKnown)
        {
            throw new RoomRefusedException(new Fault(CloseCode.BadValue, $"The room has no role \"{role}\"."));
        }

        await StoreAsync(room, token => _store.SetRoleAsync(name, "user:" + userId, role, token))
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        return await AskAsync(
            room, shard => shard.InstancesOf(name).Sum(open => shard.Moderation.SetRole(open, userId, role)), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Bans somebody from a room; whoever comes under that name is taken out (4434).</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="subject">Who: <c>user:</c> and the user's id, or <c>address:</c> and the network address of one who has none.</param>
    /// <param name="until">Until when; null for good.</param>
    /// <param name="reason">Why, for people; may be empty.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    public async Task BanAsync(
        string room, string subject, DateTimeOffset? until = null, string reason = "", CancellationToken cancellationToken = default)
    {
        string name = RoomInstance.BaseOf(room);
        await StoreAsync(room, token => _store.BanAsync(name, subject, until, reason, token))
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        TimeSpan? duration = until is { } end ? end - _time.GetUtcNow() : null;
        if (duration <= TimeSpan.Zero)
        {
            return;
        }

        await EachAsync(room, (shard, open) => shard.Moderation.Ban(open, subject, duration), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lifts a ban.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="subject">Who.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> UnbanAsync(string room, string subject, CancellationToken cancellationToken = default)
    {
        bool was = false;
        string name = RoomInstance.BaseOf(room);
        await StoreAsync(room, async token => was = await _store.UnbanAsync(name, subject, token).ConfigureAwait(false))
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        await EachAsync(room, (_, open) => open.Unban(subject), cancellationToken).ConfigureAwait(false);
        return was;
    }

    /// <summary>Closes a room, so that only members whose role has CloseRoom stay and come in, or opens it again.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="closed">Closed or open.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    public async Task SetClosedAsync(string room, bool closed, CancellationToken cancellationToken = default)
    {
        string name = RoomInstance.BaseOf(room);
        await StoreAsync(room, token => _store.SetClosedAsync(name, closed, token)).WaitAsync(cancellationToken).ConfigureAwait(false);
        await EachAsync(room, (shard, open) => shard.Moderation.SetClosed(open, closed), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a user out of all instances of a room; each connection is told Left with reason 4433 and stays.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="userId">Who; <see cref="ConnectDecision.UserId"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    /// <returns>How many members that were.</returns>
    public Task<int> KickAsync(string room, string userId, CancellationToken cancellationToken = default) => AskAsync(
        room,
        shard => shard.InstancesOf(RoomInstance.BaseOf(room)).Sum(open =>
            shard.Moderation.TakeOut(open, member => member.Receiver.Connection.Who.UserId == userId, CloseCode.Kicked)),
        cancellationToken);

    /// <summary>Takes a member out of a room; it is told Left with reason 4433 and keeps its connection.</summary>
    /// <param name="room">The room's name; of an instance that it spilled over into, with the number.</param>
    /// <param name="member">The member's id.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    /// <returns>Whether there was one.</returns>
    public Task<bool> KickAsync(string room, uint member, CancellationToken cancellationToken = default) => AskAsync(
        room,
        shard => shard.FindRoom(room) is { } open &&
            shard.Moderation.TakeOut(open, candidate => candidate.Id == member, CloseCode.Kicked) > 0,
        cancellationToken);

    private static RoomOptions Valid(RoomOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Validate("options").FirstOrDefault() is { } problem
            ? throw new ArgumentException(problem, nameof(options))
            : options;
    }

    private void Check(string room)
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        int bytes = System.Text.Encoding.UTF8.GetByteCount(room);
        if (bytes > _options.Limits.MaxRoomNameBytes)
        {
            throw new ArgumentException(
                $"A room's name takes at most {_options.Limits.MaxRoomNameBytes} bytes; this one takes {bytes}.", nameof(room));
        }
    }

    private Task<T> AskAsync<T>(string room, Func<Shard, T> ask, CancellationToken cancellationToken) =>
        ShardQuestion<T>.Ask(_shardOf(room), ask).WaitAsync(cancellationToken);

    private Task<bool> EachAsync(string room, Action<Shard, Room> act, CancellationToken cancellationToken) => AskAsync(
        room,
        shard =>
        {
            foreach (Room open in shard.InstancesOf(RoomInstance.BaseOf(room)))
            {
                act(shard, open);
            }

            return true;
        },
        cancellationToken);

    private async Task StoreAsync(string room, Func<CancellationToken, ValueTask> call)
    {
        Fault fault = await StoreCall.InTimeAsync(_shardOf(room).Settings, async token =>
        {
            await call(token).ConfigureAwait(false);
            return Fault.None;
        }).ConfigureAwait(false);
        if (!fault.IsNone)
        {
            throw new RoomRefusedException(fault);
        }
    }

    /// <summary>To a room's shard: hold the room open, open it first if it is not.</summary>
    private sealed class HoldOrder(string room, RoomOptions options, OpenLogic? logic, RelayLimits limits) : ShardMessage
    {
        private readonly TaskCompletionSource<RoomLease> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<RoomLease> Done => _done.Task;

        public override void Handle(Shard shard) => shard.Openings.Hold(room, options, logic, (held, fault) =>
        {
            if (held is null)
            {
                _done.TrySetException(new RoomRefusedException(fault));
            }
            else if (!_done.TrySetResult(new RoomLease(shard, held, limits)))
            {
                shard.Release(held);
            }
        });

        public override void Abandon() =>
            _done.TrySetException(new RoomRefusedException(new Fault(CloseCode.GoingAway, "The server has ended.")));

        /// <summary>Nobody waits any more.</summary>
        public void GiveUp()
        {
            if (!_done.TrySetCanceled() && _done.Task.IsCompletedSuccessfully)
            {
                _done.Task.Result.Release();
            }
        }
    }
}
