using Relay.Load.Tracks;

namespace Relay.Load.Tests;

public sealed class TrackTests
{
    private static readonly Track Bent = new(1, [new(1, 0, 0), new(2, 10, 0), new(3, 10, 10)]);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1.25, 2.5, 0)]
    [InlineData(2, 10, 0)]
    [InlineData(2.5, 10, 5)]
    [InlineData(3, 10, 10)]
    [InlineData(9, 10, 10)]
    public void At_interpolates_and_stands_before_and_after(double seconds, double x, double y)
    {
        TrackPoint point = Bent.At(seconds);
        Assert.Equal((x, y), (point.X, point.Y));
    }

    [Theory]
    [InlineData(5, 0, 1, 2, true)]
    [InlineData(5, 0.0009, 1.4, 1.6, true)]
    [InlineData(5, 0.0011, 1.4, 1.6, false)]
    [InlineData(5, 0, 1.6, 3, false)]
    [InlineData(10, 0, 1.9, 2.1, true)]
    [InlineData(10, 5, 1.9, 2.4, false)]
    [InlineData(10, 5, 1.9, 2.6, true)]
    [InlineData(10, 10, 5, 6, true)]
    [InlineData(0, 0, -2, -1, true)]
    public void Passes_looks_at_the_span_of_time_only(double x, double y, double from, double to, bool expected) =>
        Assert.Equal(expected, Bent.Passes(x, y, from, to, 0.001));

    [Fact]
    public void HeadingAt_follows_the_line()
    {
        Assert.Equal(0, Bent.HeadingAt(1.5), 9);
        Assert.Equal(Math.PI / 2, Bent.HeadingAt(2.5), 9);
    }
}
