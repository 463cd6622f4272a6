using FsCheck;
using FsCheck.Fluent;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>Quantisation of positions (§8.1) in rooms of any measures.</summary>
public class RoomSpaceTests
{
    /// <summary>Rooms from one step to 2^28 along each axis, at precisions from 0.1 mm to 10 m, anywhere within 100 km.</summary>
    public static Gen<RoomSpace> Spaces { get; } =
        from precision in Gen.Elements(0.0001, 0.001, 0.005, 0.01, 1.0 / 3, 0.25, 1, 10)
        from corner in Gen.Choose(-100_000_000, 100_000_000).Three()
        from steps in Gen.Choose(0, RoomSpace.MaxAxisBits).SelectMany(bits => Gen.Choose(1, 1 << bits)).Three()
        select Make(corner.Item1 / 1000.0, corner.Item2 / 1000.0, corner.Item3 / 1000.0, precision, (uint)steps.Item1, (uint)steps.Item2, (uint)steps.Item3);

    /// <summary>A point of the unit cube, often on its faces.</summary>
    private static readonly Gen<(double X, double Y, double Z)> Points = Gen.OneOf(
        Gen.Elements(0.0, 1.0, 0.5),
        Gen.Choose(0, int.MaxValue).Select(value => (double)value / int.MaxValue)).Three().Select(point => (point.Item1, point.Item2, point.Item3));

    [Fact]
    public void Position_comes_back_within_half_a_step() => Properties.ForAll(
        from space in Spaces
        from point in Points
        select (space, point),
        given =>
        {
            (RoomSpace space, (double X, double Y, double Z) point) = given;
            var transform = new Transform(
                space.MinX + (point.X * (space.StepsX - 0.5) * space.Precision),
                space.MinY + (point.Y * (space.StepsY - 0.5) * space.Precision),
                space.MinZ + (point.Z * (space.StepsZ - 0.5) * space.Precision));
            Assert.Equal(PackStatus.Ok, space.TryPack(transform, out PackedTransform packed));
            Assert.True(space.Contains(packed));
            Transform back = space.Unpack(packed);
            double most = (space.Precision / 2) + 1e-9;
            Assert.InRange(Math.Abs(back.X - transform.X), 0, most + Ulps(space.MinX, space.StepsX * space.Precision));
            Assert.InRange(Math.Abs(back.Y - transform.Y), 0, most + Ulps(space.MinY, space.StepsY * space.Precision));
            Assert.InRange(Math.Abs(back.Z - transform.Z), 0, most + Ulps(space.MinZ, space.StepsZ * space.Precision));
        },
        2_000);

    [Fact]
    public void Steps_and_rotation_come_back_exactly() => Properties.ForAll(
        from space in Spaces
        from point in Points
        from rotation in Properties.UInt32
        select (space, point, rotation),
        given =>
        {
            (RoomSpace space, (double X, double Y, double Z) point, uint rotation) = given;
            uint x = (uint)(point.X * (space.StepsX - 1)), y = (uint)(point.Y * (space.StepsY - 1)), z = (uint)(point.Z * (space.StepsZ - 1));
            PackedTransform packed = space.Pack(x, y, z, rotation).WithPrefix(15, true);
            byte[] bytes = new byte[RoomSpace.MaxRecordSize];
            RoomSpace.WriteRecord(bytes, packed);
            Assert.All(bytes.Skip(space.RecordSize), b => Assert.Equal(0, b));

            // From exactly as many bytes, and from a longer buffer whose other bytes are not zero.
            Assert.Equal(packed, space.ReadRecord(bytes.AsSpan(0, space.RecordSize)));
            bytes.AsSpan(space.RecordSize).Fill(0xFF);
            Assert.Equal(packed, space.ReadRecord(bytes));
            Assert.Equal((x, y, z, rotation), space.UnpackSteps(packed));
            Assert.Equal((15u, true), (packed.Age, packed.HasExtension));
            Assert.Equal(space.Pack(x, y, z, rotation), packed.WithoutPrefix());
        },
        1_000);

    [Theory]
    [InlineData(131.072, 17, 11)]
    [InlineData(1_000, 20, 13)]
    [InlineData(268_435.456, 28, 16)]
    [InlineData(0.001, 0, 5)]
    public void Cube_at_one_millimetre_takes_the_bits_that_the_document_says(double side, int bits, int recordSize)
    {
        RoomSpace space = RoomSpace.Create(-side / 2, 0, 5, side / 2, side, 5 + side, 0.001);
        Assert.Equal((bits, bits, bits, recordSize), (space.BitsX, space.BitsY, space.BitsZ, space.RecordSize));
    }

