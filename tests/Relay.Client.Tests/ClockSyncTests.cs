namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §5.6, RFC 5905 §8.</summary>
public sealed class ClockSyncTests
{
    [Fact]
    public void Symmetric_delay_gives_the_exact_offset_and_round_trip()
    {
        var clock = new ClockSync();
        Assert.False(clock.IsSynchronized);
        // The server is 1,000,000 ahead; 300 each way, 50 in between.
        Assert.True(clock.Add(sent: 5000, received: 1_005_300, answered: 1_005_350, arrived: 5650));
        Assert.True(clock.IsSynchronized);
        Assert.Equal((1_000_000, 600), (clock.OffsetMicros, clock.RoundTripMicros));
        Assert.Equal(1_005_650, clock.ToServer(5650));
        Assert.Equal(5650, clock.ToLocal(1_005_650));
    }

    [Fact]
    public void The_exchange_with_the_shortest_round_trip_is_believed()
    {
        var clock = new ClockSync();
        clock.Add(0, 1_100, 1_100, 200);
        // 5,000 late on the way back only: its offset is wrong by 2,450.
        clock.Add(10_000, 11_100, 11_100, 15_200);
        Assert.Equal((1000, 200), (clock.OffsetMicros, clock.RoundTripMicros));
        clock.Add(20_000, 21_050, 21_050, 20_100);
        Assert.Equal((1000, 100), (clock.OffsetMicros, clock.RoundTripMicros));
    }

    [Fact]
    public void An_exchange_older_than_the_window_is_forgotten()
    {
        var clock = new ClockSync(window: 3);
        clock.Add(0, 1_010, 1_010, 20);
        for (int i = 1; i <= 3; i++)
        {
            clock.Add(i * 1000, (ulong)(2_000 + (i * 1000) + 50), (ulong)(2_000 + (i * 1000) + 50), (i * 1000) + 100);
        }

        Assert.Equal((2000, 100), (clock.OffsetMicros, clock.RoundTripMicros));
    }

    [Theory]
    [InlineData(100, 0, 0, 50)]
    [InlineData(100, 0, 900, 150)]
    public void An_exchange_that_runs_backwards_is_not_believed(long sent, ulong received, ulong answered, long arrived)
    {
        var clock = new ClockSync();
        Assert.False(clock.Add(sent, received, answered, arrived));
        Assert.False(clock.IsSynchronized);
    }

    [Fact]
    public void Origins_that_lie_far_apart_do_not_overflow()
    {
        var clock = new ClockSync();
        const long Far = long.MaxValue / 2;
        clock.Add(-Far, Far, Far, -Far + 10);
        Assert.Equal((Far * 2) - 5, clock.OffsetMicros);
    }

    [Fact]
    public void A_window_of_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new ClockSync(0));

    [Fact]
    public void The_error_is_at_most_half_of_the_round_trip()
    {
        var random = new Random(3);
        for (int i = 0; i < 1000; i++)
        {
            const long True = 123_456;
            long outward = random.Next(5000), inside = random.Next(1000), homeward = random.Next(5000), sent = random.Next();
            var clock = new ClockSync();
            clock.Add(sent, (ulong)(sent + outward + True), (ulong)(sent + outward + inside + True), sent + outward + inside + homeward);
            Assert.InRange(clock.OffsetMicros - True, -(outward + homeward + 1) / 2, (outward + homeward + 1) / 2);
        }
    }
}
