using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §2.2, against a server made of the runtime's own WebSocket.</summary>
public sealed class WebSocketTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Recorder _told = new();
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(10), TimeProvider.System);

    public WebSocketTests() => _listener.Start();

    private Uri Uri => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/relay");

    public void Dispose()
    {
        _listener.Dispose();
        _patience.Dispose();
    }

    [Fact]
    public async Task Frames_go_as_binary_messages_both_ways_and_messages_may_be_fragmented()
    {
        await using var client = new RelayClient(_told, Session.Once());
        Task connecting = client.ConnectAsync(Uri);
        using WebSocket server = await AcceptAsync(ProtocolVersion.WebSocketSubprotocol);
        Assert.Equal(FrameType.Hello, await ReceiveAsync(server));
        await SendAsync(server, Frames.Welcome());
        await connecting;
        Task<RoomInfo> joining = client.JoinAsync("hall");
        Assert.Equal(FrameType.Join, await ReceiveAsync(server));
        byte[] several = [.. Frames.Joined(1), .. Frames.Snapshot((Frames.Me, Frames.MySlot, "Ada")), .. Frames.Batch(3, (0, 1))];
        for (int i = 0; i < several.Length; i++)
        {
            await server.SendAsync(several.AsMemory(i, 1), WebSocketMessageType.Binary, endOfMessage: i == several.Length - 1, _patience.Token);
        }

        await joining;
        Assert.Equal(["joined hall", "presence 1", "batch 3"], Enumerable.Range(0, 3).Select(_ => _told.Next()));
        client.SendTransform(new Transform(1, 2, 3));
        Assert.Equal(FrameType.TransformUpdate, await ReceiveAsync(server));
        Task closing = client.CloseAsync();
        Assert.Equal(FrameType.Close, await ReceiveAsync(server));
        ValueWebSocketReceiveResult end = await server.ReceiveAsync(new byte[64].AsMemory(), _patience.Token);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.NormalClosure), (end.MessageType, server.CloseStatus));
        await server.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _patience.Token);
        await closing;
        Assert.Equal("closed Normal", _told.Next());
    }

    [Fact]
    public async Task A_server_of_another_subprotocol_is_refused()
    {
        await using var client = new RelayClient(_told, Session.Once());
        Task connecting = client.ConnectAsync(Uri);
        using WebSocket server = await AcceptAsync(subprotocol: null);
        Assert.Equal(CloseCode.ProtocolError, (await Assert.ThrowsAsync<RelayException>(() => connecting)).Code);
    }

    [Fact]
    public async Task A_text_message_ends_with_1003()
    {
        await using var client = new RelayClient(_told, Session.Once());
        using WebSocket server = await WelcomedAsync(client);
        await server.SendAsync("hello"u8.ToArray().AsMemory(), WebSocketMessageType.Text, endOfMessage: true, _patience.Token);
        Assert.Equal("closed UnsupportedData", _told.Next());
    }

    [Fact]
    public async Task A_message_that_ends_inside_a_frame_ends_with_1007()
    {
        await using var client = new RelayClient(_told, Session.Once());
        using WebSocket server = await WelcomedAsync(client);
        await SendAsync(server, Frames.Ping(1)[..7]);
        Assert.Equal("closed InvalidPayload", _told.Next());
    }

    [Fact]
    public async Task A_closing_handshake_without_a_close_frame_tells_its_code()
    {
        await using var client = new RelayClient(_told, Session.Once());
        using WebSocket server = await WelcomedAsync(client);
        await server.CloseOutputAsync((WebSocketCloseStatus)1012, null, _patience.Token);
        Assert.Equal("closed ServiceRestart", _told.Next());
        Assert.True(_told.Closed!.ByPeer);
    }

    private async Task<WebSocket> WelcomedAsync(RelayClient client)
    {
        Task connecting = client.ConnectAsync(Uri);
        WebSocket server = await AcceptAsync(ProtocolVersion.WebSocketSubprotocol);
        Assert.Equal(FrameType.Hello, await ReceiveAsync(server));
        await SendAsync(server, Frames.Welcome());
        await connecting;
        return server;
    }

    private async Task<WebSocket> AcceptAsync(string? subprotocol)
    {
        Socket socket = await _listener.AcceptSocketAsync(_patience.Token);
        var stream = new NetworkStream(socket, ownsSocket: true);
        var request = new StringBuilder();
        byte[] one = new byte[1];
        while (!request.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.Equal(1, await stream.ReadAsync(one, _patience.Token));
            request.Append((char)one[0]);
        }

        const string Header = "Sec-WebSocket-Key: ";
        string text = request.ToString();
        Assert.Contains("Sec-WebSocket-Protocol: relay.posbus.v1", text, StringComparison.OrdinalIgnoreCase);
        int at = text.IndexOf(Header, StringComparison.OrdinalIgnoreCase) + Header.Length;
        string key = text[at..text.IndexOf('\r', at)];
#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        string protocol = subprotocol is null ? string.Empty : $"Sec-WebSocket-Protocol: {subprotocol}\r\n";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{protocol}\r\n"), _patience.Token);
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = subprotocol });
    }

    /// <summary>Receives one message and gives the type of its first frame that is no ping.</summary>
    private async Task<FrameType> ReceiveAsync(WebSocket server)
    {
        byte[] buffer = new byte[8192];
        while (true)
        {
            ValueWebSocketReceiveResult result = await server.ReceiveAsync(buffer.AsMemory(), _patience.Token);
            Assert.Equal((WebSocketMessageType.Binary, true), (result.MessageType, result.EndOfMessage));
            for (int at = 0; at < result.Count;)
            {
                FrameHeader header = FrameHeader.Read(buffer.AsSpan(at));
                if (header.Type != FrameType.Ping)
                {
                    return header.Type;
                }

                at += FrameHeader.Size + header.BodyLength;
            }
        }
    }

    private async Task SendAsync(WebSocket server, byte[] bytes) =>
        await server.SendAsync(bytes.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, _patience.Token);
}
