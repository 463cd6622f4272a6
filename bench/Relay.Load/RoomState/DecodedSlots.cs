using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>What a slot holds: a transform without its age, and its extension without the mark of a jump, which depends on the
/// receiver.</summary>
internal readonly record struct SlotValue(PackedTransform Transform, TransformExtension Extension)
{
    public static SlotValue Of(PackedTransform transform, TransformExtension extension) => new(
        transform.WithoutPrefix(), extension with { Flags = extension.Flags & ~TransformFlags.Discontinuity });
}

/// <summary>A batch of transforms, decoded once for all who receive the same bytes.</summary>
internal sealed class DecodedSlots
{
    private byte[] _body = [];
    private int _length = -1;
    private (uint Slot, SlotValue Value)[] _entries = [];
    private uint[] _removals = [];

    public bool IsReset { get; private set; }

    public ulong Version { get; private set; }

    public ulong Presupposes { get; private set; }

    public ReadOnlySpan<(uint Slot, SlotValue Value)> Entries => _entries.AsSpan(0, EntryCount);

    public ReadOnlySpan<uint> Removals => _removals.AsSpan(0, RemovalCount);

    private int EntryCount { get; set; }

    private int RemovalCount { get; set; }

    /// <summary>Whether it has a value for a slot.</summary>
    public bool Tells(uint slot)
    {
        foreach ((uint told, _) in Entries)
        {
            if (told == slot)
            {
                return true;
            }
        }

        return false;
    }

    public bool Matches(ReadOnlySpan<byte> body) => body.Length == _length && body.SequenceEqual(_body.AsSpan(0, _length));

    public ReadStatus Decode(ReadOnlySpan<byte> body, RoomSpace space)
    {
        _length = -1;
        ReadStatus status = TransformBatch.TryBegin(body, space, out TransformBatch batch);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        (IsReset, Version, Presupposes) = ((batch.Flags & BatchFlags.Reset) != 0, batch.Version, batch.Presupposes);
        (EntryCount, RemovalCount) = (0, 0);
        Reserve(ref _removals, batch.RemovalCount);
        while (batch.TryReadRemoval(out uint slot))
        {
            _removals[RemovalCount++] = slot;
        }

        Reserve(ref _entries, batch.Count);
        while (batch.TryReadEntry(out TransformBatchEntry entry))
        {
            _entries[EntryCount++] = (entry.Slot, SlotValue.Of(entry.Value, entry.Extension));
        }

        status = batch.Finish();
        if (status == ReadStatus.Ok)
        {
            Reserve(ref _body, body.Length);
            body.CopyTo(_body);
            _length = body.Length;
        }

        return status;
    }

    private static void Reserve<T>(ref T[] array, int count)
    {
        if (array.Length < count)
        {
            array = new T[count * 2];
        }
    }
}
