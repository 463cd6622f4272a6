using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>
/// A room as a child would draw it: lists of things and words, and what becomes of them by each message that was answered with Done. It
/// decides nothing: what was refused it is not told of.
/// </summary>
internal sealed class RoomModel
{
    private const int MaxTreeDepth = StateInvariantTests.MaxTreeDepth;

    public SortedDictionary<uint, Thing> Things { get; } = [];

    public Dictionary<(AttributeTarget Target, string Key), Word> Words { get; } = [];

    /// <summary>The roles of those who are here.</summary>
    public SortedDictionary<uint, int> Members { get; } = [];

    public void Create(
        uint id,
        uint actor,
        uint parent,
        string? parentName,
        ObjectFlags flags,
        string type,
        string name,
        params (string Key, AttributeTerms Terms, byte[] Value)[] words)
    {
        var made = new Thing { Owner = actor, Creator = actor, Flags = flags, Type = type };
        Things.Add(id, made);
        uint found = parentName is null ? parent : Things.FirstOrDefault(pair => pair.Value.Name == parentName).Key;
        MoveTo(id, found);
        made.Awaited = parentName is not null && found == 0 ? parentName : "";
        made.Name = name;
        foreach ((string key, AttributeTerms terms, byte[] value) in words)
        {
            Words.Add((AttributeTarget.OfObject(id), key), new Word(0, actor, terms, value));
        }

        TakeIn(id);
    }

    public void Update(uint id, uint? parent, string? type, string? name, ObjectFlags? flags)
    {
        Thing changed = Things[id];
        if (parent is { } above)
        {
            changed.Awaited = "";
            MoveTo(id, above);
        }

        changed.Type = type ?? changed.Type;
        changed.Flags = flags is { } bits ? bits | (changed.Flags & ObjectFlags.Placed) : changed.Flags;
        if (name is not null)
        {
            changed.Name = name;
            TakeIn(id);
        }
    }

    public void Remove(uint id)
    {
        foreach (uint part in Subtree(id))
        {
            foreach ((AttributeTarget Target, string Key) place in Words.Keys.Where(place => place.Target.Object == part).ToArray())
            {
                Words.Remove(place);
            }
        }

        uint[] gone = Subtree(id);
        MoveTo(id, 0);
        foreach (uint part in gone)
        {
            Things.Remove(part);
        }
    }

    public void Clone(uint copy, uint actor, uint original, uint parent, string name)
    {
        uint[] parts = Subtree(original);
        var copies = new Dictionary<uint, uint>();
        foreach (uint part in parts)
        {
            Thing old = Things[part];
            uint id = copy + (uint)copies.Count;
            copies.Add(part, id);
            string called = part == original ? name : "";
            Things.Add(id, new Thing { Owner = actor, Creator = actor, Flags = old.Flags, Type = old.Type, Name = called });
            MoveTo(id, part == original ? parent : copies[old.Parent]);
            foreach (((AttributeTarget target, string key), Word word) in Words.ToArray())
            {
                bool isCloneable = (word.Terms.Flags & AttributeFlags.Cloneable) != 0;
                if (target == AttributeTarget.OfObject(part) && isCloneable && Sees(actor, target, word.Terms.Readers))
                {
                    Words.Add((AttributeTarget.OfObject(id), key), word with { Version = 0, Author = actor });
                }
            }
        }

        TakeIn(copy);
    }

    public void Claim(uint id, uint actor, ClaimAction action, uint argument)
    {
        Thing claimed = Things[id];
        switch (action)
        {
            case ClaimAction.Take:
                HandOver(claimed, actor);
                break;
            case ClaimAction.Give:
                HandOver(claimed, argument);
                break;
            case ClaimAction.Release:
                HandOver(claimed, 0);
                break;
            default:
                claimed.Lock = action == ClaimAction.Lock ? actor : 0;
                claimed.IsLockTimed = argument != 0;
                break;
        }
    }

    public void Set(uint version, uint actor, AttributeTarget target, string key, AttributeTerms? terms, byte[] value)
    {
        Word? present = Words.GetValueOrDefault((target, key));
        Words[(target, key)] = new Word(version, actor, terms ?? present?.Terms ?? AttributeTerms.Default, value);
    }

    /// <summary>Sets what stands under one letter of a map, or takes it out.</summary>
    public void Merge(uint version, uint actor, AttributeTarget target, string key, char letter, byte? value)
    {
        byte[] map = Words.GetValueOrDefault((target, key))?.Value ?? [0x80];
        List<(byte Letter, byte Value)> entries = [.. Enumerable.Range(0, map[0] & 15).Select(i => (map[(3 * i) + 2], map[(3 * i) + 3]))];
        int at = entries.FindIndex(entry => entry.Letter == letter);
        if (value is null && at >= 0)
        {
            entries.RemoveAt(at);
        }
        else if (value is { } one && at >= 0)
        {
            entries[at] = ((byte)letter, one);
        }
        else if (value is { } other)
        {
            entries.Add(((byte)letter, other));
        }

        byte[] encoded = [.. entries.SelectMany(entry => new byte[] { 0xA1, entry.Letter, entry.Value })];
        Set(version, actor, target, key, null, [(byte)(0x80 | entries.Count), .. encoded]);
    }

    public void Delete(AttributeTarget target, string key) => Assert.True(Words.Remove((target, key)));

