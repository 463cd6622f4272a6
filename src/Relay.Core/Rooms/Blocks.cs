using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>
/// Who has blocked whom in a room: between two such members no event passes, and neither is in the other's batches, in both directions.
/// Kept by person, so that it lasts over a rejoin. protocol-spec.md §11.6.
/// </summary>
internal sealed class Blocks
{
    /// <summary>The most people that one may block in a room: who needs more should leave it.</summary>
    private const int MaxPerPerson = 256;

    private readonly Room _room;
    private readonly Dictionary<string, HashSet<string>> _blocked = new(StringComparer.Ordinal);

    public Blocks(Room room) => _room = room;

    /// <summary>The version at which somebody last came into or went out of somebody's sight: a cursor that is not above it may have missed
    /// that, and is answered with the full set.</summary>
    public ulong ChangedAt { get; private set; }

    /// <summary>A member blocks another.</summary>
    public Fault Add(Member blocker, Member blocked)
    {
        string person = PersonOf(blocker);
        if (!_blocked.TryGetValue(person, out HashSet<string>? theirs))
        {
            _blocked.Add(person, theirs = new HashSet<string>(StringComparer.Ordinal));
        }

        if (theirs.Count >= MaxPerPerson && !theirs.Contains(PersonOf(blocked)))
        {
            return new Fault(CloseCode.QuotaExceeded, "The sender blocks as many as it may.", MaxPerPerson, theirs.Count + 1);
        }

        if (theirs.Add(PersonOf(blocked)))
        {
            RenewAll(person, PersonOf(blocked));
        }

        return Fault.None;
    }

    /// <summary>A member does so no more. The other may still block it.</summary>
    public void Remove(Member blocker, Member blocked)
    {
        string person = PersonOf(blocker);
        if (_blocked.TryGetValue(person, out HashSet<string>? theirs) && theirs.Remove(PersonOf(blocked)))
        {
            RenewAll(person, PersonOf(blocked));
            if (theirs.Count == 0)
            {
                _blocked.Remove(person);
            }
        }
    }

    /// <summary>A member has come, perhaps one that is blocked.</summary>
    public void Entered(Member member)
    {
        if (_blocked.Count == 0)
        {
            return;
        }

        foreach (Member other in _room.Members)
        {
            if (other != member)
            {
                Renew(member, other);
            }
        }
    }

    /// <summary>A member leaves.</summary>
    public void Left(Member member)
    {
        foreach (uint id in member.Blocked ?? [])
        {
            if (_room.Find(id) is { } other)
            {
                Separate(other, member, false);
            }
        }
    }

    private static string PersonOf(Member member) => member.Receiver.Connection.Person;

    /// <summary>A person may be here more than once.</summary>
    private void RenewAll(string first, string second)
    {
        foreach (Member one in _room.Members)
        {
            foreach (Member other in _room.Members)
            {
                if (one != other && PersonOf(one) == first && PersonOf(other) == second)
                {
                    Renew(one, other);
                }
            }
        }
    }

    private bool Has(string blocker, string blocked) =>
        _blocked.TryGetValue(blocker, out HashSet<string>? theirs) && theirs.Contains(blocked);

    private void Renew(Member one, Member other)
    {
        string first = PersonOf(one), second = PersonOf(other);
        bool blocked = Has(first, second) || Has(second, first);
        Separate(one, other, blocked);
        Separate(other, one, blocked);
    }

    private void Separate(Member viewer, Member viewed, bool blocked)
    {
        if (viewer.IsBlocked(viewed.Id) == blocked)
        {
            return;
        }

        Receiver receiver = viewer.Receiver;
        if (blocked)
        {
            (viewer.Blocked ??= []).Add(viewed.Id);
            (receiver.Hidden ??= []).Add(viewed.Slot);
        }
        else
        {
            viewer.Blocked!.Remove(viewed.Id);
            receiver.Hidden!.Remove(viewed.Slot);
            viewer.Blocked = viewer.Blocked.Count > 0 ? viewer.Blocked : null;
            receiver.Hidden = receiver.Hidden.Count > 0 ? receiver.Hidden : null;
        }

        // What it has seen is not what it is to see: it gets the full set.
        receiver.Cursor = 0;
        ChangedAt = _room.Slots.Version;
        _room.HasLaggards = true;
    }
}
