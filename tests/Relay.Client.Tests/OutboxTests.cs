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

    [Fact]
    public void Of_each_slot_the_newest_goes_into_one_frame_with_the_avatars()
    {
        Set(1);
        Move(slot: 10, x: 2);
        Move(slot: 11, x: 3);
        Move(slot: 10, x: 4);
        Set(5);
        Assert.Equal([(Frames.MySlot, 5U), (10, 4), (11, 3)], Moves(Take().Span));
        Assert.True(Take().IsEmpty);
        Move(slot: 11, x: 6);
        Assert.Equal([(11U, 6U)], Moves(Take().Span));
    }

    [Fact]
    public void Each_slot_keeps_its_own_jump_and_its_own_age()
    {
        Move(slot: 10, x: 1, flags: TransformFlags.Discontinuity);
        _time.Advance(TimeSpan.FromMilliseconds(13));
        Move(slot: 11, x: 1);
        Assert.Equal([(10U, TransformFlags.Discontinuity, 3U), (11, TransformFlags.None, 0)], Read(Take().Span));

        // Another generation is another object, which has not jumped.
        Move(slot: 10, x: 1, flags: TransformFlags.Discontinuity);
        Move(slot: 10, x: 1, generation: 2);
        Assert.Equal([(10U, TransformFlags.None, 0U)], Read(Take().Span));

        static List<(uint Slot, TransformFlags Flags, uint Age)> Read(ReadOnlySpan<byte> frames) =>
            [.. Entries(frames).Select(entry => (entry.Slot, entry.Extension.Flags, entry.Value.Age)).Order()];
    }

    [Fact]
    public void Many_slots_go_into_several_frames_that_the_server_takes()
    {
        for (uint slot = 100; slot < 600; slot++)
        {
            Move(slot, x: slot);
        }

        const int Limit = 256;
        var seen = new List<(uint Slot, uint X)>();
        int frames = 0;
        for (ReadOnlySpan<byte> bytes = _outbox.Take(_room, Limit).Span; !bytes.IsEmpty; frames++)
        {
            int length = FrameHeader.Size + FrameHeader.Read(bytes).BodyLength;
            Assert.InRange(length, 1, FrameHeader.Size + Limit);
            seen.AddRange(Moves(bytes[..length]));
            bytes = bytes[length..];
        }

        Assert.InRange(frames, 10, 100);
        Assert.Equal(Enumerable.Range(100, 500).Select(slot => ((uint)slot, (uint)slot)), seen.Order());
    }

    [Fact]
    public void What_no_pong_has_confirmed_is_sent_again_when_the_session_is_taken_up()
    {
        var outbox = new Outbox(4096, new LocalClock(_time), new Journal(16, 4096));
        outbox.Begin(0, 0, static (ref FrameWriter _, ulong _, in int _) => { }, isFirst: true);
        Move(slot: 10, x: 1, outbox: outbox);
        Move(slot: 11, x: 1, outbox: outbox);
        Assert.Equal([(10U, 1U), (11, 1)], Moves(outbox.Take(_room, MaxBody).Span));
        outbox.TryAddPing();
        ReadOnlySpan<byte> ping = outbox.Take(_room, MaxBody).Span;
        Assert.Equal([FrameType.Ping], Types(ping));
        Move(slot: 11, x: 2, outbox: outbox);
        Move(slot: 12, x: 2, outbox: outbox);
        Assert.Equal([(11U, 2U), (12, 2)], Moves(outbox.Take(_room, MaxBody).Span));
        Move(slot: 12, x: 3, outbox: outbox);
        outbox.Answered(BitConverter.ToUInt64(ping[FrameHeader.Size..]));
        outbox.Cut();
        outbox.Detach();
        Move(slot: 13, x: 4, outbox: outbox);
        outbox.Begin(0, 0, static (ref FrameWriter _, ulong _, in int _) => { }, isFirst: false);
        Assert.True(outbox.TryResume(0, 0, 0, out _, out _));
        Assert.Equal([(11U, 2U), (12, 3), (13, 4)], Moves(outbox.Take(_room, MaxBody).Span));
        Assert.True(outbox.Take(_room, MaxBody).IsEmpty);
    }

    [Fact]
    public void Moving_many_slots_allocates_nothing_in_steady_state()
    {
        var outbox = new Outbox(4096, new LocalClock(_time), new Journal(16, 4096));
        outbox.Begin(0, 0, static (ref FrameWriter _, ulong _, in int _) => { }, isFirst: true);
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            Round();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 200; round++)
        {
            Round();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Round()
        {
            for (int i = 0; i < 20; i++)
            {
                Move((uint)random.Next(100, 200), (uint)i, outbox: outbox);
            }

            outbox.TryAddPing();
            _time.Advance(TimeSpan.FromMilliseconds(1));
            outbox.Take(_room, MaxBody);
            outbox.Answered((ulong)_time.GetTimestamp());
        }
    }

    private static List<TransformUpdateEntry> Entries(ReadOnlySpan<byte> frames)
    {
        Assert.Equal([FrameType.TransformUpdate], Types(frames));
        Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead(frames[FrameHeader.Size..], Frames.Space, out TransformUpdate update));
        var entries = new List<TransformUpdateEntry>();
        while (update.TryReadEntry(out TransformUpdateEntry entry))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static IEnumerable<(uint Slot, uint X)> Moves(ReadOnlySpan<byte> frames) =>
        Entries(frames).Select(entry => (entry.Slot, Frames.Space.UnpackSteps(entry.Value).X - 65_536)).Order();

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

    private void Move(uint slot, uint x, byte generation = 1, TransformFlags flags = TransformFlags.None, Outbox? outbox = null) =>
        (outbox ?? _outbox).SetTransform(
            _room,
            slot,
            generation,
            Frames.Space.Pack(65_536 + x, 1, 1, SmallestThree.Identity),
            new TransformExtension { Flags = flags });

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
