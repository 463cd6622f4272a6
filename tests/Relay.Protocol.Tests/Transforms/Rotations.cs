using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>Measures between rotations, in double precision and not by the library's own formulas.</summary>
internal static class Rotations
{
    /// <summary>The bound of smallest three with ten bits, in degrees: reached where all four components are near one half.</summary>
    public const double WorstError = 0.28;

    /// <summary>The angle of the rotation that takes one to the other, in degrees. The first need not have unit length.</summary>
    public static double AngleDegrees((float X, float Y, float Z, float W) a, (float X, float Y, float Z, float W) b)
    {
        double dot = ((double)a.X * b.X) + ((double)a.Y * b.Y) + ((double)a.Z * b.Z) + ((double)a.W * b.W);
        double sign = dot < 0 ? -1 : 1;
        double la = Math.Sqrt(Square(a)), lb = Math.Sqrt(Square(b));

        // By the chord: the cosine of so small an angle has no digits left.
        double chord = 0;
        foreach ((float p, float q) in new[] { (a.X, b.X), (a.Y, b.Y), (a.Z, b.Z), (a.W, b.W) })
        {
            double difference = (p / la) - (sign * q / lb);
            chord += difference * difference;
        }

        return 4 * Math.Asin(Math.Min(1, Math.Sqrt(chord) / 2)) * 180 / Math.PI;
    }

    public static double AngleDegrees((float X, float Y, float Z, float W) a, in Transform b) =>
        AngleDegrees(a, (b.RotationX, b.RotationY, b.RotationZ, b.RotationW));

    private static double Square((float X, float Y, float Z, float W) q) =>
        ((double)q.X * q.X) + ((double)q.Y * q.Y) + ((double)q.Z * q.Z) + ((double)q.W * q.W);
}
