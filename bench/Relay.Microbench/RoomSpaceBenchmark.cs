using BenchmarkDotNet.Attributes;
using Relay.Microbench.Kit;
using Relay.Protocol.Transforms;

namespace Relay.Microbench;

/// <summary>Quantising a whole transform and back: a client's work for each sample.</summary>
public class RoomSpaceBenchmark
{
    private readonly Transform _transform = Samples.Transform(7);
    private readonly PackedTransform _packed = Samples.Packed(7);

    [Benchmark]
    public PackStatus Pack() => Samples.Space.TryPack(_transform, out _);

    [Benchmark]
    public Transform Unpack() => Samples.Space.Unpack(_packed);

    /// <summary>The server's work: are all coordinates within the room?</summary>
    [Benchmark]
    public bool Contains() => Samples.Space.Contains(_packed);
}
