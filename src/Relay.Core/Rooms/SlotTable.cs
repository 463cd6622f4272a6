using System.Diagnostics;
using System.Runtime.InteropServices;
using Relay.Protocol.Buffers;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms;

/// <summary>
/// Every moving entity of a room, by slot number, and the answer to the one question of the design: which slots were stamped after a
/// cursor?
/// </summary>
/// <remarks>
/// <para>Writing a slot stamps it with the version to come (<see cref="Version"/> + 1); <see cref="Advance"/> makes that version the
/// present one. So a cursor is complete exactly up to its version, whether the receiver asks each tick, rarely, or for the first time
/// (cursor 0).</para>
/// <para>A freed slot keeps its stamp and has no value: that is its tombstone, told to older cursors as a removal. Only so many are kept;
/// forgetting one raises <see cref="Floor"/>, and a cursor below the floor gets the full set. One thread; the arrays grow, they never
/// shrink.</para>
/// </remarks>
internal sealed class SlotTable
{
    private const int InitialSlots = 8;

    private readonly RoomSpace _space;
    private int _capacity;
    private readonly int _maxTombstones;
    private readonly uint _ageUnitMicros;
    private readonly Queue<Tombstone> _tombstones = new();

    // One array per field: the scan for changes reads stamps alone, eight to a cache line.
    private ulong[] _stamps = new ulong[InitialSlots];
    private ulong[] _jumps = new ulong[InitialSlots];
    private PackedTransform[] _values = new PackedTransform[InitialSlots];
    private TransformExtension[] _extensions = new TransformExtension[InitialSlots];
    private long[] _sampleTimes = new long[InitialSlots];
    private byte[] _generations = new byte[InitialSlots];
    private SlotState[] _states = new SlotState[InitialSlots];

    // Scratch lists of the encoder, kept to allocate nothing.
    private int[] _changed = new int[InitialSlots];
    private int[] _removed = new int[InitialSlots];

    private int _highWater;
    private int _lowestFree;
    private bool _dirty;

    public SlotTable(RoomSpace space, int capacity, int maxTombstones, uint ageUnitMicros)
    {
        _space = space;
        _capacity = capacity;
        _maxTombstones = maxTombstones;
        _ageUnitMicros = ageUnitMicros;
    }

    private enum SlotState : byte
    {
        Free,
        Taken,
        HasValue,
    }

    /// <summary>The present version: what an encode made now is complete up to. Starts at 1 so that cursor 0 always means "nothing
    /// seen".</summary>
    public ulong Version { get; private set; } = 1;

    /// <summary>Cursors below this get the full set.</summary>
    public ulong Floor { get; private set; }

    /// <summary>Whether something was stamped with the version to come.</summary>
    public bool IsDirty => _dirty;

    /// <summary>Has room for more slots. What is there stays, also what is beyond a smaller number.</summary>
    public void Raise(int capacity) => _capacity = Math.Max(_capacity, capacity);

    /// <summary>Takes the lowest free slot.</summary>
    /// <returns>The slot, or −1 when the table is full.</returns>
    public int Take(out byte generation)
    {
        int slot = Math.Min(_lowestFree, _highWater);
        while (slot < _highWater && _states[slot] != SlotState.Free)
        {
            slot++;
        }

        if (slot >= _capacity)
        {
            generation = 0;
            return -1;
        }

        if (slot == _highWater)
        {
            Grow(++_highWater);
        }

        _lowestFree = slot + 1;
        _states[slot] = SlotState.Taken;
        generation = _generations[slot];
        return slot;
    }

