using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Buffers;

namespace Relay.Core.Tests.Hosting;

/// <summary>What observers are told of rooms and members, over real connections.</summary>
public sealed class RoomObserverTests
{
    private readonly ConcurrentQueue<string> _told = new();
    private readonly ConcurrentQueue<RoomNews> _rooms = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Observer_isToldOfRoomsAndMembers_inOrder()
    {
        _gate.SetResult();
        await using RelayTestServer server = await StartAsync(options =>
        {
            options.Room.Capacity = 1;
            options.Room.Overflow = RoomOverflow.Spill;
        });
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        Peer anna = await Peer.JoinAsync(server, Wire.WebSocket, "plaza", "anna");
        Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "ben");
        await anna.LeaveAsync();
        await ToldAsync(5);
        await ben.DisposeAsync();
        await ToldAsync(7);
        Assert.Equal(
            [
                "opened plaza", $"joined plaza {anna.Seat!.Member} anna member", "opened plaza~2", $"joined plaza~2 {ben.Seat!.Member} ben member",
                $"left plaza {anna.Seat.Member} anna member Normal", "closed plaza", $"left plaza~2 {ben.Seat.Member} ben member Abnormal", "closed plaza~2",
            ],
            await ToldAsync(8));
        Assert.All(_rooms, news => Assert.Equal("plaza", news.Room));
        Assert.All(_rooms, news => Assert.InRange(news.At, before, TimeProvider.System.GetUtcNow()));
        Assert.Equal(anna.Seat.Epoch, _rooms.First().Epoch);
        Assert.All(_rooms.GroupBy(news => news.Instance), of => Assert.Single(of.Select(news => news.Epoch).Distinct()));
        await anna.DisposeAsync();
    }

    [Fact]
    public async Task Session_thatIsTakenUpAgain_hasNotLeft()
    {
        _gate.SetResult();
        await using RelayTestServer server = await StartAsync(options => options.Resume.Window = TimeSpan.FromSeconds(20));
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "anna");
        Assert.True(await anna.ReconnectAsync(server, Wire.Tcp));
        await anna.LeaveAsync();
        Assert.Equal(
            ["opened plaza", $"joined plaza {anna.Seat!.Member} anna member", $"left plaza {anna.Seat.Member} anna member Normal", "closed plaza"], await ToldAsync(4));
    }

    [Fact]
    public async Task Observer_thatHangsOrThrows_holdsUpNoRoom()
    {
        await using RelayTestServer server = await StartAsync(_ => { }, throws: true);
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "anna");
        await anna.LeaveAsync();
        await anna.JoinAsync("plaza");
        Assert.Empty(_told);
        _gate.SetResult();
        await ToldAsync(6);
        await Waiting.UntilAsync(() => server.Log.WithId(20).Count() >= 6, "6 failures");
        Assert.Equal(0, server.Metrics.Read("relay.observer.dropped"));
    }

    [Fact]
    public async Task Events_thatCannotWait_areCounted_andTheOnesBeforeAreTold()
    {
        using var observation = new RoomObservation([new Observer(new Told(_told, _rooms, _gate.Task, Throws: false))], TimeProvider.System, NullLogger.Instance);
        var shard = new Shard(new ShardSettings(), new SharedBufferPool());
        Room room = shard.MakeRoom("plaza", new RoomOptions());
        for (int i = 0; i < RoomObservation.MostWaiting + 3; i++)
        {
            observation.Opened(room);
        }

        Assert.Equal(3, observation.Dropped);
        observation.Start();
        _gate.SetResult();
        await observation.StopAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(RoomObservation.MostWaiting, _told.Count);
        room.Dispose();
    }

    private async Task<string[]> ToldAsync(int count)
    {
        await Waiting.UntilAsync(() => _told.Count >= count, $"{count} calls");
        return [.. _told];
    }

    private Task<RelayTestServer> StartAsync(Action<RelayOptions> configure, bool throws = false) => RelayTestServer.StartAsync(
        options =>
        {
            options.Shards = 1;
            configure(options);
        },
        builder =>
        {
            builder.Services.AddSingleton(new Told(_told, _rooms, _gate.Task, throws));
            builder.Services.AddRelay().AddRoomObserver<Observer>().AddRoomObserver<Observer>();
        });

    private sealed record Told(ConcurrentQueue<string> Lines, ConcurrentQueue<RoomNews> Rooms, Task Gate, bool Throws);

    private sealed class Observer(Told told) : IRoomObserver
    {
        public ValueTask RoomOpenedAsync(RoomNews room, CancellationToken cancellationToken) => Note(room, "opened " + room.Instance);

        public ValueTask RoomClosedAsync(RoomNews room, CancellationToken cancellationToken) => Note(room, "closed " + room.Instance);

        public ValueTask MemberJoinedAsync(MemberNews member, CancellationToken cancellationToken) =>
            Note(member.Room, $"joined {member.Room.Instance} {member.Member} {member.Name} {member.Role}");

        public ValueTask MemberLeftAsync(MemberNews member, CloseCode reason, CancellationToken cancellationToken) =>
            Note(member.Room, $"left {member.Room.Instance} {member.Member} {member.Name} {member.Role} {reason}");

        private async ValueTask Note(RoomNews room, string line)
        {
            await told.Gate;
            told.Rooms.Enqueue(room);
            told.Lines.Enqueue(line);
            if (told.Throws)
            {
                throw new InvalidOperationException(line);
            }
        }
    }
}
