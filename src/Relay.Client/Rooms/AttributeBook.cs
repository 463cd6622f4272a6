using System.Buffers;
using System.Text;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Client;

/// <summary>The attributes of a room by target and key. Used under the lock of the <see cref="RoomView"/>.</summary>
internal sealed class AttributeBook
{
    private readonly Dictionary<AttributeTarget, Dictionary<string, RoomAttribute>> _targets = [];

    // The targets that are of an object and a member at once: they end with either.
    private readonly Dictionary<uint, HashSet<uint>> _membersOfObject = [];
    private readonly Dictionary<uint, HashSet<uint>> _objectsOfMember = [];

    public int Count { get; private set; }

    public IEnumerable<RoomAttribute> All => _targets.Values.SelectMany(static keys => keys.Values);

    public bool TryGet(AttributeTarget target, string key, out RoomAttribute attribute)
    {
        attribute = default;
        return _targets.TryGetValue(target, out Dictionary<string, RoomAttribute>? keys) && keys.TryGetValue(key, out attribute);
    }

    public IEnumerable<RoomAttribute> Of(AttributeTarget target) =>
        _targets.TryGetValue(target, out Dictionary<string, RoomAttribute>? keys) ? keys.Values : [];

    public void Set(in StateEntry entry)
    {
        if (!_targets.TryGetValue(entry.Target, out Dictionary<string, RoomAttribute>? keys))
        {
            _targets.Add(entry.Target, keys = new Dictionary<string, RoomAttribute>(StringComparer.Ordinal));
            if (entry.Target.Kind == TargetKind.ObjectMember)
            {
                Link(_membersOfObject, entry.Target.Object, entry.Target.Member);
                Link(_objectsOfMember, entry.Target.Member, entry.Target.Object);
            }
        }

        string key = KeyOf(entry);
        Count += keys.ContainsKey(key) ? 0 : 1;
        keys[key] = new RoomAttribute(entry.Target, key, entry.Value.ToArray(), entry.Version, entry.Author, entry.Terms);
    }

    /// <summary>Sets or removes what is at a path. A merge into what is not there, or that is none, cannot come from a server that keeps to
    /// the protocol; it changes nothing.</summary>
    public void Merge(in StateEntry entry)
    {
        string key = KeyOf(entry);
        if (!TryGet(entry.Target, key, out RoomAttribute known))
        {
            return;
        }

        byte[] merged = ArrayPool<byte>.Shared.Rent(MessagePackSubKey.MaxSize(known.Value.Length, entry.Path.Length, entry.Value.Length));
        MessagePackStatus status = entry.Value.IsEmpty
            ? MessagePackSubKey.TryRemove(known.Value.Span, entry.Path, merged, out int written)
            : MessagePackSubKey.TrySet(known.Value.Span, entry.Path, entry.Value, merged, out written);
        if (status == MessagePackStatus.Ok)
        {
            _targets[entry.Target][key] =
                known with { Value = merged.AsSpan(0, written).ToArray(), Version = entry.Version, Author = entry.Author };
        }

        ArrayPool<byte>.Shared.Return(merged);
    }

    public void Remove(in StateEntry entry)
    {
        if (_targets.TryGetValue(entry.Target, out Dictionary<string, RoomAttribute>? keys) && keys.Remove(KeyOf(entry)))
        {
            Count--;
            if (keys.Count == 0)
            {
                RemoveTarget(entry.Target);
            }
        }
    }

    /// <summary>An object has gone, with all attributes of it and of members with regard to it.</summary>
    public void RemoveObject(uint id)
    {
        RemoveTarget(AttributeTarget.OfObject(id));
        foreach (uint member in LinksOf(_membersOfObject, id))
        {
            RemoveTarget(AttributeTarget.OfObjectMember(id, member));
        }
    }

    /// <summary>A member has gone, with all attributes of it, with regard to objects or not.</summary>
    public void RemoveMember(uint id)
    {
        RemoveTarget(AttributeTarget.OfMember(id));
        foreach (uint place in LinksOf(_objectsOfMember, id))
        {
            RemoveTarget(AttributeTarget.OfObjectMember(place, id));
        }
    }

    public void Clear()
    {
        _targets.Clear();
        _membersOfObject.Clear();
        _objectsOfMember.Clear();
        Count = 0;
    }

    private static string KeyOf(in StateEntry entry) => Encoding.UTF8.GetString(entry.KeyUtf8);

    private static uint[] LinksOf(Dictionary<uint, HashSet<uint>> links, uint from) =>
        links.TryGetValue(from, out HashSet<uint>? others) ? [.. others] : [];

    private static void Link(Dictionary<uint, HashSet<uint>> links, uint from, uint to)
    {
        if (!links.TryGetValue(from, out HashSet<uint>? others))
        {
            links.Add(from, others = []);
        }

        others.Add(to);
    }

    private static void Unlink(Dictionary<uint, HashSet<uint>> links, uint from, uint to)
    {
        if (links.TryGetValue(from, out HashSet<uint>? others) && others.Remove(to) && others.Count == 0)
        {
            links.Remove(from);
        }
    }

    private void RemoveTarget(AttributeTarget target)
    {
        if (_targets.Remove(target, out Dictionary<string, RoomAttribute>? keys))
        {
            Count -= keys.Count;
            if (target.Kind == TargetKind.ObjectMember)
            {
                Unlink(_membersOfObject, target.Object, target.Member);
                Unlink(_objectsOfMember, target.Member, target.Object);
            }
        }
    }
}
