using System.Text;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>
/// What a <see cref="RoomView"/> knows of a room's objects and attributes: those that the server tells this client, which are not all if
/// some are for others only. protocol-spec.md §11.
/// </summary>
/// <remarks>
/// Safe to ask from any thread while the receive thread feeds the view; an answer is of one moment, and two answers may be of two. Strings
/// and values are copies. Entries that a server which keeps to the protocol cannot send are left out: nothing here throws for them.
/// </remarks>
public sealed class RoomState
{
    private readonly object _gate;
    private readonly SlotValues _slots;
    private readonly Func<uint, bool> _isMember;
    private readonly Dictionary<uint, RoomObject> _objects = [];
    private readonly Dictionary<uint, HashSet<uint>> _children = [];
    private readonly Dictionary<string, uint> _names = new(StringComparer.Ordinal);
    private readonly AttributeBook _attributes = new();

    internal RoomState(object gate, SlotValues slots, Func<uint, bool> isMember)
    {
        _gate = gate;
        _slots = slots;
        _isMember = isMember;
    }

    /// <summary>How many objects there are.</summary>
    public int ObjectCount
    {
        get
        {
            lock (_gate)
            {
                return _objects.Count;
            }
        }
    }

    /// <summary>How many attributes this client sees.</summary>
    public int AttributeCount
    {
        get
        {
            lock (_gate)
            {
                return _attributes.Count;
            }
        }
    }

    /// <summary>Asks for an object.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="found">The object, when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> when there is none.</returns>
    public bool TryGetObject(uint id, out RoomObject found)
    {
        lock (_gate)
        {
            return _objects.TryGetValue(id, out found);
        }
    }

    /// <summary>Asks for the object that has a name.</summary>
    /// <param name="name">The name; nothing has the empty one.</param>
    /// <param name="found">The object, when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> when there is none.</returns>
    public bool TryFindObject(string name, out RoomObject found)
    {
        lock (_gate)
        {
            found = default;
            return _names.TryGetValue(name, out uint id) && _objects.TryGetValue(id, out found);
        }
    }

    /// <summary>A copy of all objects; in no order.</summary>
    public IReadOnlyList<RoomObject> Objects()
    {
        lock (_gate)
        {
            return [.. _objects.Values];
        }
    }

    /// <summary>A copy of the objects directly under another one; in no order.</summary>
    /// <param name="parent">The other's id; 0 for those at the root.</param>
    public IReadOnlyList<RoomObject> ChildrenOf(uint parent)
    {
        lock (_gate)
        {
            return _children.TryGetValue(parent, out HashSet<uint>? children) ? [.. children.Select(id => _objects[id])] : [];
        }
    }

    /// <summary>Asks where an object is.</summary>
    /// <param name="id">The object's id.</param>
    /// <param name="transform">Metres in the room's axes and a rotation, when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> when the object is unknown, is not placed, or has not been put anywhere.</returns>
    public bool TryGetTransform(uint id, out Transform transform)
    {
        lock (_gate)
        {
            transform = default;
            return _objects.TryGetValue(id, out RoomObject known) && known.IsPlaced &&
                _slots.TryGetTransform(known.Slot, HolderOf(id), out transform);
        }
    }

    /// <summary>Asks for what follows an object's transform: velocity, scale, discontinuity.</summary>
    /// <param name="id">The object's id.</param>
    /// <param name="extension">The extension of the newest transform, when the answer is <c>true</c>.</param>
    /// <param name="sampledMillis">When the sample was taken, on the server's clock in milliseconds modulo 2^32. protocol-spec.md
    /// §8.4.</param>
    /// <returns><c>false</c> when the object is unknown, is not placed, or has not been put anywhere.</returns>
    public bool TryGetExtension(uint id, out TransformExtension extension, out uint sampledMillis)
    {
        lock (_gate)
        {
            extension = default;
            sampledMillis = 0;
            return _objects.TryGetValue(id, out RoomObject known) && known.IsPlaced &&
                _slots.TryGetExtension(known.Slot, HolderOf(id), out extension, out sampledMillis);
        }
    }

    /// <summary>Asks for an attribute.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key.</param>
    /// <param name="attribute">The attribute, when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> when there is none, or none that this client may see.</returns>
    public bool TryGetAttribute(AttributeTarget target, string key, out RoomAttribute attribute)
    {
        lock (_gate)
        {
            return _attributes.TryGet(target, key, out attribute);
        }
    }

