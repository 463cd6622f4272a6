using Relay.Protocol.Buffers;

namespace Relay.Core.Rooms;

/// <summary>
/// What was encoded in one fan-out, by what the receiver had: receivers with the same cursor (or position) get the same bytes. Holds a
/// bounded number of entries, so that congestion never turns into an encoding per receiver.
/// </summary>
internal sealed class EncodingCache
{
    private readonly Entry[] _entries;
    private int _count;

    public EncodingCache(int capacity) => _entries = new Entry[capacity];

    /// <summary>Whether another key fits.</summary>
    public bool HasRoom => _count < _entries.Length;

    /// <summary>Looks a key up.</summary>
    /// <param name="from">The cursor or position.</param>
    /// <param name="entry">What was encoded for it.</param>
    public bool TryGet(ulong from, out Entry entry)
    {
        foreach (ref readonly Entry candidate in _entries.AsSpan(0, _count))
        {
            if (candidate.From == from)
            {
                entry = candidate;
                return true;
            }
        }

        entry = default;
        return false;
    }

    /// <summary>Adds an entry and takes over its reference.</summary>
    public void Add(in Entry entry) => _entries[_count++] = entry;

    /// <summary>Releases everything.</summary>
    public void Clear()
    {
        foreach (ref Entry entry in _entries.AsSpan(0, _count))
        {
            entry.Buffer?.Release();
            entry = default;
        }

        _count = 0;
    }

    /// <summary>An encoding.</summary>
    /// <param name="From">What the receiver had.</param>
    /// <param name="To">What it has after this.</param>
    /// <param name="Buffer">The bytes; null when there is nothing to send.</param>
    public readonly record struct Entry(ulong From, ulong To, SharedBuffer? Buffer);
}
