namespace Relay.Protocol.Transforms;

/// <summary>
/// A transform as it stands on the wire, in the low <see cref="RoomSpace.RecordBits"/> bits of a 128-bit little-endian number. From bit
/// 0: one bit "extension follows", four bits age, x, y, z in the room's bits per axis, 32 bits rotation; the rest is zero.
/// protocol-spec.md §8.2. The server stores and forwards this form: it never unpacks what it relays.
/// </summary>
/// <param name="Low">Bits 0 to 63.</param>
/// <param name="High">Bits 64 to 127.</param>
public readonly record struct PackedTransform(ulong Low, ulong High)
{
    /// <summary>Bits before x: the extension bit and the age.</summary>
    public const int PrefixBits = 5;

    /// <summary>The greatest age that four bits hold: it means "this many units or more".</summary>
    public const uint MaxAge = 15;

    private const ulong ExtensionBit = 1;
    private const ulong AgeMask = 0xFUL << 1;

    /// <summary>Whether an extension follows the record.</summary>
    public bool HasExtension => (Low & ExtensionBit) != 0;

    /// <summary>How old the sample was when the record was written, in the room's age units; 15 means 15 or more.</summary>
    public uint Age => (uint)((Low & AgeMask) >> 1);

    /// <summary>The same value with another prefix.</summary>
    /// <param name="age">Age in the room's units; more than 15 becomes 15.</param>
    /// <param name="hasExtension">Whether an extension follows.</param>
    public PackedTransform WithPrefix(uint age, bool hasExtension)
    {
        ulong prefix = ((ulong)Math.Min(age, MaxAge) << 1) | (hasExtension ? ExtensionBit : 0);
        return this with { Low = (Low & ~(AgeMask | ExtensionBit)) | prefix };
    }

    /// <summary>The same value with age and extension bit zero: equal transforms are then equal numbers.</summary>
    public PackedTransform WithoutPrefix() => this with { Low = Low & ~(AgeMask | ExtensionBit) };

    /// <summary>Takes <paramref name="count"/> bits from bit <paramref name="offset"/> on.</summary>
    /// <param name="offset">First bit, 0 to 127.</param>
    /// <param name="count">How many, 0 to 32.</param>
    public uint Bits(int offset, int count)
    {
        ulong window = offset switch
        {
            0 => Low,
            < 64 => (Low >> offset) | (High << (64 - offset)),
            _ => High >> (offset - 64),
        };
        return (uint)(window & ((1UL << count) - 1));
    }

    internal PackedTransform WithBits(int offset, uint value)
    {
        ulong wide = value;
        return offset switch
        {
            0 => this with { Low = Low | wide },
            < 64 => new PackedTransform(Low | (wide << offset), High | (wide >> (64 - offset))),
            _ => this with { High = High | (wide << (offset - 64)) },
        };
    }
}
