using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Host.Tests;

/// <summary>A connection to the program that sends bytes and reads frames.</summary>
internal sealed class FrameStream : IDisposable
{
    private delegate void Writing(ref FrameWriter writer);

    private readonly Socket? _socket;
    private readonly ClientWebSocket? _web;
    private readonly byte[] _chunk = new byte[64 * 1024];
    private byte[] _received = [];

    private FrameStream(Socket? socket, ClientWebSocket? web)
    {
        _socket = socket;
        _web = web;
    }

    /// <summary>The code of the WebSocket close frame that came.</summary>
    public int? WebSocketCode => (int?)_web?.CloseStatus;

    /// <summary>Connects over raw TCP and sends the preface.</summary>
    public static async Task<FrameStream> TcpAsync(string endpoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(endpoint));
        await socket.SendAsync(ConnectionPreface.Bytes.ToArray());
        return new FrameStream(socket, null);
    }

    /// <summary>Connects over WebSocket.</summary>
    public static async Task<FrameStream> WebSocketAsync(string endpoint, string path = "/relay")
    {
        var web = new ClientWebSocket();
        web.Options.AddSubProtocol(ProtocolVersion.WebSocketSubprotocol);
        await web.ConnectAsync(new Uri($"ws://{endpoint}{path}"), default).WaitAsync(ChildProcess.Patience, TimeProvider.System);
        return new FrameStream(null, web);
    }

    public Task HelloAsync(string credentials) => SendAsync(Build((ref FrameWriter writer) =>
        new Hello { VersionOldest = 1, VersionNewest = 1, Credentials = Encoding.UTF8.GetBytes(credentials) }.Write(ref writer)));

    /// <summary>A Hello and a Join of a client called Anna.</summary>
    public async Task<FrameStream> JoinAsync(string room)
    {
        await HelloAsync("Anna");
        await SendAsync(Build((ref FrameWriter writer) => new Join { Sequence = 1, RoomUtf8 = Encoding.UTF8.GetBytes(room) }.Write(ref writer)));
        await UntilAsync(FrameType.Joined);
        return this;
    }

    public async Task SendAsync(byte[] bytes)
    {
        if (_web is not null)
        {
            await _web.SendAsync(bytes, WebSocketMessageType.Binary, true, default);
        }
        else
        {
            await _socket!.SendAsync(bytes);
        }
    }

    /// <summary>Reads up to the next frame of a type.</summary>
    /// <returns>Its body.</returns>
    public async Task<byte[]> UntilAsync(FrameType type)
    {
        while (true)
        {
            while (FrameDecoder.Find(_received, FrameHeader.MaxBodyLength, out FrameHeader header) != FrameStatus.Complete)
            {
                int read = await ReadAsync().WaitAsync(ChildProcess.Patience, TimeProvider.System);
                Assert.True(read > 0, $"The connection ended before {type}.");
                _received = [.. _received, .. _chunk.AsSpan(0, read)];
            }

            int size = FrameHeader.Size + FrameHeader.Read(_received).BodyLength;
            (FrameType found, byte[] body) = (FrameHeader.Read(_received).Type, _received[FrameHeader.Size..size]);
            _received = _received[size..];
            if (found == type)
            {
                return body;
            }
        }
    }

    /// <summary>Reads to the end, and hangs up as a client should.</summary>
    public async Task EndAsync()
    {
        _socket?.Shutdown(SocketShutdown.Send);
        while (await ReadAsync().WaitAsync(ChildProcess.Patience, TimeProvider.System) > 0)
        {
        }

        if (_web is { State: WebSocketState.CloseReceived })
        {
            await _web.CloseOutputAsync(_web.CloseStatus!.Value, null, default);
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _web?.Dispose();
    }

    private static byte[] Build(Writing write)
    {
        var writer = new FrameWriter(new byte[512]);
        write(ref writer);
        return writer.WrittenSpan.ToArray();
    }

    private async Task<int> ReadAsync() => _web is not null
        ? (await _web.ReceiveAsync(_chunk.AsMemory(), default)).Count
        : await _socket!.ReceiveAsync(_chunk);
}
