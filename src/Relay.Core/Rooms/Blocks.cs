namespace Relay.Core.Rooms;

/// <summary>
/// Who has blocked whom in a room: between two such members no event passes, and neither is in the other's batches, in both directions.
/// Kept by person, so that it lasts over a rejoin. protocol-spec.md §11.6.
/// </summary>
internal sealed class Blocks
{
    private readonly Room _room;
    private readonly HashSet<(string Blocker, string Blocked)> _pairs = [];

    public Blocks(Room room) => _room = room;

    /// <summary>The version at which somebody last came into or went out of somebody's sight: a cursor that is not above it may have missed
    /// that, and is answered with the full set.</summary>
    public ulong ChangedAt { get; private set; }

    /// <summary>A member blocks another.</summary>
    public void Add(Member blocker, Member blocked)
    {
        if (_pairs.Add((PersonOf(blocker), PersonOf(blocked))))
        {
            RenewAll(PersonOf(blocker), PersonOf(blocked));
        }
    }

    /// <summary>A member does so no more. The other may still block it.</summary>
    public void Remove(Member blocker, Member blocked)
    {
        if (_pairs.Remove((PersonOf(blocker), PersonOf(blocked))))
        {
            RenewAll(PersonOf(blocker), PersonOf(blocked));
        }
    }

    /// <summary>A member has come, perhaps one that is blocked.</summary>
    public void Entered(Member member)
    {
        if (_pairs.Count == 0)
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

    private void Renew(Member one, Member other)
    {
        string first = PersonOf(one), second = PersonOf(other);
        bool blocked = _pairs.Contains((first, second)) || _pairs.Contains((second, first));
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
