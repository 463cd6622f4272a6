using Relay.Protocol.Primitives;

namespace Relay.Protocol.Transforms;

/// <summary>A record and its optional extension, as they stand in updates and batches alike. protocol-spec.md §8.2.</summary>
public static class TransformRecord
{
    /// <summary>The most bytes that a record takes with its extension.</summary>
    public const int MaxSize = RoomSpace.MaxRecordSize + TransformExtension.MaxSize;

    /// <summary>Reads one record, with its extension and nothing behind it. Bounds and values are the caller's to check.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="space">The room's measures.</param>
    /// <param name="value">The record.</param>
    /// <param name="extension">What follows it; default when nothing does.</param>
    public static ReadStatus TryRead(
        ReadOnlySpan<byte> source, RoomSpace space, out PackedTransform value, out TransformExtension extension)
    {
        var reader = new BodyReader(source);
        value = Read(ref reader, space, out extension);
        return reader.Finish();
    }

    internal static PackedTransform Read(scoped ref BodyReader reader, RoomSpace space, out TransformExtension extension)
    {
        extension = default;
        ReadOnlySpan<byte> bytes = reader.TakeWindow(space.RecordSize, RoomSpace.MaxRecordSize);
        if (bytes.IsEmpty)
        {
            return default;
        }

        PackedTransform value = space.ReadRecord(bytes);
        if (value.HasExtension)
        {
            extension = TransformExtension.Read(ref reader);
        }

        return value;
    }

    /// <summary>Writes a record and its extension.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="space">The room's measures.</param>
    /// <param name="value">The record; its extension bit is set from the extension's flags.</param>
    /// <param name="extension">What follows it.</param>
    public static void Write(scoped ref FrameWriter writer, RoomSpace space, in PackedTransform value, in TransformExtension extension)
    {
        bool extended = extension.Flags != TransformFlags.None;
        Span<byte> record = stackalloc byte[RoomSpace.MaxRecordSize];
        RoomSpace.WriteRecord(record, value.WithPrefix(value.Age, extended));
        writer.WriteRaw(record[..space.RecordSize]);
        if (extended)
        {
            Span<byte> bytes = stackalloc byte[TransformExtension.MaxSize];
            writer.WriteRaw(bytes[..extension.Write(bytes)]);
        }
    }
}
