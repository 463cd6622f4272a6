using Relay.Load.Walkers;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tests;

public sealed class TrajectoryTests
{
    private static readonly RoomSpace Space = RoomSpace.Default;

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(99)]
    [InlineData(1000)]
    public void Find_gives_the_number_whatever_the_hint_is(long hint)
    {
        Trajectory trajectory = Filled(100);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(i, trajectory.Find(Value(i), hint));
        }
    }

    [Fact]
    public void Find_of_a_value_never_had_is_minus_one()
    {
        Trajectory trajectory = Filled(100);
        Assert.Equal(-1, trajectory.Find(Value(100), 50));
        Assert.Equal(-1, trajectory.Find(Space.Pack(1, 2, 4, 5), 99));
    }

    [Fact]
    public void Find_in_an_empty_one_is_minus_one() => Assert.Equal(-1, new Trajectory(10).Find(Value(0), -1));

    [Fact]
    public void Find_forgets_what_is_older_than_the_capacity_and_keeps_the_rest()
    {
        Trajectory trajectory = Filled(1000, capacity: 50);
        Assert.Equal(-1, trajectory.Find(Value(0), 999));
        for (int i = 950; i < 1000; i++)
        {
            Assert.Equal(i, trajectory.Find(Value(i), 999));
        }
    }

    [Fact]
    public void TryAdd_refuses_a_value_that_is_remembered()
    {
        Trajectory trajectory = Filled(10);
        Assert.False(trajectory.TryAdd(Value(3)));
        Assert.Equal(10, trajectory.Count);
    }

    private static Trajectory Filled(int count, int capacity = 200)
    {
        var trajectory = new Trajectory(capacity);
        for (int i = 0; i < count; i++)
        {
            Assert.True(trajectory.TryAdd(Value(i)));
        }

        return trajectory;
    }

    private static PackedTransform Value(int i) => Space.Pack((uint)i, 7, 9, SmallestThree.Identity);
}
