using System.Buffers.Binary;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Transforms;

/// <summary>What an extension after a transform record holds. protocol-spec.md §8.2.</summary>
[Flags]
public enum TransformFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The entity jumped: do not interpolate from the value before.</summary>
    Discontinuity = 1,

    /// <summary>A velocity follows: three <c>i16</c> in centimetres a second.</summary>
    Velocity = 2,

    /// <summary>A uniform scale follows: one <c>f32</c>.</summary>
    Scale = 4,
}

/// <summary>The optional part of a transform. Default is "nothing".</summary>
/// <remarks>Wire: <c>u8 flags | [i16 vx | i16 vy | i16 vz] | [f32 scale]</c>.</remarks>
public readonly record struct TransformExtension
{
    /// <summary>The most bytes that an extension takes.</summary>
    public const int MaxSize = 1 + 6 + 4;

    /// <summary>The smallest scale that is accepted: 0.0001. Below it lie zero, negatives and denormals, which break renderers.</summary>
    public const float MinScale = 1e-4f;

    /// <summary>The largest scale that is accepted: 10,000.</summary>
    public const float MaxScale = 1e4f;

    private const TransformFlags Known = TransformFlags.Discontinuity | TransformFlags.Velocity | TransformFlags.Scale;

    /// <summary>What is present.</summary>
    public TransformFlags Flags { get; init; }

    /// <summary>Velocity along x in cm/s.</summary>
    public short VelocityX { get; init; }

    /// <summary>Velocity along y in cm/s.</summary>
    public short VelocityY { get; init; }

    /// <summary>Velocity along z in cm/s.</summary>
    public short VelocityZ { get; init; }

    /// <summary>Uniform scale, <see cref="MinScale"/> to <see cref="MaxScale"/>, when flagged.</summary>
    public float Scale { get; init; }

    /// <summary>Whether the scale, if flagged, is a number within its range. NaN and the infinities are not.</summary>
    public bool IsValid => (Flags & TransformFlags.Scale) == 0 || (Scale >= MinScale && Scale <= MaxScale);

    internal static TransformExtension Read(scoped ref BodyReader reader)
    {
        var flags = (TransformFlags)reader.ReadByte();
        if ((flags & ~Known) != 0)
        {
            reader.Fail(ReadStatus.BadValue);
            return default;
        }

        var extension = new TransformExtension { Flags = flags };
        if ((flags & TransformFlags.Velocity) != 0)
        {
            extension = extension with
            {
                VelocityX = (short)reader.ReadUInt16(),
                VelocityY = (short)reader.ReadUInt16(),
                VelocityZ = (short)reader.ReadUInt16(),
            };
        }

        if ((flags & TransformFlags.Scale) != 0)
        {
            extension = extension with { Scale = BitConverter.Int32BitsToSingle((int)reader.ReadUInt32()) };
        }

        return extension;
    }

    /// <summary>Writes the extension.</summary>
    /// <param name="destination">At least <see cref="MaxSize"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    internal int Write(Span<byte> destination)
    {
        destination[0] = (byte)Flags;
        int length = 1;
        if ((Flags & TransformFlags.Velocity) != 0)
        {
            BinaryPrimitives.WriteInt16LittleEndian(destination[length..], VelocityX);
            BinaryPrimitives.WriteInt16LittleEndian(destination[(length + 2)..], VelocityY);
            BinaryPrimitives.WriteInt16LittleEndian(destination[(length + 4)..], VelocityZ);
            length += 6;
        }

        if ((Flags & TransformFlags.Scale) != 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(destination[length..], BitConverter.SingleToInt32Bits(Scale));
            length += 4;
        }

        return length;
    }
}
