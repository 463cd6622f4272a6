using System.Net.WebSockets;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Tests.Transport;

/// <summary>However the bytes are cut on their way, the frames are the same.</summary>
public sealed class DeliveryTests
{
    private static readonly Transform Place = new(1, 2, 3);

    [Theory]
    [ClassData(typeof(AllWires))]
    public async Task Session_byteByByte_isTheSameSession(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = Peer.Over(await RawClient.ConnectAsync(server, wire));
        await DribbleAsync(anna.Raw, anna.Raw.Wrap(Frames.Hello("Anna")));
        await anna.UntilAsync(() => anna.Welcome is not null, "Welcome");
        await DribbleAsync(anna.Raw, anna.Raw.Wrap(Frames.Join(1, "plaza")));
        await anna.UntilAsync(() => anna.Snapshots == 1, "the room");
        await DribbleAsync(anna.Raw, anna.Raw.Wrap(anna.Move(Place)));
        await anna.SeesAsync(anna.Seat!.Slot, Place);
    }

    [Theory]
    [ClassData(typeof(TcpWires))]
    public async Task Preface_byteByByte_withFramesBehind_isAccepted(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = Peer.Over(await RawTcpClient.ConnectAsync(server, wire, preface: false));
        await DribbleAsync(anna.Raw, Frames.Concat(ConnectionPreface.Bytes.ToArray(), Frames.Hello("Anna"), Frames.Join(1, "plaza")));
        await anna.UntilAsync(() => anna.Snapshots == 1, "the room");
    }

