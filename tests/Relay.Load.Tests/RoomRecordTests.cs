using Relay.Load.RoomState;
using Relay.Protocol.Messages;

namespace Relay.Load.Tests;

/// <summary>What the check of room state finds, message by message. The first message after everybody's snapshot is 11.</summary>
public sealed class RoomRecordTests
{
    private const ulong First = TestRoom.Cut + 1;

    private readonly TestRoom _room = new();

    [Fact]
    public void What_everybody_gets_once_in_order_is_right()
    {
        Deed write = _room.Write(0), heard = _room.Event(1);
        _room.GiveAll(_room.Told(write, First));
        _room.GiveAllBut([1], _room.Heard(heard, First + 1));
        _room.Record.Deeds.Answered(write, DeedAnswer.Done, First);
        Finish();
        Assert.Equal((0, 0, 0, 0, 0), _room.Counts);
    }

    [Fact]
    public void A_message_that_one_does_not_get_is_lost_and_what_it_believes_is_wrong()
    {
        byte[] told = _room.Told(_room.Write(0), First), heard = _room.Heard(_room.Event(0, EventAudience.Everyone), First + 1);
        _room.GiveAllBut([2], told, heard);
        _room.Give(2, heard);
        Finish();
        Assert.Equal((1, 0, 0, 0, 1), _room.Counts);
    }

    [Fact]
    public void The_last_message_is_missed_too()
    {
        _room.GiveAllBut([2], _room.Heard(_room.Event(0), First));
        Finish();
        // Its sender should not have got it.
        Assert.Equal((1, 0, 0, 1, 0), _room.Counts);
    }

    [Fact]
    public void A_message_that_comes_twice_is_duplicated()
    {
        byte[] told = _room.Told(_room.Write(0), First), next = _room.Told(_room.Write(0), First + 1);
        _room.GiveAll(told, next);
        _room.Give(1, next, told);
        Finish();
        Assert.Equal((0, 2, 0, 0, 0), _room.Counts);
    }

    [Fact]
    public void Two_messages_that_change_places_are_reordered_and_not_lost()
    {
        byte[] one = _room.Heard(_room.Event(0, EventAudience.Everyone), First);
        byte[] two = _room.Heard(_room.Event(1, EventAudience.Everyone), First + 1);
        _room.GiveAllBut([2], one, two);
        _room.Give(2, two, one);
        Finish();
        Assert.Equal((0, 0, 1, 0, 0), _room.Counts);
    }

    [Fact]
    public void A_message_that_comes_when_it_was_counted_as_lost_is_reordered_instead()
    {
        byte[] one = _room.Heard(_room.Event(0, EventAudience.Everyone), First);
        byte[] two = _room.Heard(_room.Event(1, EventAudience.Everyone), First + 1);
        _room.GiveAllBut([2], one, two);
        _room.Give(2, two);
        _room.Record.Settle();
        Assert.Equal((1, 0, 0, 0, 0), _room.Counts);
        _room.Give(2, one);
        Finish();
        Assert.Equal((0, 0, 1, 0, 0), _room.Counts);
    }

    [Fact]
    public void A_message_after_a_batch_that_presupposes_it_is_reordered()
    {
        byte[] told = _room.Told(_room.Write(0), First);
        _room.GiveAllBut([1], told);
        _room.Record.TakeBatch(_room.Stays[1], _room.Batch(version: 2, presupposes: First));
        _room.Give(1, told);
        Assert.Equal((0, 0, 1, 0, 0), _room.Counts);
    }

    [Fact]
    public void Another_message_with_the_same_number_is_a_mismatch_and_so_is_what_comes_of_it()
    {
        Deed write = _room.Write(0);
        _room.GiveAllBut([2], _room.Told(write, First));
        _room.Give(2, _room.Told(write, First, last: 1));
        Finish();
        Assert.Equal((0, 0, 0, 0, 2), _room.Counts);
    }

    [Fact]
    public void An_event_for_one_that_another_gets_is_misdirected_and_lost()
    {
        _room.Give(1, _room.Heard(_room.Event(0, EventAudience.Member, member: 3), First));
        Finish();
        Assert.Equal((1, 0, 0, 1, 0), _room.Counts);
    }

    [Fact]
    public void An_attribute_for_its_owner_alone_is_not_for_others()
    {
        Deed write = _room.Write(0, "secret", AccessKind.Owner);
        byte[] told = _room.Told(write, First);
        _room.Give(0, told);
        _room.GiveAll(_room.Told(_room.Write(1), First + 1));
        Finish();
        Assert.Equal((0, 0, 0, 0, 0), _room.Counts);
    }

    [Fact]
    public void An_attribute_for_its_owner_alone_that_another_gets_is_misdirected_and_a_mismatch()
    {
        byte[] told = _room.Told(_room.Write(0, "secret", AccessKind.Owner), First);
        _room.GiveAllBut([2], told);
        _room.GiveAll(_room.Told(_room.Write(1), First + 1));
        Finish();
        Assert.Equal((0, 0, 0, 1, 1), _room.Counts);
    }

    [Fact]
    public void An_event_that_nobody_is_told_is_lost()
    {
        _room.Event(0);
        Finish();
        Assert.Equal((1, 0, 0, 0, 0), _room.Counts);
    }

    [Fact]
    public void A_write_that_was_done_and_that_nobody_is_told_is_lost()
    {
        _room.Record.Deeds.Answered(_room.Write(0), DeedAnswer.Done, First);
        Finish();
        Assert.Equal((1, 0, 0, 0, 0), _room.Counts);
    }

