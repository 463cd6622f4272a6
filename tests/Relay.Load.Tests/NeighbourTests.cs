using System.Net;
using System.Net.Sockets;
using Relay.Load.Neighbours;
using Relay.Load.Server;
using Relay.Load.Wire;
using Relay.Protocol.Messages;

namespace Relay.Load.Tests;

public sealed class NeighbourTests
{
    private static readonly WireCounter Wire = new();

    [Fact]
    public void Visits_go_over_both_transports_alike() =>
        Assert.Equal(
            [4, 4], Enumerable.Range(0, 8).GroupBy(number => ChurnVisit.TransportOf(number)).Select(group => group.Count()));

    [Fact]
    public async Task Churn_counts_who_is_turned_away_and_who_gets_no_answer()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        int closedPort = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();

        // Over TCP the listener takes everybody and says nothing; over WebSocket nobody listens.
        using var churn = new Churn(new ServerAddress(IPAddress.Loopback, port, closedPort), perSecond: 200);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        while (churn.Refused < 4 || churn.Opened < 1)
        {
            await Measure.Clock.UntilAsync(Measure.Clock.NowNanos + 5_000_000, timeout.Token);
        }

        await churn.StopAsync();
        Assert.Equal(0, churn.Open);
        Assert.True(churn.Failed >= 2, $"failed: {churn.Failed}");
    }

    [Fact]
    public async Task Reset_is_a_reset_on_the_wire()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var session = new ChurnSession("room", joins: false);
        using var connection = new LoadConnection((IPEndPoint)listener.LocalEndpoint, LoadTransport.Tcp, session, Wire);
        await connection.OpenAsync(CancellationToken.None);
        using Socket accepted = await listener.AcceptSocketAsync();
        connection.Reset();
        accepted.ReceiveTimeout = 10_000;
        SocketException error = Assert.Throws<SocketException>(() =>
        {
            while (accepted.Receive(new byte[256]) > 0)
            {
            }
        });
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public void The_tightest_pongs_tell_the_servers_clock()
    {
        var clock = new ServerClock();

        // The server is 1000 ahead. The first ping waits 40 for being read, the second is read at once and its pong is late by 4.
        clock.Take(new Pong { Stamp = 0, ReceivedMicros = 1040, SentMicros = 1040 }, arrivedMicros: 41);
        Assert.Equal((1019, 20), (clock.AheadMicros, clock.ErrorMicros));
        clock.Take(new Pong { Stamp = 100, ReceivedMicros = 1102, SentMicros = 1102 }, arrivedMicros: 106);
        Assert.Equal((1000, 1, 2), (clock.AheadMicros, clock.ErrorMicros, clock.Count));
    }

    [Fact]
    public void Peak_memory_is_read_from_the_status_of_a_process()
    {
        Assert.Equal(2048 * 1024, ResidentPeak.Parse("Name:\tx\nVmPeak:\t  9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 5 kB\n"));
        Assert.Null(ResidentPeak.Parse("Name:\tx\n"));
        Assert.Null(ResidentPeak.ReadBytes(int.MaxValue));
        Assert.Null(ResidentPeak.ReadBytes(pid: null));
    }

    [Theory]
    [InlineData("0123456789abcdef", "0123456")]
    [InlineData("0123456789abcdef-dirty", "0123456-dirty")]
    [InlineData("", "unknown")]
    public void A_commit_has_a_short_form(string commit, string expected) => Assert.Equal(expected, Repository.Short(commit));
}
