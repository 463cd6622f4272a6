using BenchmarkDotNet.Attributes;
using Relay.Protocol.WebSockets;

namespace Relay.Microbench;

/// <summary>Unmasking what a WebSocket client sent: an update, an event, the largest frame.</summary>
public class WebSocketMaskBenchmark
{
    private byte[] _source = [];
    private byte[] _destination = [];

    [Params(30, 1024, 16_384)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _source = new byte[Bytes];
        _destination = new byte[Bytes];
        new Random(1).NextBytes(_source);
    }

    [Benchmark]
    public void Aligned() => WebSocketMask.Apply(_source, _destination, 0x12_34_56_78);

    [Benchmark]
    public void AtAnOffset() => WebSocketMask.Apply(_source, _destination, 0x12_34_56_78, offset: 3);
}
