using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Transforms;

/// <summary>How packing a transform went.</summary>
public enum PackStatus : byte
{
    /// <summary>Packed.</summary>
    Ok,

    /// <summary>A coordinate is NaN or infinite.</summary>
    NotFinite,

    /// <summary>A coordinate lies outside the room.</summary>
    OutOfBounds,
}

/// <summary>
/// The measures of a room: where it lies, how finely positions are told, and from that the bits and bytes of a transform record.
/// A coordinate is the whole number <c>q</c> of steps from the low bound, 0 ≤ q &lt; steps; the value is <c>min + q × precision</c>.
/// protocol-spec.md §8.1.
/// </summary>
/// <remarks>Immutable; safe to share between threads. A 131.072 m cube at 1 mm takes 17 bits per axis: an 11-byte record.</remarks>
public sealed class RoomSpace
{
    /// <summary>The most bits per axis: 28, so that any record fits 128 bits.</summary>
    public const int MaxAxisBits = 28;

    /// <summary>The most bytes of a record: 16.</summary>
    public const int MaxRecordSize = 16;

    private readonly int _offsetY;
    private readonly int _offsetZ;
    private readonly int _offsetRotation;
    private readonly ulong _maskLow;
    private readonly ulong _maskHigh;

    private RoomSpace(double minX, double minY, double minZ, double precision, uint stepsX, uint stepsY, uint stepsZ)
    {
        (MinX, MinY, MinZ, Precision) = (minX, minY, minZ, precision);
        (StepsX, StepsY, StepsZ) = (stepsX, stepsY, stepsZ);
        (BitsX, BitsY, BitsZ) = (BitsFor(stepsX), BitsFor(stepsY), BitsFor(stepsZ));
        _offsetY = PackedTransform.PrefixBits + BitsX;
        _offsetZ = _offsetY + BitsY;
        _offsetRotation = _offsetZ + BitsZ;
        RecordBits = _offsetRotation + 32;
        RecordSize = (RecordBits + 7) / 8;
        _maskLow = RecordBits >= 64 ? ulong.MaxValue : (1UL << RecordBits) - 1;
        _maskHigh = RecordBits >= 64 ? (1UL << (RecordBits - 64)) - 1 : 0;
    }

    /// <summary>A cube of 131.072 m about the origin at 1 mm: 17 bits per axis, 12 bytes per entity in a batch. The default of a
    /// room.</summary>
    public static RoomSpace Default { get; } = Create(-65.536, -65.536, -65.536, 65.536, 65.536, 65.536, 0.001);

    /// <summary>Lowest x in metres.</summary>
    public double MinX { get; }

    /// <summary>Lowest y in metres.</summary>
    public double MinY { get; }

    /// <summary>Lowest z in metres.</summary>
    public double MinZ { get; }

    /// <summary>Metres in one step.</summary>
    public double Precision { get; }

    /// <summary>How many values x can take.</summary>
    public uint StepsX { get; }

    /// <summary>How many values y can take.</summary>
    public uint StepsY { get; }

    /// <summary>How many values z can take.</summary>
    public uint StepsZ { get; }

    /// <summary>Bits of x on the wire.</summary>
    public int BitsX { get; }

    /// <summary>Bits of y on the wire.</summary>
    public int BitsY { get; }

    /// <summary>Bits of z on the wire.</summary>
    public int BitsZ { get; }

    /// <summary>Bits of a record.</summary>
    public int RecordBits { get; }

    /// <summary>Bytes of a record: <see cref="RecordBits"/> rounded up.</summary>
    public int RecordSize { get; }

    /// <summary>Makes a space from bounds.</summary>
    /// <param name="minX">Lowest x in metres.</param>
    /// <param name="minY">Lowest y in metres.</param>
    /// <param name="minZ">Lowest z in metres.</param>
    /// <param name="maxX">First x beyond the room, in metres.</param>
    /// <param name="maxY">First y beyond the room, in metres.</param>
    /// <param name="maxZ">First z beyond the room, in metres.</param>
    /// <param name="precision">Metres in one step.</param>
    /// <exception cref="ArgumentException">The measures make no space; the message says which and why.</exception>
    public static RoomSpace Create(double minX, double minY, double minZ, double maxX, double maxY, double maxZ, double precision)
    {
        string? problem = TryCreate(
            minX, minY, minZ, precision, Steps(minX, maxX), Steps(minY, maxY), Steps(minZ, maxZ), out RoomSpace? space);
        return space ?? throw new ArgumentException(problem);

        uint Steps(double min, double max)
        {
            // A hair under the quotient, so that 131.072 / 0.001 is 131,072 steps and not one more for a rounding error.
            double steps = Math.Ceiling(((max - min) / precision) - 1e-6);
            return steps >= 1 && steps <= uint.MaxValue ? (uint)steps : 0;
        }
    }