    [Theory]
    [ClassData(typeof(AllWires))]
    public async Task Frames_behindHello_needNoWelcomeFirst(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = Peer.Over(await RawClient.ConnectAsync(server, wire));

        // On WebSocket one message holds all three frames.
        await anna.Raw.SendAsync(Frames.Hello("Anna"), Frames.Join(1, "plaza"), Frames.Ping(7));
        await anna.UntilAsync(() => anna.Pongs.Count == 1 && anna.Snapshots == 1, "all answers");
        Assert.Equal(("Anna", 0), (anna.People.Values.Single().Name, anna.PingsAnswered));
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.PipeWebSocket)]
    [InlineData(Wire.TlsWebSocket)]
    public async Task Hello_inOneSegmentWithTheUpgradeRequest_isHeard(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        byte[] behind = Frames.Concat(
            RawWebSocketClient.Message(WebSocketOpcode.Binary, Frames.Hello("Anna")), RawWebSocketClient.Message(WebSocketOpcode.Binary, Frames.Join(1, "plaza")));
        RawWebSocketClient raw = await RawWebSocketClient.ConnectAsync(server, wire, behind: behind);
        await using Peer anna = Peer.Over(raw);
        Assert.Equal(101, raw.Status);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", raw.ResponseHead, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Sec-WebSocket-Protocol: relay.posbus.v1", raw.ResponseHead, StringComparison.OrdinalIgnoreCase);
        await anna.UntilAsync(() => anna.Snapshots == 1, "the room");
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Frames_manyInOneSegment_areHandledInOrder(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Limits.FramesPerSecond = 0);
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        const int Count = 500;
        var frames = new List<byte[]>();
        for (ulong i = 0; i < Count; i++)
        {
            frames.Add(anna.Move(new Transform(i / 10.0, 0, 0)));
            frames.Add(Frames.Event(i + 2, EventAudience.Everyone, 0, 1024 + (uint)i, [1, 2, 3]));
        }

        // Far more than the queue to the shard holds, so reading has to stop and go on.
        await anna.Raw.SendAsync([.. frames]);
        await anna.UntilAsync(() => anna.Events.Count == Count, "all events");
        Assert.Equal(Enumerable.Range(1024, Count), anna.Events.Select(happened => (int)happened.Kind));
        await anna.SeesAsync(anna.Seat!.Slot, new Transform((Count - 1) / 10.0, 0, 0));
        Assert.Empty(anna.Errors);
    }

    [Theory]
    [InlineData(Wire.WebSocket)]
    [InlineData(Wire.PipeWebSocket)]
    [InlineData(Wire.TlsWebSocket)]
    public async Task Message_inFragmentsWithControlFramesBetween_isOneMessage(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        RawWebSocketClient raw = await RawWebSocketClient.ConnectAsync(server, wire);
        await using Peer anna = Peer.Over(raw);
        await anna.HelloAsync();
        byte[] frames = Frames.Concat(Frames.Join(1, "plaza"), Frames.Ping(42));

        // Once all in one segment, once piece by piece, with cuts inside the frames and an empty fragment.
        byte[][] parts =
        [
            RawWebSocketClient.Message(WebSocketOpcode.Binary, frames.AsSpan(0, 3), final: false),
            RawWebSocketClient.Message(WebSocketOpcode.Ping, "are you there?"u8),
            RawWebSocketClient.Message(WebSocketOpcode.Continuation, [], final: false),
            RawWebSocketClient.Message(WebSocketOpcode.Pong, "unasked"u8),
            RawWebSocketClient.Message(WebSocketOpcode.Continuation, frames.AsSpan(3)),
        ];
        foreach (byte[] part in parts)
        {
            await raw.SendBytesAsync(part);
        }

        await anna.UntilAsync(() => anna.Snapshots == 1 && anna.Pongs.Count == 1, "the answers to both frames");
        Assert.Equal("are you there?"u8.ToArray(), Assert.Single(raw.Pongs));

        frames = Frames.Concat(Frames.Leave(2), Frames.Ping(43));
        await raw.SendBytesAsync(Frames.Concat(
            RawWebSocketClient.Message(WebSocketOpcode.Binary, frames.AsSpan(0, 1), final: false),
            RawWebSocketClient.Message(WebSocketOpcode.Ping, []),
            RawWebSocketClient.Message(WebSocketOpcode.Continuation, frames.AsSpan(1))));
        await anna.UntilAsync(() => anna.Lefts.Count == 1 && anna.Pongs.Count == 2, "the answers to the second message");
        await anna.SettleAsync();
        Assert.Empty(raw.Pongs[1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StandardClient_overHttp1AndHttp2_joinsMovesAndCloses(bool http2)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "Ben");
        using ClientWebSocket socket = await StandardAsync(server, http2);
        Assert.Equal("relay.posbus.v1", socket.SubProtocol);
        await socket.SendAsync(Frames.Concat(Frames.Hello("Anna"), Frames.Join(1, "plaza")), WebSocketMessageType.Binary, true, default);
        await ben.UntilAsync(() => ben.People.Count == 2, "Anna's arrival");

        JoinedFacts seat = JoinedFacts.Read((await ReceiveAsync(socket, FrameType.Joined)).Body);
        seat.Space.TryPack(Place, out PackedTransform packed);
        await socket.SendAsync(Frames.Update(seat.Space, new TransformUpdateEntry(seat.Slot, seat.Generation, packed, default)), WebSocketMessageType.Binary, true, default);
        await ben.SeesAsync(seat.Slot, Place);
        await ReceiveAsync(socket, FrameType.TransformBatch);

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default).InTimeAsync("the closing handshake");
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        await ben.UntilAsync(() => ben.Changes.Contains((PresenceKind.Left, seat.Member, CloseCode.Normal)), "Anna's departure");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StandardClient_thatGivesUp_isGone(bool http2)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza", "Ben");
        using ClientWebSocket socket = await StandardAsync(server, http2);
        await socket.SendAsync(Frames.Concat(Frames.Hello("Anna"), Frames.Join(1, "plaza")), WebSocketMessageType.Binary, true, default);
        await ben.UntilAsync(() => ben.People.Count == 2, "Anna's arrival");
        socket.Abort();
        await ben.UntilAsync(() => ben.People.Count == 1, "Anna's departure");
        Assert.Equal(CloseCode.Abnormal, ben.Changes[^1].Reason);
    }

    private static async Task DribbleAsync(RawClient raw, byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            await raw.SendBytesAsync(bytes.AsMemory(i, 1));
        }
    }

    private static async Task<ClientWebSocket> StandardAsync(RelayTestServer server, bool http2)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("relay.posbus.v1");
        socket.Options.HttpVersion = http2 ? new Version(2, 0) : new Version(1, 1);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => TestCertificate.Instance.Equals(certificate);
        var invoker = new HttpMessageInvoker(handler);
        await socket.ConnectAsync(new Uri($"wss://{server.Endpoint(Wire.TlsWebSocket)}/relay"), invoker, default).InTimeAsync("the upgrade");
        return socket;
    }

    /// <summary>Receives messages until one begins with a frame of a type.</summary>
    private static async Task<Frame> ReceiveAsync(ClientWebSocket socket, FrameType type)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(), default).AsTask().InTimeAsync(type.ToString());
            Assert.Equal((WebSocketMessageType.Binary, true), (result.MessageType, result.EndOfMessage));
            for (int at = 0; at < result.Count;)
            {
                var header = FrameHeader.Read(buffer.AsSpan(at));
                if (header.Type == type)
                {
                    return new Frame(type, buffer.AsSpan(at + FrameHeader.Size, header.BodyLength).ToArray());
                }

                at += FrameHeader.Size + header.BodyLength;
            }
        }
    }
}
