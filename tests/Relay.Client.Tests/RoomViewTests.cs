using Relay.Client.Tests.Kit;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §6.4 and §8.4.</summary>
public sealed class RoomViewTests
{
    private readonly RoomView _view = new();

    public RoomViewTests()
    {
        Assert.Equal(ReadStatus.Ok, Joined.TryRead(Frames.Joined(1).AsSpan(FrameHeader.Size), out Joined joined));
        _view.Reset(new RoomInfo(joined));
        Presence(Frames.Snapshot((7, 3, "Ada"), (8, 0, "Ben")));
    }

    [Fact]
    public void A_newcomer_asks_where_everybody_is()
    {
        Batch(Frames.Batch(12, BatchFlags.Reset, [], (0, 1.5), (3, -2.25)));
        RoomMember[] members = [.. _view.Snapshot().OrderBy(member => member.Member)];
        Assert.Equal(["Ada", "Ben"], members.Select(member => member.Name));
        Assert.Equal([-2.25, 1.5], members.Select(member => Math.Round(member.Transform!.Value.X, 6)));
        Assert.Equal(12UL, _view.Cursor);
    }

    [Fact]
    public void A_member_that_has_not_moved_has_no_transform()
    {
        Assert.False(_view.TryGetTransform(7, out _));
        Assert.False(_view.TryGetExtension(7, out _, out _));
        Assert.All(_view.Snapshot(), member => Assert.Null(member.Transform));
    }

    [Fact]
    public void The_newest_value_counts()
    {
        Batch(Frames.Batch(1, (0, 1.0)));
        Batch(Frames.Batch(2, (0, 2.0)));
        Assert.Equal(2.0, X(8)!.Value, 6);
    }

    [Fact]
    public void A_removal_takes_the_value_and_leaves_the_member()
    {
        Batch(Frames.Batch(1, (0, 1.0), (3, 1.0)));
        Batch(Frames.Batch(2, BatchFlags.None, [0]));
        Assert.Null(X(8));
        Assert.NotNull(X(7));
        Assert.Equal(2, _view.Count);
    }

    [Fact]
    public void A_reset_forgets_every_value_that_it_does_not_name()
    {
        Batch(Frames.Batch(1, (0, 1.0), (3, 1.0)));
        Batch(Frames.Batch(9, BatchFlags.Reset, [], (3, 5.0)));
        Assert.Null(X(8));
        Assert.Equal(5.0, X(7)!.Value, 6);
    }

    [Fact]
    public void A_slot_that_gets_another_owner_does_not_show_the_old_ones_place()
    {
        Batch(Frames.Batch(1, (0, 1.0)));
        Presence(Frames.Departure(8));
        Presence(Frames.Arrival(9, slot: 0, generation: 2, "Cy"));
        Assert.Null(X(9));
        Assert.Null(X(8));
        Batch(Frames.Batch(2, (0, 4.0)));
        Assert.Equal(4.0, X(9)!.Value, 6);
    }

    [Fact]
    public void A_second_snapshot_replaces_the_list_and_keeps_values_of_those_who_stayed()
    {
        Batch(Frames.Batch(1, (0, 1.0), (3, 2.0)));
        Presence(Frames.Snapshot((7, 3, "Ada")));
        Assert.Equal(1, _view.Count);
        Assert.Equal(2.0, X(7)!.Value, 6);
        Assert.Null(X(8));
    }

    [Fact]
    public void Values_outlast_a_stay_in_the_same_life_of_the_room_and_no_other()
    {
        RoomInfo room = _view.Room!;
        Batch(Frames.Batch(5, (0, 1.0), (3, 2.0)));
        _view.Reset(null);
        Assert.Null(X(8));
        Assert.Equal((0, 5UL), (_view.Count, _view.Cursor));
        _view.Reset(room);

        // Slot 0 has another owner by now: what was there is not its place.
        Presence(Frames.Snapshot((7, 3, "Ada"), (9, 0, "Cy")));
        Assert.Equal(2.0, X(7)!.Value, 6);
        Assert.Null(X(9));
        Assert.Equal(ReadStatus.Ok, Joined.TryRead(Frames.Joined(1, epoch: 77).AsSpan(FrameHeader.Size), out Joined joined));
        _view.Reset(new RoomInfo(joined));
        Presence(Frames.Snapshot((7, 3, "Ada")));
        Assert.Null(X(7));
        Assert.Equal(0UL, _view.Cursor);
    }

    [Fact]
    public void A_slot_beyond_belief_is_ignored()
    {
        Batch(Frames.Batch(1, (uint.MaxValue - 1, 1.0)));
        Presence(Frames.Arrival(9, slot: uint.MaxValue, generation: 1, "Mal"));
        Assert.Equal(2, _view.Count);
    }

    [Fact]
    public void Time_of_a_sample_is_the_batchs_less_its_age()
    {
        Batch(Frames.Batch(1, (0, 1.0)));
        Assert.True(_view.TryGetExtension(8, out TransformExtension extension, out uint sampled));
        Assert.Equal((TransformFlags.None, 1000U), (extension.Flags, sampled));
    }

    [Fact]
    public void Applying_a_batch_allocates_nothing()
    {
        byte[] frame = Frames.Batch(1, [.. Enumerable.Range(0, 200).Select(slot => ((uint)slot, slot * 0.1))]);
        Batch(frame);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Batch(frame);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private double? X(uint member) => _view.TryGetTransform(member, out Transform transform) ? transform.X : null;

    private void Presence(byte[] frame)
    {
        ReadStatus status = Protocol.Messages.Presence.TryRead(frame.AsSpan(FrameHeader.Size), out Presence presence);
        Assert.Equal(ReadStatus.Ok, status);
        _view.Apply(ref presence);
    }

    private void Batch(byte[] frame)
    {
        ReadStatus status = TransformBatch.TryRead(frame.AsSpan(FrameHeader.Size), Frames.Space, out TransformBatch batch);
        if (status != ReadStatus.Ok || !_view.Apply(ref batch))
        {
            Assert.Fail("The batch was refused.");
        }
    }
}
