using BenchmarkDotNet.Attributes;
using Relay.Protocol.Buffers;

namespace Relay.Microbench;

/// <summary>A room's tick and its parts. Divide by members² for the cost of a delivery without sockets.</summary>
[MemoryDiagnoser]
public class TickBenchmark
{
    private RoomFixture _room = null!;

    /// <summary>Members of the room, all of whom move.</summary>
    [Params(25, 100, 400)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _room = new RoomFixture(Members);
        _room.MoveEverybody();
        _room.Tick();
    }

    /// <summary>Every member's frame is dispatched, then one tick fetches, encodes and fans out.</summary>
    [Benchmark]
    public void InboundAndTick()
    {
        _room.MoveEverybody();
        _room.Tick();
    }

    /// <summary>The encoding alone: the full set.</summary>
    [Benchmark]
    public int Encode()
    {
        SharedBuffer buffer = _room.Room.Slots.Encode(0, 0, 2_000_000, _room.Pool);
        int length = buffer.Length;
        buffer.Release();
        return length;
    }
}
