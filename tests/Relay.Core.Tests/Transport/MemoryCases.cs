using System.IO.Compression;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Core.Tests.Transport;

/// <summary>Hostile peers who want memory: what the whole process allocates is counted, so nothing else may run beside.</summary>
[Collection(Alone.Name)]
public sealed class MemoryCases
{
    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case08_countOfABillion_isCheckedAgainstTheBytesLeft(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        await using Peer hostile = await scene.HostileAsync(wire);
        await hostile.JoinAsync("plaza");
        long before = GC.GetTotalAllocatedBytes();
        await hostile.Raw.SendAsync(Frames.Raw(FrameType.TransformUpdate, 0x80, 0x94, 0xEB, 0xDC, 0x03, 1, 2, 3));
        await FramingCases.EndsAsync(hostile.Raw, CloseCode.InvalidPayload, CloseCode.None, 0, (byte)FrameType.TransformUpdate);
        await scene.ClosedOnceAsync(CloseCode.InvalidPayload);

        // An array of a billion of anything would be at least a thousand million bytes.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 500_000_000);
    }

    [Theory]
    [ClassData(typeof(WebSocketWires))]
    public async Task Case20_deflateThatIsOffered_isNotTaken_andACompressedBombIsAProtocolError(Wire wire)
    {
        await using Scene scene = await Scene.StartAsync();
        RawWebSocketClient raw = await RawWebSocketClient.ConnectAsync(
            scene.Server, wire, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
        await using Peer hostile = Peer.Over(raw);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", raw.ResponseHead, StringComparison.OrdinalIgnoreCase);
        await hostile.HelloAsync(Scene.Secret);

        // 64 KiB that would become 64 MiB, marked as compressed (RSV1).
        long before = GC.GetTotalAllocatedBytes();
        await raw.TrySendBytesAsync(RawWebSocketClient.Message(0xC2, Bomb()));
        Assert.Equal(1002, (await raw.ReadToEndAsync()).WebSocketCode);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 60_000_000);
        await scene.ClosedOnceAsync(CloseCode.ProtocolError);
    }

    private static byte[] Bomb()
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++)
            {
                deflate.Write(zeros);
            }
        }

        return packed.ToArray();
    }
}
