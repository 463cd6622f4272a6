using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Transforms;

namespace Relay.Core.Hosting;

/// <summary>Where a handler wants objects to be, on the way to their room's shard. As with transforms of members the newest counts, so no
/// more waits than there may be objects.</summary>
internal sealed class ObjectMoves(Shard shard, Room room, AuthorCalls calls) : ShardMessage
{
    private readonly Lock _gate = new();
    private Dictionary<uint, Place> _waiting = [];
    private Dictionary<uint, Place> _spare = [];
    private bool _isPosted;

    /// <summary>Has an object moved at the shard's next wake-up. Any thread.</summary>
    /// <exception cref="RoomRefusedException">More objects wait than there can be.</exception>
    public void Put(uint id, in PackedTransform value, in TransformExtension extension)
    {
        bool posts;
        lock (_gate)
        {
            bool waits = _waiting.TryGetValue(id, out Place before);
            if (!waits && _waiting.Count >= room.Options.MaxObjects)
            {
                throw new RoomRefusedException(new Fault(
                    CloseCode.RateLimited,
                    "More objects wait to be moved than there can be.",
                    room.Options.MaxObjects,
                    _waiting.Count + 1));
            }

            // A jump that is overtaken is a jump all the same.
            TransformFlags jump = waits ? before.Extension.Flags & TransformFlags.Discontinuity : TransformFlags.None;
            _waiting[id] = new Place(value, extension with { Flags = extension.Flags | jump });
            (posts, _isPosted) = (!_isPosted, true);
        }

        if (posts)
        {
            shard.Lane.Push(this);
        }
    }

    public override void Handle(Shard shard)
    {
        Dictionary<uint, Place> moves;
        lock (_gate)
        {
            (moves, _waiting, _spare) = (_waiting, _spare, _waiting);
            _isPosted = false;
        }

        foreach ((uint id, Place place) in moves)
        {
            if (!calls.IsEnded && room.World.Find(id) is { Slot: >= 0 } moved)
            {
                room.Slots.Set(moved.Slot, place.Value, place.Extension, shard.Now);
            }
        }

        moves.Clear();
    }

    private readonly record struct Place(PackedTransform Value, TransformExtension Extension);
}