    /// <summary>A copy of the attributes of a target; in no order.</summary>
    /// <param name="target">What they are of.</param>
    public IReadOnlyList<RoomAttribute> AttributesOf(AttributeTarget target)
    {
        lock (_gate)
        {
            return [.. _attributes.Of(target)];
        }
    }

    /// <summary>A copy of all attributes that this client sees; in no order.</summary>
    public IReadOnlyList<RoomAttribute> Attributes()
    {
        lock (_gate)
        {
            return [.. _attributes.All];
        }
    }

    /// <summary>Takes one entry in. Under the lock.</summary>
    internal void Apply(in StateEntry entry)
    {
        switch (entry.Kind)
        {
            case StateKind.Object:
                Set(entry);
                break;
            case StateKind.ObjectRemoved:
                RemoveTree(entry.Object);
                break;
            case StateKind.Attribute:
                if (Has(entry.Target))
                {
                    _attributes.Set(entry);
                }

                break;
            case StateKind.AttributeMerged:
                _attributes.Merge(entry);
                break;
            case StateKind.AttributeRemoved:
                _attributes.Remove(entry);
                break;
        }
    }

    /// <summary>A member has gone. Under the lock.</summary>
    internal void RemoveMember(uint member) => _attributes.RemoveMember(member);

    /// <summary>Forgets everything. Under the lock.</summary>
    internal void Clear()
    {
        _objects.Clear();
        _children.Clear();
        _names.Clear();
        _attributes.Clear();
    }

    private static SlotHolder HolderOf(uint id) => new(IsObject: true, id);

    /// <summary>Whether what an attribute would be of is there: one of something else would stay for ever.</summary>
    private bool Has(AttributeTarget target) => target.Kind switch
    {
        TargetKind.Room => true,
        TargetKind.Object => _objects.ContainsKey(target.Object),
        TargetKind.Member => _isMember(target.Member),
        _ => _objects.ContainsKey(target.Object) && _isMember(target.Member),
    };

    private void Set(in StateEntry entry)
    {
        if (entry.Object == 0)
        {
            return;
        }

        if (_objects.TryGetValue(entry.Object, out RoomObject before))
        {
            Detach(before);
        }

        var now = new RoomObject(
            entry.Object,
            entry.Parent,
            entry.Owner,
            entry.Creator,
            entry.LockHolder,
            entry.ObjectFlags,
            entry.Slot,
            entry.Generation,
            Encoding.UTF8.GetString(entry.TypeUtf8),
            Encoding.UTF8.GetString(entry.NameUtf8),
            Encoding.UTF8.GetString(entry.AwaitedParentUtf8));
        _objects[now.Id] = now;
        if (now.Name.Length > 0)
        {
            _names[now.Name] = now.Id;
        }

        if (!_children.TryGetValue(now.Parent, out HashSet<uint>? siblings))
        {
            _children.Add(now.Parent, siblings = []);
        }

        siblings.Add(now.Id);
        if (before.IsPlaced && (!now.IsPlaced || now.Slot != before.Slot))
        {
            _slots.Release(before.Slot, HolderOf(before.Id));
        }

        if (now.IsPlaced)
        {
            _slots.TryHold(now.Slot, now.Generation, HolderOf(now.Id));
        }
    }

    /// <summary>Removes an object and what is under it. Each goes out of the tables before what is under it is looked at, so that not even
    /// a circle would go on for ever.</summary>
    private void RemoveTree(uint top)
    {
        var rest = new Stack<uint>();
        rest.Push(top);
        while (rest.Count > 0)
        {
            uint id = rest.Pop();
            if (id == 0 || !_objects.Remove(id, out RoomObject gone))
            {
                continue;
            }

            Detach(gone);
            _attributes.RemoveObject(id);
            if (gone.IsPlaced)
            {
                _slots.Release(gone.Slot, HolderOf(id));
            }

            if (_children.Remove(id, out HashSet<uint>? children))
            {
                foreach (uint child in children)
                {
                    rest.Push(child);
                }
            }
        }
    }

    /// <summary>Takes an object out of the lists by name and by parent.</summary>
    private void Detach(in RoomObject known)
    {
        if (_names.TryGetValue(known.Name, out uint named) && named == known.Id)
        {
            _names.Remove(known.Name);
        }

        if (_children.TryGetValue(known.Parent, out HashSet<uint>? siblings) && siblings.Remove(known.Id) && siblings.Count == 0)
        {
            _children.Remove(known.Parent);
        }
    }
}
