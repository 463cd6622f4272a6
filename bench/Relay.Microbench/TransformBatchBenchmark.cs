using BenchmarkDotNet.Attributes;
using Relay.Microbench.Kit;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Microbench;

/// <summary>What a room sends each tick: written once by the server, read by every client.</summary>
public class TransformBatchBenchmark
{
    private byte[] _out = [];
    private byte[] _frame = [];
    private PackedTransform[] _values = [];

    [Params(25, 100, 400)]
    public int Entities { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _values = [.. Enumerable.Range(0, Entities).Select(Samples.Packed)];
        _frame = Samples.Batch(Entities);
        _out = new byte[TransformBatchWriter.MaxSize(0, Entities, 0, Samples.Space)];
    }

    [Benchmark]
    public int Write() => Samples.WriteBatch(_out, _values);

    /// <summary>As a client that trusts nobody: checked whole first.</summary>
    [Benchmark]
    public ulong ReadChecked() =>
        TransformBatch.TryRead(_frame.AsSpan(FrameHeader.Size), Samples.Space, out TransformBatch batch) == ReadStatus.Ok ? Sum(ref batch) : 0;

    /// <summary>As a receiver that asks at the end whether all was well.</summary>
    [Benchmark]
    public ulong ReadOnce() =>
        TransformBatch.TryBegin(_frame.AsSpan(FrameHeader.Size), Samples.Space, out TransformBatch batch) == ReadStatus.Ok ? Sum(ref batch) : 0;

    private static ulong Sum(ref TransformBatch batch)
    {
        ulong sum = 0;
        while (batch.TryReadEntry(out TransformBatchEntry entry))
        {
            sum += entry.Slot + entry.Value.Low;
        }

        return batch.Finish() == ReadStatus.Ok ? sum : 0;
    }
}
