using Relay.Core.Rooms.Stores;

namespace Relay.Host.Storage.Rooms;

/// <summary>The order of a room's objects.</summary>
internal static class ObjectTree
{
    /// <summary>Parents before their children. What stands under something that is not there, or in a circle under itself, comes to the
    /// root.</summary>
    /// <param name="objects">In any order.</param>
    public static List<StoredObject> ParentsFirst(List<StoredObject> objects)
    {
        var waiting = new Dictionary<uint, StoredObject>(objects.Count);
        foreach (StoredObject o in objects)
        {
            waiting[o.Id] = o;
        }

        var result = new List<StoredObject>(objects.Count);
        var placed = new HashSet<uint>(objects.Count);
        var way = new Stack<StoredObject>();
        foreach (StoredObject o in objects)
        {
            // Up to the root, or to what stands already; taken out of those that wait, so that a circle is left where it closes.
            uint id = o.Id;
            while (waiting.Remove(id, out StoredObject? next))
            {
                way.Push(next);
                id = next.Parent;
            }

            while (way.TryPop(out StoredObject? next))
            {
                result.Add(next.Parent == 0 || placed.Contains(next.Parent) ? next : next with { Parent = 0 });
                placed.Add(next.Id);
            }
        }

        return result;
    }
}
