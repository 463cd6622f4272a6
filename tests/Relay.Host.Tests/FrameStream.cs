using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Host.Tests;

/// <summary>A connection to the program that sends bytes and reads frames.</summary>
internal sealed class FrameStream : IDisposable
{
    private delegate void Writing(ref FrameWriter writer);

    private readonly Socket? _socket;
    private readonly ClientWebSocket? _web;
    private readonly byte[] _chunk = new byte[64 * 1024];
    private byte[] _received = [];
    private RoomSpace? _space;
    private uint _slot;
    private byte _generation;

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

    /// <summary>All that a raw TCP client sends to be in a room: the preface, a Hello and a Join.</summary>
    public static byte[] Greeting(string room) =>
    [
        .. ConnectionPreface.Bytes,
        .. Build((ref FrameWriter writer) => new Hello { VersionOldest = 1, VersionNewest = 1, Credentials = "flood"u8 }.Write(ref writer)),
        .. Build((ref FrameWriter writer) => new Join { Sequence = 1, RoomUtf8 = Encoding.UTF8.GetBytes(room) }.Write(ref writer)),
    ];

    public Task HelloAsync(string credentials) => SendAsync(Build((ref FrameWriter writer) =>
        new Hello { VersionOldest = 1, VersionNewest = 1, Credentials = Encoding.UTF8.GetBytes(credentials) }.Write(ref writer)));

    /// <summary>A Hello and a Join of a client called Anna.</summary>
    public async Task<FrameStream> JoinAsync(string room)
    {
        await HelloAsync("Anna");
        await SendAsync(Build((ref FrameWriter writer) => new Join { Sequence = 1, RoomUtf8 = Encoding.UTF8.GetBytes(room) }.Write(ref writer)));
        Assert.Equal(ReadStatus.Ok, Joined.TryRead(await UntilAsync(FrameType.Joined), out Joined seat));
        (_space, _slot, _generation) = (seat.Space, seat.Slot, seat.Generation);
        return this;
    }

    /// <summary>Moves its avatar along a line.</summary>
    public Task MoveAsync(double x)
    {
        Assert.Equal(PackStatus.Ok, _space!.TryPack(new Transform(x, 0, 0), out PackedTransform packed));
        byte[] room = new byte[TransformUpdate.MaxSize(1)];
        var writer = new TransformUpdateWriter(room, _space, 1);
        writer.Add(new TransformUpdateEntry(_slot, _generation, packed, default));
        return SendAsync(room[..writer.Finish()]);
    }

    /// <summary>Reads until another's avatar is somewhere on the line.</summary>
    public async Task SeesAsync(FrameStream other, double x)
    {
        while (true)
        {
            byte[] body = await UntilAsync(FrameType.TransformBatch);
            Assert.Equal(ReadStatus.Ok, TransformBatch.TryRead(body, _space!, out TransformBatch batch));
            while (batch.TryReadRemoval(out _))
            {
            }

            while (batch.TryReadEntry(out TransformBatchEntry entry))
            {
                if (entry.Slot == other._slot && Math.Abs(_space!.Unpack(entry.Value).X - x) < 0.01)
                {
                    return;
                }
            }
        }
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