    /// <summary>Frees a slot. If it had a value the removal is stamped like a change. Its next owner gets another generation.</summary>
    public void Free(int slot)
    {
        Debug.Assert(_states[slot] != SlotState.Free, "Freed twice.");
        bool hadValue = _states[slot] == SlotState.HasValue;
        _states[slot] = SlotState.Free;
        _generations[slot]++;
        _lowestFree = Math.Min(_lowestFree, slot);
        if (hadValue)
        {
            Stamp(slot);
            _tombstones.Enqueue(new Tombstone(slot, _stamps[slot]));
            while (_tombstones.Count > _maxTombstones)
            {
                Forget(_tombstones.Dequeue());
            }
        }

        while (_highWater > 0 && _states[_highWater - 1] == SlotState.Free && _stamps[_highWater - 1] == 0)
        {
            _highWater--;
        }
    }

    /// <summary>Writes a slot's value. A value that is the same as the one before is not a change.</summary>
    /// <param name="slot">A taken slot.</param>
    /// <param name="value">The value; its prefix is ignored.</param>
    /// <param name="extension">What comes with it.</param>
    /// <param name="sampleTime">When it was sampled, in microseconds of the server's clock.</param>
    public void Set(int slot, in PackedTransform value, in TransformExtension extension, long sampleTime)
    {
        Debug.Assert(_states[slot] != SlotState.Free, "Wrote a free slot.");
        PackedTransform bare = value.WithoutPrefix();
        if (_states[slot] == SlotState.HasValue && _values[slot] == bare && _extensions[slot] == extension)
        {
            return;
        }

        _states[slot] = SlotState.HasValue;
        Stamp(slot);
        if ((extension.Flags & TransformFlags.Discontinuity) != 0)
        {
            _jumps[slot] = _stamps[slot];
        }

        _values[slot] = bare;
        _extensions[slot] = extension;
        _sampleTimes[slot] = sampleTime;
    }

    /// <summary>The generation of whoever has a slot, or of its next owner.</summary>
    public byte GenerationOf(uint slot) => slot < (uint)_generations.Length ? _generations[slot] : (byte)0;

    /// <summary>Gives a slot the value of another, if that has one.</summary>
    public void Copy(int from, int to, long sampleTime)
    {
        if (_states[from] == SlotState.HasValue)
        {
            Set(to, _values[from], _extensions[from] with { Flags = _extensions[from].Flags & ~TransformFlags.Discontinuity }, sampleTime);
        }
    }

    /// <summary>The value of a slot.</summary>
    /// <returns>False when it has none.</returns>
    public bool TryGet(int slot, out PackedTransform value)
    {
        value = _values[slot];
        return _states[slot] == SlotState.HasValue;
    }

    /// <summary>What comes with the value of a slot.</summary>
    public TransformExtension ExtensionAt(int slot) => _extensions[slot];

    /// <summary>The version in which a slot changed last.</summary>
    public ulong StampOf(int slot) => _stamps[slot];

    /// <summary>Makes the version to come the present one, if anything was stamped with it.</summary>
    public void Advance()
    {
        if (_dirty)
        {
            Version++;
            _dirty = false;
        }
    }

    /// <summary>Whether a cursor can be answered with changes; otherwise its answer is the full set.</summary>
    public bool CanAnswer(ulong cursor) => cursor != 0 && cursor >= Floor && cursor <= Version;

