using System.Text;
using Relay.Fuzz;

namespace Relay.Protocol.Tests;

/// <summary>
/// Makes bodies by their layouts: fields of all lengths, values at the edges of what the table allows and just beyond, and then, often,
/// damage. Always the same ones from the same seed.
/// </summary>
internal sealed class LayoutGenerator : LayoutWalk
{
    private static readonly string[] Characters = ["a", "Z", "0", "-", "é", "字", "😀", "\u0000", "\uFEFF"];
    private static readonly byte[][] BadText = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80]];
    private static readonly double[] Reals = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, -1, double.MaxValue];
    private static readonly byte[] Telling = [0x00, 0x01, 0x7F, 0x80, 0xFF];

    private readonly Random _random;
    private readonly NaiveSpace _space;
    private readonly LayoutBytes _body;
    private readonly int _oddAt;
    private int _chances;

    private LayoutGenerator(Random random, NaiveSpace space, int oddAt)
    {
        _random = random;
        _space = space;
        _body = new LayoutBytes(space);
        _oddAt = oddAt;
    }

    /// <summary>A body: of four, two are well formed, one has a single thing that the table forbids, one is damaged.</summary>
    public static byte[] Body(FrameLayout frame, Random random, NaiveSpace space)
    {
        int seed = random.Next();
        LayoutGenerator sound = Make(frame, new Random(seed), space, oddAt: -1);
        return random.Next(4) switch
        {
            0 => Make(frame, new Random(seed), space, oddAt: random.Next(sound._chances + 1))._body.ToArray(),
            1 => sound.Damage([.. sound._body.ToArray()]),
            _ => sound._body.ToArray(),
        };
    }

    protected override void Judge(bool isAllowed)
    {
        // What the table forbids is made on purpose.
    }

    protected override ulong TakeCount(LayoutList list)
    {
        int most = list.Count.Rule == "max" ? (int)list.Count.Bounds[0] : 3;
        ulong count = (ulong)(IsOdd() ? 0 : Chance(8) ? most + _random.Next(2) : _random.Next(1, 4));
        ulong told = IsOdd() ? Integer(32) : count;
        _body.Add(list.Count.Kind, list.Count.Kind == "u8" ? told & 0xFF : told);
        return count;
    }

    protected override object Take(LayoutField field)
    {
        object value = Value(field);
        if (field.Kind is "varint" or "varint64" or "slot" && IsOdd())
        {
            // Not in its shortest form, too long, or, mostly, a number that 32 bits just do not hold.
            _body.Add(_random.Next(6) switch
            {
                0 => [0x81, 0x00],
                1 => [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
                _ => [0x80, 0x80, 0x80, 0x80, 0x10],
            });
        }
        else
        {
            _body.Add(field.Kind, value);
        }

        return value;
    }

    private object Value(LayoutField field) => field.Kind switch
    {
        "u8" => Bounded(field, 8),
        "u16" => Bounded(field, 16),
        "u32" => Bounded(field, 32),
        "u64" => Bounded(field, 64),
        "varint" => Bounded(field, 32),
        "varint64" => Bounded(field, 64),
        "slot" => IsOdd() ? uint.MaxValue - (ulong)_random.Next(3) : (ulong)_random.Next(200),
        "i16" => (long)_random.Next(short.MinValue, short.MaxValue + 1),
        "f32" => BitConverter.UInt32BitsToSingle((uint)Integer(32)),
        "f64" => Real(field),
        "string8" => IsOdd() ? BadText[_random.Next(BadText.Length)] : Text(),
        "record" => Record(),
        _ => Bytes(field.Kind),
    };

    /// <summary>A number on, and now and then next to, a bound of the field's rule, or any that it allows.</summary>
    private object Bounded(LayoutField field, int bits)
    {
        ulong most = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        if (field.Rule.Length == 0)
        {
            return Integer(bits);
        }

        ulong bound = field.Bounds[_random.Next(field.Bounds.Length)];
        if (IsOdd())
        {
            return (_random.Next(3) switch { 0 => bound + 1, 1 => bound - 1, _ => Integer(bits) }) & most;
        }

        return field.Rule switch
        {
            "in" => bound,
            "mask" => Integer(bits) & bound,
            "max" => (ulong)_random.NextInt64((long)bound + 1),
            "between" => Chance(2) ? bound : (ulong)_random.NextInt64((long)field.Bounds[0], (long)field.Bounds[1] + 1),
            _ => Math.Max(Integer(bits), bound),
        };
    }

    private object Real(LayoutField field)
    {
        if (IsOdd())
        {
            return Reals[_random.Next(Reals.Length)];
        }

        double any = Chance(2) ? BitConverter.UInt64BitsToDouble(Integer(64)) : _random.Next(-1_000_000, 1_000_000) / 1000.0;
        return field.Rule switch
        {
            "finite" when !double.IsFinite(any) => -0.0,
            "above" => double.IsFinite(any) && any != 0 ? Math.Abs(any) : double.Epsilon,
            _ => any,
        };
    }

    private LayoutRecord Record() => new(
        Chance(2), (uint)_random.Next(16), Coordinate(_space.BitsX), Coordinate(_space.BitsY), Coordinate(_space.BitsZ), (uint)_random.NextInt64(1L << 32));

    private uint Coordinate(int bits) => (uint)(Chance(4) ? (1L << bits) - 1 : _random.NextInt64(1L << bits));

    /// <summary>Integers of every length on the wire.</summary>
    private ulong Integer(int bits)
    {
        int length = _random.Next(bits + 1);
        ulong ones = length == 64 ? ulong.MaxValue : (1UL << length) - 1;
        return Chance(4) ? ones : (ulong)_random.NextInt64(long.MinValue, long.MaxValue) & ones;
    }

    private byte[] Text()
    {
        string text = string.Concat(Enumerable.Range(0, _random.Next(12)).Select(_ => Characters[_random.Next(Characters.Length)]));
        return Chance(10) ? new byte[255] : Encoding.UTF8.GetBytes(text);
    }

    private byte[] Bytes(string kind)
    {
        byte[] bytes = new byte[Chance(3) ? 0 : Chance(12) ? (kind == "bytes8" ? 255 : 300) : _random.Next(20)];
        _random.NextBytes(bytes);
        return bytes;
    }

    private static LayoutGenerator Make(FrameLayout frame, Random random, NaiveSpace space, int oddAt)
    {
        var generator = new LayoutGenerator(random, space, oddAt);
        generator.Walk(frame.Body);
        return generator;
    }

    private byte[] Damage(List<byte> body)
    {
        int at = _random.Next(body.Count + 1);
        switch (_random.Next(6))
        {
            case 0: body.RemoveRange(at, body.Count - at); break;
            case 1: body.Add(Telling[_random.Next(Telling.Length)]); break;
            case 2: body.Insert(at, Telling[_random.Next(Telling.Length)]); break;
            case 3 when at < body.Count: body.RemoveAt(at); break;
            case 4 when at < body.Count: body[at] = Telling[_random.Next(Telling.Length)]; break;
            case 5 when at < body.Count: body[at] ^= (byte)(1 << _random.Next(8)); break;
        }

        return body.ToArray();
    }

    private bool IsOdd() => _chances++ == _oddAt;

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;
}
