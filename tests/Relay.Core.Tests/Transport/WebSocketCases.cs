using System.Net;
using System.Text;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Tests.Transport;

/// <summary>Hostile WebSocket peers and silent ones, cases 14 to 25.</summary>
public sealed class WebSocketCases
{
    [Fact]
    public async Task Case14_unmaskedFrame_isAProtocolError()
    {
        byte[] unmasked = new byte[6];
        WebSocketFrameHeader.WriteServerHeader(unmasked, WebSocketOpcode.Binary, 4);
        await ClosesAsync(unmasked, CloseCode.ProtocolError);
    }

    [Theory]
    [InlineData(0xC2)]
    [InlineData(0xA2)]
    [InlineData(0x92)]
    [InlineData(0x83)]
    [InlineData(0x84)]
    [InlineData(0x85)]
    [InlineData(0x86)]
    [InlineData(0x87)]
    [InlineData(0x8B)]
    [InlineData(0x8C)]
    [InlineData(0x8D)]
    [InlineData(0x8E)]
    [InlineData(0x8F)]
    public Task Case15_reservedBitOrOpcode_isAProtocolError(byte first) => ClosesAsync(RawWebSocketClient.Message(first, Frames.Nop), CloseCode.ProtocolError);

    [Fact]
    public async Task Case15_messageWithinAMessage_orContinuationOfNone_isAProtocolError()
    {
        byte[] begun = RawWebSocketClient.Message(WebSocketOpcode.Binary, Frames.Nop, final: false);
        await ClosesAsync(Frames.Concat(begun, begun), CloseCode.ProtocolError);
        await ClosesAsync(RawWebSocketClient.Message(WebSocketOpcode.Continuation, Frames.Nop), CloseCode.ProtocolError);
    }

    [Fact]
    public async Task Case16_megabyteInFragmentsOfOneByte_meetsTheFragmentLimit()
    {
        byte[] next = RawWebSocketClient.Message(WebSocketOpcode.Continuation, [0], final: false);
        byte[] flood = Frames.Concat([RawWebSocketClient.Message(WebSocketOpcode.Binary, [0], final: false), .. Enumerable.Repeat(next, (1 << 20) - 1)]);
        await ClosesAsync(flood, CloseCode.MessageTooBig, limit: 1024, value: 1025);
    }

    [Fact]
    public async Task Case16_megabyteInLargeFragments_meetsTheMessageLimit()
    {
        byte[] next = RawWebSocketClient.Message(WebSocketOpcode.Continuation, new byte[30_000], final: false);
        byte[] flood = Frames.Concat([RawWebSocketClient.Message(WebSocketOpcode.Binary, new byte[30_000], final: false), .. Enumerable.Repeat(next, 34)]);
        await ClosesAsync(flood, CloseCode.MessageTooBig, limit: 65_536, value: 90_000);
    }

    [Fact]
    public async Task Case17_controlFrameTooLong_orFragmented_isAProtocolError()
    {
        await ClosesAsync(RawWebSocketClient.Message(WebSocketOpcode.Ping, new byte[126]), CloseCode.ProtocolError);
        await ClosesAsync(RawWebSocketClient.Message(WebSocketOpcode.Ping, "half"u8, final: false), CloseCode.ProtocolError);
        await ClosesAsync(RawWebSocketClient.Message(WebSocketOpcode.Close, new byte[126]), CloseCode.ProtocolError);
    }

    [Fact]
    public async Task Case18_floodOfPings_isCoalescedThenClosed()
    {
        await using Scene scene = await Scene.StartAsync(options => options.Shards = 1);
        await using Peer hostile = await scene.HostileAsync(Wire.WebSocket);
        byte[] flood = Frames.Concat([.. Enumerable.Repeat(RawWebSocketClient.Message(WebSocketOpcode.Ping, new byte[125]), 10_000)]);
        Task sending = hostile.Raw.TrySendBytesAsync(flood);
        await scene.OthersAreServedAsync();
        Ending ending = await hostile.Raw.ReadToEndAsync();
        await sending.InTimeAsync("the flood");
        Assert.Equal((CloseCode.RateLimited, 4429), (ending.Close!.Code, ending.WebSocketCode));
        Assert.InRange(((RawWebSocketClient)hostile.Raw).Pongs.Count, 0, 200);
        await scene.ClosedOnceAsync(CloseCode.RateLimited);
    }

