using Relay.Load.Measure;
using Relay.Load.Recordings.Replay;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.AsLoad;

/// <summary>Counts what reaches whom in one replayed room: each new value of an avatar at each other member, and how long after it was
/// due.</summary>
/// <param name="window">Values that are due in it count.</param>
internal sealed class DeliveryWatch(LoadWindow window) : RoomWatch
{
    private readonly Dictionary<uint, SentValues> _sent = [];
    private int _members;

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Values of the window that reached another member, themselves or by a newer one.</summary>
    public long Deliveries { get; private set; }

    /// <summary>How many that would be if each reached everybody who was in the room when it was sent.</summary>
    public long Expected { get; private set; }

    /// <summary>Values received that nobody sent, or after a newer one.</summary>
    public long BadValues { get; set; }

    /// <summary>Presence, events and state received in the window.</summary>
    public long Reliable { get; private set; }

    public override SessionWatch Watch() => new DeliverySession(this);

    public override void Sending(uint member, in PackedTransform value, long dueNanos)
    {
        if (!_sent.TryGetValue(member, out SentValues? values))
        {
            _sent.Add(member, values = new SentValues());
        }

        if (values.TryAdd(value.WithoutPrefix(), dueNanos) && window.Holds(dueNanos))
        {
            Expected += Math.Max(0, _members - 1);
        }
    }

    public void Joined() => _members++;

    public void Gone() => _members--;

    public SentValues? SentOf(uint member) => _sent.GetValueOrDefault(member);

    /// <summary>A value reached somebody.</summary>
    public void Deliver(long dueNanos, long nowNanos)
    {
        if (window.Holds(dueNanos))
        {
            Deliveries++;
            Latency.Record(nowNanos - dueNanos);
        }
    }

    public void CountReliable(long nowNanos) => Reliable += window.Holds(nowNanos) ? 1 : 0;
}
