using Relay.Protocol.Transforms;

namespace Relay.Microbench.Kit;

/// <summary>Values to measure with: people standing about in a default room, the same each time.</summary>
internal static class Samples
{
    public static RoomSpace Space => RoomSpace.Default;

    public static Transform Transform(int i) =>
        new((i % 100) - 50.123, 1.6, (i / 100) - 20.456, 0, (float)Math.Sin(i), 0, (float)Math.Cos(i));

    public static PackedTransform Packed(int i) =>
        Space.TryPack(Transform(i), out PackedTransform packed) == PackStatus.Ok ? packed : throw new InvalidOperationException("A sample lies outside the room.");

    /// <summary>A batch frame of so many entries without extensions.</summary>
    public static byte[] Batch(int entities)
    {
        byte[] bytes = new byte[TransformBatchWriter.MaxSize(0, entities, 0, Space)];
        return bytes[..WriteBatch(bytes, [.. Enumerable.Range(0, entities).Select(Packed)])];
    }

    public static int WriteBatch(Span<byte> destination, PackedTransform[] values)
    {
        var writer = new TransformBatchWriter(destination, Space, BatchFlags.None, version: 1000, presupposes: 10, serverMillis: 123_456, removals: 0);
        writer.BeginEntries(values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            writer.Add((uint)i, values[i]);
        }

        return writer.Finish();
    }
}
