using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms;

/// <summary>
/// The newest transforms of the objects that a connection moves, on their way from the thread that reads it to its shard: of each slot the
/// newest, as <see cref="TransformMailbox"/> does it for the avatar. Bounded; allocates nothing once it has grown.
/// </summary>
/// <remarks>Two boxes go round, each in one thread's hands at a time. Whether the sender may move an object is for the shard to say, which
/// knows the present owner. One writer, one reader.</remarks>
internal sealed class ObjectMailbox
{
    /// <summary>Slots that fit: more than a frame of the largest size names.</summary>
    private const int Capacity = 1024;

    private Box? _pending;
    private Box? _spare = new();

    /// <summary>When the shard last told the client of a slot that is not its own, in microseconds. The shard's.</summary>
    public long LastRefusal { get; set; }

    /// <summary>Puts a value in. Writer's thread.</summary>
    /// <returns>Whether it replaced one that was not fetched; a value that does not fit counts as replaced too.</returns>
    public bool Put(in TransformUpdateEntry entry, Seat seat, long sampleTime)
    {
        Box box = Interlocked.Exchange(ref _pending, null) ?? Interlocked.Exchange(ref _spare, null) ?? new Box();
        if (!ReferenceEquals(box.Seat, seat))
        {
            box.Count = 0;
            box.Seat = seat;
        }

        bool replaced = box.Put(entry, sampleTime);
        Volatile.Write(ref _pending, box);
        return replaced;
    }

    /// <summary>Fetches what there is. Reader's thread.</summary>
    /// <returns>Null if there is nothing; otherwise to be given back with <see cref="Return"/>.</returns>
    public Box? Take() => Interlocked.Exchange(ref _pending, null);

    /// <summary>Gives a box back, empty. Reader's thread.</summary>
    public void Return(Box box)
    {
        box.Count = 0;
        Volatile.Write(ref _spare, box);
    }

    /// <summary>Some values.</summary>
    public sealed class Box
    {
        private Item[] _items = new Item[4];

        public Seat? Seat { get; set; }

        public int Count { get; set; }

        public ref readonly Item this[int index] => ref _items[index];

        public bool Put(in TransformUpdateEntry entry, long sampleTime)
        {
            int index = 0;
            while (index < Count && _items[index].Entry.Slot != entry.Slot)
            {
                index++;
            }

            if (index == Capacity)
            {
                return true;
            }

            bool replaced = index < Count;
            if (!replaced)
            {
                if (Count == _items.Length)
                {
                    Array.Resize(ref _items, Count * 2);
                }

                Count++;
            }

            // Nobody has been told of a jump that is overwritten: the newer value tells it.
            bool jumped = replaced && _items[index].Entry.Generation == entry.Generation &&
                (_items[index].Entry.Extension.Flags & TransformFlags.Discontinuity) != 0;
            TransformExtension extension = jumped
                ? entry.Extension with { Flags = entry.Extension.Flags | TransformFlags.Discontinuity }
                : entry.Extension;
            _items[index] = new Item(entry with { Extension = extension }, sampleTime);
            return replaced;
        }
    }

    /// <summary>One value.</summary>
    public readonly record struct Item(TransformUpdateEntry Entry, long SampleTime);
}