    /// <summary>Makes a space from what a Joined frame says.</summary>
    /// <param name="minX">Lowest x in metres.</param>
    /// <param name="minY">Lowest y in metres.</param>
    /// <param name="minZ">Lowest z in metres.</param>
    /// <param name="precision">Metres in one step, more than zero.</param>
    /// <param name="stepsX">Values of x, 1 to 2^28.</param>
    /// <param name="stepsY">Values of y, 1 to 2^28.</param>
    /// <param name="stepsZ">Values of z, 1 to 2^28.</param>
    /// <param name="space">The space, or <c>null</c>.</param>
    /// <returns><c>null</c>, or one line that says what is wrong.</returns>
    public static string? TryCreate(
        double minX, double minY, double minZ, double precision, uint stepsX, uint stepsY, uint stepsZ, out RoomSpace? space)
    {
        space = null;
        if (!IsFinite(precision) || precision <= 0)
        {
            return "Precision must be a positive number of metres; it is " + precision.ToString(CultureInfo.InvariantCulture) + ".";
        }

        if (!IsFinite(minX) || !IsFinite(minY) || !IsFinite(minZ))
        {
            return "Bounds must be finite numbers of metres.";
        }

        const uint MaxSteps = 1u << MaxAxisBits;
        if (stepsX is 0 or > MaxSteps || stepsY is 0 or > MaxSteps || stepsZ is 0 or > MaxSteps)
        {
            return $"Each axis must hold 1 to {MaxSteps} steps of the precision; " +
                $"they hold {stepsX}, {stepsY} and {stepsZ} (0: none, or too many).";
        }

        space = new RoomSpace(minX, minY, minZ, precision, stepsX, stepsY, stepsZ);
        return null;
    }

    /// <summary>Packs a transform, with age zero and no extension.</summary>
    /// <param name="transform">Metres and a quaternion.</param>
    /// <param name="packed">The packed form when the answer is <see cref="PackStatus.Ok"/>.</param>
    public PackStatus TryPack(in Transform transform, out PackedTransform packed)
    {
        packed = default;
        if (!IsFinite(transform.X) || !IsFinite(transform.Y) || !IsFinite(transform.Z))
        {
            return PackStatus.NotFinite;
        }

        if (!Quantize(transform.X - MinX, StepsX, out uint x) ||
            !Quantize(transform.Y - MinY, StepsY, out uint y) ||
            !Quantize(transform.Z - MinZ, StepsZ, out uint z))
        {
            return PackStatus.OutOfBounds;
        }

        packed = Pack(x, y, z, SmallestThree.Pack(transform.RotationX, transform.RotationY, transform.RotationZ, transform.RotationW));
        return PackStatus.Ok;
    }

    /// <summary>Packs steps and a packed rotation, with age zero and no extension. The caller answers for the bounds.</summary>
    /// <param name="x">Steps along x.</param>
    /// <param name="y">Steps along y.</param>
    /// <param name="z">Steps along z.</param>
    /// <param name="rotation">See <see cref="SmallestThree"/>.</param>
    public PackedTransform Pack(uint x, uint y, uint z, uint rotation) =>
        default(PackedTransform)
            .WithBits(PackedTransform.PrefixBits, x)
            .WithBits(_offsetY, y)
            .WithBits(_offsetZ, z)
            .WithBits(_offsetRotation, rotation);

    /// <summary>Unpacks a transform.</summary>
    /// <param name="packed">A value that is within the bounds.</param>
    public Transform Unpack(in PackedTransform packed)
    {
        (uint x, uint y, uint z, uint rotation) = UnpackSteps(packed);
        (float rx, float ry, float rz, float rw) = SmallestThree.Unpack(rotation);
        return new Transform(MinX + (x * Precision), MinY + (y * Precision), MinZ + (z * Precision), rx, ry, rz, rw);
    }

