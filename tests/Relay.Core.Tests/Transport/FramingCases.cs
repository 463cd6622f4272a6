using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Transforms;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Tests.Transport;

/// <summary>Hostile frames, cases 1 to 12: what the peer gets, and that nobody else feels it. (Case 8: see
/// MemoryCases.)</summary>
public sealed class FramingCases
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(300);

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case01_lengthOfAllOnes_isRefusedOnTheHeader(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.Raw.SendAsync([0xFF, 0xFF, 0xFF, 0xFF]);
        await EndsAsync(hostile.Raw, CloseCode.MessageTooBig, CloseCode.None, 16_384, 0xFF_FFFF);
        await scene.ClosedOnceAsync(CloseCode.MessageTooBig);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case01_lengthOfAllOnes_insteadOfHello_isRefusedOnTheHeader(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using RawClient hostile = await RawClient.ConnectAsync(scene.Server, wire);
        await hostile.SendAsync([0xFF, 0xFF, 0xFF, 0x01]);
        await EndsAsync(hostile, CloseCode.MessageTooBig, CloseCode.None, 16_384, 0xFF_FFFF);
        await scene.RejectedOnceAsync(CloseCode.MessageTooBig);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case01_webSocketLengthOfExabytes_isRefusedOnTheHeader(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.Raw.SendBytesAsync(LongHeader(long.MaxValue));
        await EndsAsync(hostile.Raw, CloseCode.MessageTooBig, CloseCode.None, 65_536, long.MaxValue);
        await scene.ClosedOnceAsync(CloseCode.MessageTooBig);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case02_negativeWebSocketLength_isAProtocolError(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.Raw.SendBytesAsync(LongHeader(-1));
        await EndsAsync(hostile.Raw, CloseCode.ProtocolError);
        await scene.ClosedOnceAsync(CloseCode.ProtocolError);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case02_fragmentsWhoseSumWraps_areRefusedOnTheHeader(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        byte[] second = LongHeader(long.MaxValue);
        second[0] = (byte)WebSocketOpcode.Continuation;
        await hostile.Raw.SendBytesAsync(Frames.Concat(RawWebSocketClient.Message(WebSocketOpcode.Binary, Frames.Nop, final: false), second));
        Ending ending = await hostile.Raw.ReadToEndAsync();
        Assert.Equal((CloseCode.MessageTooBig, 1009), (ending.Close!.Code, ending.WebSocketCode));
        await scene.ClosedOnceAsync(CloseCode.MessageTooBig);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case02_lengthOnePastTheLimit_isRefused_andTheLimitItself_isNot(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.Raw.SendAsync(Frames.Raw((FrameType)0xFF, new byte[16_384]));
        await hostile.SettleAsync();
        await hostile.Raw.SendAsync(Frames.Raw((FrameType)0xFF, new byte[16_385]));
        await EndsAsync(hostile.Raw, CloseCode.MessageTooBig, CloseCode.None, 16_384, 16_385);
        await scene.ClosedOnceAsync(CloseCode.MessageTooBig);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case03_headerBegunAndNotFinished_missesTheFrameDeadline(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Limits.FrameDeadline = Deadline);
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.Raw.SendBytesAsync(hostile.Raw.Wrap(Frames.Ping(1)).AsMemory(0, 3));
        await EndsAsync(hostile.Raw, CloseCode.Timeout, CloseCode.FrameDeadline, Deadline.TotalMilliseconds);
        await scene.ClosedOnceAsync(CloseCode.Timeout, CloseCode.FrameDeadline);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case03_headerByteByByte_parses_unlessItTakesTooLong(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Limits.FrameDeadline = TimeSpan.FromSeconds(2));
        await using Peer hostile = await scene.HostileAsync(wire);
        byte[] ping = hostile.Raw.Wrap(Frames.Ping(1));
        foreach (byte one in ping)
        {
            await hostile.Raw.SendBytesAsync(new[] { one });
        }

        await hostile.UntilAsync(() => hostile.Pongs.Count == 1, "the Pong");

        // A byte at a time keeps a connection from being idle, but not its frame from being late.
        Task<Ending> end = hostile.Raw.ReadToEndAsync();
        byte[] large = hostile.Raw.Wrap(Frames.Raw((FrameType)0xFF, new byte[400]));
        for (int i = 0; i < large.Length - 1 && !end.IsCompleted; i++)
        {
            await hostile.Raw.TrySendBytesAsync(large.AsMemory(i, 1));
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        Ending ending = await end.InTimeAsync("the end");
        Assert.Equal((CloseCode.Timeout, CloseCode.FrameDeadline), (ending.Close!.Code, ending.Close.Cause));
        await scene.ClosedOnceAsync(CloseCode.Timeout, CloseCode.FrameDeadline);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case03_fragmentedMessageNotFinished_missesTheFrameDeadline_whateverPingsSay(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Limits.FrameDeadline = Deadline);
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.Raw.SendBytesAsync(RawWebSocketClient.Message(WebSocketOpcode.Binary, Frames.Nop, final: false));
        await hostile.Raw.SendBytesAsync(RawWebSocketClient.Message(WebSocketOpcode.Ping, []));
        await EndsAsync(hostile.Raw, CloseCode.Timeout, CloseCode.FrameDeadline, Deadline.TotalMilliseconds);
        await scene.ClosedOnceAsync(CloseCode.Timeout, CloseCode.FrameDeadline);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case04_emptyBody_isANop(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        for (int i = 0; i < 20; i++)
        {
            await hostile.Raw.SendAsync(Frames.Nop);
        }

        if (wire.IsWebSocket())
        {
            await hostile.Raw.SendAsync();
        }

        await hostile.SettleAsync();
        await scene.HoldsAsync();
    }

    [Theory]
    [InlineData(Wire.Tcp, FrameType.Join)]
    [InlineData(Wire.WebSocket, FrameType.Join)]
    [InlineData(Wire.Tcp, FrameType.ChangeRoom)]
    [InlineData(Wire.Tcp, FrameType.Leave)]
    [InlineData(Wire.Tcp, FrameType.SendEvent)]
    [InlineData(Wire.Tcp, FrameType.TransformUpdate)]
    [InlineData(Wire.Tcp, FrameType.Ping)]
    [InlineData(Wire.Tcp, FrameType.Pong)]
    [InlineData(Wire.Tcp, FrameType.Close)]
    [InlineData(Wire.PipeTcp, FrameType.Join)]
    [InlineData(Wire.PipeWebSocket, FrameType.Join)]
    [InlineData(Wire.PipeTcp, FrameType.ChangeRoom)]
    [InlineData(Wire.PipeTcp, FrameType.Leave)]
    [InlineData(Wire.PipeTcp, FrameType.SendEvent)]
    [InlineData(Wire.PipeTcp, FrameType.TransformUpdate)]
    [InlineData(Wire.PipeTcp, FrameType.Ping)]
    [InlineData(Wire.PipeTcp, FrameType.Pong)]
    [InlineData(Wire.PipeTcp, FrameType.Close)]
    public async Task Case04_emptyBodyWhereFieldsAreNeeded_isMalformed(Wire wire, FrameType type)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.JoinAsync("plaza");
        await hostile.Raw.SendAsync(Frames.Raw(type));
        await EndsAsync(hostile.Raw, CloseCode.InvalidPayload, CloseCode.None, 0, (byte)type);
        await scene.ClosedOnceAsync(CloseCode.InvalidPayload);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case05_unknownType_isIgnoredIfOptional_andRefusedIfNot(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.Raw.SendAsync(Frames.Raw((FrameType)0x80), Frames.Raw((FrameType)0xFF, 1, 2, 3));
        await hostile.SettleAsync();
        Assert.Empty(hostile.Errors);

        // A type of the server's is as unknown here as one that nobody has.
        foreach (FrameType type in new[] { (FrameType)0x7F, FrameType.Welcome })
        {
            await hostile.Raw.SendAsync(Frames.Raw(type, 1, 2, 3));
            await hostile.SettleAsync();
        }

        ErrorFacts error = hostile.Errors[0];
        Assert.Equal((CloseCode.UnknownFrameType, (FrameType)0x7F, 0ul, 127.0), (error.Code, error.Refused, error.Sequence, error.Value));
        await Waiting.UntilAsync(() => scene.Server.Metrics.Read("relay.server.frames.refused") == 2, "two refusals");
        await scene.HoldsAsync();
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case06_trailingBytes_areMalformed_andNothingIsApplied(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer watcher = await Peer.JoinAsync(scene.Server, Wire.Tcp, "plaza");
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.JoinAsync("plaza");

        // Two good entries and a byte too many.
        byte[] update = Frames.Update(hostile.Seat!.Space, hostile.Entry(new Transform(1, 1, 1)), hostile.Entry(new Transform(2, 2, 2)));
        await hostile.Raw.SendAsync(Frames.Raw(FrameType.TransformUpdate, [.. update.AsSpan(FrameHeader.Size), 0]));
        await EndsAsync(hostile.Raw, CloseCode.InvalidPayload, CloseCode.None, 0, (byte)FrameType.TransformUpdate);
        await watcher.UntilAsync(() => watcher.People.Count == 1, "the departure");
        await watcher.SettleAsync();
        Assert.Empty(watcher.Values);
        Assert.Equal(CloseCode.InvalidPayload, watcher.Changes[^1].Reason);
        await scene.ClosedOnceAsync(CloseCode.InvalidPayload);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case06_countBeyondTheBody_isMalformed_andNothingIsApplied(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer watcher = await Peer.JoinAsync(scene.Server, Wire.Tcp, "plaza");
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.JoinAsync("plaza");
        byte[] body = hostile.Move(new Transform(1, 1, 1))[FrameHeader.Size..];
        body[0] = 2;
        await hostile.Raw.SendAsync(Frames.Raw(FrameType.TransformUpdate, body));
        await EndsAsync(hostile.Raw, CloseCode.InvalidPayload, CloseCode.None, 0, (byte)FrameType.TransformUpdate);
        await watcher.UntilAsync(() => watcher.People.Count == 1, "the departure");
        await watcher.SettleAsync();
        Assert.Empty(watcher.Values);
        await scene.ClosedOnceAsync(CloseCode.InvalidPayload);
    }

    [Theory]
    [InlineData(Wire.Tcp, float.NaN)]
    [InlineData(Wire.Tcp, float.PositiveInfinity)]
    [InlineData(Wire.WebSocket, float.NegativeInfinity)]
    [InlineData(Wire.WebSocket, float.Epsilon)]
    [InlineData(Wire.Tcp, 1e38f)]
    [InlineData(Wire.Tcp, -1f)]
    [InlineData(Wire.WebSocket, 0f)]
    [InlineData(Wire.PipeTcp, float.NaN)]
    [InlineData(Wire.PipeTcp, float.PositiveInfinity)]
    [InlineData(Wire.PipeWebSocket, float.NegativeInfinity)]
    [InlineData(Wire.PipeWebSocket, float.Epsilon)]
    [InlineData(Wire.PipeTcp, 1e38f)]
    [InlineData(Wire.PipeTcp, -1f)]
    [InlineData(Wire.PipeWebSocket, 0f)]
    public async Task Case07_scaleThatIsNoUsableNumber_isABadValue_andNotForwarded(Wire wire, float scale)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer watcher = await Peer.JoinAsync(scene.Server, Wire.Tcp, "plaza");
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.JoinAsync("plaza");
        await hostile.MoveAsync(new Transform(1, 1, 1), new TransformExtension { Flags = TransformFlags.Scale, Scale = scale });
        await hostile.UntilAsync(() => hostile.Errors.Count == 1, "the Error");
        Assert.Equal((CloseCode.BadValue, FrameType.TransformUpdate), (hostile.Errors[0].Code, hostile.Errors[0].Refused));
        await hostile.MoveAsync(new Transform(2, 2, 2));
        await watcher.SeesAsync(hostile.Seat!.Slot, new Transform(2, 2, 2));
        Assert.Single(watcher.Batches, batch => batch.Slots.Length > 0);
        Assert.Equal(1, scene.Server.Metrics.Read("relay.server.frames.refused"));
        await scene.HoldsAsync();
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case07_positionOutsideTheRoom_isOutOfBounds_andNotForwarded(Wire wire)
    {
        // 100 steps need 7 bits, which can say 127.
        await using Scene scene = await Scene.StartAsync(options =>
        {
            options.Room.Min = new(0, 0, 0);
            options.Room.Max = new(100, 100, 100);
            options.Room.Precision = 1;
        });
        await using Peer watcher = await Peer.JoinAsync(scene.Server, Wire.Tcp, "plaza");
        await using Peer hostile = await scene.HostileAsync(wire);
        JoinedFacts seat = await hostile.JoinAsync("plaza");
        await hostile.Raw.SendAsync(Frames.Update(seat.Space, new TransformUpdateEntry(seat.Slot, seat.Generation, seat.Space.Pack(1, 127, 1, 0), default)));
        await hostile.UntilAsync(() => hostile.Errors.Count == 1, "the Error");
        Assert.Equal((CloseCode.OutOfBounds, 100.0, 127.0), (hostile.Errors[0].Code, hostile.Errors[0].Limit, hostile.Errors[0].Value));
        await hostile.MoveAsync(new Transform(2, 2, 2));
        await watcher.SeesAsync(seat.Slot, new Transform(2, 2, 2));
        Assert.Single(watcher.Batches, batch => batch.Slots.Length > 0);
        Assert.Equal(1, scene.Server.Metrics.Read("relay.server.frames.refused"));
        await scene.HoldsAsync();
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case09_tenThousandFramesInOneSegment_areAFlood_thatOthersDoNotFeel(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Shards = 1);
        await using Peer hostile = await scene.HostileAsync(wire);
        byte[] flood = Frames.Concat([.. Enumerable.Repeat(Frames.Nop, 10_000)]);
        Task sending = hostile.Raw.TrySendBytesAsync(hostile.Raw.Wrap(flood));
        await scene.OthersAreServedAsync();
        await EndsAsync(hostile.Raw, CloseCode.RateLimited, CloseCode.None, 60, (16 * 120) + 1);
        await sending.InTimeAsync("the flood");
        await scene.ClosedOnceAsync(CloseCode.RateLimited);
        Assert.InRange(scene.Server.Metrics.Read("relay.server.frames.dropped"), 16 * 120, 10_000);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case10_slotOfAnother_isNotOwner_andNotForwarded(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer victim = await Peer.JoinAsync(scene.Server, Wire.Tcp, "plaza");
        await victim.MoveAsync(new Transform(5, 5, 5));
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.JoinAsync("plaza");
        await hostile.SeesAsync(victim.Seat!.Slot, new Transform(5, 5, 5));

        // Its own entry in the same frame counts all the same: each stands by itself.
        TransformUpdateEntry own = hostile.Entry(new Transform(6, 6, 6));
        await hostile.Raw.SendAsync(Frames.Update(hostile.Seat!.Space, own with { Slot = victim.Seat.Slot, Generation = victim.Seat.Generation }, own));
        await hostile.UntilAsync(() => hostile.Errors.Count == 1, "the Error");
        Assert.Equal((CloseCode.NotOwner, (double)victim.Seat.Slot), (hostile.Errors[0].Code, hostile.Errors[0].Value));
        await victim.SeesAsync(hostile.Seat.Slot, new Transform(6, 6, 6));
        Assert.True(victim.IsAt(victim.Seat.Slot, new Transform(5, 5, 5)));
        Assert.Equal(1, scene.Server.Metrics.Read("relay.server.frames.refused"));
        await scene.HoldsAsync();
    }

    [Theory]
    [InlineData(Wire.Tcp, 0, 0)]
    [InlineData(Wire.Tcp, 255, 255)]
    [InlineData(Wire.WebSocket, 2, 255)]
    [InlineData(Wire.WebSocket, 2, 1)]
    [InlineData(Wire.PipeTcp, 0, 0)]
    [InlineData(Wire.PipeTcp, 255, 255)]
    [InlineData(Wire.PipeWebSocket, 2, 255)]
    [InlineData(Wire.PipeWebSocket, 2, 1)]
    public async Task Case11_noCommonVersion_isToldWithWhatIsSpoken(Wire wire, byte oldest, byte newest)
    {
        await using Scene scene = await Scene.StartAsync();
        await using RawClient hostile = await RawClient.ConnectAsync(scene.Server, wire);
        await hostile.SendAsync(Frames.Hello(Scene.Secret, oldest, newest));
        await EndsAsync(hostile, CloseCode.ProtocolError, CloseCode.UnsupportedVersion, 1, newest);
        await scene.RejectedOnceAsync(CloseCode.ProtocolError, CloseCode.UnsupportedVersion);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case11_wideRangeOfVersions_takesTheNewestCommonOne(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using RawClient client = await RawClient.ConnectAsync(server, wire);
        await client.SendAsync(Frames.Hello(oldest: 0, newest: 255));
        Assert.Equal(1, WelcomeFacts.Read((await client.ReadFrameAsync())!.Body).Version);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Hello_notFirst_orTwice_isAProtocolError(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using RawClient early = await RawClient.ConnectAsync(scene.Server, wire);
        await early.SendAsync(Frames.Join(1, "plaza"));
        await EndsAsync(early, CloseCode.ProtocolError, CloseCode.None, 0, (byte)FrameType.Join);
        await scene.RejectedOnceAsync(CloseCode.ProtocolError);

        await using Peer twice = await scene.HostileAsync(wire);
        await twice.Raw.SendAsync(Frames.Hello());
        await EndsAsync(twice.Raw, CloseCode.ProtocolError);
        await scene.ClosedOnceAsync(CloseCode.ProtocolError);
    }

    [Theory]
    [InlineData(Wire.Tcp, "GET / HTTP/1.1\r\nHost: relay\r\n\r\n")]
    [InlineData(Wire.Tcp, "GET /relay HTTP/1.1\r\nHost: relay\r\n\r\n")]
    [InlineData(Wire.Tcp, "\n")]
    [InlineData(Wire.PipeTcp, "GET / HTTP/1.1\r\nHost: relay\r\n\r\n")]
    [InlineData(Wire.PipeTcp, "\n")]
    public async Task Case12_otherProtocolsOnTheTcpPort_areHungUpOnWithoutAnAnswer(Wire wire, string first)
    {
        await using Scene scene = await Scene.StartAsync();
        await using RawTcpClient stranger = await RawTcpClient.ConnectAsync(scene.Server, wire, preface: false);
        await stranger.SendBytesAsync(Encoding.ASCII.GetBytes(first));
        await stranger.ReadToEndAsync();
        Assert.Equal(0, stranger.BytesReceived);
        await scene.RejectedOnceAsync(CloseCode.BadPreface);
        Assert.Single(scene.Server.Metrics.All("relay.server.rejected_connections"));
    }

    [Theory]
    [ClassData(typeof(TcpWires))]
    public async Task Case12_tlsClientHelloOnThePlainTcpPort_isHungUpOnWithoutAnAnswer(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(scene.Server.Endpoint(wire));
        await using var tls = new SslStream(new NetworkStream(socket));
        await Assert.ThrowsAnyAsync<IOException>(() => tls.AuthenticateAsClientAsync("localhost").InTimeAsync("the refusal"));
        await scene.RejectedOnceAsync(CloseCode.BadPreface);
        Assert.Single(scene.Server.Metrics.All("relay.server.rejected_connections"));
    }

    [Fact]
    public async Task Agent_withLineBreaks_cannotForgeALineOfTheLog()
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = Peer.Over(await RawClient.ConnectAsync(scene.Server, Wire.Tcp));
        await hostile.Raw.SendAsync(Frames.Hello(agent: "x\r\ninfo: Relay[1] all is well\u2028\u001b[2J"));
        await hostile.UntilAsync(() => hostile.Welcome is not null, "Welcome");
        LogLine line = Assert.Single(scene.Server.Log.WithId(2), line => line.Text.Contains("all is well", StringComparison.Ordinal));
        Assert.DoesNotContain(line.Text, character => char.IsControl(character) || character == '\u2028');
    }

    /// <summary>Makes sure of how a connection ends.</summary>
    internal static async Task EndsAsync(RawClient client, CloseCode code, CloseCode cause = CloseCode.None, double limit = 0, double? value = null)
    {
        Ending ending = await client.ReadToEndAsync();
        Assert.NotNull(ending.Close);
        Assert.Equal((code, cause, limit), (ending.Close.Code, ending.Close.Cause, ending.Close.Limit));
        Assert.Equal(value ?? ending.Close.Value, ending.Close.Value);
        Assert.Equal(client is RawWebSocketClient ? (int)code : null, ending.WebSocketCode);
    }

    /// <summary>The header of a masked binary message with a 64-bit length.</summary>
    private static byte[] LongHeader(long length)
    {
        byte[] header = new byte[14];
        header[0] = 0x82;
        header[1] = 0xFF;
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(2), length);
        return header;
    }
}
