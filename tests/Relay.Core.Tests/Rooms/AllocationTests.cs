using Relay.Core.Rooms;
using Relay.Core.Transport.Ingress;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Rooms;

/// <summary>The gate: in steady state the hot path allocates nothing, not a byte, per inbound frame and per delivery.</summary>
public sealed class AllocationTests
{
    private const int Members = 50;

    [Fact]
    public void SteadyState_inboundFramesTicksAndFanOut_allocateNothing()
    {
        var pool = new SharedBufferPool();
        var shard = new Shard(new ShardSettings(), pool);
        var outlets = new CountingOutlet[Members];
        var connections = new Connection[Members];
        var dispatchers = new FrameDispatcher[Members];
        var limits = new IngressLimits { FramesPerSecond = 0, EventsPerSecond = 0 };
        var options = new RoomOptions { ReliableRingMessages = 1024 };
        var stats = new IngressStats();
        long now = 1_000_000;
        for (int i = 0; i < Members; i++)
        {
            outlets[i] = new CountingOutlet();
            connections[i] = new Connection(shard, outlets[i], "bot"u8.ToArray(), pool, now);
            shard.Lane.Push(new Arrival(connections[i]));
            dispatchers[i] = new FrameDispatcher(connections[i], limits, pool, stats, now);
            connections[i].Post(new Command(CommandKind.Join) { Join = new JoinRequest(1, false, "plaza", options) });
        }

        Span<byte> frame = stackalloc byte[TransformUpdate.MaxSize(1)];
        byte[] eventFrame = new byte[64];
        ulong sequence = 1;
        bool done = true;
        long before = 0;
        long bytesBefore = 0;
        for (int round = 0; round < 1800; round++)
        {
            if (round == 1300)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                bytesBefore = outlets[0].Bytes;
            }

            now += 10_000;
            shard.Step(now);
            for (int i = 0; i < Members; i++)
            {
                Seat seat = connections[i].Seat!;
                var value = seat.Space.Pack((uint)(round * 7), 5, (uint)i, 99);
                int length = TransformUpdate.WriteSingle(frame, seat.Space, new TransformUpdateEntry((uint)seat.Slot, seat.Generation, value, default));
                done &= dispatchers[i].Dispatch(FrameType.TransformUpdate, frame[FrameHeader.Size..length], now) == DispatchStatus.Done;
            }

            // One of them talks and pings as well: reliable messages and replies are pooled too.
            int size = WriteEvent(eventFrame, sequence++);
            done &= dispatchers[0].Dispatch(FrameType.SendEvent, eventFrame.AsSpan(FrameHeader.Size, size - FrameHeader.Size), now) == DispatchStatus.Done;
            done &= dispatchers[0].Dispatch(FrameType.Ping, eventFrame.AsSpan(0, 8), now) == DispatchStatus.Done;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(done);
        Assert.True(outlets[0].Bytes - bytesBefore > 10_000, "Nothing was delivered: the measurement means nothing.");
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void SteadyState_attributesThatAreSetAgain_allocateNothing()
    {
        var pool = new SharedBufferPool();
        var shard = new Shard(new ShardSettings(), pool);
        var outlets = new CountingOutlet[Members];
        var connections = new Connection[Members];
        var dispatchers = new FrameDispatcher[Members];
        var limits = new IngressLimits { FramesPerSecond = 0 };
        var options = new RoomOptions { ReliableRingMessages = 1024, RecorderBytes = 64 * 1024 };
        var stats = new IngressStats();
        long now = 1_000_000;
        for (int i = 0; i < Members; i++)
        {
            outlets[i] = new CountingOutlet();
            connections[i] = new Connection(shard, outlets[i], "bot"u8.ToArray(), pool, now);
            shard.Lane.Push(new Arrival(connections[i]));
            dispatchers[i] = new FrameDispatcher(connections[i], limits, pool, stats, now);
            connections[i].Post(new Command(CommandKind.Join) { Join = new JoinRequest(1, false, "plaza", options) });
        }

        byte[] frame = new byte[128];
        byte[] value = [0xCC, 0];
        bool done = true;
        long before = 0;
        long bytesBefore = 0;
        const int Rounds = 600;
        for (int round = 0; round < Rounds; round++)
        {
            if (round == Rounds / 2)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
                bytesBefore = outlets[0].Bytes;
            }

            now += 10_000;
            value[1] = (byte)round;
            shard.Step(now);
            for (int i = 0; i < Members; i++)
            {
                int size = WriteSet(frame, (ulong)round + 1, connections[i].Member!.Id, value);
                done &= dispatchers[i].Dispatch(FrameType.SetAttribute, frame.AsSpan(FrameHeader.Size, size - FrameHeader.Size), now) == DispatchStatus.Done;
            }
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(done);
        Assert.True(outlets[0].Bytes - bytesBefore > 10_000, "Nothing was delivered: the measurement means nothing.");
        Assert.Equal(0, allocated);
    }

    private static int WriteSet(Span<byte> destination, ulong sequence, uint member, byte[] value)
    {
        var writer = new FrameWriter(destination);
        new SetAttribute
        {
            Sequence = sequence,
            Target = AttributeTarget.OfMember(member),
            KeyUtf8 = "mood"u8,
            Value = value,
        }.Write(ref writer);
        return writer.Written;
    }

    private static int WriteEvent(Span<byte> destination, ulong sequence)
    {
        var writer = new FrameWriter(destination);
        new SendEvent { Sequence = sequence, Audience = EventAudience.Others, Kind = 1024, Payload = "hello"u8 }.Write(ref writer);
        return writer.Written;
    }

    private sealed class CountingOutlet : Outlet
    {
        public long Bytes { get; private set; }

        public override bool IsReady => true;

        public override void Write(SharedBuffer frames) => Bytes += frames.Length;

        public override void Flush()
        {
        }

        public override void Close(CloseReason reason)
        {
        }

        public override void Abort(CloseReason reason)
        {
        }
    }
}
