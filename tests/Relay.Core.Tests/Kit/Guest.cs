using System.Net.Sockets;

namespace Relay.Core.Tests.Kit;

/// <summary>A client of which nothing is wanted but that it sends some bytes and goes away, in the way that a test wants it to.</summary>
internal sealed class Guest : IDisposable
{
    private readonly byte[] _bin = new byte[4096];
    private readonly RelayTestServer _server;
    private readonly Wire _wire;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public Guest(RelayTestServer server, Wire wire, int receiveBuffer = 0)
    {
        _server = server;
        _wire = wire;
        if (receiveBuffer > 0)
        {
            _socket.ReceiveBufferSize = receiveBuffer;
        }
    }

    /// <summary>Connects, if it has not yet, and sends; a server that has hung up already is none of its concern.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!_socket.Connected)
        {
            await _socket.ConnectAsync(_server.Endpoint(_wire)).InTimeAsync("a connection");
        }

        await TryAsync(async () => await _socket.SendAsync(bytes).AsTask().InTimeAsync("room to send"));
    }

    /// <summary>Waits for some bytes, or the end.</summary>
    public Task ReceiveAsync() => TryAsync(async () => await _socket.ReceiveAsync(_bin).InTimeAsync("bytes from the server"));

    /// <summary>Waits for the end.</summary>
    public Task ReceiveAllAsync() => TryAsync(async () =>
    {
        while (await _socket.ReceiveAsync(_bin).InTimeAsync("bytes from the server") > 0)
        {
        }
    });

    /// <summary>Lets some time pass that is too short to be waited for.</summary>
    public void Spin(int rounds) => Thread.SpinWait(rounds);

    /// <summary>Goes away.</summary>
    /// <param name="reset">With a reset, or else with the end of the stream.</param>
    public void Leave(bool reset)
    {
        if (reset)
        {
            _socket.Close(timeout: 0);
        }
        else if (_socket.Connected)
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The server was faster.
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server has hung up.
        }
    }
}
