using System.Numerics;
using Relay.Protocol.Tests;

namespace Relay.Fuzz;

/// <summary>
/// A second decoder of frame bodies, written from protocol-spec.md section by section without a look at the library, and slow on purpose.
/// It gives the fields in the notation of the document's comments.
/// </summary>
internal sealed class NaiveDecoder
{
    private readonly NaiveReader _body;
    private readonly NaiveSpace _space;
    private readonly FieldList _fields = new();

    private NaiveDecoder(byte[] body, NaiveSpace space)
    {
        _body = new NaiveReader(body);
        _space = space;
    }

    /// <summary>Whether version 1 has a frame of this type (§4).</summary>
    public static bool Knows(byte type) => type is
        <= 0x09 or (>= 0x10 and <= 0x15) or 0x20 or 0x21 or 0x30 or 0x31 or (>= 0x40 and <= 0x46) or 0x50 or 0x51;

    /// <summary>Reads a body of a known type.</summary>
    /// <returns>The fields, or <c>null</c> if it is malformed.</returns>
    public static IReadOnlyList<string>? Read(byte type, byte[] body, NaiveSpace space)
    {
        var decoder = new NaiveDecoder(body, space);
        try
        {
            decoder.Read(type);
            decoder._body.End();
            return decoder._fields.Lines;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private void Read(byte type)
    {
        switch (type)
        {
            case 0x00: break;
            case 0x01: ReadHello(); break;
            case 0x02: ReadWelcome(); break;
            case 0x03: ReadReason(); break;
            case 0x04: ReadError(); break;
            case 0x05: ReadGoAway(); break;
            case 0x06: Unsigned("stamp", 8); break;
            case 0x07: ReadPong(); break;
            case 0x08: Varint("graceMs", 32); break;
            case 0x09: ReadRenew(); break;
            case 0x10 or 0x11: ReadJoin(); break;
            case 0x12: Varint("sequence", 64); break;
            case 0x13: ReadJoined(); break;
            case 0x14: ReadLeft(); break;
            case 0x15: ReadPresence(); break;
            case 0x20: ReadSendEvent(); break;
            case 0x21: ReadEvent(); break;
            case 0x30: ReadTransformUpdate(); break;
            case 0x31: ReadTransformBatch(); break;
            case 0x40: ReadCreateObject(); break;
            case 0x41: ReadUpdateObject(); break;
            case 0x42: ReadRemoveObject(); break;
            case 0x43: ReadCloneObject(); break;
            case 0x44: ReadClaim(); break;
            case 0x45: ReadSetAttribute(); break;
            case 0x46: ReadManage(); break;
            case 0x50: ReadState(); break;
            case 0x51: ReadDone(); break;
            default: throw new ArgumentOutOfRangeException(nameof(type));
        }
    }

    // §5.1
    private void ReadHello()
    {
        Unsigned("versionOldest", 1);
        Unsigned("versionNewest", 1);
        Varint("capabilities", 64);
        _fields.Add("credentials", _body.Bytes16());
        byte[] token = _body.Bytes8();
        _fields.Add("resumeToken", token);
        Varint("lastSequence", 64);
        if (token.Length > 0)
        {
            Hex("epoch", 8);
            Varint("cursor", 64);
            Varint("lastAnswer", 64);
        }

        _fields.Add("agent", _body.Text8());
    }

    // §5.2
    private void ReadWelcome()
    {
        Unsigned("version", 1);
        Varint("capabilities", 64);
        Hex("sessionHigh", 8);
        Hex("sessionLow", 8);
        _fields.Add("resumeToken", _body.Bytes8());
        Varint("lastApplied", 64);
        Unsigned("serverClock", 8);
        foreach (string field in new[]
        {
            "heartbeatMs", "idleTimeoutMs", "maxFrameBody", "maxServerFrameBody", "framesPerSecond", "frameBurst", "maxEventPayload", "defaultTickMicros",
        })
        {
            Varint(field, 32);
        }

        _fields.Add("name", _body.Text8());
    }

    // §5.3
    private void ReadReason()
    {
        Unsigned("code", 2);
        Unsigned("cause", 2);
        _fields.Add("limit", _body.Real64());
        _fields.Add("value", _body.Real64());
        _fields.Add("text", _body.Text8());
    }

    // §5.4
    private void ReadError()
    {
        Hex("refusedType", 1);
        Varint("sequence", 64);
        Unsigned("code", 2);
        _fields.Add("limit", _body.Real64());
        _fields.Add("value", _body.Real64());
        _fields.Add("text", _body.Text8());
    }

    // §5.5
    private void ReadGoAway()
    {
        Unsigned("reason", 2);
        Varint("deadlineMs", 32);
        Varint("retryAfterMs", 32);
        Varint("jitterMs", 32);
        _fields.Add("alternateUrl", _body.Bytes16());
    }

    // §5.9
    private void ReadRenew()
    {
        Varint("sequence", 64);
        _fields.Add("credentials", _body.Bytes16());
    }

    // §5.6
    private void ReadPong()
    {
        Unsigned("stamp", 8);
        Unsigned("received", 8);
        Unsigned("sent", 8);
    }

    // §6.1
    private void ReadJoin()
    {
        Varint("sequence", 64);
        _fields.Add("room", _body.Text8());
        _fields.Add("ticket", _body.Bytes16());
        BigInteger flags = Flags(1);
        BigInteger epoch = flags == 1 ? _body.Unsigned(8) : 0;
        BigInteger cursor = flags == 1 ? _body.Varint(64) : 0;

        // An epoch of 0 is none: such a message says the same as one without the bracket.
        _fields.Add("flags", epoch == 0 ? 0UL : 1);
        if (epoch != 0)
        {
            _fields.AddHex("epoch", (ulong)epoch, 16);
            _fields.Add("cursor", (ulong)cursor);
        }
    }

    // §6.2
    private void ReadJoined()
    {
        Varint("sequence", 64);
        _fields.Add("room", _body.Text8());
        Hex("epoch", 8);
        Varint("member", 32);
        Varint("slot", 32);
        Unsigned("generation", 1);
        foreach (string field in new[] { "minX", "minY", "minZ", "precision" })
        {
            double value = _body.Real64();
            Require(double.IsFinite(value) && (field != "precision" || value > 0));
            _fields.Add(field, value);
        }

        foreach (string field in new[] { "stepsX", "stepsY", "stepsZ" })
        {
            BigInteger steps = Varint(field, 32);
            Require(steps >= 1 && steps <= BigInteger.Pow(2, 28));
        }

        Varint("tickMicros", 32);
        Varint("ageUnitMicros", 32);
        Varint("capacity", 32);
        Varint("maxObjects", 32);
        Varint("maxValue", 32);
        BigInteger roles = Unsigned("roles", 1);
        Require(roles <= 32);
        for (int i = 0; i < roles; i++)
        {
            Varint("permissions", 32);
            Text("name");
        }
    }

    // §6.3
    private void ReadLeft()
    {
        Varint("sequence", 64);
        Unsigned("reason", 2);
    }

    // §6.4
    private void ReadPresence()
    {
        // Bits 1, 2 and 3 belong to a snapshot, and bit 3 stands in place of bit 2.
        BigInteger flags = Flags(15);
        Require(flags == 0 || !flags.IsEven);
        Require(!(Bit(flags, 2) && Bit(flags, 3)));
        _fields.Add("flags", (ulong)flags);
        Varint("sequence", 64);
        if (!flags.IsEven)
        {
            Hex("epoch", 8);
            Varint("version", 64);
        }

        // The shortest entry is one of kind 1: kind, member and reason take four bytes.
        int count = _body.Count(4);
        _fields.Add("count", (long)count);
        for (int i = 0; i < count; i++)
        {
            BigInteger kind = Unsigned("kind", 1);
            Require(kind <= 2);
            Varint("member", 32);
            if (kind == 0)
            {
                Varint("slot", 32);
                Unsigned("generation", 1);
                Unsigned("role", 1);
                Require(Unsigned("standing", 1) <= 3);
                Text("name");
            }
            else if (kind == 1)
            {
                Unsigned("reason", 2);
            }
            else
            {
                Unsigned("role", 1);
                Require(Unsigned("standing", 1) <= 3);
            }
        }
    }

    // §7.1
    private void ReadSendEvent()
    {
        Varint("sequence", 64);
        BigInteger audience = Unsigned("audience", 1);
        Require(audience <= 4);
        if (audience == 2)
        {
            Varint("member", 32);
        }

        if (audience == 3)
        {
            Varint("roles", 32);
        }

        if (audience == 4)
        {
            _fields.Add("radius", _body.Real32());
        }

        Varint("kind", 32);
        _fields.Add("payload", _body.Rest());
    }

    // §7.2
    private void ReadEvent()
    {
        Varint("sequence", 64);
        Require(Unsigned("audience", 1) <= 4);
        Varint("sender", 32);
        Varint("kind", 32);
        _fields.Add("payload", _body.Rest());
    }

    // §8.3
    private void ReadTransformUpdate()
    {
        int count = _body.Count(1 + 1 + _space.RecordSize);
        Require(count >= 1);
        _fields.Add("count", (long)count);
        for (int i = 0; i < count; i++)
        {
            Varint("slot", 32);
            Unsigned("generation", 1);
            ReadRecord();
        }
    }

    // §8.4
    private void ReadTransformBatch()
    {
        _fields.Add("flags", (ulong)Flags(1));
        Varint("version", 64);
        Varint("presupposes", 64);
        Unsigned("serverMillis", 4);
        int removals = _body.Count(1);
        _fields.Add("removals", (long)removals);
        BigInteger slot = -1;
        for (int i = 0; i < removals; i++)
        {
            slot += Varint("slotDelta", 32) + 1;
            Require(slot < BigInteger.Pow(2, 32));
        }

        int count = _body.Count(1 + _space.RecordSize);
        _fields.Add("count", (long)count);
        slot = -1;
        for (int i = 0; i < count; i++)
        {
            slot += Varint("slotDelta", 32) + 1;
            Require(slot < BigInteger.Pow(2, 32));
            ReadRecord();
        }
    }

    // §8.2: the record as a string of bits, bit 0 first.
    private void ReadRecord()
    {
        string bits = string.Concat(_body.Take(_space.RecordSize).Select(b => new string(Convert.ToString(b, 2).PadLeft(8, '0').Reverse().ToArray())));
        uint extended = Next(1), age = Next(4), x = Next(_space.BitsX), y = Next(_space.BitsY), z = Next(_space.BitsZ), rotation = Next(32);
        _fields.AddRecord(extended == 1, age, x, y, z, rotation);
        if (extended == 1)
        {
            ReadExtension();
        }

        uint Next(int count)
        {
            string field = new(bits[..count].Reverse().ToArray());
            bits = bits[count..];
            return count == 0 ? 0 : Convert.ToUInt32(field, 2);
        }
    }

    private void ReadExtension()
    {
        BigInteger flags = Flags(7);
        _fields.Add("flags", (ulong)flags);
        if ((flags / 2) % 2 == 1)
        {
            _fields.Add("vx", (long)_body.Signed16());
            _fields.Add("vy", (long)_body.Signed16());
            _fields.Add("vz", (long)_body.Signed16());
        }

        if ((flags / 4) % 2 == 1)
        {
            _fields.Add("scale", _body.Real32());
        }
    }

    // §11.3
    private void ReadCreateObject()
    {
        Varint("sequence", 64);

        // Bit 3, locked, is the server's.
        BigInteger flags = Flags(31);
        Require(!Bit(flags, 3));
        _fields.Add("flags", (ulong)flags);
        if (Bit(flags, 4))
        {
            Text("parentName");
        }
        else
        {
            Varint("parent", 32);
        }

        Text("type");
        Text("name");

        // Terms without arguments are three bytes, an empty key and an empty value one each.
        int attributes = _body.Count(5);
        _fields.Add("attributes", (long)attributes);
        for (int i = 0; i < attributes; i++)
        {
            ReadTerms();
            Text("key");
            LongBytes("value");
        }

        if (Bit(flags, 1))
        {
            _fields.Add("place", _body.Rest());
        }
    }

    private void ReadUpdateObject()
    {
        Varint("sequence", 64);
        Varint("object", 32);
        BigInteger fields = Unsigned("fields", 1);
        Require(fields <= 15);
        if (Bit(fields, 0))
        {
            Varint("parent", 32);
        }

        if (Bit(fields, 1))
        {
            Text("type");
        }

        if (Bit(fields, 2))
        {
            Text("name");
        }

        if (Bit(fields, 3))
        {
            BigInteger flags = Unsigned("flags", 1);
            Require(flags == 0 || flags == 1 || flags == 4 || flags == 5);
        }
    }

    private void ReadRemoveObject()
    {
        Varint("sequence", 64);
        Varint("object", 32);
    }

    private void ReadCloneObject()
    {
        Varint("sequence", 64);
        Varint("object", 32);
        Varint("parent", 32);
        Text("name");
    }

    // §11.4
    private void ReadSetAttribute()
    {
        Varint("sequence", 64);
        BigInteger operation = Unsigned("operation", 1);
        Require(operation <= 15);
        BigInteger what = operation % 4;
        ReadTarget();
        if (Bit(operation, 2))
        {
            Varint("expected", 64);
        }

        if (Bit(operation, 3))
        {
            ReadTerms();
        }

        Text("key");
        if (what == 1 || what == 2)
        {
            _fields.Add("path", _body.Bytes8());
        }

        if (what == 0 || what == 1)
        {
            _fields.Add("value", _body.Rest());
        }
    }

    // §11.5
    private void ReadClaim()
    {
        Varint("sequence", 64);
        Varint("object", 32);
        Require(Unsigned("action", 1) <= 4);
        Varint("argument", 32);
    }

    // §11.6
    private void ReadManage()
    {
        Varint("sequence", 64);
        Require(Unsigned("action", 1) <= 10);
        Varint("member", 32);
        Varint("argument", 32);
        Text("text");
    }

    // §11.7
    private void ReadDone()
    {
        Varint("sequence", 64);
        Varint("value", 64);
    }

    // §11.8
    private void ReadState()
    {
        BigInteger flags = Unsigned("flags", 1);
        Require(flags == 0 || flags == 1 || flags == 5);
        Varint("sequence", 64);
        if (flags != 0)
        {
            Hex("epoch", 8);
            Varint("version", 64);
        }

        // The shortest entry is one of kind 1: kind and object take two bytes.
        int count = _body.Count(2);
        _fields.Add("count", (long)count);
        for (int i = 0; i < count; i++)
        {
            ReadStateEntry();
        }
    }

    private void ReadStateEntry()
    {
        BigInteger kind = Unsigned("kind", 1);
        Require(kind <= 4);
        if (kind == 0)
        {
            ReadObject();
            return;
        }

        if (kind == 1)
        {
            Varint("object", 32);
            return;
        }

        ReadTarget();
        Text("key");
        if (kind == 4)
        {
            return;
        }

        if (kind == 2)
        {
            ReadTerms();
        }

        Varint("version", 64);
        Varint("author", 32);
        if (kind == 3)
        {
            _fields.Add("path", _body.Bytes8());
        }

        LongBytes("value");
    }

    private void ReadObject()
    {
        Varint("object", 32);
        BigInteger flags = Unsigned("flags", 1);
        Require(flags <= 31);
        Varint("parent", 32);
        Varint("owner", 32);
        Varint("creator", 32);
        if (Bit(flags, 3))
        {
            Varint("lockHolder", 32);
        }

        if (Bit(flags, 1))
        {
            Varint("slot", 32);
            Unsigned("generation", 1);
        }

        Text("type");
        Text("name");
        if (Bit(flags, 4))
        {
            Text("awaitedParent");
        }
    }

    // §11.2
    private void ReadTarget()
    {
        BigInteger target = Unsigned("target", 1);
        Require(target <= 3);
        if (target == 1 || target == 3)
        {
            Varint("object", 32);
        }

        if (target == 2 || target == 3)
        {
            Varint("member", 32);
        }
    }

    private void ReadTerms()
    {
        Require(Unsigned("terms", 1) <= 7);
        foreach (string whom in new[] { "readers", "writers" })
        {
            BigInteger access = Unsigned(whom, 1);
            Require(access <= 3);
            if (access >= 2)
            {
                Varint("argument", 32);
            }
        }
    }

    private void LongBytes(string field) => _fields.Add(field, _body.Take(_body.Varint(64)));

    private void Text(string field) => _fields.Add(field, _body.Text8());

    private static bool Bit(BigInteger value, int bit) => !(value >> bit).IsEven;

    private BigInteger Flags(int highest)
    {
        BigInteger flags = _body.Unsigned(1);
        Require(flags <= highest);
        return flags;
    }

    private BigInteger Unsigned(string field, int size)
    {
        BigInteger value = _body.Unsigned(size);
        _fields.Add(field, (ulong)value);
        return value;
    }

    private void Hex(string field, int size) => _fields.AddHex(field, (ulong)_body.Unsigned(size), size * 2);

    private BigInteger Varint(string field, int bits)
    {
        BigInteger value = _body.Varint(bits);
        _fields.Add(field, (ulong)value);
        return value;
    }

    private static void Require(bool allowed)
    {
        if (!allowed)
        {
            throw new FormatException("An undefined value.");
        }
    }
}
