using System.Numerics;
using Relay.Fuzz;

namespace Relay.Protocol.Tests;

/// <summary>Reads a body by its layout. The fields are read by the fuzz tests' reader, which shares nothing with the library.</summary>
internal sealed class LayoutReader : LayoutWalk
{
    private readonly NaiveReader _body;
    private readonly NaiveSpace _space;

    private LayoutReader(byte[] body, NaiveSpace space)
    {
        _body = new NaiveReader(body);
        _space = space;
    }

    /// <summary>Reads a whole body.</summary>
    /// <returns>Its fields, or <c>null</c> if it is malformed.</returns>
    public static IReadOnlyList<LayoutValue>? Read(FrameLayout frame, byte[] body, NaiveSpace space)
    {
        var reader = new LayoutReader(body, space);
        try
        {
            reader.Walk(frame.Body);
            reader._body.End();
            return reader.Values;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Fields in the notation of the document's comments.</summary>
    public static IReadOnlyList<string> Show(IEnumerable<LayoutValue> values)
    {
        var fields = new FieldList();
        foreach (LayoutValue field in values)
        {
            switch (field.Value)
            {
                case ulong id when field.Name is "epoch" or "sessionHigh" or "sessionLow": fields.AddHex(field.Name, id, 16); break;
                case ulong type when field.Name == "refusedType": fields.AddHex(field.Name, type, 2); break;
                case ulong number: fields.Add(field.Name, number); break;
                case long number: fields.Add(field.Name, number); break;
                case float number: fields.Add(field.Name, number); break;
                case double number: fields.Add(field.Name, number); break;
                case byte[] bytes: fields.Add(field.Name, bytes); break;
                case LayoutRecord r: fields.AddRecord(r.IsExtended, r.Age, r.X, r.Y, r.Z, r.Rotation); break;
                default: throw new InvalidOperationException(field.Kind);
            }
        }

        return fields.Lines;
    }

    protected override ulong TakeCount(LayoutList list)
    {
        ulong count = (ulong)Take(list.Count);
        Judge((BigInteger)count * list.Least <= _body.BytesLeft);
        return count;
    }

    protected override object Take(LayoutField field) => field.Kind switch
    {
        "u8" => (ulong)_body.Unsigned(1),
        "u16" => (ulong)_body.Unsigned(2),
        "u32" => (ulong)_body.Unsigned(4),
        "u64" => (ulong)_body.Unsigned(8),
        "i16" => (long)_body.Signed16(),
        "f32" => _body.Real32(),
        "f64" => _body.Real64(),
        "varint" or "slot" => (ulong)_body.Varint(32),
        "varint64" => (ulong)_body.Varint(64),
        "bytes8" => _body.Bytes8(),
        "bytes16" => _body.Bytes16(),
        "bytes" => _body.Take(_body.Varint(32)),
        "string8" => _body.Text8(),
        "rest" => _body.Rest(),
        "record" => TakeRecord(),
        _ => throw new InvalidOperationException(field.Kind),
    };

    private LayoutRecord TakeRecord()
    {
        BigInteger bits = _body.Unsigned(_space.RecordSize);
        uint extended = TakeBits(ref bits, 1);
        uint age = TakeBits(ref bits, 4);
        uint x = TakeBits(ref bits, _space.BitsX);
        uint y = TakeBits(ref bits, _space.BitsY);
        uint z = TakeBits(ref bits, _space.BitsZ);
        return new LayoutRecord(extended == 1, age, x, y, z, TakeBits(ref bits, 32));
    }

    private static uint TakeBits(ref BigInteger bits, int count)
    {
        bits = BigInteger.DivRem(bits, BigInteger.Pow(2, count), out BigInteger taken);
        return (uint)taken;
    }
}
