using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Relay.Core.Tests.Kit;

namespace Relay.Core.Tests.Transport;

/// <summary>Case 21: clients that drip their upgrade request. Before the path is known they are Kestrel's, after it they have a
/// connection of the relay's own; its time-out for headers ends either.</summary>
public sealed class SlowlorisCases
{
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(250);

    [Theory]
    [InlineData(Wire.WebSocket, 0)]
    [InlineData(Wire.WebSocket, 24)]
    [InlineData(Wire.PipeWebSocket, 24)]
    public async Task Case21_requestsThatDrip_areEndedByKestrel_andOthersStillConnect(Wire wire, int atOnce)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(build: builder =>
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(2)));
        Task<string>[] dripping = [.. Enumerable.Range(0, Full.Or(2000, 300)).Select(_ => DripAsync(server, wire, atOnce))];
        Task<string[]> all = Task.WhenAll(dripping);
        int connected = 0;
        do
        {
            await using Peer tcp = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
            await using Peer web = await Peer.JoinAsync(server, wire, "plaza");
            connected += 2;
        }
        while (!all.IsCompleted);

        Assert.True(connected > 2, "Nobody tried to connect meanwhile.");
        Assert.All(await all, answer => Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal));
        await Books.BalanceAsync(server);
    }

    /// <summary>Sends a request a byte at a time until the server has had enough.</summary>
    /// <returns>The server's answer.</returns>
    private static async Task<string> DripAsync(RelayTestServer server, Wire wire, int atOnce)
    {
        byte[] request = RawWebSocketClient.Request(server, wire);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Endpoint(wire)).InTimeAsync("a connection");
        byte[] answer = new byte[1024];
        Task<int> answered = socket.ReceiveAsync(answer);
        await socket.SendAsync(request.AsMemory(0, atOnce));
        for (int i = atOnce; i < request.Length && !answered.IsCompleted; i++)
        {
            await socket.SendAsync(request.AsMemory(i, 1));
            await Task.WhenAny(answered, Task.Delay(Drip, TimeProvider.System));
        }

        return Encoding.ASCII.GetString(answer, 0, await answered.InTimeAsync("the server's answer"));
    }
}
