using Relay.Protocol.Transforms;

namespace Relay.Client.Transport;

/// <summary>
/// The newest transforms of the slots that this client moves: its avatar's and those of objects. What waits to be sent stands before what
/// was sent and is not known to have arrived: that is sent again when the session is taken up. protocol-spec.md §8.3.
/// </summary>
/// <remarks>Used under the lock of the <see cref="Outbox"/>. Allocates nothing once it has grown to as many slots as move within a few
/// seconds.</remarks>
/// <param name="clock">Tells how old a sample is.</param>
/// <param name="keepsSent">Whether there may be another connection, over which something is to be sent again.</param>
internal sealed class TransformQueue(LocalClock clock, bool keepsSent)
{
    /// <summary>A WebSocket message is held to the server's frame limit, and others wait behind a long one.</summary>
    private const int LongestBody = 4096;

    private readonly Dictionary<uint, int> _places = [];
    private Entry[] _entries = new Entry[2];
    private int _waiting;
    private int _count;

    /// <summary>The room that the slots are of.</summary>
    public RoomInfo? Room { get; private set; }

    /// <summary>Whether something waits to be sent.</summary>
    public bool HasWaiting => _waiting > 0;

    /// <summary>Puts a value in place of the one before. A jump that was not sent stays noted.</summary>
    public void Put(RoomInfo room, uint slot, byte generation, in PackedTransform value, TransformExtension extension)
    {
        if (!ReferenceEquals(Room, room))
        {
            Clear();
            Room = room;
        }

        int at = FindOrAdd(slot);
        if (at < _waiting)
        {
            if (_entries[at].Generation == generation)
            {
                extension = extension with { Flags = extension.Flags | (_entries[at].Extension.Flags & TransformFlags.Discontinuity) };
            }
        }
        else
        {
            Swap(at, _waiting);
            at = _waiting++;
        }

        ref Entry entry = ref _entries[at];
        entry.Generation = generation;
        entry.Value = value;
        entry.Extension = extension;
        entry.SampledMicros = clock.NowMicros;
    }

    /// <summary>How many entries go into the next frame.</summary>
    /// <param name="maxBody">The longest body that the server takes.</param>
    public int NextCount(int maxBody)
    {
        int fit = (Math.Min(maxBody, LongestBody) - TransformUpdate.MaxSize(0)) / (TransformUpdate.MaxSize(1) - TransformUpdate.MaxSize(0));
        return Math.Min(_waiting, Math.Max(1, fit));
    }

    /// <summary>Writes a frame of values that wait; they count as sent then.</summary>
    /// <param name="destination">Enough for <paramref name="count"/> entries.</param>
    /// <param name="count">How many.</param>
    /// <param name="lastPing">The stamp of the last ping before the frame: the answer to a later one confirms it.</param>
    /// <returns>Bytes written.</returns>
    public int WriteFrame(Span<byte> destination, int count, ulong lastPing)
    {
        RoomInfo room = Room!;
        var writer = new TransformUpdateWriter(destination, room.Space, count);
        long now = clock.NowMicros;
        for (int i = 0; i < count; i++)
        {
            _waiting--;
            ref Entry entry = ref _entries[_waiting];
            long age = Math.Max(0, now - entry.SampledMicros) / room.AgeUnitMicros;
            PackedTransform value = entry.Value.WithPrefix((uint)Math.Min(age, PackedTransform.MaxAge), hasExtension: false);
            writer.Add(new TransformUpdateEntry(entry.Slot, entry.Generation, value, entry.Extension));
            entry.SentAfter = lastPing;
            if (!keepsSent)
            {
                RemoveAt(_waiting);
            }
        }

        return writer.Finish();
    }

    /// <summary>The server has dealt with all that was sent before a ping.</summary>
    public void Confirm(ulong stamp)
    {
        for (int at = _count - 1; at >= _waiting; at--)
        {
            if (_entries[at].SentAfter < stamp)
            {
                RemoveAt(at);
            }
        }
    }

    /// <summary>What was sent may have been lost: all of it waits again.</summary>
    public void Rewind() => _waiting = _count;

    public void Clear()
    {
        Room = null;
        _places.Clear();
        _waiting = _count = 0;
    }

    private int FindOrAdd(uint slot)
    {
        if (!_places.TryGetValue(slot, out int at))
        {
            at = _count++;
            if (at == _entries.Length)
            {
                Array.Resize(ref _entries, at * 2);
            }

            _entries[at] = new Entry { Slot = slot };
            _places.Add(slot, at);
        }

        return at;
    }

    /// <summary>Removes one that was sent.</summary>
    private void RemoveAt(int at)
    {
        Swap(at, --_count);
        _places.Remove(_entries[_count].Slot);
    }

    private void Swap(int one, int other)
    {
        if (one != other)
        {
            (_entries[one], _entries[other]) = (_entries[other], _entries[one]);
            _places[_entries[one].Slot] = one;
            _places[_entries[other].Slot] = other;
        }
    }

    private struct Entry
    {
        public uint Slot;
        public byte Generation;
        public PackedTransform Value;
        public TransformExtension Extension;
        public long SampledMicros;
        public ulong SentAfter;
    }
}