    [Theory]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(2999)]
    [InlineData(65535)]
    public Task Case19_closeCodeThatMayNotBeSent_isAProtocolError(int code) => ClosesAsync(RawWebSocketClient.CloseMessage(code), CloseCode.ProtocolError, value: code);

    [Fact]
    public async Task Case19_closeReasonThatIsNotUtf8_isAnInvalidPayload()
    {
        await ClosesAsync(RawWebSocketClient.CloseMessage(1000, 0xC3, 0x28), CloseCode.InvalidPayload);
        await ClosesAsync(RawWebSocketClient.Message(WebSocketOpcode.Close, [0x03]), CloseCode.ProtocolError);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(3000)]
    [InlineData(4999)]
    public async Task CloseHandshake_ofTheClient_isAnsweredInKind(int code)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer leaving = await scene.HostileAsync(Wire.WebSocket);
        await leaving.Raw.SendBytesAsync(RawWebSocketClient.CloseMessage(code, "bye"u8));
        Ending ending = await leaving.Raw.ReadToEndAsync();
        Assert.Equal((code, false), (ending.WebSocketCode, ending.WasReset));
        await scene.HoldsAsync();
    }

    [Fact]
    public async Task CloseHandshake_withoutACode_isAnswered()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer leaving = await Peer.ConnectAsync(server, Wire.WebSocket);
        await leaving.Raw.SendBytesAsync(RawWebSocketClient.Message(WebSocketOpcode.Close, []));
        Assert.Equal(1000, (await leaving.Raw.ReadToEndAsync()).WebSocketCode);
    }

    [Fact]
    public async Task Message_thatEndsWithinAFrame_isAnInvalidPayload()
    {
        byte[] ping = Frames.Ping(1);
        await ClosesAsync(RawWebSocketClient.Message(WebSocketOpcode.Binary, ping.AsSpan(0, ping.Length - 1)), CloseCode.InvalidPayload, value: ping.Length - 1);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case22_connectedThenSilent_isClosedForWantOfAHello(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Limits.HelloTimeout = TimeSpan.FromMilliseconds(700));
        await using RawClient silent = await RawClient.ConnectAsync(scene.Server, wire);
        Ending ending = await silent.ReadToEndAsync();
        Assert.Equal((CloseCode.Unauthorized, CloseCode.HelloTimeout, 700.0), (ending.Close!.Code, ending.Close.Cause, ending.Close.Limit));
        Assert.Equal(wire == Wire.WebSocket ? 4401 : null, ending.WebSocketCode);
        await scene.RejectedOnceAsync(CloseCode.Unauthorized, CloseCode.HelloTimeout);
    }

    [Fact]
    public async Task Case22_connectedThenPingsOnly_isClosedForWantOfAHello()
    {
        await using Scene scene = await Scene.StartAsync(options => options.Limits.HelloTimeout = TimeSpan.FromMilliseconds(700));
        await using RawClient silent = await RawClient.ConnectAsync(scene.Server, Wire.WebSocket);
        await silent.SendBytesAsync(RawWebSocketClient.Message(WebSocketOpcode.Ping, "hello?"u8));
        Assert.Equal(4401, (await silent.ReadToEndAsync()).WebSocketCode);
        await scene.RejectedOnceAsync(CloseCode.Unauthorized, CloseCode.HelloTimeout);
    }

    [Theory]
    [InlineData("Origin: https://evil.example\r\nCookie: session=never-to-be-logged\r\n", 403)]
    [InlineData("Origin: null\r\n", 403)]
    [InlineData("Cookie: session=never-to-be-logged\r\n", 403)]
    [InlineData("Cookie: session=x\r\nAuthorization: Bearer never-to-be-logged\r\n", 101)]
    [InlineData("Origin: http://{host}\r\nCookie: session=never-to-be-logged\r\n", 101)]
    [InlineData("Origin: https://friend.example\r\n", 101)]
    [InlineData("Origin: https://friend.example.evil.example\r\n", 403)]
    [InlineData("", 101)]
    public async Task Case23_origin_isCheckedBeforeTheUpgrade(string headers, int status)
    {
        await using Scene scene = await Scene.StartAsync(options => options.AllowedOrigins.Add("https://friend.example"));
        headers = headers.Replace("{host}", scene.Server.Endpoint(Wire.WebSocket).ToString(), StringComparison.Ordinal);
        await using RawWebSocketClient client = await RawWebSocketClient.ConnectAsync(scene.Server, headers: headers);
        Assert.Equal(status, client.Status);
        await scene.HoldsAsync();
    }

    [Theory]
    [InlineData("Upgrade: websocket", "Upgrade: h2c", 426)]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426)]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: short", 400)]
    [InlineData("Sec-WebSocket-Protocol: relay.posbus.v1", "Sec-WebSocket-Protocol: chat, superchat", 400)]
    [InlineData("Sec-WebSocket-Protocol: relay.posbus.v1", "Accept: */*", 400)]
    public async Task Handshake_thatLacksSomething_isAnOrdinaryError(string line, string instead, int status)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.HttpAddress, "/relay"));
        string all = "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: relay.posbus.v1";
        foreach (string header in all.Replace(line, instead, StringComparison.Ordinal).Split('\n'))
        {
            string[] parts = header.Split(": ");
            request.Headers.TryAddWithoutValidation(parts[0], parts[1]);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(server.HttpAddress, "/elsewhere"))).StatusCode);
    }

    [Fact]
    public Task Case24_textMessage_isUnsupported() => ClosesAsync(RawWebSocketClient.Message(WebSocketOpcode.Text, Encoding.UTF8.GetBytes("{}")), CloseCode.UnsupportedData);

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case25_peerThatVanishes_isGoneAfterTheIdleTimeout_andToldOnce(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options =>
        {
            options.Limits.Heartbeat = TimeSpan.FromSeconds(1);
            options.Limits.IdleTimeout = TimeSpan.FromSeconds(4);
        });
        await using Peer watcher = await Peer.JoinAsync(scene.Server, Wire.Tcp, "plaza");

        // From here on it neither reads nor sends, like a machine whose cable was pulled: no FIN, no reset.
        await using Peer vanished = await scene.HostileAsync(wire);
        await vanished.JoinAsync("plaza");
        uint member = vanished.Seat!.Member;
        Task told = watcher.UntilAsync(() => watcher.Changes.Contains((PresenceKind.Left, member, CloseCode.Timeout)), "the departure");
        await scene.ServeUntilAsync(() => told.IsCompleted, "the departure");
        await told;
        await watcher.SettleAsync();
        Assert.Single(watcher.Changes, change => change.Kind == PresenceKind.Left);
        await watcher.DisposeAsync();
        await scene.ClosedOnceAsync(CloseCode.Timeout, CloseCode.HeartbeatTimeout);
    }

    /// <summary>A member sends some bytes and is closed for it.</summary>
    private static async Task ClosesAsync(byte[] bytes, CloseCode code, double limit = 0, double? value = null)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(Wire.WebSocket);
        await hostile.JoinAsync("plaza");
        Task sending = hostile.Raw.TrySendBytesAsync(bytes);
        Ending ending = await hostile.Raw.ReadToEndAsync();
        await sending.InTimeAsync("the bytes");
        Assert.NotNull(ending.Close);
        Assert.Equal((code, (int)code, limit), (ending.Close.Code, ending.WebSocketCode, ending.Close.Limit));
        Assert.Equal(value ?? ending.Close.Value, ending.Close.Value);
        await scene.ClosedOnceAsync(code);
    }
}
