using Relay.Load.Measure;

namespace Relay.Load.Tests;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantile_of_one_value_is_within_half_a_percent_of_it()
    {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            long value = (long)Math.Exp(random.NextDouble() * Math.Log(LatencyHistogram.MaxValue));
            var histogram = new LatencyHistogram();
            histogram.Record(value);
            Assert.InRange(histogram.Quantile(0.99), value * 0.995 - 1, value * 1.005 + 1);
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(0.999)]
    public void Quantile_of_many_is_within_a_percent_of_the_sorted_one(double share)
    {
        var random = new Random(11);
        var histogram = new LatencyHistogram();
        long[] values = [.. Enumerable.Range(0, 100_000).Select(_ => (long)(50_000_000 * random.NextDouble()) + random.Next(1_000_000))];
        foreach (long value in values)
        {
            histogram.Record(value);
        }

        Array.Sort(values);
        long exact = values[(int)Math.Ceiling(share * values.Length) - 1];
        Assert.InRange(histogram.Quantile(share), exact * 0.99, exact * 1.01);
    }

    [Fact]
    public void Record_clamps_what_is_negative_or_longer_than_an_hour()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);
        Assert.Equal(0, histogram.Quantile(1));
        histogram.Record(long.MaxValue);
        Assert.InRange(histogram.Quantile(1), LatencyHistogram.MaxValue * 0.99, LatencyHistogram.MaxValue * 1.01);
    }

    [Fact]
    public void Add_sums_two_histograms()
    {
        var one = new LatencyHistogram();
        var two = new LatencyHistogram();
        one.Record(100);
        two.Record(1000);
        two.Record(1000);
        one.Add(two);
        Assert.Equal(3, one.Count);
        Assert.InRange(one.Quantile(0.5), 990, 1010);
    }

    [Fact]
    public void Quantile_of_nothing_is_zero() => Assert.Equal(0, new LatencyHistogram().Quantile(0.5));

    [Fact]
    public void Record_allocates_nothing()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            histogram.Record(i * 1_000L);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
