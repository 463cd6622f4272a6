using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Tests.Kit;

/// <summary>Frames in WebSocket messages, with every bit of the framing in the test's hands.</summary>
internal sealed class RawWebSocketClient : RawClient
{
    private const uint Mask = 0x5EEDBEEF;

    private readonly Queue<Frame> _frames = new();
    private bool _answered;
    private int? _closeCode;

    private RawWebSocketClient(Socket socket, Stream stream)
        : base(socket, stream)
    {
    }

    /// <summary>The status of the answer to the upgrade request.</summary>
    public int Status { get; private set; }

    /// <summary>The answer's head.</summary>
    public string ResponseHead { get; private set; } = "";

    /// <summary>Payloads of the pongs that came.</summary>
    public List<byte[]> Pongs { get; } = [];

    protected override int? WebSocketCode => _closeCode;

    /// <summary>Connects and upgrades.</summary>
    /// <param name="server">To whom.</param>
    /// <param name="wire">In the clear or inside TLS.</param>
    /// <param name="headers">More header lines for the request.</param>
    /// <param name="behind">Bytes to send in one piece with the request.</param>
    /// <param name="path">The relay's path.</param>
    /// <param name="segment">In pieces of how many bytes to send all this; 0 for one piece.</param>
    public static async Task<RawWebSocketClient> ConnectAsync(
        RelayTestServer server,
        Wire wire = Wire.WebSocket,
        string headers = "",
        byte[]? behind = null,
        string path = "/relay",
        int segment = 0)
    {
        (Socket socket, Stream stream) = await DialAsync(server, wire);
        var client = new RawWebSocketClient(socket, stream);
        byte[] all = Frames.Concat(Request(server, wire, headers, path), behind ?? []);
        await client.SendBytesAsync(all, segment);
        await client.ReadResponseAsync();
        return client;
    }

    /// <summary>The upgrade request.</summary>
    public static byte[] Request(RelayTestServer server, Wire wire, string headers = "", string path = "/relay") => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: {server.Endpoint(wire)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: relay.posbus.v1\r\n{headers}\r\n");

    /// <summary>One WebSocket frame, masked as a client must.</summary>
    /// <param name="first">FIN, reserved bits and opcode.</param>
    /// <param name="payload">Its payload.</param>
    public static byte[] Message(byte first, params ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[WebSocketFrameHeader.MaxSize + payload.Length];
        int size = WebSocketFrameHeader.WriteClientHeader(frame, WebSocketOpcode.Binary, payload.Length, Mask);
        frame[0] = first;
        WebSocketMask.Apply(payload, frame.AsSpan(size), Mask);
        return frame[..(size + payload.Length)];
    }

    /// <summary>One WebSocket frame.</summary>
    public static byte[] Message(WebSocketOpcode opcode, ReadOnlySpan<byte> payload, bool final = true) => Message((byte)((final ? 0x80 : 0) | (byte)opcode), payload);

    /// <summary>A close frame.</summary>
    public static byte[] CloseMessage(int code, params ReadOnlySpan<byte> reason)
    {
        byte[] payload = [.. BigEndian((ushort)code), .. reason];
        return Message(WebSocketOpcode.Close, payload);
    }

    public override byte[] Wrap(byte[] frames) => Message(WebSocketOpcode.Binary, frames);

    protected override Frame? TryTakeFrame()
    {
        while (_frames.Count == 0)
        {
            WebSocketHeaderStatus status = WebSocketFrameHeader.TryRead(Received[..Math.Min(Received.Length, WebSocketFrameHeader.MaxSize)], out WebSocketFrameHeader header);
            Assert.NotEqual(WebSocketHeaderStatus.ProtocolError, status);
            if (status == WebSocketHeaderStatus.NeedMore || Received.Length - header.Size < header.PayloadLength)
            {
                return null;
            }

            Assert.False(header.IsMasked, "A server must not mask.");
            Assert.True(header.IsFinal, "The server does not fragment.");
            Handle(header.Opcode, Received.Slice(header.Size, (int)header.PayloadLength));
            Skip(header.Size + (int)header.PayloadLength);
        }

        return _frames.Dequeue();
    }

    /// <summary>Begins the close handshake: the server's close is then the answer, and is not answered.</summary>
    public Task SendCloseAsync(byte[] message)
    {
        _answered = true;
        return SendBytesAsync(message);
    }

    protected override async Task<bool> AnswerAsync()
    {
        if (_closeCode is { } code && !_answered)
        {
            _answered = true;
            await TrySendBytesAsync(code == 0 ? Message(WebSocketOpcode.Close, []) : CloseMessage(code));
            HangUp();
        }

        return false;
    }

    private void Handle(WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        Assert.Null(_closeCode);
        switch (opcode)
        {
            case WebSocketOpcode.Binary:
                while (!payload.IsEmpty)
                {
                    Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(payload, FrameHeader.MaxBodyLength, out FrameHeader header));
                    _frames.Enqueue(new Frame(header.Type, payload.Slice(FrameHeader.Size, header.BodyLength).ToArray()));
                    payload = payload[(FrameHeader.Size + header.BodyLength)..];
                }

                break;
            case WebSocketOpcode.Pong:
                Pongs.Add(payload.ToArray());
                break;
            case WebSocketOpcode.Close:
                _closeCode = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 0;
                break;
            default:
                Assert.Fail($"The server sent opcode {opcode}.");
                break;
        }
    }

    private async Task ReadResponseAsync()
    {
        int end;
        while ((end = Received.IndexOf("\r\n\r\n"u8)) < 0)
        {
            Assert.True(await FillAsync(), "The server hung up on the upgrade request.");
        }

        ResponseHead = Encoding.ASCII.GetString(Received[..end]);
        Status = int.Parse(ResponseHead.AsSpan(9, 3), CultureInfo.InvariantCulture);
        Skip(end + 4);
    }

    private static byte[] BigEndian(ushort value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }
}
