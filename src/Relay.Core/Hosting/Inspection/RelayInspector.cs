using System.Text;
using Relay.Core.Rooms;
using Relay.Core.Transport;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>
/// Looks into a running server, for operators and dashboards: its figures, its rooms, who is in them and what; and takes members out.
/// Each question is a message to the shard that owns the answer, which copies it between two ticks; nobody who only looks holds a room up
/// for longer than that. Any thread.
/// </summary>
public sealed class RelayInspector
{
    /// <summary>The most objects of a room that <see cref="LookAsync"/> tells unless it is asked for more: enough for a person, and copied
    /// in well under a millisecond.</summary>
    public const int DefaultMostObjects = 1_000;

    private readonly RelayServer _server;
    private readonly RelayClock _clock;
    private readonly CloseLog _closes;
    private readonly Func<string, Shard> _shardOf;

    internal RelayInspector(RelayServer server, RelayClock clock, CloseLog closes, Func<string, Shard> shardOf)
    {
        _server = server;
        _clock = clock;
        _closes = closes;
        _shardOf = shardOf;
    }

    /// <summary>Reads the server's figures.</summary>
    /// <param name="mostRooms">How many rooms are told one by one: those with the most members. Default 100; each costs a kilobyte.</param>
    /// <param name="cancellationToken">Ends the wait. Set a limit: a server that is being taken down may not answer.</param>
    /// <exception cref="OperationCanceledException">The wait was ended, or the server has ended.</exception>
    public async Task<ServerReading> ReadAsync(int mostRooms = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(mostRooms);
        ShardReading[] shards = await Task.WhenAll(
            _server.Shards.Select(shard => ShardQuestion<ShardReading>.Ask(shard, asked => new ShardReading(asked, mostRooms))))
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        var ticks = new TickTimes();
        foreach (ShardReading shard in shards)
        {
            ticks.Add(shard.Ticks);
        }

        return new ServerReading
        {
            Uptime = TimeSpan.FromMicroseconds(_clock.Micros - RelayClock.Start),
            IsDraining = _server.IsDraining,
            Connections = _server.ConnectionCount,
            Suspended = _server.SuspendedCount,
            Rooms = shards.Sum(shard => shard.Rooms),
            Members = shards.Sum(shard => shard.Members),
            SlowReceivers = shards.Sum(shard => shard.SlowReceivers),
            HeldBytes = _server.HeldBytes,
            FramesIn = _server.IngressStats.FramesIn,
            BytesIn = _server.IngressStats.BytesIn,
            Deliveries = _server.Sum(stats => stats.TransmissionsOut),
            BytesOut = _server.Sum(stats => stats.BytesOut),
            Conflated = _server.Sum(stats => stats.Conflated),
            Refusals = _server.Sum(stats => stats.Refusals) + _server.IngressStats.RefusedUntold,
            LateTicks = _server.Sum(stats => stats.LateTicks),
            Ticks = ticks,
            LargestRooms = [.. shards.SelectMany(shard => shard.Largest).OrderByDescending(room => room.Members).Take(mostRooms)],
        };
    }

    /// <summary>Reads one room's figures.</summary>
    /// <param name="room">Its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is no such room.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the server has ended.</exception>
    public Task<RoomReading?> ReadRoomAsync(string room, CancellationToken cancellationToken = default) => AskAsync(
        room, shard => shard.FindRoom(room) is { } found ? new RoomReading(found, shard.Now) : null, cancellationToken);

    /// <summary>Looks into a room: its members, its objects, all attributes.</summary>
    /// <param name="room">Its name.</param>
    /// <param name="mostObjects">The most objects that are told. Default <see cref="DefaultMostObjects"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is no such room.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the server has ended.</exception>
    public Task<RoomInspection?> LookAsync(
        string room, int mostObjects = DefaultMostObjects, CancellationToken cancellationToken = default) =>
        AskAsync(
            room, shard => shard.FindRoom(room) is { } found ? new RoomInspection(found, shard.Now, mostObjects) : null, cancellationToken);

