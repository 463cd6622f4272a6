using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Recording;

/// <summary>The beginning of a recording (<c>.rlog</c>): whose it is and how to read it. protocol-spec.md §12.</summary>
/// <remarks>Wire: the eight bytes of <see cref="Magic"/>, then <c>string8 room | u64 epoch | u64 startedMillis | u64 clock | f64 minX | f64
/// minY | f64 minZ | f64 precision | varint stepsX | varint stepsY | varint stepsZ | varint tickMicros | varint
/// ageUnitMicros</c>.</remarks>
public readonly ref struct RecordingHeader
{
    /// <summary>The most bytes that it takes.</summary>
    public const int MaxSize = 8 + 1 + byte.MaxValue + 8 + 8 + 8 + (4 * 8) + (5 * 5);

    /// <summary>The first eight bytes of every recording; the last is the version of the format.</summary>
    public static ReadOnlySpan<byte> Magic => [0xF1, (byte)'R', (byte)'L', (byte)'O', (byte)'G', (byte)'\r', (byte)'\n', 1];

    /// <summary>The room's name, in UTF-8.</summary>
    public ReadOnlySpan<byte> RoomUtf8 { get; init; }

    /// <summary>The room's epoch.</summary>
    public ulong Epoch { get; init; }

    /// <summary>When the recording was asked for: milliseconds since 1970 in UTC.</summary>
    public ulong StartedMillis { get; init; }

    /// <summary>The server's clock at that moment, in microseconds: the clock of the records.</summary>
    public ulong Clock { get; init; }

    /// <summary>The room's measures; <c>null</c> only before reading.</summary>
    public RoomSpace? Space { get; init; }

    /// <summary>Microseconds between batches.</summary>
    public uint TickMicros { get; init; }

    /// <summary>Microseconds for one unit of a sample's age.</summary>
    public uint AgeUnitMicros { get; init; }

    /// <summary>Reads the header.</summary>
    /// <param name="source">The recording from its first byte on; more may follow.</param>
    /// <param name="header">The header when the answer is <see cref="ReadStatus.Ok"/>.</param>
    /// <param name="length">How many bytes it took.</param>
    /// <returns><see cref="ReadStatus.Truncated"/> when there are not enough bytes; <see cref="ReadStatus.BadValue"/> when it is no
    /// recording, or of another version.</returns>
    public static ReadStatus TryRead(ReadOnlySpan<byte> source, out RecordingHeader header, out int length)
    {
        var reader = new BodyReader(source);
        ReadOnlySpan<byte> magic = reader.Take(Magic.Length);
        if (reader.Status == ReadStatus.Ok && !magic.SequenceEqual(Magic))
        {
            reader.Fail(ReadStatus.BadValue);
        }

        ReadOnlySpan<byte> room = reader.ReadUtf8String8();
        ulong epoch = reader.ReadUInt64();
        ulong started = reader.ReadUInt64();
        ulong clock = reader.ReadUInt64();
        RoomSpace? space = RoomSpace.Read(ref reader);

        header = new RecordingHeader
        {
            RoomUtf8 = room,
            Epoch = epoch,
            StartedMillis = started,
            Clock = clock,
            Space = space,
            TickMicros = reader.ReadVarint32(),
            AgeUnitMicros = reader.ReadVarint32(),
        };
        length = reader.Position;
        return reader.Status;
    }

    /// <summary>Writes the header. <see cref="Space"/> must be set.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        RoomSpace space = Space ?? throw new InvalidOperationException("RecordingHeader.Space must be set before writing.");
        writer.WriteRaw(Magic);
        writer.WriteBytes8(RoomUtf8);
        writer.WriteUInt64(Epoch);
        writer.WriteUInt64(StartedMillis);
        writer.WriteUInt64(Clock);
        space.Write(ref writer);
        writer.WriteVarint(TickMicros);
        writer.WriteVarint(AgeUnitMicros);
    }
}
