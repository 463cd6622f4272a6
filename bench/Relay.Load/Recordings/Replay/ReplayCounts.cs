using Relay.Load.Measure;
using Relay.Protocol;

namespace Relay.Load.Recordings.Replay;

/// <summary>What a replay did, and what it could not do. Any thread.</summary>
internal sealed class ReplayCounts
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _sent = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Name, string Why), long> _skipped = [];
    private readonly SortedDictionary<CloseCode, long> _refused = [];
    private readonly List<string> _lost = [];
    private readonly LatencyHistogram _lag = new();
    private long _maxLag;

    /// <summary>Frames that were sent, by type.</summary>
    public IReadOnlyDictionary<string, long> Sent => Copy(_sent);

    /// <summary>What was not sent, by type and reason.</summary>
    public IReadOnlyDictionary<(string Name, string Why), long> Skipped => Copy(_skipped);

    /// <summary>What the server refused.</summary>
    public IReadOnlyDictionary<CloseCode, long> Refused => Copy(_refused);

    /// <summary>Sessions that ended without being asked to, and why.</summary>
    public IReadOnlyList<string> Lost
    {
        get
        {
            lock (_gate)
            {
                return [.. _lost];
            }
        }
    }

    /// <summary>How much later than it was due the last of one per cent was done, in nanoseconds.</summary>
    public double LagP99Nanos
    {
        get
        {
            lock (_gate)
            {
                return _lag.Quantile(0.99);
            }
        }
    }

    public long MaxLagNanos => _maxLag;

    public void AddSent(Act act) => Add(_sent, act.Type.ToString());

    public void AddSkipped(Act act, string why) => Add(_skipped, (act.Type.ToString(), why));

    public void AddRefused(CloseCode code) => Add(_refused, code);

    public void AddLost(string reason)
    {
        lock (_gate)
        {
            _lost.Add(reason);
        }
    }

    /// <summary>Something was done.</summary>
    /// <param name="nanos">How much later than it was due.</param>
    public void AddLag(long nanos)
    {
        lock (_gate)
        {
            _lag.Record(nanos);
            _maxLag = Math.Max(_maxLag, nanos);
        }
    }

    /// <summary>As it is now: the load goes on while it is read.</summary>
    private SortedDictionary<T, long> Copy<T>(SortedDictionary<T, long> counts)
        where T : notnull
    {
        lock (_gate)
        {
            return new SortedDictionary<T, long>(counts, counts.Comparer);
        }
    }

    private void Add<T>(SortedDictionary<T, long> counts, T key)
        where T : notnull
    {
        lock (_gate)
        {
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }
}
