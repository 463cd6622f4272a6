using Relay.Load.Walkers;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tests;

/// <summary>Two walkers; the second watches the first. Values are due every 100 ms from time 0.</summary>
public sealed class LoadRoomTests
{
    private const int Watcher = 1;
    private const long Period = 100_000_000;

    private readonly LoadRoom _room = new("room", firstWalker: 0, stride: 1, members: 2, remembered: 64);
    private readonly int[] _lastSeen = [-1, -1];

    public LoadRoomTests()
    {
        _room.Joined(0, slot: 5, RoomSpace.Default);
        _room.Joined(1, slot: 2, RoomSpace.Default);
        _room.Begin(new Schedule(0, walkers: 2, rate: 10), fromNanos: 0, toNanos: long.MaxValue / 4);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(_room.TrajectoryOf(0).TryAdd(Value(i)));
        }
    }

    [Fact]
    public void Each_new_value_is_one_delivery_with_latency_from_when_it_was_due()
    {
        See(5, Value(0), 4_000_000);
        See(5, Value(1), Period + 4_000_000);
        Assert.Equal(2, _room.Deliveries);
        Assert.InRange(_room.Latency.Quantile(1), 3_980_000, 4_020_000);
    }

    [Fact]
    public void A_newer_value_stands_for_those_that_it_replaced_each_with_its_own_latency()
    {
        See(5, Value(0), 0);
        See(5, Value(3), 3 * Period);
        Assert.Equal(4, _room.Deliveries);
        // Numbers 1, 2 and 3 were due 200, 100 and 0 ms before.
        Assert.InRange(_room.Latency.Quantile(1), 199_000_000, 201_000_000);
        Assert.InRange(_room.Latency.Quantile(0.75), 99_000_000, 101_000_000);
    }

    [Fact]
    public void The_same_value_again_is_no_delivery()
    {
        See(5, Value(2), 0);
        See(5, Value(2), 1);
        Assert.Equal(3, _room.Deliveries);
        Assert.Equal(0, _room.StaleValues);
    }

    [Fact]
    public void An_older_value_is_stale()
    {
        See(5, Value(4), 0);
        See(5, Value(1), 1);
        Assert.Equal(5, _room.Deliveries);
        Assert.Equal(1, _room.StaleValues);
    }

    [Fact]
    public void A_value_that_the_walker_never_had_is_bad()
    {
        See(5, Value(4), 0);
        See(5, Value(4_000), 1);
        Assert.Equal(1, _room.BadValues);
        // Another walker's value does not count as this one's either.
        See(2, Value(4), 2);
        Assert.Equal(2, _room.BadValues);
    }

    [Fact]
    public void A_value_in_a_slot_that_nobody_holds_is_bad()
    {
        See(9, Value(1), 0);
        Assert.Equal(1, _room.BadValues);
    }

    [Fact]
    public void The_watchers_own_value_is_no_delivery()
    {
        Assert.True(_room.TrajectoryOf(Watcher).TryAdd(Value(50)));
        See(2, Value(50), 0);
        Assert.Equal(0, _room.Deliveries);
        Assert.Equal(0, _room.BadValues);
    }

    [Fact]
    public void A_malformed_batch_is_told()
    {
        byte[] frame = Batch(5, Value(0));
        Assert.Equal(ReadStatus.Ok, _room.Observe(Watcher, _lastSeen, frame.AsSpan(FrameHeader.Size), 0));
        Assert.NotEqual(ReadStatus.Ok, _room.Observe(Watcher, _lastSeen, frame.AsSpan(FrameHeader.Size, frame.Length - FrameHeader.Size - 1), 0));
    }

    [Fact]
    public void Values_due_outside_the_window_do_not_count()
    {
        _room.Begin(new Schedule(0, walkers: 2, rate: 10), fromNanos: 2 * Period, toNanos: 5 * Period);
        See(5, Value(9), 9 * Period);
        Assert.Equal(3, _room.Deliveries);
        Assert.Equal(6, _room.Expected);
    }

    [Fact]
    public void Observing_a_batch_that_others_have_seen_allocates_nothing()
    {
        byte[] frame = Batch(5, Value(0));
        int[] other = [-1, -1];
        _room.Observe(Watcher, _lastSeen, frame.AsSpan(FrameHeader.Size), 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _room.Observe(Watcher, other, frame.AsSpan(FrameHeader.Size), i);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static PackedTransform Value(int i) => RoomSpace.Default.Pack((uint)(100 + i), 7, 9, SmallestThree.Identity);

    private static byte[] Batch(uint slot, PackedTransform value)
    {
        byte[] bytes = new byte[TransformBatchWriter.MaxSize(0, 1, 0, RoomSpace.Default)];
        var writer = new TransformBatchWriter(bytes, RoomSpace.Default, BatchFlags.None, version: 1, presupposes: 0, serverMillis: 0, removals: 0);
        writer.BeginEntries(1);
        writer.Add(slot, value.WithPrefix(3, hasExtension: false));
        return bytes[..writer.Finish()];
    }

    private void See(uint slot, PackedTransform value, long now) =>
        Assert.Equal(ReadStatus.Ok, _room.Observe(Watcher, _lastSeen, Batch(slot, value).AsSpan(FrameHeader.Size), now));
}