    [Fact]
    public void Default_is_a_cube_of_131_072_steps()
    {
        Assert.Equal((131_072u, 131_072u, 131_072u), (RoomSpace.Default.StepsX, RoomSpace.Default.StepsY, RoomSpace.Default.StepsZ));
        Assert.Equal(11, RoomSpace.Default.RecordSize);
    }

    [Fact]
    public void Position_just_under_the_high_bound_takes_the_last_step()
    {
        Assert.Equal(PackStatus.Ok, RoomSpace.Default.TryPack(new Transform(65.536 - 1e-9, 0, 0), out PackedTransform packed));
        Assert.Equal(131_071u, RoomSpace.Default.UnpackSteps(packed).X);
    }

    [Theory]
    [InlineData(65.536)]
    [InlineData(65.6)]
    [InlineData(-65.537)]
    [InlineData(1e38)]
    [InlineData(-1e38)]
    [InlineData(double.MaxValue)]
    public void Position_outside_is_out_of_bounds_on_every_axis(double value)
    {
        Assert.Equal(PackStatus.OutOfBounds, RoomSpace.Default.TryPack(new Transform(value, 0, 0), out _));
        Assert.Equal(PackStatus.OutOfBounds, RoomSpace.Default.TryPack(new Transform(0, value, 0), out _));
        Assert.Equal(PackStatus.OutOfBounds, RoomSpace.Default.TryPack(new Transform(0, 0, value), out _));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Position_that_is_no_number_is_not_finite_on_every_axis(double value)
    {
        Assert.Equal(PackStatus.NotFinite, RoomSpace.Default.TryPack(new Transform(value, 0, 0), out _));
        Assert.Equal(PackStatus.NotFinite, RoomSpace.Default.TryPack(new Transform(0, value, 0), out _));
        Assert.Equal(PackStatus.NotFinite, RoomSpace.Default.TryPack(new Transform(0, 0, value), out _));
    }

    [Theory]
    [InlineData(0, 0, 0, 0, 1u, 1u, 1u)]
    [InlineData(0, 0, 0, -0.001, 1u, 1u, 1u)]
    [InlineData(0, 0, 0, double.NaN, 1u, 1u, 1u)]
    [InlineData(0, 0, 0, double.PositiveInfinity, 1u, 1u, 1u)]
    [InlineData(double.NaN, 0, 0, 0.001, 1u, 1u, 1u)]
    [InlineData(0, double.PositiveInfinity, 0, 0.001, 1u, 1u, 1u)]
    [InlineData(0, 0, double.NegativeInfinity, 0.001, 1u, 1u, 1u)]
    [InlineData(0, 0, 0, 0.001, 0u, 1u, 1u)]
    [InlineData(0, 0, 0, 0.001, 1u, (1u << 28) + 1, 1u)]
    [InlineData(0, 0, 0, 0.001, 1u, 1u, uint.MaxValue)]
    public void Measures_that_make_no_space_are_told_in_one_line(double x, double y, double z, double precision, uint stepsX, uint stepsY, uint stepsZ)
    {
        string? problem = RoomSpace.TryCreate(x, y, z, precision, stepsX, stepsY, stepsZ, out RoomSpace? space);
        Assert.NotNull(problem);
        Assert.DoesNotContain('\n', problem);
        Assert.Null(space);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, -1)]
    [InlineData(0, 1e12)]
    [InlineData(0, double.PositiveInfinity)]
    [InlineData(0, double.NaN)]
    public void Bounds_that_make_no_space_throw(double min, double max)
    {
        Assert.Throws<ArgumentException>(() => RoomSpace.Create(min, 0, 0, max, 1, 1, 0.001));
    }

    private static double Ulps(double min, double extent) => 8 * (Math.BitIncrement(Math.Abs(min) + extent) - (Math.Abs(min) + extent));

    private static RoomSpace Make(double x, double y, double z, double precision, uint stepsX, uint stepsY, uint stepsZ)
    {
        Assert.Null(RoomSpace.TryCreate(x, y, z, precision, stepsX, stepsY, stepsZ, out RoomSpace? space));
        return space!;
    }
}
