using System.Numerics;

namespace Relay.Load.Measure;

/// <summary>
/// Counts durations in buckets that grow with the value: 128 to each doubling, so a reported value is within 0.4 % of the true one.
/// Recording is a few instructions and allocates nothing; one thread at a time.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubCount = 1 << SubBits;
    private const int LargestBit = 42;

    private readonly long[] _counts = new long[(LargestBit - SubBits + 2) * SubCount];

    /// <summary>The longest duration that is told apart, in nanoseconds: more than an hour. Longer ones count as this.</summary>
    public const long MaxValue = (1L << (LargestBit + 1)) - 1;

    /// <summary>How many durations were recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Records one duration; a negative one counts as zero.</summary>
    public void Record(long nanos)
    {
        _counts[IndexOf(Math.Clamp(nanos, 0, MaxValue))]++;
        Count++;
    }

    /// <summary>Adds what another histogram counted.</summary>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <summary>The duration in nanoseconds below or at which the given share of all lies; 0 if nothing was recorded.</summary>
    /// <param name="share">0 to 1.</param>
    public double Quantile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return Middle(i);
            }
        }

        return 0;
    }

    private static int IndexOf(long value)
    {
        if (value < SubCount)
        {
            return (int)value;
        }

        int shift = BitOperations.Log2((ulong)value) - SubBits;
        return ((shift + 1) << SubBits) + (int)((value >> shift) - SubCount);
    }

    private static double Middle(int index)
    {
        if (index < SubCount)
        {
            return index;
        }

        int shift = (index >> SubBits) - 1;
        long low = (long)((index & (SubCount - 1)) + SubCount) << shift;
        return low + ((1L << shift) - 1) / 2.0;
    }
}
