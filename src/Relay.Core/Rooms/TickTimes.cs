using System.Numerics;

namespace Relay.Core.Rooms;

/// <summary>
/// How long ticks took: a count for each span of time, each an eighth of its size wide, from 100 ns to half a minute. A room keeps one and
/// adds to it; what an inspection hands out is a copy that does not change.
/// </summary>
public sealed class TickTimes
{
    /// <summary>Spans below this many units have a place of their own; above it each doubling is cut into so many.</summary>
    private const int Steps = 8;
    private const int StepBits = 3;
    private const int HighestBit = 27;
    private const int Places = (HighestBit - StepBits + 2) * Steps;

    private readonly uint[] _counts = new uint[Places];
    private long _total;
    private long _last;

    /// <summary>Ticks that were measured.</summary>
    public long Count { get; private set; }

    /// <summary>What they took together.</summary>
    public TimeSpan Total => new(_total);

    /// <summary>What the last one took.</summary>
    public TimeSpan Last => new(_last);

    /// <summary>What one took on average; zero if there was none.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : new TimeSpan(_total / Count);

    /// <summary>The time within which a share of the ticks was done: up to 12.5 % more than it was.</summary>
    /// <param name="share">Above 0, up to 1; 0.99 for the time that one tick in a hundred exceeds, 1 for the longest.</param>
    /// <returns>Zero if there was no tick.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is out of range.</exception>
    public TimeSpan Within(double share)
    {
        if (share is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share is above 0 and at most 1.");
        }

        long wanted = Math.Min(Count, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int place = 0; place < Places; place++)
        {
            seen += _counts[place];
            if (seen >= wanted && wanted > 0)
            {
                return new TimeSpan(EndOf(place));
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>The ticks that came after an earlier reading of the same room.</summary>
    /// <param name="earlier">That reading; null for all ticks.</param>
    public TickTimes Since(TickTimes? earlier)
    {
        TickTimes difference = Copy();
        if (earlier is null)
        {
            return difference;
        }

        for (int place = 0; place < Places; place++)
        {
            difference._counts[place] -= earlier._counts[place];
        }

        difference.Count -= earlier.Count;
        difference._total -= earlier._total;
        return difference;
    }

    /// <summary>Counts a tick. No allocation.</summary>
    internal void Add(TimeSpan took)
    {
        long units = Math.Clamp(took.Ticks, 0, (1L << (HighestBit + 1)) - 1);
        _counts[PlaceOf(units)]++;
        _total += units;
        _last = units;
        Count++;
    }

    /// <summary>Adds another's ticks to these.</summary>
    internal void Add(TickTimes other)
    {
        for (int place = 0; place < Places; place++)
        {
            _counts[place] += other._counts[place];
        }

        Count += other.Count;
        _total += other._total;
        _last = Math.Max(_last, other._last);
    }

    internal TickTimes Copy()
    {
        var copy = new TickTimes { Count = Count };
        _counts.CopyTo(copy._counts, 0);
        copy._total = _total;
        copy._last = _last;
        return copy;
    }

    private static int PlaceOf(long units)
    {
        if (units < Steps)
        {
            return (int)units;
        }

        int doubling = BitOperations.Log2((ulong)units) - StepBits;
        return (doubling * Steps) + (int)(units >> doubling);
    }

    /// <summary>The longest time that is counted at a place.</summary>
    private static long EndOf(int place)
    {
        if (place < Steps)
        {
            return place;
        }

        int doubling = (place / Steps) - 1;
        return ((long)((place % Steps) + Steps + 1) << doubling) - 1;
    }
}
