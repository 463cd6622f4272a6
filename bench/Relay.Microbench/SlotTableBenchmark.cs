using BenchmarkDotNet.Attributes;
using Relay.Core.Rooms;
using Relay.Microbench.Kit;
using Relay.Protocol.Buffers;
using Relay.Protocol.Transforms;

namespace Relay.Microbench;

/// <summary>A tick's encoding: every slot was written since the last one, and one buffer is made for all who are up to date.</summary>
public class SlotTableBenchmark
{
    private readonly SharedBufferPool _pool = new();
    private SlotTable? _table;
    private PackedTransform[] _values = [];
    private ulong _round;

    [Params(25, 100, 400)]
    public int Entities { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = new SlotTable(Samples.Space, capacity: 1000, maxTombstones: 256, ageUnitMicros: 4000);
        _values = [.. Enumerable.Range(0, 2 * Entities).Select(Samples.Packed)];
        for (int i = 0; i < Entities; i++)
        {
            _table.Take(out _);
        }
    }

    [Benchmark]
    public int WriteAndEncode()
    {
        SlotTable table = _table!;
        int turn = (int)(_round++ % 2) * Entities;
        for (int i = 0; i < Entities; i++)
        {
            table.Set(i, _values[turn + i], default, sampleTime: 1000);
        }

        ulong cursor = table.Version;
        table.Advance();
        SharedBuffer buffer = table.Encode(cursor, presupposes: 10, now: 20_000, _pool);
        int length = buffer.Length;
        buffer.Release();
        return length;
    }
}
