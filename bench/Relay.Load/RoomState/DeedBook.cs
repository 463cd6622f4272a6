using Relay.Protocol.Messages;

namespace Relay.Load.RoomState;

/// <summary>What the clients of a room asked for, and what became of it: each deed is to be told once, and answered as it was
/// done.</summary>
internal sealed class DeedBook(CheckCounts counts)
{
    /// <summary>Events and writes whose message is not forgotten.</summary>
    private readonly Dictionary<ulong, Deed> _byStamp = [];

    private readonly List<Deed> _doneUnseen = [];
    private readonly List<Deed> _made = [];
    private readonly List<uint> _removed = [];
    private readonly Dictionary<(uint Object, uint From, uint To), int> _takes = [];

    public Deed? Find(ulong stamp) => _byStamp.GetValueOrDefault(stamp);

    /// <summary>A client is about to send it.</summary>
    public void Begin(Deed deed)
    {
        if (deed.Kind is DeedKind.Event or DeedKind.Write)
        {
            _byStamp.Add(deed.Stamp, deed);
        }
    }

    /// <summary>A message tells it.</summary>
    public void Seen(Deed deed, ulong sequence)
    {
        if (deed.SeenAt != 0 && deed.SeenAt != sequence)
        {
            counts.Duplicate($"{deed} was told at {deed.SeenAt} and at {sequence}");
        }

        if (deed.Answer == DeedAnswer.Refused)
        {
            counts.Mismatch($"{deed} was refused and told all the same, at {sequence}");
        }

        deed.SeenAt = sequence;
    }

    /// <summary>Its author was answered.</summary>
    public void Answered(Deed deed, DeedAnswer answer, ulong value)
    {
        (deed.Answer, deed.Value) = (answer, value);
        if (answer == DeedAnswer.Refused)
        {
            if (deed.SeenAt != 0)
            {
                counts.Mismatch($"{deed} was refused and told all the same, at {deed.SeenAt}");
            }

            _byStamp.Remove(deed.Stamp);
            return;
        }

        switch (deed.Kind)
        {
            case DeedKind.Write:
                _doneUnseen.Add(deed);
                break;
            case DeedKind.Make:
                _made.Add(deed);
                break;
            case DeedKind.Remove:
                _removed.Add(deed.Object);
                break;
            case DeedKind.Take when !deed.IsPersistent && deed.Member != deed.Author.Member:
                (uint, uint, uint) take = (deed.Object, deed.Member, deed.Author.Member);
                _takes[take] = _takes.GetValueOrDefault(take) + 1;
                break;
        }
    }

    /// <summary>Its message is so old that it will not come again.</summary>
    public void Forget(Deed deed) => _byStamp.Remove(deed.Stamp);

    /// <summary>Looks at those that have been done and told since the last time.</summary>
    public void Settle()
    {
        foreach (Deed deed in _doneUnseen)
        {
            if (deed.SeenAt != 0 && deed.SeenAt != deed.Value)
            {
                counts.Mismatch($"{deed} was answered with version {deed.Value} and told at {deed.SeenAt}");
            }
        }

        _doneUnseen.RemoveAll(deed => deed.SeenAt != 0);
    }

    /// <summary>Everything has been told that will be.</summary>
    /// <param name="model">What has come of it.</param>
    /// <param name="present">The members that are there now.</param>
    public void Finish(RoomModel model, IReadOnlyDictionary<uint, Stay> present)
    {
        Settle();
        foreach (Deed deed in _doneUnseen.Where(deed => deed.Readers == AccessKind.Everyone))
        {
            counts.Lose($"{deed} was done as version {deed.Value}, and nobody was told");
        }

        foreach (Deed deed in _byStamp.Values.Where(deed => deed is { Kind: DeedKind.Event, SeenAt: 0 } && HasAudience(deed, present)))
        {
            counts.Lose($"{deed} reached nobody");
        }

        foreach (Deed deed in _made.Where(deed => !model.EverMade.Contains((uint)deed.Value)))
        {
            counts.Lose($"{deed} was done, and nobody was told of object {deed.Value}");
        }

        foreach (uint removed in _removed.Where(model.Room.Objects.ContainsKey))
        {
            counts.Mismatch($"object {removed} was removed and is there");
        }

        foreach (((uint Object, uint From, uint To) take, int times) in _takes)
        {
            int handovers = model.Handovers.GetValueOrDefault(take);
            if (times > handovers)
            {
                counts.Mismatch(
                    $"member {take.To} was told {times} times that it took object {take.Object} from {take.From}; it did {handovers} times");
            }
        }
    }

    /// <summary>Whether somebody must have been told an event. Of one to a member that was told a gap, or had no snapshot yet, nobody
    /// knows.</summary>
    private static bool HasAudience(Deed deed, IReadOnlyDictionary<uint, Stay> present) => deed.Audience switch
    {
        EventAudience.Member => present.TryGetValue(deed.Member, out Stay? stay) && !stay.HasGaps && stay.BeganNanos <= deed.DueNanos,
        EventAudience.Nearby => false,
        EventAudience.Roles => (deed.Roles & EventDeeds.MemberRoles) != 0 && present.Count > 1,
        _ => present.Count > 1,
    };
}
