using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>The batches of late: members that are up to date are sent the same bytes, so they are decoded once.</summary>
internal sealed class BatchCache
{
    private const int Kept = 4;

    private readonly DecodedSlots[] _batches = [.. Enumerable.Range(0, Kept).Select(_ => new DecodedSlots())];
    private int _newest;

    public ReadStatus Get(ReadOnlySpan<byte> body, RoomSpace space, out DecodedSlots batch)
    {
        for (int i = 0; i < Kept; i++)
        {
            batch = _batches[(_newest + i) % Kept];
            if (batch.Matches(body))
            {
                return ReadStatus.Ok;
            }
        }

        // Newest first when looking them up: going down makes the next of the order the older one.
        _newest = (_newest + Kept - 1) % Kept;
        batch = _batches[_newest];
        return batch.Decode(body, space);
    }
}
