using Relay.Client.Tests.Kit;
using Relay.Client.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §3, §5.6, §7.2 and §8.4.</summary>
public sealed class ReceiveTests
{
    [Fact]
    public async Task Everything_delivered_byte_by_byte_is_told_the_same()
    {
        await using var server = new ScriptedServer();
        var told = new Recorder();
        await using var client = new RelayClient(told, Session.Once());
        Task connecting = client.ConnectAsync("127.0.0.1", server.Port);
        await server.AcceptAsync();
        await server.SendByteByByteAsync(Frames.Welcome());
        await connecting;
        Task<RoomInfo> joining = client.JoinAsync("hall");
        await server.ExpectAsync(FrameType.Join);
        await server.SendByteByByteAsync(
            Frames.Joined(1),
            Frames.Snapshot((Frames.Me, Frames.MySlot, "Ada"), (8, 0, "Ben")),
            Frames.Batch(4, BatchFlags.Reset, [], (0, 2.5)),
            Frames.Event(8, 2000, [0xCA, 0xFE]),
            Frames.GoAway(),
            Frames.Close(CloseCode.ServiceRestart));
        await joining;
        string[] lines = [.. Enumerable.Range(0, 6).Select(_ => told.Next())];
        Assert.Equal(["joined hall", "presence 2", "batch 4", "event 8 2000 CAFE", "goaway ServiceRestart 5000 100 50 ws://other/relay", "closed ServiceRestart"], lines);
        Assert.True(told.View.TryGetTransform(8, out Transform where));
        Assert.Equal(2.5, where.X, 6);
    }

    [Fact]
    public async Task Many_frames_in_one_segment_are_told_in_order()
    {
        await using Session session = await Session.JoinAsync();
        session.Server.Send([.. Enumerable.Range(1, 500).Select(i => Frames.Batch((ulong)i, (0, i * 0.01)))]);
        for (int i = 1; i <= 500; i++)
        {
            Assert.Equal($"batch {i}", session.Told.Next());
        }
    }

    [Fact]
    public async Task A_frame_longer_than_the_buffer_arrives_whole()
    {
        await using Session session = await Session.JoinAsync();
        session.Server.Send(Frames.Batch(1, [.. Enumerable.Range(0, 4000).Select(slot => ((uint)slot, 1.0))]));
        Assert.Equal("batch 1", session.Told.Next());
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_stamp()
    {
        await using Session session = await Session.ConnectAsync();
        session.Server.Send(Frames.Ping(0xFEED));
        byte[] body = await session.Server.ExpectAsync(FrameType.Pong);
        Check(body);

        static void Check(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, Pong.TryRead(body, out Pong pong));
            Assert.Equal(0xFEEDUL, pong.Stamp);
            Assert.True(pong.SentMicros >= pong.ReceivedMicros);
        }
    }

    [Fact]
    public async Task Pings_are_sent_by_themselves_and_pongs_set_the_clock()
    {
        await using Session session = await Session.ConnectAsync();
        byte[] body = await session.Server.ExpectAsync(FrameType.Ping);
        ulong stamp = BitConverter.ToUInt64(body);
        // The peer's clock stands 1,000 s ahead of the client's own.
        ulong there = stamp + 1_000_000_000;
        // So many that the rough reading of Welcome, whose clock is another, is forgotten.
        session.Server.Send([.. Enumerable.Repeat(Frames.Pong(stamp, there, there), ClockSync.DefaultWindow), Frames.Ping(1)]);
        await session.Server.ExpectAsync(FrameType.Pong);
        Assert.InRange(session.Client.Clock.OffsetMicros, 999_000_000, 1_000_000_000);
    }

    [Theory]
    [InlineData(0x42)]
    [InlineData(0x81)]
    [InlineData(0x00)]
    public async Task A_type_that_the_client_does_not_know_is_skipped(byte type)
    {
        await using Session session = await Session.JoinAsync();
        session.Server.Send([3, 0, 0, type, 1, 2, 3], Frames.Batch(1, (0, 1)));
        Assert.Equal("batch 1", session.Told.Next());
    }

