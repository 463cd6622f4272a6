using Relay.Load.Walkers;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.Tests;

public sealed class MemberListTests
{
    private readonly MemberList _list = new();

    [Fact]
    public void Snapshot_then_changes_are_no_errors()
    {
        Snapshot(sequence: 5, 1, 2);
        Change(sequence: 6, PresenceKind.Present, 3);
        Change(sequence: 9, PresenceKind.Left, 1);
        Assert.Equal((2, 0), (_list.Count, _list.Errors));
        Assert.True(_list.Contains(2));
        Assert.False(_list.Contains(1));
    }

    [Fact]
    public void An_arrival_told_twice_is_an_error()
    {
        Snapshot(sequence: 5, 1, 2);
        Change(sequence: 6, PresenceKind.Present, 2);
        Assert.Equal(1, _list.Errors);
    }

    [Fact]
    public void A_departure_of_somebody_absent_is_an_error()
    {
        Snapshot(sequence: 5, 1);
        Change(sequence: 6, PresenceKind.Left, 2);
        Assert.Equal(1, _list.Errors);
    }

    [Fact]
    public void A_sequence_that_does_not_rise_is_an_error()
    {
        Snapshot(sequence: 5, 1);
        Change(sequence: 5, PresenceKind.Present, 2);
        Assert.Equal(1, _list.Errors);
    }

    private void Snapshot(ulong sequence, params uint[] members)
    {
        var writer = new FrameWriter(new byte[512]);
        Presence.BeginSnapshotPart(ref writer, PresenceFlags.First | PresenceFlags.Last, epoch: 1, sequence, version: 1, members.Length);
        foreach (uint member in members)
        {
            new PresenceEntry { Kind = PresenceKind.Present, Member = member, Slot = member }.Write(ref writer);
        }

        writer.EndFrame(FrameType.Presence);
        Assert.Equal(ReadStatus.Ok, _list.Apply(writer.WrittenSpan[FrameHeader.Size..]));
    }

    private void Change(ulong sequence, PresenceKind kind, uint member)
    {
        var writer = new FrameWriter(new byte[64]);
        Presence.BeginChange(ref writer, sequence, 1);
        new PresenceEntry { Kind = kind, Member = member, Slot = member, Reason = CloseCode.Normal }.Write(ref writer);
        writer.EndFrame(FrameType.Presence);
        Assert.Equal(ReadStatus.Ok, _list.Apply(writer.WrittenSpan[FrameHeader.Size..]));
    }
}
