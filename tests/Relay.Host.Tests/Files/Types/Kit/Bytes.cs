using System.Buffers.Binary;
using System.Text;

namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Bytes of a file, put together piece by piece.</summary>
internal sealed class Bytes
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    /// <summary>What a big-endian number is in bytes.</summary>
    public static byte[] Big32(long value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)value);
        return bytes;
    }

    public static byte[] Big16(int value) => Big32(value)[2..];

    public static byte[] Little32(long value) => [.. Big32(value).Reverse()];

    public static byte[] Little24(int value) => Little32(value)[..3];

    public static byte[] Little16(int value) => Little32(value)[..2];

    public static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Some arrays as one.</summary>
    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    /// <summary>A file with some of its bytes changed.</summary>
    public static byte[] Put(byte[] file, int offset, params byte[] bytes)
    {
        byte[] changed = [.. file];
        bytes.CopyTo(changed, offset);
        return changed;
    }

    /// <summary>Where a text stands for the first time.</summary>
    public static int Find(byte[] file, string text)
    {
        int found = file.AsSpan().IndexOf(Text(text));
        Assert.True(found >= 0, $"There is no {text}.");
        return found;
    }

    public Bytes Add(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public Bytes Add(string text) => Add(Text(text));

    public byte[] ToArray() => [.. _bytes];
}