    [Fact]
    public async Task A_frame_above_the_promised_length_ends_with_1009_from_its_header_alone()
    {
        await using Session session = await Session.ConnectAsync();
        session.Server.SendPart([1, 0, 1, (byte)FrameType.TransformBatch]);
        CheckClose(await session.Server.ExpectAsync(FrameType.Close), CloseCode.MessageTooBig);
        Assert.Equal("closed MessageTooBig", session.Told.Next());
        Assert.Equal((65_536.0, 65_537.0), (session.Told.Closed!.Limit, session.Told.Closed.Value));
        Assert.False(session.Told.Closed.ByPeer);
    }

    [Fact]
    public async Task A_malformed_body_ends_with_1007_and_the_type()
    {
        await using Session session = await Session.JoinAsync();
        session.Server.Send([2, 0, 0, (byte)FrameType.TransformBatch, 0xFF, 0xFF]);
        CheckClose(await session.Server.ExpectAsync(FrameType.Close), CloseCode.InvalidPayload);
        Assert.Equal("closed InvalidPayload", session.Told.Next());
        Assert.Equal((double)FrameType.TransformBatch, session.Told.Closed!.Value);
    }

    [Fact]
    public async Task A_batch_outside_a_room_ends_with_1007()
    {
        await using Session session = await Session.ConnectAsync();
        session.Server.Send(Frames.Batch(1, (0, 1)));
        Assert.Equal("closed InvalidPayload", session.Told.Next());
    }

    [Fact]
    public async Task A_refusal_that_nobody_waits_for_is_told()
    {
        await using Session session = await Session.JoinAsync();
        session.Server.Send(Frames.Error(FrameType.TransformUpdate, 0, CloseCode.OutOfBounds, 131_072, 131_073));
        Assert.Equal("refused TransformUpdate 0 OutOfBounds", session.Told.Next());
    }

    [Fact]
    public async Task An_exception_in_the_handler_ends_with_1011()
    {
        await using Session session = await Session.JoinAsync();
        session.Told.Before = () => throw new InvalidOperationException("a bug of the application");
        session.Server.Send(Frames.Batch(1, (0, 1)));
        CheckClose(await session.Server.ExpectAsync(FrameType.Close), CloseCode.InternalError);
        Assert.Equal("closed InternalError", session.Told.Next());
        Assert.IsType<InvalidOperationException>(session.Told.Closed!.Exception);
    }

    [Fact]
    public void Receiving_batches_allocates_nothing() =>
        CheckAllocations(Frames.Batch(1, [.. Enumerable.Range(0, 100).Select(slot => ((uint)slot, 1.0))]));

    [Fact]
    public void Receiving_state_allocates_nothing() =>
        CheckAllocations(Frames.State(() => Frames.Attribute(AttributeTarget.OfObject(4), "game", new byte[1000])));

    private static void CheckAllocations(byte[] message)
    {
        var clock = new LocalClock(new ManualTime());
        var inbound = new Inbound(
            new Counter(), new RelayClientOptions(), new Outbox(4096, clock), new PendingReplies(), new ClockSync(), clock);
        inbound.Begin(new TaskCompletionSource<SessionInfo>(), lost: null);
        var frames = new FrameBuffer();
        Feed(Frames.Welcome());
        Feed(Frames.Joined(1));
        Feed(message);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Feed(message);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Feed(byte[] frame)
        {
            // Split in the middle, so that half a frame waits in the buffer each time.
            int half = frame.Length / 2;
            Part(frame.AsSpan(0, half));
            Part(frame.AsSpan(half));
        }

        void Part(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(frames.Free().Span);
            frames.Added(bytes.Length);
            if (inbound.Process(frames) is not null)
            {
                Assert.Fail("The frame was refused.");
            }
        }
    }

    private static void CheckClose(byte[] body, CloseCode code)
    {
        Assert.Equal(ReadStatus.Ok, CloseFrame.TryRead(body, out CloseFrame close));
        Assert.Equal(code, close.Code);
    }

    private sealed class Counter : RelayHandler
    {
        public int Entries { get; private set; }

        public override void OnState(RoomInfo room, ref State state)
        {
            while (state.TryReadEntry(out _))
            {
                Entries++;
            }
        }

        public override void OnBatch(RoomInfo room, ref TransformBatch batch)
        {
            while (batch.TryReadEntry(out _))
            {
                Entries++;
            }
        }
    }
}
