using System.Net.Sockets;
using Relay.Core.Hosting;
using Relay.Core.Tests.Kit;
using Relay.Core.Transport.Pipe;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Transport;

/// <summary>A member of a large room that stops reading: it costs a bounded amount of memory, nobody else waits for it, and it finds the
/// present when it reads again.</summary>
public sealed class SlowReaderTests
{
    private const int Members = 500;
    private const int Movers = 100;
    private const int ReceiveBuffer = 8 * 1024;

    /// <summary>What the room may add in one transmission: reliable messages up to the fan-out's bound and the one that crosses it, then
    /// one batch.</summary>
    private const int Transmission = (64 * 1024) + (8 * 1024) + (Members * 32);

    [Theory]
    [ClassData(typeof(TcpWires))]
    public async Task Reader_thatStopsInARoomOf500_holdsABoundedAmount_andResumesWithThePresent(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Limits.FramesPerSecond = 0);
        var limits = new RelayLimits();
        await using Peer slow = Peer.Over(await RawTcpClient.ConnectAsync(server, wire, receiveBuffer: ReceiveBuffer));
        await slow.HelloAsync();
        await slow.JoinAsync("plaza");
        await using Peer quick = await Peer.JoinAsync(server, wire, "plaza");
        var movers = new List<Peer>();
        for (int i = 0; i < Movers; i++)
        {
            movers.Add(await Peer.JoinAsync(server, wire, "plaza"));
        }

        using var crowd = new Crowd();
        await crowd.JoinAsync(server, "plaza", Members - Movers - 2, movers);
        await Waiting.UntilAsync(() => server.Relay.MemberCount == Members, "a full room");

        // From here on `slow` does not read. Direct events fill what it can hold, far past every bound, while everybody moves.
        double x = 0;
        for (int round = 0; round < 60; round++)
        {
            x = (round + 1) / 10.0;
            foreach (Peer mover in movers)
            {
                await mover.MoveAsync(new Transform(x, 0, mover.Seat!.Slot / 100.0));
            }

            for (int i = 0; i < 4; i++)
            {
                await movers[i].SendEventAsync(EventAudience.Member, new string('x', 8000), slow.Seat!.Member);
            }

            await quick.UntilAsync(() => movers.All(mover => quick.IsAt(mover.Seat!.Slot, new Transform(x, 0, mover.Seat.Slot / 100.0))), "everybody's move");
        }

        Assert.True(server.Metrics.Read("relay.server.receivers.conflated") > 0, "Nobody was passed over.");

        // What waits for it, and what it gets in all, with nobody doing anything any more: what was held, one answer to "what did I
        // miss?", and no more.
        long before = slow.Raw.BytesReceived;
        foreach (Peer mover in movers)
        {
            await slow.SeesAsync(mover.Seat!.Slot, new Transform(x, 0, mover.Seat.Slot / 100.0));
        }

        await slow.SettleAsync();
        long received = slow.Raw.BytesReceived - before;
        long kernel = (2 * limits.KernelSendBufferBytes) + (2 * ReceiveBuffer);
        long held = kernel + PipeOutlet.ProbeBytes + Transmission;
        Assert.InRange(received, 1, held + Transmission + (Members * 32));
        Assert.True(slow.Snapshots >= 2, "The ring had overtaken it, so it must have been told anew who is here.");
        Assert.Equal(Members, slow.People.Count);
        foreach (Peer mover in movers)
        {
            await mover.DisposeAsync();
        }
    }

    /// <summary>Members who only read and throw away: one loop each over a shared buffer.</summary>
    private sealed class Crowd : IDisposable
    {
        private static readonly byte[] Waste = new byte[64 * 1024];

        private readonly List<RawTcpClient> _members = [];

        public async Task JoinAsync(RelayTestServer server, string room, int count, IEnumerable<Peer> others)
        {
            for (int i = 0; i < count; i++)
            {
                RawTcpClient member = await RawTcpClient.ConnectAsync(server);
                await member.SendAsync(Frames.Hello(), Frames.Join(1, room));
                _members.Add(member);
            }

            foreach (Socket socket in _members.Select(member => member.Socket).Concat(others.Select(other => other.Raw.Socket)))
            {
                _ = DiscardAsync(socket);
            }
        }

        public void Dispose()
        {
            foreach (RawTcpClient member in _members)
            {
                member.Socket.Dispose();
            }
        }

        private static async Task DiscardAsync(Socket socket)
        {
            try
            {
                while (await socket.ReceiveAsync(Waste) > 0)
                {
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
