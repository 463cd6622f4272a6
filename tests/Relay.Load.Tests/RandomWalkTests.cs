using Relay.Load.Walkers;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tests;

public sealed class RandomWalkTests
{
    public static TheoryData<double, double> Rooms => new() { { 131.072, 0.001 }, { 1000, 0.001 }, { 4, 0.01 } };

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Walk_stays_inside_moves_smoothly_and_never_repeats_a_value(double size, double precision)
    {
        const double Rate = 20;
        RoomSpace space = RoomSpace.Create(-size / 2, -size / 2, -size / 2, size / 2, size / 2, size / 2, precision);
        for (int seed = 0; seed < 5; seed++)
        {
            var walk = new RandomWalk(space, 1 / Rate, seed);
            var trajectory = new Trajectory(256);
            var recent = new Queue<PackedTransform>();
            Transform? last = null;
            for (int i = 0; i < 5000; i++)
            {
                PackedTransform value = walk.Step(trajectory);
                Assert.True(space.Contains(value));
                Assert.DoesNotContain(value, recent);
                recent.Enqueue(value);
                if (recent.Count > 200)
                {
                    recent.Dequeue();
                }

                Transform now = space.Unpack(value);
                if (last is { } before)
                {
                    // At most 2 m/s, and what quantising and telling equal values apart adds.
                    double moved = Math.Sqrt(Square(now.X - before.X) + Square(now.Y - before.Y) + Square(now.Z - before.Z));
                    Assert.InRange(moved, 0, (2.0 / Rate) + (8 * precision));
                }

                last = now;
            }
        }
    }

    [Fact]
    public void Walk_of_the_same_seed_is_the_same_and_of_another_is_not()
    {
        Assert.Equal(Walk(5), Walk(5));
        Assert.NotEqual(Walk(5), Walk(6));
    }

    private static PackedTransform[] Walk(int seed)
    {
        var walk = new RandomWalk(RoomSpace.Default, 0.05, seed);
        var trajectory = new Trajectory(256);
        return [.. Enumerable.Range(0, 100).Select(_ => walk.Step(trajectory))];
    }

    private static double Square(double value) => value * value;
}
