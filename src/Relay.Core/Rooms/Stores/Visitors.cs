using Relay.Core.Rooms.World;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms.Stores;

/// <summary>
/// What users had in a room who left it, for when they come again: fetched from the store, or still at hand from when they left, as what
/// they changed last may not be stored yet. The shard's thread.
/// </summary>
internal sealed class Visitors
{
    private readonly Shard _shard;
    private readonly Room _room;
    private readonly RoomKeeper _keeper;
    private readonly Dictionary<string, Departed> _departed = new(StringComparer.Ordinal);
    private readonly Queue<(string User, ulong Change)> _leaves = [];
    private int _fetching;

    public Visitors(Shard shard, Room room, RoomKeeper keeper)
    {
        _keeper = keeper;
        _shard = shard;
        _room = room;
    }

    /// <summary>A user has left.</summary>
    /// <param name="user">Who.</param>
    /// <param name="had">What they had.</param>
    /// <param name="change">The keeper's last change: when it is stored, the store knows as much.</param>
    public void Left(string user, StoredVisitor had, ulong change)
    {
        _departed[user] = new Departed(had, change);
        _leaves.Enqueue((user, change));
    }

    /// <summary>Everything up to a change is stored.</summary>
    public void Forget(ulong upTo)
    {
        // Whoever is about to come in may have been told by the store how it was before.
        if (_fetching > 0 || _room.Reserved > 0)
        {
            return;
        }

        while (_leaves.TryPeek(out (string User, ulong Change) oldest) && oldest.Change <= upTo)
        {
            _leaves.Dequeue();
            if (_departed.TryGetValue(oldest.User, out Departed? departed) && departed.Change == oldest.Change)
            {
                _departed.Remove(oldest.User);
            }
        }
    }

    /// <summary>Whether what a user had must be fetched from the store first.</summary>
    public bool MustFetch(string user) => !_keeper.IsDetached && !_departed.ContainsKey(user);

    /// <summary>Fetches what a user had. The room is held meanwhile.</summary>
    /// <param name="user">Who.</param>
    /// <param name="done">Called with it, or with why not.</param>
    public void Fetch(string user, Action<StoredVisitor, Fault> done)
    {
        _fetching++;
        _room.Holds++;
        IRoomStore store = _shard.Settings.Saver!.Store;
        string name = _room.Name;
        Shard shard = _shard;
        _ = Task.Run(async () =>
        {
            StoredVisitor found = StoredVisitor.Unknown;
            Fault fault = await LoadCall.InTimeAsync(
                shard.Settings,
                async token => found = await store.FindVisitorAsync(name, user, token).ConfigureAwait(false)).ConfigureAwait(false);
            if (!fault.IsNone && shard.Settings.OpenDetached)
            {
                (found, fault) = (StoredVisitor.NotFetched, Fault.None);
            }

            shard.Lane.Push(new Found(this, () => done(found, fault)));
        });
    }

    /// <summary>Gives a member that has come in what it had, and tells everybody.</summary>
    /// <param name="member">Who.</param>
    /// <param name="fetched">What the store said; null if it was not asked.</param>
    /// <param name="now">The server's clock in microseconds.</param>
    public void PutBack(Member member, StoredVisitor? fetched, long now)
    {
        if (member.Receiver.Connection.Who.UserId is not { } user)
        {
            return;
        }

        StoredVisitor had = _departed.GetValueOrDefault(user)?.Had ?? fetched ?? StoredVisitor.Unknown;
        if (ReferenceEquals(had, StoredVisitor.NotFetched))
        {
            _keeper.Came(member);
        }

        RoomWorld world = _room.World;
        foreach (StoredValue value in had.Attributes)
        {
            AttributeTarget target = value.Name.Object == 0
                ? AttributeTarget.OfMember(member.Id)
                : AttributeTarget.OfObjectMember(value.Name.Object, member.Id);
            byte[] key = System.Text.Encoding.UTF8.GetBytes(value.Name.Key);
            if (world.Has(target) && world.AttributesOf(target, make: false)?.Find(key) is null)
            {
                AttributeDeeds.PutBack(world, null, target, key, value.Terms, value.Value.Span);
            }
        }

        world.News.Publish();
        if (_room.Options.RestorePlaces && had.Place is { } place &&
            _room.Space.TryPack(place.Transform, out PackedTransform packed) == PackStatus.Ok)
        {
            var extension = RoomFiller.ExtensionOf(place);
            _room.Slots.Set(member.Slot, packed, extension with { Flags = extension.Flags | TransformFlags.Discontinuity }, now);
        }
    }

    private sealed record Departed(StoredVisitor Had, ulong Change);

    /// <summary>To the room's shard: what the store says of somebody.</summary>
    private sealed class Found(Visitors visitors, Action done) : ShardMessage
    {
        public override void Handle(Shard shard)
        {
            done();
            visitors._fetching--;
            shard.Release(visitors._room);
        }
    }
}