    [Fact]
    public void A_write_that_was_done_with_another_version_than_it_is_told_with_is_a_mismatch()
    {
        Deed write = _room.Write(0);
        _room.GiveAll(_room.Told(write, First));
        _room.Record.Deeds.Answered(write, DeedAnswer.Done, First + 5);
        Finish();
        Assert.Equal((0, 0, 0, 0, 1), _room.Counts);
    }

    [Fact]
    public void A_deed_that_was_refused_and_is_told_is_a_mismatch()
    {
        Deed write = _room.Write(0);
        _room.GiveAll(_room.Told(write, First));
        _room.Record.Deeds.Answered(write, DeedAnswer.Refused, 0);
        Finish();
        Assert.Equal((0, 0, 0, 0, 1), _room.Counts);
    }

    [Fact]
    public void A_deed_that_is_applied_twice_is_duplicated()
    {
        Deed write = _room.Write(0), heard = _room.Event(0, EventAudience.Everyone);
        _room.GiveAll(_room.Told(write, First), _room.Told(write, First + 1), _room.Heard(heard, First + 2), _room.Heard(heard, First + 3));
        Finish();
        Assert.Equal((0, 2, 0, 0, 0), _room.Counts);
    }

    [Fact]
    public void Deeds_of_one_author_in_another_order_than_its_own_are_reordered()
    {
        Deed one = _room.Event(0, EventAudience.Everyone), two = _room.Event(0, EventAudience.Everyone);
        _room.GiveAll(_room.Heard(two, First), _room.Heard(one, First + 1));
        Finish();
        Assert.Equal((0, 0, 1, 0, 0), _room.Counts);
    }

    [Fact]
    public void A_take_that_was_done_for_two_is_a_mismatch()
    {
        _room.GiveAll(_room.Object(First, id: 5, owner: 1), _room.Object(First + 1, id: 5, owner: 2));
        _room.GiveAll(_room.Object(First + 2, id: 5, owner: 3));
        _room.Record.Deeds.Answered(_room.Take(1, id: 5, from: 1), DeedAnswer.Done, 0);
        _room.Record.Deeds.Answered(_room.Take(2, id: 5, from: 1), DeedAnswer.Done, 0);
        Finish();
        Assert.Equal((0, 0, 0, 0, 1), _room.Counts);
    }

    [Fact]
    public void A_place_that_one_believes_otherwise_is_a_mismatch()
    {
        for (int client = 0; client < 3; client++)
        {
            uint[] slots = client < 2 ? [0, 1] : [0];
            _room.Record.TakeBatch(_room.Stays[client], _room.Batch(version: 2, presupposes: TestRoom.Cut, slots));
        }

        Finish();
        Assert.Equal((0, 0, 0, 0, 1), _room.Counts);
    }

    [Fact]
    public void A_snapshot_over_what_the_room_had_forgotten_is_right()
    {
        var room = new TestRoom(ring: new RingLimits(Messages: 2, Bytes: 1 << 20));
        Deed[] writes = [room.Write(0), room.Write(1), room.Write(0)];
        for (int i = 0; i < writes.Length; i++)
        {
            room.GiveAllBut([2], room.Told(writes[i], First + (ulong)i));
        }

        room.Snapshot(room.Stays[2], First + 2, writes[1], writes[2]);
        room.GiveAll(room.Told(room.Write(1), First + 3));
        room.Record.Settle();
        room.Record.Finish();
        Assert.True(room.Counts == (0, 0, 0, 0, 0), room.Words);
        Assert.Equal(1, room.Record.Counts.Snapshots);
    }

    [Fact]
    public void A_snapshot_over_what_the_room_still_had_hides_a_loss()
    {
        var room = new TestRoom(ring: new RingLimits(Messages: 100, Bytes: 1 << 20));
        Deed write = room.Write(0);
        room.GiveAllBut([2], room.Told(write, First));
        room.Snapshot(room.Stays[2], First, write);
        room.Record.Finish();
        Assert.Equal((1, 0, 0, 0, 0), room.Counts);
        Assert.Equal(1, room.Record.Counts.Snapshots);
    }

    [Fact]
    public void A_snapshot_that_tells_something_else_than_there_was_is_a_mismatch()
    {
        var room = new TestRoom(ring: new RingLimits(Messages: 1, Bytes: 1 << 20));
        Deed write = room.Write(0), other = room.Write(1);
        room.GiveAllBut([2], room.Told(write, First));
        room.Snapshot(room.Stays[2], First, other);
        Assert.Equal((0, 0, 0, 0, 0), room.Counts);
        room.Record.Settle();
        Assert.Equal((0, 0, 0, 0, 2), room.Counts);
    }

    [Fact]
    public void Whoever_has_left_need_not_get_what_comes_later()
    {
        byte[] one = _room.Told(_room.Write(0), First), two = _room.Told(_room.Write(0), First + 1);
        _room.Give(2, one);
        _room.Record.End(_room.Stays[2]);
        _room.GiveAllBut([2], one, two);
        Finish();
        Assert.Equal((0, 0, 0, 0, 0), _room.Counts);
    }

    [Fact]
    public void Whoever_is_away_holds_up_judgement_and_is_not_counted_before_the_end()
    {
        _room.GiveAllBut([2], _room.Told(_room.Write(0), First));
        _room.Record.Settle();
        Assert.Equal((0, 0, 0, 0, 0), _room.Counts);
    }

    private void Finish()
    {
        _room.Record.Settle();
        _room.Record.Finish();
    }
}
