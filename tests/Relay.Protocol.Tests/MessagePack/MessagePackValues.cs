using FsCheck;
using FsCheck.Fluent;
using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>Values that several tests share: all formats at the edges of their ranges, and random trees.</summary>
internal static class MessagePackValues
{
    /// <summary>Limits that no small value meets.</summary>
    public static MessagePackLimits Wide { get; } = new() { MaxBytes = int.MaxValue, MaxDepth = 100, MaxNodes = int.MaxValue };

    /// <summary>Each format of the specification: a first byte (or more) of the encoding, its size, and the value.</summary>
    public static IEnumerable<(string Prefix, int Size, MessagePackTree Value)> Edges
    {
        get
        {
            yield return ("c0", 1, new MessagePackTree.Nil());
            yield return ("c2", 1, new MessagePackTree.Bool(false));
            yield return ("c3", 1, new MessagePackTree.Bool(true));
            foreach ((string hex, Int128 value) in Integers)
            {
                yield return (hex, hex.Length / 2, new MessagePackTree.Int(value));
            }

            foreach (float value in new[] { 0f, -0f, 1.5f, float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, float.MaxValue })
            {
                yield return ("ca", 5, new MessagePackTree.Float32(value));
            }

            foreach (double value in new[] { 0, -0.0, 0.1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MinValue, 1e300 })
            {
                yield return ("cb", 9, new MessagePackTree.Float64(value));
            }

            foreach ((string prefix, int length) in new[]
                { ("a0", 0), ("a1", 1), ("bf", 31), ("d920", 32), ("d9ff", 255), ("da0100", 256), ("daffff", 65_535), ("db00010000", 65_536) })
            {
                yield return (prefix, (prefix.Length / 2) + length, new MessagePackTree.Str(new string('x', length)));
            }

            foreach ((string prefix, int length) in new[]
                { ("c400", 0), ("c401", 1), ("c4ff", 255), ("c50100", 256), ("c5ffff", 65_535), ("c600010000", 65_536) })
            {
                yield return (prefix, (prefix.Length / 2) + length, new MessagePackTree.Bin(Data(length)));
            }

            foreach ((string prefix, int length) in new[]
            {
                ("c7007f", 0), ("d47f", 1), ("d57f", 2), ("c7037f", 3), ("d67f", 4), ("c7057f", 5), ("c7077f", 7), ("d77f", 8), ("c7097f", 9), ("c70f7f", 15),
                ("d87f", 16), ("c7117f", 17), ("c7ff7f", 255), ("c801007f", 256), ("c8ffff7f", 65_535), ("c9000100007f", 65_536),
            })
            {
                yield return (prefix, (prefix.Length / 2) + length, new MessagePackTree.Ext(127, Data(length)));
            }

            yield return ("d480", 3, new MessagePackTree.Ext(-128, Data(1)));
            yield return ("d400", 3, new MessagePackTree.Ext(0, Data(1)));
            foreach ((string hex, long seconds, uint nanoseconds) in Times)
            {
                yield return (hex, hex.Length / 2, new MessagePackTree.Time(new MessagePackTimestamp(seconds, nanoseconds)));
            }

            foreach ((string prefix, int count) in new[]
                { ("90", 0), ("91", 1), ("9f", 15), ("dc0010", 16), ("dcffff", 65_535), ("dd00010000", 65_536) })
            {
                yield return (prefix, (prefix.Length / 2) + count, new MessagePackTree.Arr([.. Enumerable.Repeat(new MessagePackTree.Int(7), count)]));
            }

            foreach ((string prefix, int count) in new[]
                { ("80", 0), ("81", 1), ("8f", 15), ("de0010", 16), ("deffff", 65_535), ("df00010000", 65_536) })
            {
                yield return (prefix, (prefix.Length / 2) + (count * 2), new MessagePackTree.Map([.. Enumerable.Repeat(new MessagePackTree.Int(7), count * 2)]));
            }
        }
    }