    /// <summary>Takes a member out of a room; it is told Left with reason 4433 (<see cref="CloseCode.Kicked"/>) and keeps its
    /// connection.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="epoch">Which life of the room is meant: member ids begin anew in the next.</param>
    /// <param name="member">The member's id.</param>
    /// <param name="cancellationToken">Ends the wait, not the deed.</param>
    /// <returns>False if there is no such room or member (any more).</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the server has ended.</exception>
    public Task<bool> KickAsync(string room, ulong epoch, uint member, CancellationToken cancellationToken = default) => AskAsync(
        room,
        shard =>
        {
            if (shard.FindRoom(room) is not { } found || found.Epoch != epoch)
            {
                return false;
            }

            return shard.Moderation.TakeOut(found, candidate => candidate.Id == member, CloseCode.Kicked) > 0;
        },
        cancellationToken);

    /// <summary>Says who is connected, and where, by user id and then by session.</summary>
    /// <param name="userIds">Only these users; null for everybody.</param>
    /// <param name="skip">How many to leave out from the beginning.</param>
    /// <param name="most">The most that are told. Default 100.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended, or the server has ended.</exception>
    public async Task<IReadOnlyList<OnlineClient>> OnlineAsync(
        IReadOnlyCollection<string>? userIds = null, int skip = 0, int most = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        HashSet<string>? wanted = userIds is null ? null : [.. userIds];
        OnlineClient[][] found = await Task.WhenAll(_server.Shards.Select(shard => ShardQuestion<OnlineClient[]>.Ask(
            shard,
            asked => [.. asked.Connections
                .Where(connection => !connection.IsOver && (wanted is null || (connection.Who.UserId is { } user && wanted.Contains(user))))
                .Select(connection => OnlineFrom(connection, asked.Now))])))
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        return [.. found.SelectMany(part => part)
            .OrderBy(client => client.UserId, StringComparer.Ordinal).ThenBy(client => client.Session).Skip(skip).Take(most)];
    }

    /// <summary>Why connections ended or were turned away since the server was made, the most frequent reason first.</summary>
    public IReadOnlyList<CloseCount> CloseCounts() => _closes.Counts();

    /// <summary>The last 64 connections that ended or were turned away, the newest first.</summary>
    public IReadOnlyList<CloseNote> RecentCloses() => _closes.Recent();

    private static OnlineClient OnlineFrom(Connection connection, long now) => new(
        connection.Session,
        connection.Who.UserId,
        Encoding.UTF8.GetString(connection.NameUtf8),
        connection.Member?.Room.Name,
        connection.Member?.Id ?? 0,
        connection.IsAway,
        TimeSpan.FromMicroseconds(Math.Max(0, now - connection.Opened)));

    private Task<T> AskAsync<T>(string room, Func<Shard, T> ask, CancellationToken cancellationToken) =>
        ShardQuestion<T>.Ask(_shardOf(room), ask).WaitAsync(cancellationToken);

    /// <summary>A shard's part of a reading.</summary>
    private sealed class ShardReading
    {
        public ShardReading(Shard shard, int mostRooms)
        {
            foreach (Room room in shard.Rooms)
            {
                Members += room.Members.Count;
                foreach (Receiver receiver in room.Receivers)
                {
                    SlowReceivers += !receiver.Connection.IsAway && !receiver.Connection.Outlet.IsReady ? 1 : 0;
                }
            }

            Rooms = shard.Rooms.Count;
            Ticks = shard.Times.Copy();
            Largest = [.. shard.Rooms
                .OrderByDescending(room => room.Members.Count).Take(mostRooms)
                .Select(room => new RoomReading(room, shard.Now))];
        }

        public int Rooms { get; }

        public int Members { get; }

        public int SlowReceivers { get; }

        public TickTimes Ticks { get; }

        public RoomReading[] Largest { get; }
    }
}
