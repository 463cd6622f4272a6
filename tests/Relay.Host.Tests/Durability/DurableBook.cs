namespace Relay.Host.Tests.Durability;

/// <summary>
/// What a client asked for, in order, and up to where it was told that it is done. A room is stored as it was at one moment, so what is found
/// later is what a client had made by one of its deeds, the last one that was acknowledged or a later one: nothing less, nothing half.
/// </summary>
internal sealed class DurableBook
{
    private readonly Lock _gate = new();
    private readonly List<Action<DurableWorld>> _deeds = [];
    private DurableWorld _base = new();
    private int _acknowledged;

    /// <summary>How it is after all that was asked for.</summary>
    public DurableWorld Now { get; private set; } = new();

    public int Asked
    {
        get
        {
            lock (_gate)
            {
                return _deeds.Count;
            }
        }
    }

    public int Acknowledged
    {
        get
        {
            lock (_gate)
            {
                return _acknowledged;
            }
        }
    }

    /// <summary>Something is asked for.</summary>
    /// <returns>Its number.</returns>
    public int Ask(Action<DurableWorld> deed)
    {
        lock (_gate)
        {
            _deeds.Add(deed);
            deed(Now);
            return _deeds.Count;
        }
    }

    /// <summary>It is done.</summary>
    public void Acknowledge(int number)
    {
        lock (_gate)
        {
            _acknowledged = Math.Max(_acknowledged, number);
        }
    }

    /// <summary>Holds what a restarted server tells against it, and begins anew from there.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? Restarted(string told)
    {
        lock (_gate)
        {
            DurableWorld world = _base.Copy();
            string least = "";
            for (int i = 0; i <= _deeds.Count; i++)
            {
                if (i > 0)
                {
                    _deeds[i - 1](world);
                }

                string lasting = i >= _acknowledged ? world.Lasting() : "";
                least = i == _acknowledged ? lasting : least;
                if (i >= _acknowledged && lasting == told)
                {
                    world.Restarted();
                    (_base, Now, _acknowledged) = (world, world.Copy(), 0);
                    _deeds.Clear();
                    return null;
                }
            }

            return $"After {_acknowledged} of {_deeds.Count} deeds were acknowledged there should be\n{least}\nor more, and there is\n{told}";
        }
    }
}
