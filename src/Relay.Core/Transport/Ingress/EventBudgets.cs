using Relay.Core.Rooms.World;
using Relay.Protocol;

namespace Relay.Core.Transport.Ingress;

/// <summary>How many events of each kind a connection may send: a bucket for each of the protocol's signals, and one for all of the
/// application's. One thread. protocol-spec.md §11.9.</summary>
internal sealed class EventBudgets
{
    private readonly FrameBudget[] _budgets = new FrameBudget[Signals.Count + 1];
    private readonly int _perSecond;

    /// <summary>Makes full buckets.</summary>
    /// <param name="perSecond">Events of the application a second; 0 for no limit.</param>
    /// <param name="burst">Events of the application at once.</param>
    /// <param name="now">Microseconds.</param>
    public EventBudgets(int perSecond, int burst, long now)
    {
        _perSecond = perSecond;
        for (int i = 0; i < Signals.Count; i++)
        {
            (int rate, int most) = Signals.RateOf(i);
            _budgets[i] = new FrameBudget(rate, most, now);
        }

        _budgets[^1] = new FrameBudget(perSecond, burst, now);
    }

    /// <summary>Takes a token for one event.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="now">Microseconds.</param>
    public Fault TryTake(uint kind, long now)
    {
        int index = Signals.IndexOf(kind);
        ref FrameBudget budget = ref _budgets[index];
        return budget.TryTake(now)
            ? Fault.None
            : new Fault(
                CloseCode.RateLimited,
                "More events of this kind than the limit (a second); the value counts those dropped.",
                index < Signals.Count ? Signals.RateOf(index).PerSecond : _perSecond,
                budget.Dropped);
    }
}
