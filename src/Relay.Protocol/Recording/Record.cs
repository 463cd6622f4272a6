using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Recording;

/// <summary>One record of a recording: a frame, when, and whose. protocol-spec.md §12.</summary>
/// <remarks>Wire: <c>u64 time | u8 kind | varint member | varint length | frames</c>.</remarks>
public readonly ref struct Record
{
    /// <summary>The most bytes that a record takes beside the frames.</summary>
    public const int MaxOverhead = 8 + 1 + 5 + 5;

    /// <summary>When, on the server's clock in microseconds. Records stand in the order of time.</summary>
    public ulong Time { get; init; }

    /// <summary>What it holds.</summary>
    public RecordKind Kind { get; init; }

    /// <summary>In: the member that sent it. Out: the one that it was for, or 0 for all or some.</summary>
    public uint Member { get; init; }

    /// <summary>Whole frames, headers included; usually one. Empty in a gap.</summary>
    public ReadOnlySpan<byte> Frames { get; init; }

    /// <summary>Reads a record.</summary>
    /// <param name="source">The recording from this record on; more may follow.</param>
    /// <param name="record">The record when the answer is <see cref="ReadStatus.Ok"/>.</param>
    /// <param name="length">How many bytes it took.</param>
    /// <returns><see cref="ReadStatus.Truncated"/> when there are not enough bytes yet.</returns>
    public static ReadStatus TryRead(ReadOnlySpan<byte> source, out Record record, out int length)
    {
        var reader = new BodyReader(source);
        ulong time = reader.ReadUInt64();
        byte kind = reader.ReadByte();
        uint member = reader.ReadVarint32();
        uint size = reader.ReadVarint32();
        if (kind > (byte)RecordKind.Gap || size > FrameHeader.MaxBodyLength)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        record = new Record
        {
            Time = time,
            Kind = (RecordKind)kind,
            Member = member,
            Frames = reader.Take((int)Math.Min(size, int.MaxValue)),
        };
        length = reader.Position;
        return reader.Status;
    }

    /// <summary>Writes the record.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.WriteUInt64(Time);
        writer.WriteByte((byte)Kind);
        writer.WriteVarint(Member);
        writer.WriteVarint((ulong)Frames.Length);
        writer.WriteRaw(Frames);
    }
}
