using Relay.Client.Tests.Kit;
using Relay.Client.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>What waits to be sent while a write is under way. protocol-spec.md §5.7 and §8.3.</summary>
public sealed class OutboxTests
{
    private const int MaxBody = 16_384;

    private readonly ManualTime _time = new();
    private readonly Outbox _outbox;
    private readonly RoomInfo _room = Room();

    public OutboxTests()
    {
        _outbox = new Outbox(4096, new LocalClock(_time));
        _outbox.Begin(0, 0, static (ref FrameWriter _, ulong _, in int _) => { }, isFirst: true);
    }

    [Fact]
    public void Newest_transform_takes_the_place_of_the_one_before()
    {
        Set(1);
        Set(2);
        Set(3);
        TransformUpdateEntry entry = TakeTransform();
        Assert.Equal(3, Frames.Space.UnpackSteps(entry.Value).X - 65_536.0);
        Assert.Equal((Frames.MySlot, (byte)1), (entry.Slot, entry.Generation));
        Assert.True(Take().IsEmpty);
    }

    [Fact]
    public void A_discontinuity_stays_noted_until_it_was_sent()
    {
        Set(1, new TransformExtension { Flags = TransformFlags.Discontinuity });
        Set(2);
        Assert.Equal(TransformFlags.Discontinuity, TakeTransform().Extension.Flags);
        Set(3);
        Assert.Equal(TransformFlags.None, TakeTransform().Extension.Flags);
    }

    [Fact]
    public void A_transform_that_waited_tells_its_age()
    {
        Set(1);
        _time.Advance(TimeSpan.FromMilliseconds(13));
        Assert.Equal(3U, TakeTransform().Value.Age);
        Set(2);
        _time.Advance(TimeSpan.FromSeconds(13));
        Assert.Equal(PackedTransform.MaxAge, TakeTransform().Value.Age);
    }

    [Fact]
    public void A_transform_of_a_room_that_was_left_is_dropped()
    {
        Set(1);
        Assert.True(_outbox.Take(Room(), MaxBody).IsEmpty);
        Set(1);
        Assert.True(_outbox.Take(room: null, MaxBody).IsEmpty);
    }

    [Fact]
    public void Numbers_count_from_one_in_the_order_on_the_wire_and_the_transform_comes_last()
    {
        Set(1);
        Assert.Equal(1UL, AddEvent(10));
        Assert.Equal(2UL, AddEvent(10));
        ReadOnlySpan<byte> bytes = Take().Span;
        Assert.Equal([FrameType.SendEvent, FrameType.SendEvent, FrameType.TransformUpdate], Types(bytes));
    }

    [Fact]
    public async Task A_full_queue_refuses_and_tells_when_there_is_room_again()
    {
        ulong added = 0;
        while (TryAddEvent(500, out _))
        {
            added++;
        }

        Task room = _outbox.WaitForRoomAsync(600);
        Assert.False(room.IsCompleted);
        Assert.InRange(Take().Length, 3000, 4096);
        await room.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(TryAddEvent(500, out ulong sequence));
        // What was refused took no number.
        Assert.Equal(added + 1, sequence);
    }

    [Fact]
    public void A_frame_longer_than_the_bound_goes_alone()
    {
        Assert.True(TryAddEvent(10_000, out _));
        Assert.False(TryAddEvent(1, out _));
        Assert.True(Take().Length > 10_000);
    }

    [Fact]
    public void Nothing_is_added_after_the_last_frame_and_what_waits_is_sent_before_it()
    {
        AddEvent(10);
        Close();
        Assert.False(TryAddEvent(1, out _));
        Assert.Equal([FrameType.SendEvent, FrameType.Close], Types(Take().Span));
        Assert.True(_outbox.WaitForRoomAsync(1).IsCompleted);
    }

    [Fact]
    public async Task The_writer_wakes_for_a_frame_a_transform_and_the_end()
    {
        Task waiting = _outbox.WaitAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        Set(1);
        await waiting;
        Take();
        waiting = _outbox.WaitAsync().AsTask();
        AddEvent(1);
        await waiting;
        Take();
        waiting = _outbox.WaitAsync().AsTask();
        Close();
        await waiting;
    }

    [Fact]
    public void Setting_and_taking_a_transform_allocates_nothing()
    {
        Set(1);
        Take();
        Set(1);
        Take();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint i = 0; i < 1000; i++)
        {
            Set(i);
            Take();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static RoomInfo Room()
    {
        Assert.Equal(ReadStatus.Ok, Joined.TryRead(Frames.Joined(1).AsSpan(FrameHeader.Size), out Joined joined));
        return new RoomInfo(joined);
    }

    private static List<FrameType> Types(ReadOnlySpan<byte> bytes)
    {
        var types = new List<FrameType>();
        while (!bytes.IsEmpty)
        {
            FrameHeader header = FrameHeader.Read(bytes);
            types.Add(header.Type);
            bytes = bytes[(FrameHeader.Size + header.BodyLength)..];
        }

        return types;
    }

    private ReadOnlyMemory<byte> Take() => _outbox.Take(_room, MaxBody);

    private void Set(uint x, TransformExtension extension = default) =>
        _outbox.SetTransform(_room, Frames.MySlot, generation: 1, Frames.Space.Pack(65_536 + x, 1, 1, SmallestThree.Identity), extension);

    private ulong AddEvent(int size)
    {
        Assert.True(TryAddEvent(size, out ulong sequence));
        return sequence;
    }

    private bool TryAddEvent(int size, out ulong sequence) => _outbox.TryAdd(
        size + 32,
        numbered: true,
        size,
        static (ref FrameWriter writer, ulong number, in int length) => new SendEvent { Sequence = number, Kind = 2000, Payload = new byte[length] }.Write(ref writer),
        out sequence) == AddStatus.Added;

    private void Close() => _outbox.Close(
        CloseFrame.MaxSize, 0, static (ref FrameWriter writer, ulong _, in int _) => new CloseFrame { Code = CloseCode.Normal }.Write(ref writer));

    private TransformUpdateEntry TakeTransform()
    {
        ReadOnlySpan<byte> bytes = Take().Span;
        Assert.Equal([FrameType.TransformUpdate], Types(bytes));
        Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead(bytes[FrameHeader.Size..], Frames.Space, out TransformUpdate update));
        Assert.True(update.TryReadEntry(out TransformUpdateEntry entry));
        return entry;
    }
}
