using System.Globalization;
using System.Numerics;

namespace Relay.Fuzz;

/// <summary>
/// Reads fields by protocol-spec.md §3.3, as plainly as can be: the bytes are a string of hex digits, numbers are of any size, and
/// whatever is malformed throws. It shares nothing with the library, so that the two do not share a mistake.
/// </summary>
internal sealed class NaiveReader(byte[] bytes)
{
    private string _digits = Convert.ToHexString(bytes);

    public int BytesLeft => _digits.Length / 2;

    public byte[] Take(BigInteger count)
    {
        if (count * 2 > _digits.Length)
        {
            throw new FormatException("The body ends before its last field.");
        }

        string taken = _digits[..(int)(count * 2)];
        _digits = _digits[(int)(count * 2)..];
        return Convert.FromHexString(taken);
    }

    public byte[] Rest() => Take(BytesLeft);

    /// <summary>A little-endian integer of so many bytes.</summary>
    public BigInteger Unsigned(int size)
    {
        BigInteger value = 0;
        foreach (byte b in Take(size).Reverse())
        {
            value = (value * 256) + b;
        }

        return value;
    }

    public BigInteger Signed16()
    {
        BigInteger value = Unsigned(2);
        return value >= 32_768 ? value - 65_536 : value;
    }

    public double Real64() => BitConverter.UInt64BitsToDouble((ulong)Unsigned(8));

    public float Real32() => BitConverter.UInt32BitsToSingle((uint)Unsigned(4));

    /// <summary>A varint: collects the groups of seven binary digits, then looks at the number that they make.</summary>
    public BigInteger Varint(int bits)
    {
        string groups = "";
        int length = 0;
        byte last;
        do
        {
            last = Take(1)[0];
            groups = Convert.ToString(last % 128, 2).PadLeft(7, '0') + groups;
            length++;
        }
        while (last >= 128 && length <= 10);

        BigInteger value = BigInteger.Parse("0" + groups, NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture);
        if (length > 10 || value >= BigInteger.Pow(2, bits))
        {
            throw new FormatException("A varint is too long.");
        }

        return length == ShortestForm(value) ? value : throw new FormatException("A varint is not in its shortest form.");
    }

    /// <summary>A count of things that take at least so many bytes each.</summary>
    public int Count(int least)
    {
        BigInteger count = Varint(64);
        return count * least <= BytesLeft ? (int)count : throw new FormatException("A count is more than the rest can hold.");
    }

    public byte[] Bytes8() => Take(Unsigned(1));

    public byte[] Bytes16() => Take(Unsigned(2));

    public byte[] Text8()
    {
        byte[] text = Bytes8();
        return IsUtf8(text) ? text : throw new FormatException("Text is not UTF-8.");
    }

    public void End()
    {
        if (BytesLeft != 0)
        {
            throw new FormatException("The body has bytes after its last field.");
        }
    }

    private static int ShortestForm(BigInteger value)
    {
        int length = 1;
        for (; value >= 128; value /= 128)
        {
            length++;
        }

        return length;
    }

    /// <summary>RFC 3629 §4, by the numbers of the characters rather than by the table of bytes.</summary>
    private static bool IsUtf8(byte[] text)
    {
        for (int i = 0; i < text.Length;)
        {
            string bits = Convert.ToString(text[i], 2).PadLeft(8, '0');
            int ones = (bits + "0").IndexOf('0', StringComparison.Ordinal);
            if (ones is 1 or > 4)
            {
                return false;
            }

            int size = ones == 0 ? 1 : ones;
            if (i + size > text.Length)
            {
                return false;
            }

            string code = ones == 0 ? bits : bits[(ones + 1)..];
            for (int k = 1; k < size; k++)
            {
                string next = Convert.ToString(text[i + k], 2).PadLeft(8, '0');
                if (!next.StartsWith("10", StringComparison.Ordinal))
                {
                    return false;
                }

                code += next[2..];
            }

            int character = Convert.ToInt32(code, 2);
            int shortest = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x1_0000 ? 3 : 4;
            if (size != shortest || character > 0x10_FFFF || character is >= 0xD800 and <= 0xDFFF)
            {
                return false;
            }

            i += size;
        }

        return true;
    }
}
