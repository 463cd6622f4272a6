using System.Net;
using System.Net.Sockets;
using Relay.Protocol.Frames;

namespace Relay.Client.Tests.Kit;

/// <summary>
/// A server of one connection at a time that does what the test says, over a real loopback socket. What does not come within 10 s fails
/// the test.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private Socket? _socket;

    public ScriptedServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Accepts the client and reads its preface and Hello.</summary>
    /// <returns>The body of Hello.</returns>
    public async Task<byte[]> AcceptAsync()
    {
        _socket?.Dispose();
        _socket = await _listener.AcceptSocketAsync().WaitAsync(Patience);
        _socket.NoDelay = true;
        Assert.Equal(ConnectionPreface.Bytes.ToArray(), await ReadAsync(ConnectionPreface.Size));
        return await ExpectAsync(FrameType.Hello);
    }

    /// <summary>Reads frames until one of this type has come; pings, which come by the clock, are passed over.</summary>
    public async Task<byte[]> ExpectAsync(FrameType type)
    {
        while (true)
        {
            FrameHeader header = FrameHeader.Read(await ReadAsync(FrameHeader.Size));
            byte[] body = await ReadAsync(header.BodyLength);
            if (header.Type == type)
            {
                return body;
            }

            Assert.Equal(FrameType.Ping, header.Type);
        }
    }

    /// <summary>Waits until the client has ended its side.</summary>
    public async Task ExpectEndAsync()
    {
        byte[] rest = new byte[4096];
        while (await _socket!.ReceiveAsync(rest, SocketFlags.None).WaitAsync(Patience) > 0)
        {
        }
    }

    /// <summary>Ends the server's side of the stream.</summary>
    public void EndSending() => _socket!.Shutdown(SocketShutdown.Send);

    /// <summary>Reads until the client ends its side, too.</summary>
    /// <returns>How many bytes there were.</returns>
    public async Task<int> ReadRestAsync()
    {
        byte[] rest = new byte[4096];
        int sum = 0;
        while (await _socket!.ReceiveAsync(rest, SocketFlags.None).WaitAsync(Patience) is > 0 and var count)
        {
            sum += count;
        }

        return sum;
    }

    public void Send(params byte[][] frames) => _socket!.Send(frames.SelectMany(frame => frame).ToArray());

    public void SendPart(ReadOnlySpan<byte> bytes) => _socket!.Send(bytes);

    /// <summary>Sends one byte at a time, each in a segment of its own.</summary>
    public async Task SendByteByByteAsync(params byte[][] frames)
    {
        foreach (byte one in frames.SelectMany(frame => frame))
        {
            _socket!.Send([one]);
            await Task.Yield();
        }
    }

    /// <summary>Ends the connection without a word.</summary>
    public void Drop() => _socket!.Close();

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        _socket!.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        int read = 0;
        while (read < count)
        {
            int part = await _socket!.ReceiveAsync(bytes.AsMemory(read), SocketFlags.None).AsTask().WaitAsync(Patience);
            Assert.True(part > 0, "The client ended the connection early.");
            read += part;
        }

        return bytes;
    }
}
