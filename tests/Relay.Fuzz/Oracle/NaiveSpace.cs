using System.Numerics;

namespace Relay.Fuzz;

/// <summary>The part of a room's measures that says how records are laid out (protocol-spec.md §8.1 and §8.2).</summary>
internal sealed record NaiveSpace(uint StepsX, uint StepsY, uint StepsZ)
{
    public int BitsX => Bits(StepsX);

    public int BitsY => Bits(StepsY);

    public int BitsZ => Bits(StepsZ);

    /// <summary>⌈(37 + bitsX + bitsY + bitsZ) ÷ 8⌉.</summary>
    public int RecordSize => (int)Math.Ceiling((37 + BitsX + BitsY + BitsZ) / 8.0);

    private static int Bits(uint steps)
    {
        int bits = 0;
        while (BigInteger.Pow(2, bits) < steps)
        {
            bits++;
        }

        return bits;
    }
}
