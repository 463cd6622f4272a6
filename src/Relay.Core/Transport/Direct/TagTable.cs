namespace Relay.Core.Transport.Direct;

/// <summary>
/// Gives each item a tag that no other item ever had: a place in a table and how often the place has been used. A tag that is out of
/// date finds nothing, however soon its place is taken again. One thread, or under the owner's lock.
/// </summary>
internal sealed class TagTable<T>
    where T : class
{
    private Entry[] _entries = new Entry[16];
    private int _used;
    private int _free = -1;

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    /// <summary>Takes an item in.</summary>
    /// <returns>Its tag; never 0, which is <see cref="EpollSet.AlarmTag"/>.</returns>
    public ulong Add(T item)
    {
        int index = _free;
        if (index >= 0)
        {
            _free = _entries[index].NextFree;
        }
        else
        {
            index = _used++;
            if (index == _entries.Length)
            {
                Array.Resize(ref _entries, 2 * _entries.Length);
            }
        }

        ref Entry entry = ref _entries[index];
        entry.Item = item;
        entry.Use++;
        Count++;
        return ((ulong)entry.Use << 32) | (uint)index;
    }

    /// <summary>Finds an item.</summary>
    /// <returns>Null when the tag's item has been removed.</returns>
    public T? Find(ulong tag)
    {
        uint index = (uint)tag;
        return index < _used && _entries[index].Use == (uint)(tag >> 32) ? _entries[index].Item : null;
    }

    /// <summary>Takes an item out; one that is out already stays so.</summary>
    public void Remove(ulong tag)
    {
        if (Find(tag) is null)
        {
            return;
        }

        ref Entry entry = ref _entries[(uint)tag];
        entry.Item = null;
        entry.NextFree = _free;
        _free = (int)(uint)tag;
        Count--;
    }

    /// <summary>All items.</summary>
    public IEnumerable<T> Items => _entries.Take(_used).Select(entry => entry.Item).OfType<T>();

    private struct Entry
    {
        public T? Item;
        public uint Use;
        public int NextFree;
    }
}
