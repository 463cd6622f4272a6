using BenchmarkDotNet.Attributes;
using Relay.Protocol.Transforms;

namespace Relay.Microbench;

/// <summary>A quaternion in 32 bits and back.</summary>
public class SmallestThreeBenchmark
{
    private readonly uint _packed = SmallestThree.Pack(0.1f, 0.7f, -0.2f, 0.6f);
    private float _w = 0.6f;

    [Benchmark]
    public uint Pack() => SmallestThree.Pack(0.1f, 0.7f, -0.2f, _w);

    [Benchmark]
    public float Unpack()
    {
        (float x, float y, float z, float w) = SmallestThree.Unpack(_packed);
        return x + y + z + w;
    }

    [GlobalSetup]
    public void Setup() => _w = 0.6f;
}
