using System.Buffers.Binary;
using System.Numerics;
using Relay.Fuzz;

namespace Relay.Protocol.Tests;

/// <summary>Bytes of fields by protocol-spec.md §3.3, made without the library.</summary>
internal sealed class LayoutBytes(NaiveSpace space)
{
    private readonly List<byte> _bytes = [];

    /// <summary>The frame of what was read, header included.</summary>
    public static byte[] Frame(FrameLayout frame, IEnumerable<LayoutValue> values, NaiveSpace space)
    {
        var body = new LayoutBytes(space);
        foreach (LayoutValue value in values)
        {
            body.Add(value.Kind, value.Value);
        }

        int length = body._bytes.Count;
        return [(byte)length, (byte)(length >> 8), (byte)(length >> 16), frame.Type, .. body._bytes];
    }

    public byte[] ToArray() => _bytes.ToArray();

    public void Add(params ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    public void Add(string kind, object value)
    {
        switch (kind)
        {
            case "u8": AddNumber((ulong)value, 1); break;
            case "u16": AddNumber((ulong)value, 2); break;
            case "u32": AddNumber((ulong)value, 4); break;
            case "u64": AddNumber((ulong)value, 8); break;
            case "i16": AddNumber((ulong)(long)value, 2); break;
            case "f32": AddNumber(BitConverter.SingleToUInt32Bits((float)value), 4); break;
            case "f64": AddNumber(BitConverter.DoubleToUInt64Bits((double)value), 8); break;
            case "varint" or "varint64" or "slot": AddVarint((ulong)value); break;
            case "bytes8" or "string8": AddSized((byte[])value, 1); break;
            case "bytes16": AddSized((byte[])value, 2); break;
            case "bytes":
                AddVarint((ulong)((byte[])value).Length);
                Add((byte[])value);
                break;
            case "rest": Add((byte[])value); break;
            case "record": AddRecord((LayoutRecord)value); break;
            default: throw new InvalidOperationException(kind);
        }
    }

    private void AddNumber(ulong value, int size)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Add(bytes[..size]);
    }

    private void AddSized(byte[] value, int size)
    {
        AddNumber((ulong)value.Length, size);
        Add(value);
    }

    private void AddVarint(ulong value)
    {
        for (; value >= 128; value /= 128)
        {
            Add((byte)(128 + (value % 128)));
        }

        Add((byte)value);
    }

    private void AddRecord(LayoutRecord record)
    {
        BigInteger bits = 0;
        int at = 0;
        foreach ((uint value, int count) in new[]
        {
            (record.IsExtended ? 1u : 0, 1), (record.Age, 4), (record.X, space.BitsX), (record.Y, space.BitsY), (record.Z, space.BitsZ), (record.Rotation, 32),
        })
        {
            bits += value * BigInteger.Pow(2, at);
            at += count;
        }

        byte[] bytes = new byte[space.RecordSize];
        bits.TryWriteBytes(bytes, out _, isUnsigned: true);
        Add(bytes);
    }
}
