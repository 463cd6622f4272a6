using Relay.Protocol.Primitives;

namespace Relay.Protocol.Transforms;

/// <summary>A record and its optional extension, as they stand in updates and batches alike. protocol-spec.md §8.2.</summary>
internal static class TransformRecord
{
    public static PackedTransform Read(scoped ref BodyReader reader, RoomSpace space, out TransformExtension extension)
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
