using Relay.Protocol.Transforms;

namespace Relay.Load.Walkers;

/// <summary>
/// The recent values of one walker, by number. Whoever receives a value finds its number here, and so when it was meant to be sent:
/// transforms carry no timestamps. Any two values in it differ.
/// </summary>
/// <remarks>
/// One thread adds; others look up. A value is published before it is sent, so a received one is always there, unless the walker never had
/// it.
/// </remarks>
internal sealed class Trajectory
{
    /// <summary>Kept free of look-ups, since the adding thread may be writing there.</summary>
    private const int Margin = 8;

    private readonly ulong[] _low;
    private readonly ulong[] _high;
    private readonly int _mask;
    private long _count;

    /// <summary>Makes an empty one.</summary>
    /// <param name="capacity">How many values it remembers at least.</param>
    public Trajectory(int capacity)
    {
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity + Margin, 64));
        _low = new ulong[size];
        _high = new ulong[size];
        _mask = size - 1;
    }

    /// <summary>How many values were added; the newest has the number one less.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Adds the next value.</summary>
    /// <param name="value">Without age and extension.</param>
    /// <returns>Whether it was added: not when it equals one that is remembered.</returns>
    public bool TryAdd(in PackedTransform value)
    {
        if (Find(value, _count - 1) >= 0)
        {
            return false;
        }

        long next = _count;
        _low[next & _mask] = value.Low;
        _high[next & _mask] = value.High;
        Volatile.Write(ref _count, next + 1);
        return true;
    }

    /// <summary>Finds the number of a value.</summary>
    /// <param name="value">Without age and extension.</param>
    /// <param name="hint">The number that was found last: the search starts there, goes to the newest, then back.</param>
    /// <returns>The number, or −1 if the walker never had it, or too long ago.</returns>
    public long Find(in PackedTransform value, long hint)
    {
        long end = Volatile.Read(ref _count);
        long begin = Math.Max(0, end - (_mask + 1) + Margin);
        long start = Math.Clamp(hint, begin, end);
        for (long i = start; i < end; i++)
        {
            if (Is(i, value))
            {
                return i;
            }
        }

        for (long i = start - 1; i >= begin; i--)
        {
            if (Is(i, value))
            {
                return i;
            }
        }

        return -1;
    }

    private bool Is(long number, in PackedTransform value) =>
        _low[number & _mask] == value.Low && _high[number & _mask] == value.High;
}
