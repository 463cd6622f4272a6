using Relay.Core.Rooms;

namespace Relay.Core.Tests.Rooms;

/// <summary>What is kept of how long ticks took.</summary>
public sealed class TickTimesTests
{
    [Fact]
    public void Nothing_yet_isZero()
    {
        var times = new TickTimes();
        Assert.Equal((0L, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), (times.Count, times.Last, times.Mean, times.Within(0.99)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(1_000)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(123_456_789)]
    [InlineData((1L << 28) - 1)]
    public void Any_time_isToldToWithinAnEighth(long units)
    {
        var times = new TickTimes();
        times.Add(new TimeSpan(units));
        Assert.InRange(times.Within(1).Ticks, units, units + (units / 8));
        Assert.Equal((units, units, units), (times.Last.Ticks, times.Mean.Ticks, times.Total.Ticks));
    }

    [Fact]
    public void Times_beyondTheScale_countAsItsEnd_andThoseBelowZeroAsZero()
    {
        var times = new TickTimes();
        times.Add(TimeSpan.FromHours(1));
        Assert.InRange(times.Within(1), TimeSpan.FromSeconds(26), TimeSpan.FromSeconds(27));
        times.Add(TimeSpan.FromTicks(-5));
        Assert.Equal(TimeSpan.Zero, times.Within(0.5));
    }

    [Fact]
    public void Shares_agreeWithTheSortedList()
    {
        var random = new Random(7);
        var times = new TickTimes();
        var all = new List<long>();
        for (int i = 0; i < 5_000; i++)
        {
            all.Add((long)Math.Pow(10, random.NextDouble() * 6));
            times.Add(new TimeSpan(all[^1]));
        }

        all.Sort();
        foreach (double share in new[] { 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            long exact = all[(int)Math.Ceiling(share * all.Count) - 1];
            Assert.InRange(times.Within(share).Ticks, exact, exact + (exact / 8));
        }
    }

    [Fact]
    public void Since_leavesOutWhatWasThereBefore()
    {
        var times = new TickTimes();
        times.Add(TimeSpan.FromMilliseconds(50));
        TickTimes before = times.Copy();
        times.Add(TimeSpan.FromMilliseconds(2));
        TickTimes since = times.Since(before);
        Assert.Equal((1L, TimeSpan.FromMilliseconds(2)), (since.Count, since.Total));
        Assert.InRange(since.Within(1), TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(2.25));
        Assert.Equal(2L, times.Since(null).Count);
        Assert.Equal(1L, before.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void Share_outOfRange_isSaid(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TickTimes().Within(share));
}
