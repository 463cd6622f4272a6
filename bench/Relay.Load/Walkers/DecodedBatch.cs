using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Walkers;

/// <summary>
/// A batch whose values have been looked up. All up-to-date members of a room are sent the same bytes, so the look-up is done once and
/// every other copy is compared with it byte for byte: each value is still checked.
/// </summary>
internal sealed class DecodedBatch
{
    private byte[] _body = [];
    private int _length;

    /// <summary>How many entries.</summary>
    public int Count { get; private set; }

    /// <summary>Which walkers; −1 for a slot that nobody holds.</summary>
    public int[] Walkers { get; private set; } = [];

    /// <summary>Which of their values; −1 for one that the walker never had.</summary>
    public int[] Numbers { get; private set; } = [];

    /// <summary>Whether this is what was decoded here.</summary>
    public bool Matches(ReadOnlySpan<byte> body) => body.Length == _length && body.SequenceEqual(_body.AsSpan(0, _length));

    /// <summary>Decodes a body and looks its values up.</summary>
    public ReadStatus Decode(ReadOnlySpan<byte> body, LoadRoom room)
    {
        _length = 0;
        ReadStatus status = TransformBatch.TryBegin(body, room.Space, out TransformBatch batch);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        while (batch.TryReadRemoval(out _))
        {
        }

        Reserve(body.Length, batch.Count);
        int count = 0;
        while (batch.TryReadEntry(out TransformBatchEntry entry))
        {
            int walker = room.WalkerOf(entry.Slot);
            Walkers[count] = walker;
            Numbers[count++] = walker < 0 ? -1 : room.Find(walker, entry.Value.WithoutPrefix());
        }

        Count = count;
        status = batch.Finish();
        if (status == ReadStatus.Ok)
        {
            body.CopyTo(_body);
            _length = body.Length;
        }

        return status;
    }

    private void Reserve(int bytes, int entries)
    {
        if (_body.Length < bytes)
        {
            _body = new byte[bytes * 2];
        }

        if (Walkers.Length < entries)
        {
            Walkers = new int[entries * 2];
            Numbers = new int[entries * 2];
        }
    }
}
