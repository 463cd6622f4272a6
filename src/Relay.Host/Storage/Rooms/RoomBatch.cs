using Relay.Core.Rooms.Stores;
using Relay.Protocol.Transforms;

namespace Relay.Host.Storage.Rooms;

/// <summary>
/// Changes of rooms as rows, one list for each table: text as databases take it, rooms in the order of their names. Every writer locks
/// rooms in this order, before all else, so two never wait for each other in a circle.
/// </summary>
internal sealed class RoomBatch
{
    private readonly Dictionary<(string Room, uint Object), int> _objects = [];
    private readonly Dictionary<(string Room, AttributeName Name), int> _attributes = [];
    private readonly Dictionary<(string Room, string User), int> _places = [];

    private RoomBatch()
    {
    }

    public List<(string Name, uint LastObject)> Rooms { get; } = [];

    public List<(string Room, uint Object)> RemovedObjects { get; } = [];

    public List<(string Room, AttributeName Name)> RemovedAttributes { get; } = [];

    public List<(string Room, StoredObject Object)> Objects { get; } = [];

    public List<(string Room, StoredValue Attribute)> Attributes { get; } = [];

    public List<(string Room, string User, StoredPlace Place)> Places { get; } = [];

    public static RoomBatch Of(IReadOnlyList<RoomChanges> changes)
    {
        var batch = new RoomBatch();
        foreach (RoomChanges room in changes.OrderBy(room => room.Room, StringComparer.Ordinal))
        {
            batch.Add(room);
        }

        return batch;
    }

    private static AttributeName Clean(AttributeName name) => new(name.Object, StoredText.Clean(name.User), StoredText.Clean(name.Key));

    private static StoredObject Clean(StoredObject o) => o with
    {
        AwaitedParent = StoredText.Clean(o.AwaitedParent),
        Type = StoredText.Clean(o.Type),
        Name = StoredText.Clean(o.Name),
        Creator = StoredText.Clean(o.Creator),
        Place = o.Place is { } place && IsFinite(place) ? place : null,
    };

    // SQLite makes null of what is no number.
    private static bool IsFinite(StoredPlace place)
    {
        Transform t = place.Transform;
        return double.IsFinite(t.X) && double.IsFinite(t.Y) && double.IsFinite(t.Z)
            && float.IsFinite(t.RotationX) && float.IsFinite(t.RotationY) && float.IsFinite(t.RotationZ) && float.IsFinite(t.RotationW)
            && float.IsFinite(place.Scale ?? 1);
    }

    /// <summary>A statement takes each row once; should one come twice, the later counts.</summary>
    private static void Put<TKey, TRow>(Dictionary<TKey, int> known, List<TRow> rows, TKey key, TRow row)
        where TKey : notnull
    {
        if (known.TryAdd(key, rows.Count))
        {
            rows.Add(row);
        }
        else
        {
            rows[known[key]] = row;
        }
    }

    private void Add(RoomChanges changes)
    {
        string room = StoredText.Clean(changes.Room);
        if (Rooms.Count > 0 && Rooms[^1].Name == room)
        {
            Rooms[^1] = (room, Math.Max(Rooms[^1].LastObject, changes.LastObject));
        }
        else
        {
            Rooms.Add((room, changes.LastObject));
        }

        RemovedObjects.AddRange(changes.RemovedObjects.Select(id => (room, id)));
        RemovedAttributes.AddRange(changes.RemovedAttributes.Select(name => (room, Clean(name))));
        foreach (StoredObject o in changes.Objects)
        {
            Put(_objects, Objects, (room, o.Id), (room, Clean(o)));
        }

        foreach (StoredValue value in changes.Attributes)
        {
            AttributeName name = Clean(value.Name);
            Put(_attributes, Attributes, (room, name), (room, value with { Name = name }));
        }

        foreach ((string user, StoredPlace place) in changes.Places)
        {
            if (IsFinite(place))
            {
                Put(_places, Places, (room, StoredText.Clean(user)), (room, StoredText.Clean(user), place));
            }
        }
    }
}
