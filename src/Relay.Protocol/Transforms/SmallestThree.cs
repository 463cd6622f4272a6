namespace Relay.Protocol.Transforms;

/// <summary>
/// A unit quaternion in 32 bits: the index of its largest component in the top two bits, the other three in ten bits each, in the order
/// x, y, z, w. The largest is not sent: it follows from the unit length, and its sign is made positive (q and −q are the same rotation).
/// protocol-spec.md §8.1.
/// </summary>
/// <remarks>
/// A component lies in ±1/√2; it is stored as <c>round(c × √2 × 511) + 511</c>, 0 to 1,022, so that zero is exact. The worst error of a
/// component is 1/(2 × 511 × √2) ≈ 0.0007, under 0.28° of the rotation,
/// where all four components are near one half.
/// </remarks>
public static class SmallestThree
{
    private const float Sqrt2 = 1.41421356f;
    private const int Half = 511;
    private const int Mask = 0x3FF;

    /// <summary>The rotation that turns nothing (0, 0, 0, 1), packed.</summary>
    public static uint Identity { get; } = Pack(0, 0, 0, 1);

    /// <summary>Packs a quaternion. It is normalised first; one that has no length, or is not finite, becomes the identity.</summary>
    /// <param name="x">Component x.</param>
    /// <param name="y">Component y.</param>
    /// <param name="z">Component z.</param>
    /// <param name="w">Component w.</param>
    public static uint Pack(float x, float y, float z, float w)
    {
        float squared = (x * x) + (y * y) + (z * z) + (w * w);
        if (!(squared > 1e-12f) || float.IsInfinity(squared))
        {
            (x, y, z, w, squared) = (0, 0, 0, 1, 1);
        }

        float ax = Math.Abs(x), ay = Math.Abs(y), az = Math.Abs(z), aw = Math.Abs(w);
        uint largest = 3;
        float top = aw;
        if (ax > top)
        {
            (largest, top) = (0, ax);
        }

        if (ay > top)
        {
            (largest, top) = (1, ay);
        }

        if (az > top)
        {
            largest = 2;
        }

        (float a, float b, float c, float dropped) = largest switch
        {
            0 => (y, z, w, x),
            1 => (x, z, w, y),
            2 => (x, y, w, z),
            _ => (x, y, z, w),
        };
        float scale = Sqrt2 * Half / (float)Math.Sqrt(squared) * (dropped < 0 ? -1 : 1);
        return (largest << 30) | (Component(a, scale) << 20) | (Component(b, scale) << 10) | Component(c, scale);
    }

    /// <summary>Unpacks a quaternion. Every 32-bit pattern gives a unit quaternion.</summary>
    /// <param name="packed">The packed rotation.</param>
    public static (float X, float Y, float Z, float W) Unpack(uint packed)
    {
        float a = Value(packed >> 20), b = Value(packed >> 10), c = Value(packed);
        float squared = (a * a) + (b * b) + (c * c);
        float d = 0;
        if (squared <= 1)
        {
            d = (float)Math.Sqrt(1 - squared);
        }
        else
        {
            // Not a pattern that Pack makes; bring it back to unit length.
            float shrink = 1 / (float)Math.Sqrt(squared);
            (a, b, c) = (a * shrink, b * shrink, c * shrink);
        }

        return (packed >> 30) switch
        {
            0 => (d, a, b, c),
            1 => (a, d, b, c),
            2 => (a, b, d, c),
            _ => (a, b, c, d),
        };
    }

    private static uint Component(float value, float scale) =>
        (uint)Math.Min(Math.Max((int)Math.Round(value * scale) + Half, 0), 2 * Half);

    private static float Value(uint bits) => ((int)(bits & Mask) - Half) / (Sqrt2 * Half);
}
