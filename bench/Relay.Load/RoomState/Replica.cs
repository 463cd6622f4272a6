using Relay.Protocol.Messages;

namespace Relay.Load.RoomState;

/// <summary>
/// A room's members, objects and attributes as somebody believes them to be who was told some changes in some order. What it holds never
/// changes in itself, so that many replicas share it.
/// </summary>
internal sealed class Replica
{
    private readonly Dictionary<uint, List<uint>> _children = [];
    private readonly Dictionary<uint, List<AttributeName>> _ofObject = [];
    private readonly Dictionary<uint, List<AttributeName>> _ofMember = [];

    public Dictionary<uint, MemberState> Members { get; } = [];

    public Dictionary<uint, ObjectState> Objects { get; } = [];

    public Dictionary<AttributeName, AttributeState> Attributes { get; } = [];

    public Replica Copy()
    {
        var copy = new Replica();
        foreach (MemberState member in Members.Values)
        {
            copy.Members.Add(member.Id, member);
        }

        foreach (ObjectState place in Objects.Values)
        {
            copy.Put(place);
        }

        foreach (AttributeState attribute in Attributes.Values)
        {
            copy.Put(attribute);
        }

        return copy;
    }

    /// <summary>The object is so from now on.</summary>
    public void Put(ObjectState told)
    {
        if (Objects.TryGetValue(told.Id, out ObjectState? before) && before.Parent != told.Parent)
        {
            Unlist(_children, before.Parent, told.Id);
        }

        if (told.Parent != 0 && before?.Parent != told.Parent)
        {
            List(_children, told.Parent, told.Id);
        }

        Objects[told.Id] = told;
    }

    /// <summary>The attribute is so from now on.</summary>
    public void Put(AttributeState told)
    {
        if (!Attributes.ContainsKey(told.Name))
        {
            AttributeTarget target = told.Name.Target;
            if (target.Object != 0)
            {
                List(_ofObject, target.Object, told.Name);
            }

            if (target.Member != 0)
            {
                List(_ofMember, target.Member, told.Name);
            }
        }

        Attributes[told.Name] = told;
    }

    /// <summary>The attribute has gone.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(AttributeName name)
    {
        if (!Attributes.Remove(name))
        {
            return false;
        }

        Unlist(_ofObject, name.Target.Object, name);
        Unlist(_ofMember, name.Target.Member, name);
        return true;
    }

    /// <summary>The object has gone, and with it all that is under it and every attribute of that.</summary>
    /// <returns>Whether it was there.</returns>
    public bool RemoveObject(uint id)
    {
        if (!Objects.Remove(id, out ObjectState? gone))
        {
            return false;
        }

        Unlist(_children, gone.Parent, id);
        foreach (AttributeName name in Taken(_ofObject, id))
        {
            Remove(name);
        }

        foreach (uint child in Taken(_children, id))
        {
            RemoveObject(child);
        }

        return true;
    }

    /// <summary>The member has gone, and with it its attributes.</summary>
    /// <returns>Whether it was there.</returns>
    public bool RemoveMember(uint id)
    {
        foreach (AttributeName name in Taken(_ofMember, id))
        {
            Remove(name);
        }

        return Members.Remove(id);
    }

    private static void List<T>(Dictionary<uint, List<T>> lists, uint key, T item)
    {
        if (!lists.TryGetValue(key, out List<T>? list))
        {
            lists.Add(key, list = []);
        }

        list.Add(item);
    }

    private static void Unlist<T>(Dictionary<uint, List<T>> lists, uint key, T item)
    {
        if (lists.TryGetValue(key, out List<T>? list))
        {
            list.Remove(item);
            if (list.Count == 0)
            {
                lists.Remove(key);
            }
        }
    }

    private static List<T> Taken<T>(Dictionary<uint, List<T>> lists, uint key) => lists.Remove(key, out List<T>? list) ? list : [];
}