    /// <summary>Encodes what changed after a cursor, up to <see cref="Version"/>, as one TransformBatch frame. Call <see cref="Advance"/>
    /// first.</summary>
    /// <param name="cursor">The receiver's cursor; one that <see cref="CanAnswer"/> refuses gets the full set with the reset
    /// flag.</param>
    /// <param name="presupposes">The room sequence that has reached the receiver before.</param>
    /// <param name="now">The server's clock in microseconds.</param>
    /// <param name="pool">Where the buffer comes from.</param>
    /// <param name="hidden">Slots that the receiver is not to see; null for none.</param>
    /// <returns>A sealed buffer; the caller holds its one reference.</returns>
    public SharedBuffer Encode(ulong cursor, ulong presupposes, long now, SharedBufferPool pool, IReadOnlySet<int>? hidden = null)
    {
        Debug.Assert(!_dirty, "Encoded a version that is not finished.");
        bool reset = !CanAnswer(cursor);
        ulong after = reset ? 0 : cursor;
        (int changed, int removed, int extended) = Collect(after, reset, hidden);

        SharedBuffer buffer = pool.Rent(TransformBatchWriter.MaxSize(removed, changed - extended, extended, _space));
        var writer = new TransformBatchWriter(
            buffer.Writable, _space, reset ? BatchFlags.Reset : BatchFlags.None, Version, presupposes, (uint)(now / 1000), removed);
        foreach (int slot in _removed.AsSpan(0, removed))
        {
            writer.AddRemoval((uint)slot);
        }

        writer.BeginEntries(changed);
        foreach (int slot in _changed.AsSpan(0, changed))
        {
            uint age = (uint)Math.Clamp((now - _sampleTimes[slot]) / _ageUnitMicros, 0, PackedTransform.MaxAge);
            TransformExtension extension = ExtensionFor(slot, after);
            if (extension.Flags == TransformFlags.None)
            {
                writer.Add((uint)slot, _values[slot].WithPrefix(age, hasExtension: false));
            }
            else
            {
                writer.Add((uint)slot, _values[slot].WithPrefix(age, hasExtension: true), extension);
            }
        }

        buffer.Seal(writer.Finish());
        return buffer;
    }

    /// <summary>The extension as a receiver at <paramref name="cursor"/> must see it: a jump that it has not been told of is told,
    /// whatever came after it.</summary>
    private TransformExtension ExtensionFor(int slot, ulong cursor)
    {
        TransformExtension extension = _extensions[slot];
        bool jumped = _jumps[slot] > cursor;
        return jumped == ((extension.Flags & TransformFlags.Discontinuity) != 0)
            ? extension
            : extension with
            {
                Flags = jumped ? extension.Flags | TransformFlags.Discontinuity : extension.Flags & ~TransformFlags.Discontinuity,
            };
    }

    private (int Changed, int Removed, int Extended) Collect(ulong after, bool reset, IReadOnlySet<int>? hidden)
    {
        int changed = 0, removed = 0, extended = 0;
        ReadOnlySpan<ulong> stamps = _stamps.AsSpan(0, _highWater);
        for (int slot = 0; slot < stamps.Length; slot++)
        {
            if (stamps[slot] <= after || (hidden is not null && hidden.Contains(slot)))
            {
                continue;
            }

            if (_states[slot] == SlotState.HasValue)
            {
                _changed[changed++] = slot;
                if (_extensions[slot].Flags != TransformFlags.None || _jumps[slot] > after)
                {
                    extended++;
                }
            }
            else if (!reset)
            {
                _removed[removed++] = slot;
            }
        }

        return (changed, removed, extended);
    }

    private void Stamp(int slot)
    {
        _stamps[slot] = Version + 1;
        _dirty = true;
    }

    private void Forget(Tombstone tombstone)
    {
        // Stale when the slot has been written again since.
        if (_stamps[tombstone.Slot] == tombstone.Stamp && _states[tombstone.Slot] != SlotState.HasValue)
        {
            _stamps[tombstone.Slot] = 0;
            _jumps[tombstone.Slot] = 0;
            Floor = Math.Max(Floor, tombstone.Stamp);
        }
    }

    private void Grow(int slots)
    {
        if (slots <= _stamps.Length)
        {
            return;
        }

        int size = Math.Min(Math.Max(slots, _stamps.Length * 2), Math.Max(_capacity, slots));
        Array.Resize(ref _stamps, size);
        Array.Resize(ref _jumps, size);
        Array.Resize(ref _values, size);
        Array.Resize(ref _extensions, size);
        Array.Resize(ref _sampleTimes, size);
        Array.Resize(ref _generations, size);
        Array.Resize(ref _states, size);
        Array.Resize(ref _changed, size);
        Array.Resize(ref _removed, size);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Tombstone(int Slot, ulong Stamp);
}
