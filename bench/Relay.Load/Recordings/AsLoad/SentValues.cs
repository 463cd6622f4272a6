using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.AsLoad;

/// <summary>
/// The newest values that were sent of one avatar, by number, and when each was due. Recorded people stand still: a value that equals the
/// one before it is no new value and gets no number. Values further apart may be equal.
/// </summary>
internal sealed class SentValues
{
    private const int Remembered = 512;

    private readonly PackedTransform[] _values = new PackedTransform[Remembered];
    private readonly long[] _due = new long[Remembered];

    /// <summary>How many there were; the newest has the number one less.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a value.</summary>
    /// <param name="value">Without age and extension.</param>
    /// <param name="dueNanos">When it was due.</param>
    /// <returns>Whether it is a new one.</returns>
    public bool TryAdd(in PackedTransform value, long dueNanos)
    {
        if (Count > 0 && _values[(Count - 1) % Remembered] == value)
        {
            return false;
        }

        _values[Count % Remembered] = value;
        _due[Count % Remembered] = dueNanos;
        Count++;
        return true;
    }

    /// <summary>Finds the newest number of a value.</summary>
    /// <returns>The number, or −1 if it was never sent, or too long ago.</returns>
    public long Find(in PackedTransform value)
    {
        for (long number = Count - 1; number >= Math.Max(0, Count - Remembered); number--)
        {
            if (_values[number % Remembered] == value)
            {
                return number;
            }
        }

        return -1;
    }

    /// <summary>When a value was due that is remembered still.</summary>
    public long DueNanos(long number) => _due[number % Remembered];

    /// <summary>The oldest number that is remembered.</summary>
    public long Oldest => Math.Max(0, Count - Remembered);
}
