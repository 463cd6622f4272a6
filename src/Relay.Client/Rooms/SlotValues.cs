using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>Who a slot belongs to: a member's avatar, or an object.</summary>
internal readonly record struct SlotHolder(bool IsObject, uint Id);

/// <summary>
/// The newest transform of each slot, and whose it is. Values outlast their holders: a snapshot of members and objects tells nothing of
/// transforms, so those of who is still there stay. Used under the lock of the <see cref="RoomView"/>.
/// </summary>
internal sealed class SlotValues
{
    /// <summary>Slots come from the peer: beyond this one is not believed. Rooms hold at most 65,535 members and 500,000
    /// objects.</summary>
    private const uint MaxSlot = 1 << 20;

    private Entry[] _slots = [];

    /// <summary>The room whose measures the values have.</summary>
    public RoomInfo? Room { get; set; }

    /// <summary>From here on the slot means this holder. If it meant another, the old one's place is not the new one's.</summary>
    /// <returns>Whether there is such a slot.</returns>
    public bool TryHold(uint slot, byte generation, SlotHolder holder)
    {
        if (!Ensure(slot))
        {
            return false;
        }

        ref Entry entry = ref _slots[slot];
        if (entry.Holder != holder || entry.Generation != generation)
        {
            entry = new Entry { Holder = holder, Generation = generation };
        }

        return true;
    }

    /// <summary>The slot is free, unless it means another holder by now.</summary>
    public void Release(uint slot, SlotHolder holder)
    {
        if (Holds(slot, holder))
        {
            _slots[slot] = default;
        }
    }

    public void Set(in TransformBatchEntry value, uint serverMillis)
    {
        if (Ensure(value.Slot))
        {
            ref Entry entry = ref _slots[value.Slot];
            entry.HasValue = true;
            entry.Value = value.Value;
            entry.Extension = value.Extension;
            entry.ServerMillis = serverMillis;
        }
    }

    public void Unset(uint slot)
    {
        if (slot < (uint)_slots.Length)
        {
            _slots[slot].HasValue = false;
        }
    }

    public void UnsetAll()
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].HasValue = false;
        }
    }

    /// <summary>Forgets values and holders.</summary>
    public void Clear() => Array.Clear(_slots, 0, _slots.Length);

    public bool TryGetTransform(uint slot, SlotHolder holder, out Transform transform)
    {
        if (Room is null || !Holds(slot, holder) || !_slots[slot].HasValue)
        {
            transform = default;
            return false;
        }

        transform = Room.Space.Unpack(_slots[slot].Value);
        return true;
    }

    public bool TryGetExtension(uint slot, SlotHolder holder, out TransformExtension extension, out uint sampledMillis)
    {
        if (Room is null || !Holds(slot, holder) || !_slots[slot].HasValue)
        {
            extension = default;
            sampledMillis = 0;
            return false;
        }

        ref Entry entry = ref _slots[slot];
        extension = entry.Extension;
        sampledMillis = entry.ServerMillis - (uint)((ulong)entry.Value.Age * Room.AgeUnitMicros / 1000);
        return true;
    }

    private bool Holds(uint slot, SlotHolder holder) => slot < (uint)_slots.Length && _slots[slot].Holder == holder;

    private bool Ensure(uint slot)
    {
        if (slot >= (uint)_slots.Length)
        {
            if (slot > MaxSlot)
            {
                return false;
            }

            Array.Resize(ref _slots, (int)Math.Max(slot + 1, Math.Max(64, _slots.Length * 2)));
        }

        return true;
    }

    private struct Entry
    {
        public SlotHolder Holder;
        public byte Generation;
        public bool HasValue;
        public PackedTransform Value;
        public TransformExtension Extension;
        public uint ServerMillis;
    }
}
