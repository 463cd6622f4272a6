using Relay.Load.Tracks;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tests;

/// <summary>protocol-spec.md §6.4 and §8.4: presence says whose a slot is, a batch only what is in it.</summary>
public sealed class TrackObserverTests
{
    private static readonly RoomSpace Space = RoomSpace.Default;

    private readonly TrackObserver _observer = new("room");

    public TrackObserverTests()
    {
        var writer = new FrameWriter(new byte[256]);
        new Joined { Sequence = 1, RoomUtf8 = "room"u8, Epoch = 1, Member = 1, Slot = 0, Space = Space, AgeUnitMicros = 4000, Capacity = 9 }.Write(ref writer);
        Receive(writer.WrittenSpan);
    }

    [Fact]
    public void A_sighting_belongs_to_whom_presence_gave_the_slot()
    {
        Present(sequence: 2, member: 5, slot: 3);
        Batch([], (3, 1.5));
        Assert.Equal([1.5], _observer.SightingsOf(5).Select(seen => Math.Round(seen.X, 6)));
        Assert.Equal(0, _observer.Errors);
    }

    [Fact]
    public void A_removal_that_comes_after_the_slot_has_a_new_owner_takes_only_the_old_value()
    {
        Present(sequence: 2, member: 5, slot: 3);
        Batch([], (3, 1.5));
        Leave(sequence: 3, member: 5);
        Present(sequence: 4, member: 6, slot: 3);
        Batch([3]);
        Batch([], (3, 2.5));
        Assert.Equal([2.5], _observer.SightingsOf(6).Select(seen => Math.Round(seen.X, 6)));
        Assert.Equal(0, _observer.Errors);
    }

    [Fact]
    public void A_value_in_a_slot_that_nobody_holds_is_an_error()
    {
        Batch([], (3, 1.5));
        Present(sequence: 2, member: 5, slot: 3);
        Leave(sequence: 3, member: 5);
        Batch([], (3, 2.5));
        Assert.Equal(2, _observer.Errors);
        Assert.Empty(_observer.SightingsOf(5));
    }

    [Fact]
    public void Presence_with_a_number_that_does_not_rise_is_an_error()
    {
        Present(sequence: 2, member: 5, slot: 3);
        Present(sequence: 2, member: 6, slot: 4);
        Assert.Equal(1, _observer.Errors);
    }

    private void Present(ulong sequence, uint member, uint slot)
    {
        var writer = new FrameWriter(new byte[64]);
        Presence.BeginChange(ref writer, sequence, 1);
        new PresenceEntry { Kind = PresenceKind.Present, Member = member, Slot = slot }.Write(ref writer);
        writer.EndFrame(FrameType.Presence);
        Receive(writer.WrittenSpan);
    }

    private void Leave(ulong sequence, uint member)
    {
        var writer = new FrameWriter(new byte[64]);
        Presence.BeginChange(ref writer, sequence, 1);
        new PresenceEntry { Kind = PresenceKind.Left, Member = member, Reason = CloseCode.Normal }.Write(ref writer);
        writer.EndFrame(FrameType.Presence);
        Receive(writer.WrittenSpan);
    }

    private void Batch(uint[] removals, params (uint Slot, double X)[] entries)
    {
        byte[] bytes = new byte[TransformBatchWriter.MaxSize(removals.Length, entries.Length, 0, Space)];
        var writer = new TransformBatchWriter(bytes, Space, BatchFlags.None, version: 1, presupposes: 0, serverMillis: 0, removals.Length);
        foreach (uint slot in removals)
        {
            writer.AddRemoval(slot);
        }

        writer.BeginEntries(entries.Length);
        foreach ((uint slot, double x) in entries)
        {
            Assert.Equal(PackStatus.Ok, Space.TryPack(new Transform(x, 0, 0), out PackedTransform value));
            writer.Add(slot, value);
        }

        Receive(bytes.AsSpan(0, writer.Finish()));
    }

    private void Receive(ReadOnlySpan<byte> frame)
    {
        // Neither presence nor batches are answered, so no connection is needed.
        _observer.OnFrame(null!, FrameHeader.Read(frame), frame[FrameHeader.Size..], nowNanos: 1);
        Assert.Null(_observer.Fault);
    }
}
