using Relay.Protocol.Messages;

namespace Relay.Load.Recordings.Replay;

/// <summary>
/// What the members, objects and versions of a recording are called in the live room. Objects go by the answer to what made them; what a
/// clone has under it goes by the order in which the room tells of it. One lock, the room's.
/// </summary>
internal sealed class LiveNumbers(ReplayScript script)
{
    private readonly Dictionary<uint, uint> _members = [];
    private readonly Dictionary<uint, uint> _objects = [];
    private readonly Dictionary<uint, Act> _makers = [];
    private readonly HashSet<Act> _refused = [];
    private readonly Dictionary<uint, List<uint>> _toldByCreator = [];
    private readonly Dictionary<uint, (uint Slot, byte Generation)> _slots = [];
    private readonly Dictionary<AttributeName, SortedSet<ulong>> _versions = [];

    /// <summary>A member came in.</summary>
    public void Joined(uint recorded, uint live) => _members[recorded] = live;

    /// <summary>Something that makes objects is about to be sent.</summary>
    public void Making(Act act) => act.Makes.ForEach(made => _makers[made] = act);

    /// <summary>It was done.</summary>
    /// <param name="act">What made objects.</param>
    /// <param name="live">The topmost of them.</param>
    public void Made(Act act, uint live)
    {
        if (act.Makes.Count > 0)
        {
            _objects[act.Makes[0]] = live;
        }
    }

    /// <summary>It was refused, or was never answered.</summary>
    public void Refused(Act act) => _refused.Add(act);

    /// <summary>The room told of an object.</summary>
    public void Told(in StateEntry entry)
    {
        if (!_toldByCreator.TryGetValue(entry.Creator, out List<uint>? told))
        {
            _toldByCreator.Add(entry.Creator, told = []);
        }

        if (!_slots.ContainsKey(entry.Object))
        {
            told.Add(entry.Object);
        }

        _slots[entry.Object] = (entry.Slot, entry.Generation);
    }

    /// <summary>An attribute has a version.</summary>
    public void Versioned(in AttributeName live, ulong version)
    {
        if (!_versions.TryGetValue(live, out SortedSet<ulong>? versions))
        {
            _versions.Add(live, versions = []);
        }

        versions.Add(version);
    }

    public Lookup Member(uint recorded, out uint live) =>
        _members.TryGetValue(recorded, out live) || recorded == 0 ? Lookup.Known : Lookup.Never;

    /// <summary>The live number of a member that has joined.</summary>
    public uint LiveOf(uint recorded) => _members[recorded];

    public Lookup Object(uint recorded, out uint live)
    {
        if (_objects.TryGetValue(recorded, out live) || recorded == 0)
        {
            return Lookup.Known;
        }

        if (!_makers.TryGetValue(recorded, out Act? maker) || _refused.Contains(maker))
        {
            return Lookup.Never;
        }

        if (!_objects.TryGetValue(maker.Makes[0], out uint top) || !_members.TryGetValue(maker.Member, out uint creator))
        {
            return Lookup.NotYet;
        }

        List<uint>? told = _toldByCreator.GetValueOrDefault(creator);
        int place = (told?.IndexOf(top) ?? -1) + maker.Makes.IndexOf(recorded);
        if (told is null || !told.Contains(top) || place >= told.Count)
        {
            return Lookup.NotYet;
        }

        live = _objects[recorded] = told[place];
        return Lookup.Known;
    }

    /// <summary>A placed object's slot.</summary>
    public Lookup Slot(uint recorded, out uint slot, out byte generation)
    {
        (slot, generation) = (0, 0);
        if (recorded == 0)
        {
            return Lookup.Never;
        }

        Lookup found = Object(recorded, out uint live);
        if (found == Lookup.Known)
        {
            if (!_slots.TryGetValue(live, out (uint Slot, byte Generation) told))
            {
                return Lookup.NotYet;
            }

            (slot, generation) = told;
        }

        return found;
    }

    /// <summary>The version that an attribute has in the live room after the change that gave it a version in the recording.</summary>
    public Lookup Version(in AttributeName recorded, in AttributeName live, ulong version, out ulong liveVersion)
    {
        liveVersion = 0;
        if (version == 0)
        {
            return Lookup.Known;
        }

        int change = script.ChangeOf(recorded, version);
        if (change < 0)
        {
            return Lookup.Never;
        }

        SortedSet<ulong>? versions = _versions.GetValueOrDefault(live);
        if (versions is null || change >= versions.Count)
        {
            return Lookup.NotYet;
        }

        liveVersion = versions.ElementAt(change);
        return Lookup.Known;
    }
}
