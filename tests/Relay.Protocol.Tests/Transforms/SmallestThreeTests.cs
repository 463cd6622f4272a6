using FsCheck.Fluent;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>Rotations in 32 bits (§8.1).</summary>
public class SmallestThreeTests
{
    [Fact]
    public void Rotation_comes_back_within_its_bound() => Properties.ForAll(
        Gen.Choose(-1_000_000, 1_000_000).Four().Where(q => q is not (0, 0, 0, 0)),
        q =>
        {
            // Any length: the packer normalises.
            (float X, float Y, float Z, float W) given = (q.Item1 / 1000f, q.Item2 / 1000f, q.Item3 / 1000f, q.Item4 / 1000f);
            AssertClose(given, 0.25);
        },
        20_000);

    [Fact]
    public void Rotation_with_all_components_near_one_half_stays_within_the_worst_case()
    {
        double worst = 0;
        for (int i = -60; i <= 60; i++)
        {
            float c = 0.5f + (i * 0.0001f);
            float d = MathF.Sqrt(1 - (3 * c * c));
            worst = Math.Max(worst, AssertClose((c, c, c, d), Rotations.WorstError));
            worst = Math.Max(worst, AssertClose((d, -c, c, -c), Rotations.WorstError));
        }

        Assert.InRange(worst, 0.25, Rotations.WorstError);
    }

    [Fact]
    public void Rotation_and_its_negative_are_packed_alike()
    {
        Assert.Equal(SmallestThree.Pack(0.1f, -0.2f, 0.3f, 0.9f), SmallestThree.Pack(-0.1f, 0.2f, -0.3f, -0.9f));
    }

    [Fact]
    public void Every_pattern_is_a_unit_quaternion_and_packs_to_an_equal_rotation() => Properties.ForAll(
        Properties.UInt32,
        bits =>
        {
            (float X, float Y, float Z, float W) q = SmallestThree.Unpack(bits);
            Assert.Equal(1, Math.Sqrt(((double)q.X * q.X) + ((double)q.Y * q.Y) + ((double)q.Z * q.Z) + ((double)q.W * q.W)), 1e-6);
            AssertClose(q, Rotations.WorstError);
        },
        20_000);

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(float.NaN, 0, 0, 1)]
    [InlineData(0, float.PositiveInfinity, 0, 1)]
    [InlineData(0, 0, float.NegativeInfinity, float.NaN)]
    [InlineData(1e30f, 1e30f, 0, 0)]
    [InlineData(float.Epsilon, 0, 0, 0)]
    public void Quaternion_without_a_direction_becomes_the_identity(float x, float y, float z, float w)
    {
        Assert.Equal(SmallestThree.Identity, SmallestThree.Pack(x, y, z, w));
    }

    [Fact]
    public void Identity_and_half_turns_are_exact()
    {
        Assert.Equal(0xDFF7FDFFu, SmallestThree.Identity);
        Assert.Equal((0, 0, 0, 1), SmallestThree.Unpack(SmallestThree.Identity));
        Assert.Equal((1, 0, 0, 0), SmallestThree.Unpack(SmallestThree.Pack(1, 0, 0, 0)));
        Assert.Equal((0, 1, 0, 0), SmallestThree.Unpack(SmallestThree.Pack(0, -1, 0, 0)));
        Assert.Equal((0, 0, 1, 0), SmallestThree.Unpack(SmallestThree.Pack(0, 0, 1, 0)));
    }

    private static double AssertClose((float X, float Y, float Z, float W) given, double limit)
    {
        double angle = Rotations.AngleDegrees(given, SmallestThree.Unpack(SmallestThree.Pack(given.X, given.Y, given.Z, given.W)));
        Assert.InRange(angle, 0, limit);
        return angle;
    }
}
