using System.Text;
using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Transport;

/// <summary>The system gives a descriptor's number to the next connection at once, while events and writes for the last one may still
/// be under way: what is for one must never reach the other.</summary>
public sealed class ReuseTests
{
    private const int Workers = 24;
    private const int Rooms = 8;

    [Theory]
    [ClassData(typeof(DirectWires))]
    public async Task ConnectionsThatComeAndGo_whileEventsArePending_neverHearWhatIsForOthers(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Shards = 4;
            options.InputCadence = InputCadence.Every(1);
            options.Limits.FramesPerSecond = 0;
            options.Room.TickRate = 0;
        });
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            for (int life = 0; life < Full.Or(1000, 20); life++)
            {
                await LiveAsync(server, wire, $"room-{worker % Rooms}", $"room-{worker % Rooms}.{worker}.{life}");
            }
        }))).InTimeAsync("all lives");
        await Waiting.UntilAsync(() => server.Relay is { ConnectionCount: 0, MemberCount: 0, RoomCount: 0 }, "everybody's departure");
    }

    private static async Task LiveAsync(RelayTestServer server, Wire wire, string room, string name)
    {
        await using Peer peer = Peer.Over(await RawClient.ConnectAsync(server, wire, Frames.Concat(
            RawClient.Wrap(wire, Frames.Hello(name)), RawClient.Wrap(wire, Frames.Join(1, room)))));
        await peer.UntilAsync(() => peer.Snapshots == 1, "the room");
        Assert.Equal((name, room), (peer.Welcome!.Name, peer.Seat!.Room));
        for (ulong i = 2; i < 5; i++)
        {
            await peer.Raw.SendAsync(Frames.Event(i, EventAudience.Everyone, 0, 1024, Encoding.UTF8.GetBytes(name)));
        }

        await peer.UntilAsync(() => peer.Events.Count(happened => happened.Sender == peer.Seat.Member) == 3, "its own events");
        Assert.All(peer.People.Values, person => Assert.StartsWith(room + ".", person.Name, StringComparison.Ordinal));
        Assert.Contains(peer.People.Values, person => person.Member == peer.Seat.Member && person.Name == name);
        foreach (EventFacts happened in peer.Events)
        {
            string payload = Encoding.UTF8.GetString(happened.Payload);
            Assert.StartsWith(room + ".", payload, StringComparison.Ordinal);
            Assert.True(
                !peer.People.TryGetValue(happened.Sender, out Person? sender) || sender.Name == payload, "An event came under another's name.");
        }

        // Something is on its way in both directions when it goes.
        await peer.Raw.SendAsync(Frames.Event(5, EventAudience.Everyone, 0, 1024, Encoding.UTF8.GetBytes(name)));
        peer.Raw.Reset();
    }
}
