using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §7.1 and §8.3.</summary>
public sealed class SendTests
{
    [Fact]
    public async Task A_transform_arrives_quantised_with_slot_and_generation()
    {
        await using Session session = await Session.JoinAsync();
        Assert.Equal(PackStatus.Ok, session.Client.SendTransform(new Transform(1.2344, -5, 6, 0, 1, 0, 0), new TransformExtension { Flags = TransformFlags.Velocity, VelocityX = 120 }));
        Check(await session.Server.ExpectAsync(FrameType.TransformUpdate));

        static void Check(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead(body, Frames.Space, out TransformUpdate update));
            Assert.True(update.TryReadEntry(out TransformUpdateEntry entry));
            Assert.Equal((Frames.MySlot, (byte)1, (short)120), (entry.Slot, entry.Generation, entry.Extension.VelocityX));
            Transform value = Frames.Space.Unpack(entry.Value);
            Assert.Equal(1.234, value.X, 6);
            Assert.Equal((-5.0, 6.0, 1f), (Math.Round(value.Y, 6), Math.Round(value.Z, 6), value.RotationY));
        }
    }

    [Theory]
    [InlineData(66, PackStatus.OutOfBounds)]
    [InlineData(-65.6, PackStatus.OutOfBounds)]
    [InlineData(double.NaN, PackStatus.NotFinite)]
    [InlineData(double.PositiveInfinity, PackStatus.NotFinite)]
    public async Task A_transform_that_does_not_fit_is_told_and_not_sent(double x, PackStatus expected)
    {
        await using Session session = await Session.JoinAsync();
        Assert.Equal(expected, session.Client.SendTransform(new Transform(x, 0, 0)));
        session.Server.Send(Frames.Ping(1));
        await session.Server.ExpectAsync(FrameType.Pong);
    }

    [Fact]
    public async Task A_scale_out_of_range_is_refused()
    {
        await using Session session = await Session.JoinAsync();
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            session.Client.SendTransform(new Transform(0, 0, 0), new TransformExtension { Flags = TransformFlags.Scale, Scale = 0 }));
    }

    [Fact]
    public async Task A_transform_outside_a_room_is_dropped()
    {
        await using Session session = await Session.ConnectAsync();
        Assert.Equal(PackStatus.Ok, session.Client.SendTransform(new Transform(0, 0, 0)));
        session.Server.Send(Frames.Ping(1));
        await session.Server.ExpectAsync(FrameType.Pong);
    }

    [Fact]
    public async Task Events_carry_audience_kind_and_payload_and_count_on()
    {
        await using Session session = await Session.JoinAsync();
        Assert.Equal(2UL, await session.Client.SendEventAsync(2000, new byte[] { 1 }));
        Assert.Equal(3UL, await session.Client.SendEventAsync(2001, new byte[] { 2 }, includeSelf: true));
        Assert.Equal(4UL, await session.Client.SendEventToMemberAsync(8, 2002, new byte[] { 3 }));
        Check(await session.Server.ExpectAsync(FrameType.SendEvent), 2, EventAudience.Others, 0, 2000, 1);
        Check(await session.Server.ExpectAsync(FrameType.SendEvent), 3, EventAudience.Everyone, 0, 2001, 2);
        Check(await session.Server.ExpectAsync(FrameType.SendEvent), 4, EventAudience.Member, 8, 2002, 3);

        static void Check(byte[] body, ulong sequence, EventAudience audience, uint member, uint kind, byte payload)
        {
            Assert.Equal(ReadStatus.Ok, SendEvent.TryRead(body, out SendEvent message));
            Assert.Equal((sequence, audience, member, kind), (message.Sequence, message.Audience, message.Member, message.Kind));
            Assert.Equal([payload], message.Payload.ToArray());
        }
    }

    [Fact]
    public async Task An_event_that_is_too_long_throws_with_limit_and_value_and_takes_no_number()
    {
        await using Session session = await Session.JoinAsync();
        RelayException error = await Assert.ThrowsAsync<RelayException>(() => session.Client.SendEventAsync(2000, new byte[1001]).AsTask());
        Assert.Equal((CloseCode.PayloadTooLarge, 1000.0, 1001.0), (error.Code, error.Limit, error.Value));
        Assert.Equal(2UL, await session.Client.SendEventAsync(2000, new byte[1000]));
    }

    [Fact]
    public async Task Sending_in_a_callback_works()
    {
        await using Session session = await Session.JoinAsync();
        session.Told.Before = () => session.Client.SendTransform(new Transform(1, 1, 1));
        session.Server.Send(Frames.Batch(1, (0, 1)));
        await session.Server.ExpectAsync(FrameType.TransformUpdate);
    }

    [Fact]
    public async Task Many_threads_may_send_at_once()
    {
        await using Session session = await Session.JoinAsync();
        Task[] senders = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 250; i++)
            {
                await session.Client.SendEventAsync(2000, new byte[10]);
            }
        }))];
        for (ulong expected = 2; expected < 1002; expected++)
        {
            Assert.Equal(expected, SequenceOf(await session.Server.ExpectAsync(FrameType.SendEvent)));
        }

        await Task.WhenAll(senders);

        static ulong SequenceOf(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, SendEvent.TryRead(body, out SendEvent message));
            return message.Sequence;
        }
    }
}