    public void Leave(uint member)
    {
        Members.Remove(member);
        foreach (((AttributeTarget target, string key), Word word) in Words.ToArray())
        {
            if (target.Member == member || (word.Author == member && (word.Terms.Flags & AttributeFlags.Ephemeral) != 0))
            {
                Words.Remove((target, key));
            }
        }

        // Guests may not take.
        uint heir = Members.FirstOrDefault(pair => pair.Value > 0).Key;
        foreach ((uint id, Thing thing) in Things.ToArray())
        {
            if (thing.Owner == member && (thing.Flags & ObjectFlags.Persistent) == 0 && Things.ContainsKey(id))
            {
                Save(id);
                Remove(id);
            }
        }

        foreach (Thing thing in Things.Values)
        {
            thing.Lock = thing.Lock == member ? 0 : thing.Lock;
            if (thing.Owner == member)
            {
                HandOver(thing, heir);
            }
        }
    }

    /// <summary>Holds it against the server's; when everything has come to rest.</summary>
    public void AssertIs(Room room)
    {
        Assert.Equal(
            Things.Select(pair => $"{pair.Key} {pair.Value}"),
            room.World.Objects.Values.OrderBy(place => place.Id).Select(place => $"{place.Id} {Describe(place)}"));
        Assert.Equal(
            Words.Select(pair => $"{pair.Key} {pair.Value with { Version = 0 }}").Order(StringComparer.Ordinal),
            room.World.AllAttributes().Select(Describe).Order(StringComparer.Ordinal));
        foreach (StoredAttribute attribute in room.World.AllAttributes())
        {
            ulong known = Words[(attribute.Target, System.Text.Encoding.UTF8.GetString(attribute.Key))].Version;
            Assert.True(known == 0 || known == attribute.Version, "A version that Done did not tell.");
        }

        Assert.Equal(Members, room.Members.OrderBy(member => member.Id).Select(member => KeyValuePair.Create(member.Id, (int)member.Role)));
    }

    private static string Describe(RoomObject place) => new Thing
    {
        Parent = place.Parent?.Id ?? 0,
        Owner = place.Owner,
        Creator = place.Creator,
        Lock = place.LockHolder,
        Flags = place.Flags,
        Type = System.Text.Encoding.UTF8.GetString(place.Type),
        Name = System.Text.Encoding.UTF8.GetString(place.Name),
        Awaited = place.AwaitedParent ?? "",
        Children = [.. place.Children.Select(child => child.Id)],
    }.ToString();

    private static string Describe(StoredAttribute attribute) =>
        $"{(attribute.Target, System.Text.Encoding.UTF8.GetString(attribute.Key))} " +
        new Word(0, attribute.Author, attribute.Terms, attribute.Value.ToArray());

    private static void HandOver(Thing thing, uint to) =>
        (thing.Lock, thing.Owner) = thing.Owner == to ? (thing.Lock, to) : (0, to);

    private bool Sees(uint member, AttributeTarget target, Access readers) => readers.Kind switch
    {
        AccessKind.Everyone => true,
        AccessKind.Owner => Things[target.Object].Owner == member,
        AccessKind.Member => readers.Argument == member,
        _ => (readers.Argument & (1 << Members[member])) != 0,
    };

    private void MoveTo(uint id, uint parent)
    {
        Thing thing = Things[id];
        if (thing.Parent != 0)
        {
            Things[thing.Parent].Children.Remove(id);
        }

        thing.Parent = parent;
        if (parent != 0)
        {
            Things[parent].Children.Add(id);
        }
    }

    /// <summary>It and all under it, parents first.</summary>
    private uint[] Subtree(uint id) => [id, .. Things[id].Children.SelectMany(Subtree)];

    private int Depth(uint id) => id == 0 ? 0 : 1 + Depth(Things[id].Parent);

    private int Height(uint id) => 1 + Things[id].Children.Select(Height).DefaultIfEmpty(0).Max();

    private void TakeIn(uint id)
    {
        string name = Things[id].Name;
        foreach (uint child in Things.Where(pair => name.Length > 0 && pair.Value.Awaited == name).Select(pair => pair.Key).ToArray())
        {
            if (!Subtree(child).Contains(id) && Depth(id) + Height(child) <= MaxTreeDepth)
            {
                Things[child].Awaited = "";
                MoveTo(child, id);
            }
        }
    }

    private void Save(uint id)
    {
        foreach (uint child in Things[id].Children.ToArray())
        {
            if ((Things[child].Flags & ObjectFlags.Persistent) != 0)
            {
                MoveTo(child, 0);
            }
            else
            {
                Save(child);
            }
        }
    }

    internal sealed class Thing
    {
        public uint Parent { get; set; }

        public uint Owner { get; set; }

        public uint Creator { get; set; }

        public uint Lock { get; set; }

        public bool IsLockTimed { get; set; }

        public ObjectFlags Flags { get; set; }

        public string Type { get; set; } = "";

        public string Name { get; set; } = "";

        public string Awaited { get; set; } = "";

        public List<uint> Children { get; set; } = [];

        public override string ToString() =>
            $"under {Parent} of {Owner} by {Creator} lock {Lock} flags {Flags} type {Type} name {Name} awaits {Awaited} " +
            $"over {string.Join(',', Children)}";
    }

    internal sealed record Word(ulong Version, uint Author, AttributeTerms Terms, byte[] Value)
    {
        public override string ToString() => $"{Version} by {Author} {Terms} {Convert.ToHexString(Value)}";
    }
}
