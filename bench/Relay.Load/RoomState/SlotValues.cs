namespace Relay.Load.RoomState;

/// <summary>What the slots of a room hold, as one client was told.</summary>
internal sealed class SlotValues
{
    private SlotValue?[] _values = new SlotValue?[64];

    /// <summary>The version of the last batch; 0 before the first.</summary>
    public ulong Version { get; private set; }

    public SlotValue? this[uint slot] => slot < (uint)_values.Length ? _values[slot] : null;

    /// <summary>The slots that hold something.</summary>
    public IEnumerable<(uint Slot, SlotValue Value)> All()
    {
        for (uint slot = 0; slot < _values.Length; slot++)
        {
            if (_values[slot] is { } value)
            {
                yield return (slot, value);
            }
        }
    }

    public void Apply(DecodedSlots batch)
    {
        if (batch.IsReset)
        {
            Array.Clear(_values);
        }

        foreach (uint slot in batch.Removals)
        {
            if (slot < (uint)_values.Length)
            {
                _values[slot] = null;
            }
        }

        foreach ((uint slot, SlotValue value) in batch.Entries)
        {
            if (slot >= (uint)_values.Length)
            {
                Array.Resize(ref _values, (int)Math.Max(slot + 1, (uint)_values.Length * 2));
            }

            _values[slot] = value;
        }

        Version = batch.Version;
    }
}
