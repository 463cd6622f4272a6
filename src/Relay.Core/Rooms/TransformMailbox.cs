using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms;

/// <summary>
/// The newest transform of a connection on its way from the thread that reads the connection to its shard. A newer one overwrites one
/// that was not fetched yet; only the discontinuity flag survives, since nobody has been told of the jump. Wait-free; allocates two boxes in all.
/// </summary>
/// <remarks>
/// At most two boxes go round: the spare one and the one in the slot; the first is made for the first value, the second at the first
/// contention. Each side takes a box out of <see cref="_pending"/> by exchanging it with null, so a box is only ever in one thread's hands.
/// A reader that comes while the writer is merging finds nothing, and is called again when the writer has put the box back. One writer, one
/// reader.
/// </remarks>
internal sealed class TransformMailbox
{
    private Box? _pending;
    private Box? _spare;

    /// <summary>Puts a value in. Writer's thread.</summary>
    /// <returns>Whether it replaced one that was not fetched.</returns>
    public bool Put(in PackedTransform value, in TransformExtension extension, Seat seat, long sampleTime)
    {
        Box? box = Interlocked.Exchange(ref _pending, null);
        bool replaced = box is not null;
        if (box is null)
        {
            box = Interlocked.Exchange(ref _spare, null) ?? new Box();
            box.Jumped = false;
        }
        else if (!ReferenceEquals(box.Seat, seat))
        {
            box.Jumped = false;
        }

        box.Value = value;
        box.Extension = extension;
        box.Jumped |= (extension.Flags & TransformFlags.Discontinuity) != 0;
        box.Seat = seat;
        box.SampleTime = sampleTime;
        Volatile.Write(ref _pending, box);
        return replaced;
    }

    /// <summary>Fetches the newest value, if there is one, and writes it into the slot table of its seat. Reader's thread.</summary>
    /// <param name="present">Where the connection sits now; a value for another seat is too late and is dropped.</param>
    /// <param name="room">The present room.</param>
    /// <param name="member">Who it is there.</param>
    /// <param name="now">The server's clock in microseconds.</param>
    public void Deliver(Seat present, Room room, uint member, long now)
    {
        Box? box = Interlocked.Exchange(ref _pending, null);
        if (box is null)
        {
            return;
        }

        if (ReferenceEquals(box.Seat, present))
        {
            TransformExtension extension = box.Jumped
                ? box.Extension with { Flags = box.Extension.Flags | TransformFlags.Discontinuity }
                : box.Extension;
            room.Slots.Set(present.Slot, box.Value, extension, box.SampleTime);
            room.Recorder?.Moved(
                now, member, new TransformUpdateEntry((uint)present.Slot, present.Generation, box.Value, extension), present.Space);
        }

        Volatile.Write(ref _spare, box);
    }

    private sealed class Box
    {
        public PackedTransform Value;
        public TransformExtension Extension;
        public Seat? Seat;
        public long SampleTime;
        public bool Jumped;
    }
}
