using Relay.Load.Walkers;

namespace Relay.Load.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public void Turns_are_spread_evenly_and_each_walker_keeps_its_period()
    {
        var schedule = new Schedule(1000, walkers: 4, rate: 10);
        Assert.Equal([1000, 25_001_000, 50_001_000, 75_001_000, 100_001_000], Enumerable.Range(0, 5).Select(turn => schedule.DueNanos(turn)));
        for (int turn = 0; turn < 100; turn++)
        {
            Assert.Equal(turn % 4, schedule.WalkerOf(turn));
            Assert.Equal(schedule.DueNanos(turn), schedule.DueNanos(turn % 4, turn / 4));
        }
    }

    [Fact]
    public void FirstAt_is_the_first_number_that_is_due_then_or_later()
    {
        var schedule = new Schedule(0, walkers: 2, rate: 10);
        Assert.Equal(0, schedule.FirstAt(0, -5));
        Assert.Equal(0, schedule.FirstAt(0, 0));
        Assert.Equal(1, schedule.FirstAt(0, 1));
        Assert.Equal(3, schedule.FirstAt(0, 300_000_000));
        Assert.Equal(3, schedule.FirstAt(1, 350_000_000));
    }
}
