using System.Buffers.Binary;

namespace Relay.Protocol.Frames;

/// <summary>
/// The four bytes before every frame body: a little-endian 32-bit word whose low 24 bits are the body's length in bytes
/// and whose high 8 bits are the <see cref="FrameType"/>. protocol-spec.md §3.
/// </summary>
/// <remarks>Wire: <c>u24 bodyLength | u8 type</c>.</remarks>
public readonly struct FrameHeader
{
    /// <summary>Bytes in a header: 4.</summary>
    public const int Size = 4;

    /// <summary>The longest body that 24 bits can announce: 16,777,215 bytes. Limits in force are far lower (§5.2).</summary>
    public const int MaxBodyLength = 0xFF_FFFF;

    /// <summary>Set in a type byte: a receiver that does not know the type skips the frame. §3.2.</summary>
    public const byte OptionalBit = 0x80;

    /// <summary>Makes a header.</summary>
    /// <param name="type">The frame's type; unknown values are allowed.</param>
    /// <param name="bodyLength">Bytes of body, 0 to <see cref="MaxBodyLength"/>.</param>
    public FrameHeader(FrameType type, int bodyLength)
    {
        Type = type;
        BodyLength = bodyLength;
    }

    /// <summary>The type as it stands on the wire; it need not be a member of the enum.</summary>
    public FrameType Type { get; }

    /// <summary>Bytes of body that follow the header.</summary>
    public int BodyLength { get; }

    /// <summary>Whether a receiver that does not know <see cref="Type"/> may skip the frame.</summary>
    public bool IsOptional => ((byte)Type & OptionalBit) != 0;

    /// <summary>Reads a header.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes.</param>
    public static FrameHeader Read(ReadOnlySpan<byte> source)
    {
        uint word = BinaryPrimitives.ReadUInt32LittleEndian(source);
        return new FrameHeader((FrameType)(word >> 24), (int)(word & MaxBodyLength));
    }

    /// <summary>Writes this header.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> destination) =>
        BinaryPrimitives.WriteUInt32LittleEndian(destination, ((uint)Type << 24) | (uint)BodyLength);
}