    /// <summary>Takes the fields apart without turning them into metres.</summary>
    /// <param name="packed">Any value.</param>
    public (uint X, uint Y, uint Z, uint Rotation) UnpackSteps(in PackedTransform packed) => (
        packed.Bits(PackedTransform.PrefixBits, BitsX),
        packed.Bits(_offsetY, BitsY),
        packed.Bits(_offsetZ, BitsZ),
        packed.Bits(_offsetRotation, 32));

    /// <summary>Whether every coordinate is below its number of steps.</summary>
    /// <param name="packed">Any value.</param>
    public bool Contains(in PackedTransform packed) =>
        packed.Bits(PackedTransform.PrefixBits, BitsX) < StepsX &&
        packed.Bits(_offsetY, BitsY) < StepsY &&
        packed.Bits(_offsetZ, BitsZ) < StepsZ;

    /// <summary>Reads a record. Bits past <see cref="RecordBits"/> are dropped.</summary>
    /// <param name="source">At least <see cref="RecordSize"/> bytes.</param>
    public PackedTransform ReadRecord(ReadOnlySpan<byte> source)
    {
        if (source.Length >= MaxRecordSize)
        {
            // Almost every record has sixteen readable bytes from its start on: two loads and two masks.
            return new PackedTransform(
                BinaryPrimitives.ReadUInt64LittleEndian(source) & _maskLow,
                BinaryPrimitives.ReadUInt64LittleEndian(source[8..]) & _maskHigh);
        }

        Span<byte> padded = stackalloc byte[MaxRecordSize];
        padded.Clear();
        source[..RecordSize].CopyTo(padded);
        return new PackedTransform(
            BinaryPrimitives.ReadUInt64LittleEndian(padded) & _maskLow,
            BinaryPrimitives.ReadUInt64LittleEndian(padded[8..]) & _maskHigh);
    }

    /// <summary>Writes a record.</summary>
    /// <param name="destination">At least <see cref="MaxRecordSize"/> bytes, of which <see cref="RecordSize"/> stay: the rest may be
    /// written over with zeros.</param>
    /// <param name="packed">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteRecord(Span<byte> destination, in PackedTransform packed)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, packed.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], packed.High);
    }

    /// <summary>Reads the measures as Joined and recordings have them; a failure is the reader's.</summary>
    internal static RoomSpace? Read(scoped ref BodyReader reader)
    {
        double minX = reader.ReadDouble();
        double minY = reader.ReadDouble();
        double minZ = reader.ReadDouble();
        double precision = reader.ReadDouble();
        uint stepsX = reader.ReadVarint32();
        uint stepsY = reader.ReadVarint32();
        uint stepsZ = reader.ReadVarint32();
        if (TryCreate(minX, minY, minZ, precision, stepsX, stepsY, stepsZ, out RoomSpace? space) is not null)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        return space;
    }

    /// <summary>Writes the measures as Joined and recordings have them.</summary>
    internal void Write(ref FrameWriter writer)
    {
        writer.WriteDouble(MinX);
        writer.WriteDouble(MinY);
        writer.WriteDouble(MinZ);
        writer.WriteDouble(Precision);
        writer.WriteVarint(StepsX);
        writer.WriteVarint(StepsY);
        writer.WriteVarint(StepsZ);
    }

    private static int BitsFor(uint steps)
    {
        int bits = 0;
        while (bits < 32 && (1UL << bits) < steps)
        {
            bits++;
        }

        return bits;
    }

    private static bool IsFinite(double value) => !double.IsNaN(value) && !double.IsInfinity(value);

    private bool Quantize(double distance, uint steps, out uint q)
    {
        // The room is half open: a value just under the high bound rounds to the last step, not past it.
        double exact = distance / Precision;
        double rounded = Math.Round(exact);
        if (rounded == steps && exact < steps)
        {
            rounded = steps - 1;
        }

        if (!(rounded >= 0 && rounded < steps))
        {
            q = 0;
            return false;
        }

        q = (uint)rounded;
        return true;
    }
}
