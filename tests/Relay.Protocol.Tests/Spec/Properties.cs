using FsCheck;
using FsCheck.Fluent;

namespace Relay.Protocol.Tests;

/// <summary>FsCheck with a fixed seed, so that a run today and one next year try the same cases, and the generators that several tests
/// share.</summary>
internal static class Properties
{
    private const ulong Seed = 20_260_901;
    private const ulong Gamma = 9_876_543_211;

    /// <summary>Integers of every length on the wire: as many of one varint byte as of ten.</summary>
    public static Gen<ulong> UInt64 { get; } =
        from bits in Gen.Choose(0, 64)
        from high in Gen.Choose(0, int.MaxValue)
        from middle in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        from ones in Gen.Choose(0, 7)
        let random = ((ulong)high << 40) ^ ((ulong)middle << 20) ^ (ulong)low
        select (ones == 0 ? ulong.MaxValue : random) & (bits == 64 ? ulong.MaxValue : (1UL << bits) - 1);

    public static Gen<uint> UInt32 { get; } = UInt64.Select(value => (uint)(value & uint.MaxValue));

    public static Gen<byte> Byte { get; } = Gen.Choose(0, 255).Select(value => (byte)value);

    public static Gen<double> Double { get; } = Gen.OneOf(
        UInt64.Select(bits => BitConverter.Int64BitsToDouble((long)bits)),
        Gen.Choose(-1_000_000, 1_000_000).Select(value => value / 1000.0),
        Gen.Elements(0.0, -0.0, double.Epsilon, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity, double.NaN));

    public static Gen<byte[]> Bytes(int longest) =>
        from length in Gen.OneOf(Gen.Choose(0, 20), Gen.Choose(0, longest), Gen.Constant(longest))
        from seed in Gen.Choose(0, int.MaxValue)
        select RandomBytes(length, seed);

    /// <summary>UTF-8 of at most 255 bytes, with characters of one to four bytes.</summary>
    public static Gen<byte[]> Text { get; } =
        from count in Gen.Choose(0, 60)
        from characters in Gen.Elements("a", "Z", "0", "-", "é", "ß", "字", "€", "😀", "\u0000").ArrayOf(count)
        select System.Text.Encoding.UTF8.GetBytes(string.Concat(characters));

    /// <summary>Runs an assertion on many values; the first that fails is shown.</summary>
    public static void ForAll<T>(Gen<T> values, Action<T> assertion, int tests = 300) =>
        Prop.ForAll(Arb.From(values), assertion).Check(
            Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(Seed, Gamma).WithQuietOnSuccess(true));

    private static byte[] RandomBytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
