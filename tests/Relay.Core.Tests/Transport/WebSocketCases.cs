using System.Net;
using System.Text;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Tests.Transport;

/// <summary>Hostile WebSocket peers and silent ones, cases 14 to 25, on both roads. (Case 13: see
/// Relay.Conformance.Tests; case 20: see MemoryCases; case 21: see SlowlorisCases.)</summary>
public sealed class WebSocketCases
{
    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case14_unmaskedFrame_isAProtocolError(Wire wire)
    {
        byte[] unmasked = new byte[6];
        WebSocketFrameHeader.WriteServerHeader(unmasked, WebSocketOpcode.Binary, 4);
        await ClosesAsync(wire, unmasked, CloseCode.ProtocolError);
    }

    [Theory]
    [ClassData(typeof(ReservedStarts))]
    public Task Case15_reservedBitOrOpcode_isAProtocolError(Wire wire, byte first) =>
        ClosesAsync(wire, RawWebSocketClient.Message(first, Frames.Nop), CloseCode.ProtocolError);

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case15_messageWithinAMessage_orContinuationOfNone_isAProtocolError(Wire wire)
    {
        byte[] begun = RawWebSocketClient.Message(WebSocketOpcode.Binary, Frames.Nop, final: false);
        await ClosesAsync(wire, Frames.Concat(begun, begun), CloseCode.ProtocolError);
        await ClosesAsync(wire, RawWebSocketClient.Message(WebSocketOpcode.Continuation, Frames.Nop), CloseCode.ProtocolError);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case16_megabyteInFragmentsOfOneByte_meetsTheFragmentLimit(Wire wire)
    {
        byte[] next = RawWebSocketClient.Message(WebSocketOpcode.Continuation, [0], final: false);
        byte[] flood = Frames.Concat([RawWebSocketClient.Message(WebSocketOpcode.Binary, [0], final: false), .. Enumerable.Repeat(next, (1 << 20) - 1)]);
        await ClosesAsync(wire, flood, CloseCode.MessageTooBig, limit: 1024, value: 1025);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case16_megabyteInLargeFragments_meetsTheMessageLimit(Wire wire)
    {
        byte[] next = RawWebSocketClient.Message(WebSocketOpcode.Continuation, new byte[30_000], final: false);
        byte[] flood = Frames.Concat([RawWebSocketClient.Message(WebSocketOpcode.Binary, new byte[30_000], final: false), .. Enumerable.Repeat(next, 34)]);
        await ClosesAsync(wire, flood, CloseCode.MessageTooBig, limit: 65_536, value: 90_000);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case17_controlFrameTooLong_orFragmented_isAProtocolError(Wire wire)
    {
        await ClosesAsync(wire, RawWebSocketClient.Message(WebSocketOpcode.Ping, new byte[126]), CloseCode.ProtocolError);
        await ClosesAsync(wire, RawWebSocketClient.Message(WebSocketOpcode.Ping, "half"u8, final: false), CloseCode.ProtocolError);
        await ClosesAsync(wire, RawWebSocketClient.Message(WebSocketOpcode.Close, new byte[126]), CloseCode.ProtocolError);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case18_floodOfPings_isCoalescedThenClosed(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Shards = 1);
        await using Peer hostile = await scene.HostileAsync(wire);
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
    [ClassData(typeof(UnsendableCodes))]
    public Task Case19_closeCodeThatMayNotBeSent_isAProtocolError(Wire wire, int code) =>
        ClosesAsync(wire, RawWebSocketClient.CloseMessage(code), CloseCode.ProtocolError, value: code);

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case19_closeReasonThatIsNotUtf8_isAnInvalidPayload(Wire wire)
    {
        await ClosesAsync(wire, RawWebSocketClient.CloseMessage(1000, 0xC3, 0x28), CloseCode.InvalidPayload);
        await ClosesAsync(wire, RawWebSocketClient.Message(WebSocketOpcode.Close, [0x03]), CloseCode.ProtocolError);
    }

    [Theory]
    [ClassData(typeof(SendableCodes))]
    public async Task CloseHandshake_ofTheClient_isAnsweredInKind(Wire wire, int code)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer leaving = await scene.HostileAsync(wire);
        await ((RawWebSocketClient)leaving.Raw).SendCloseAsync(RawWebSocketClient.CloseMessage(code, "bye"u8));
        Ending ending = await leaving.Raw.ReadToEndAsync();
        Assert.Equal((code, false), (ending.WebSocketCode, ending.WasReset));
        await scene.HoldsAsync();
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task CloseHandshake_withoutACode_isAnswered(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer leaving = await Peer.ConnectAsync(server, wire);
        await ((RawWebSocketClient)leaving.Raw).SendCloseAsync(RawWebSocketClient.Message(WebSocketOpcode.Close, []));
        Assert.Equal(1000, (await leaving.Raw.ReadToEndAsync()).WebSocketCode);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Message_thatEndsWithinAFrame_isAnInvalidPayload(Wire wire)
    {
        byte[] ping = Frames.Ping(1);
        byte[] cut = RawWebSocketClient.Message(WebSocketOpcode.Binary, ping.AsSpan(0, ping.Length - 1));
        await ClosesAsync(wire, cut, CloseCode.InvalidPayload, value: ping.Length - 1);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case22_connectedThenSilent_isClosedForWantOfAHello(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Limits.HelloTimeout = TimeSpan.FromMilliseconds(700));
        await using RawClient silent = await RawClient.ConnectAsync(scene.Server, wire);
        Ending ending = await silent.ReadToEndAsync();
        Assert.Equal((CloseCode.Unauthorized, CloseCode.HelloTimeout, 700.0), (ending.Close!.Code, ending.Close.Cause, ending.Close.Limit));
        Assert.Equal(wire.IsWebSocket() ? 4401 : null, ending.WebSocketCode);
        await scene.RejectedOnceAsync(CloseCode.Unauthorized, CloseCode.HelloTimeout);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case22_connectedThenPingsOnly_isClosedForWantOfAHello(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync(options => options.Limits.HelloTimeout = TimeSpan.FromMilliseconds(700));
        await using RawClient silent = await RawClient.ConnectAsync(scene.Server, wire);
        await silent.SendBytesAsync(RawWebSocketClient.Message(WebSocketOpcode.Ping, "hello?"u8));
        Assert.Equal(4401, (await silent.ReadToEndAsync()).WebSocketCode);
        await scene.RejectedOnceAsync(CloseCode.Unauthorized, CloseCode.HelloTimeout);
    }

    [Theory]
    [ClassData(typeof(Origins))]
    public async Task Case23_origin_isCheckedBeforeTheUpgrade(Wire wire, (string Headers, int Status) origin)
    {
        await using Scene scene = await Scene.StartAsync(options => options.AllowedOrigins.Add("https://friend.example"));
        string headers = origin.Headers.Replace("{host}", scene.Server.Endpoint(wire).ToString(), StringComparison.Ordinal);
        await using RawWebSocketClient client = await RawWebSocketClient.ConnectAsync(scene.Server, wire, headers);
        Assert.Equal(origin.Status, client.Status);
        await scene.HoldsAsync();
    }

    [Theory]
    [ClassData(typeof(Lacking))]
    public async Task Handshake_thatLacksSomething_isAnOrdinaryError(Wire wire, (string Line, string Instead, int Status) lack)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.AddressOf(wire), "/relay"));
        string all = "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: relay.posbus.v1";
        foreach (string header in all.Replace(lack.Line, lack.Instead, StringComparison.Ordinal).Split('\n'))
        {
            string[] parts = header.Split(": ");
            request.Headers.TryAddWithoutValidation(parts[0], parts[1]);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(lack.Status, (int)response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri(server.AddressOf(wire), "/elsewhere"))).StatusCode);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public Task Case24_textMessage_isUnsupported(Wire wire) =>
        ClosesAsync(wire, RawWebSocketClient.Message(WebSocketOpcode.Text, Encoding.UTF8.GetBytes("{}")), CloseCode.UnsupportedData);

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
    private static async Task ClosesAsync(Wire wire, byte[] bytes, CloseCode code, double limit = 0, double? value = null)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.JoinAsync("plaza");
        Task sending = hostile.Raw.TrySendBytesAsync(bytes);
        Ending ending = await hostile.Raw.ReadToEndAsync();
        await sending.InTimeAsync("the bytes");
        Assert.NotNull(ending.Close);
        Assert.Equal((code, (int)code, limit), (ending.Close.Code, ending.WebSocketCode, ending.Close.Limit));
        Assert.Equal(value ?? ending.Close.Value, ending.Close.Value);
        await scene.ClosedOnceAsync(code);
    }

    /// <summary>First bytes of a frame that nobody may send.</summary>
    private sealed class ReservedStarts() : WiresWith<byte>(
        WebSocketOnBothRoads, 0xC2, 0xA2, 0x92, 0x83, 0x84, 0x85, 0x86, 0x87, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F);

    private sealed class UnsendableCodes() : WiresWith<int>(WebSocketOnBothRoads, 999, 1004, 1005, 1006, 1015, 2999, 65535);

    private sealed class SendableCodes() : WiresWith<int>(WebSocketOnBothRoads, 1000, 1001, 3000, 4999);

    /// <summary>What a request may say of where it comes from, and its answer's status.</summary>
    private sealed class Origins() : WiresWith<(string Headers, int Status)>(
        WebSocketOnBothRoads,
        ("Origin: https://evil.example\r\nCookie: session=never-to-be-logged\r\n", 403),
        ("Origin: null\r\n", 403),
        ("Cookie: session=never-to-be-logged\r\n", 403),
        ("Cookie: session=x\r\nAuthorization: Bearer never-to-be-logged\r\n", 101),
        ("Origin: http://{host}\r\nCookie: session=never-to-be-logged\r\n", 101),
        ("Origin: https://friend.example\r\n", 101),
        ("Origin: https://friend.example.evil.example\r\n", 403),
        ("", 101));

    /// <summary>A line of the handshake, what stands there instead, and the answer's status.</summary>
    private sealed class Lacking() : WiresWith<(string Line, string Instead, int Status)>(
        WebSocketOnBothRoads,
        ("Upgrade: websocket", "Upgrade: h2c", 426),
        ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426),
        ("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: short", 400),
        ("Sec-WebSocket-Protocol: relay.posbus.v1", "Sec-WebSocket-Protocol: chat, superchat", 400),
        ("Sec-WebSocket-Protocol: relay.posbus.v1", "Accept: */*", 400));
}