    public static (string Hex, Int128 Value)[] Integers { get; } =
    [
        ("00", 0), ("01", 1), ("7f", 127), ("cc80", 128), ("ccff", 255), ("cd0100", 256), ("cdffff", 65_535), ("ce00010000", 65_536),
        ("ceffffffff", uint.MaxValue), ("cf0000000100000000", 1L << 32), ("cf7fffffffffffffff", long.MaxValue),
        ("cf8000000000000000", (Int128)long.MaxValue + 1), ("cfffffffffffffffff", ulong.MaxValue),
        ("ff", -1), ("e0", -32), ("d0df", -33), ("d080", -128), ("d1ff7f", -129), ("d18000", -32_768), ("d2ffff7fff", -32_769),
        ("d280000000", int.MinValue), ("d3ffffffff7fffffff", int.MinValue - 1L), ("d38000000000000000", long.MinValue),
    ];

    public static (string Hex, long Seconds, uint Nanoseconds)[] Times { get; } =
    [
        ("d6ff00000000", 0, 0), ("d6ffffffffff", uint.MaxValue, 0),
        ("d7ff0000000400000000", 0, 1), ("d7ff0000000100000000", 1L << 32, 0), ("d7ffee6b27ffffffffff", (1L << 34) - 1, 999_999_999),
        ("c70cff000000000000000400000000", 1L << 34, 0), ("c70cff00000000ffffffffffffffff", -1, 0), ("c70cff3b9ac9ff8000000000000000", long.MinValue, 999_999_999),
        ("c70cff000000017fffffffffffffff", long.MaxValue, 1),
    ];

    public static Gen<MessagePackTree> Scalars { get; } = Gen.OneOf(
        Gen.Constant<MessagePackTree>(new MessagePackTree.Nil()),
        Gen.Elements<MessagePackTree>(new MessagePackTree.Bool(false), new MessagePackTree.Bool(true)),
        Properties.UInt64.Select(value => (MessagePackTree)new MessagePackTree.Int(value)),
        Properties.UInt64.Select(value => (MessagePackTree)new MessagePackTree.Int(-(Int128)(value >> 1) - 1)),
        Gen.Elements(Integers).Select(edge => (MessagePackTree)new MessagePackTree.Int(edge.Value)),
        Properties.Double.Select(value => (MessagePackTree)new MessagePackTree.Float64(value)),
        Properties.UInt32.Select(bits => (MessagePackTree)new MessagePackTree.Float32(BitConverter.UInt32BitsToSingle(bits))),
        Properties.Text.Select(utf8 => (MessagePackTree)new MessagePackTree.Str(utf8)),
        Properties.Bytes(300).Select(bytes => (MessagePackTree)new MessagePackTree.Bin(bytes)),
        from type in Gen.Choose(0, 127) from data in Properties.Bytes(300) select (MessagePackTree)new MessagePackTree.Ext((sbyte)type, data),
        from seconds in Properties.UInt64
        from nanoseconds in Gen.Elements(0, 1, 999_999_999)
        select (MessagePackTree)new MessagePackTree.Time(new MessagePackTimestamp((long)seconds, (uint)nanoseconds)));

    /// <summary>Random values with everything in them.</summary>
    public static Gen<MessagePackTree> Trees { get; } = Tree(4);

    public static byte[] Data(int length)
    {
        byte[] data = new byte[length];
        new Random(length).NextBytes(data);
        return data;
    }

    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static Gen<MessagePackTree> Tree(int depth) => depth == 0
        ? Scalars
        : Gen.OneOf(
            Scalars,
            from count in Gen.Elements(0, 1, 2, 3, 5, 16)
            from items in Tree(depth - 1).ArrayOf(depth > 2 ? Math.Min(count, 4) : count)
            select (MessagePackTree)new MessagePackTree.Arr(items),
            from count in Gen.Elements(0, 1, 2, 3, 5, 16)
            from items in Tree(depth - 1).ArrayOf(2 * (depth > 2 ? Math.Min(count, 3) : count))
            select (MessagePackTree)new MessagePackTree.Map(items));
}
