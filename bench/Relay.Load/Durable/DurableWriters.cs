using System.Globalization;
using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Server;
using Relay.Load.Walkers;
using Relay.Load.Wire;

namespace Relay.Load.Durable;

/// <summary>Members of some rooms who set persistent attributes: a workload of their own, or beside walkers.</summary>
internal sealed class DurableWriters : IDisposable
{
    private static readonly TimeSpan PaceStep = TimeSpan.FromMilliseconds(1);

    private readonly DurablePlan _plan;
    private readonly DurableMember[] _members;
    private readonly Crowd _crowd = new();
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly Thread _pace;

    public DurableWriters(WriterLoad load, int window)
    {
        _plan = new DurablePlan(window, load.Rate);
        _members =
        [
            .. from index in Enumerable.Range(0, load.Clients)
               from room in Enumerable.Range(0, load.Rooms)
               select new DurableMember(string.Create(CultureInfo.InvariantCulture, $"durable-{room}"), index, _plan),
        ];
        _pace = new Thread(Pace) { IsBackground = true, Name = "durable writes" };
    }

    /// <summary>How many there are.</summary>
    public int Count => _members.Length;

    /// <summary>Sets that were answered with Done while it was measured.</summary>
    public long Acknowledged => _members.Sum(member => member.Latency.Count);

    /// <summary>Lets all of them join.</summary>
    /// <exception cref="LoadException">One could not connect or join.</exception>
    public Task JoinAsync(Target target, LoadTransport transport, WireCounter wire, Progress progress, CancellationToken cancellationToken) =>
        _crowd.OpenAsync(
            _members, target.Address, transport, wire, (member, connection) => member.Connection = connection, progress, cancellationToken);

    /// <summary>They begin.</summary>
    /// <param name="from">From when answers count.</param>
    /// <param name="to">Until when.</param>
    public void Begin(long from, long to)
    {
        _plan.Measure(from, to);
        if (_plan.PeriodNanos > 0)
        {
            _pace.Start();
        }
        else
        {
            PumpAll();
        }
    }

    /// <summary>They set nothing more.</summary>
    /// <param name="figures">What was measured besides.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="serverNanos">The server's processor time, if it did nothing else.</param>
    /// <returns>The figures, with theirs.</returns>
    /// <exception cref="LoadException">One was refused, or its connection broke.</exception>
    public Figures End(Figures figures, double seconds, double? serverNanos)
    {
        _plan.IsOver = true;
        _stop.Set();
        if (_members.FirstOrDefault(member => member.Fault is not null) is { } broken)
        {
            throw new LoadException($"a member that sets attributes in room '{broken.RoomName}' failed: {broken.Fault}");
        }

        var latency = new LatencyHistogram();
        foreach (DurableMember member in _members)
        {
            latency.Add(member.Latency);
        }

        return figures with
        {
            AcknowledgedPerSecond = latency.Count / seconds,
            AcknowledgedP50Millis = latency.Quantile(0.5) / 1e6,
            AcknowledgedP99Millis = latency.Quantile(0.99) / 1e6,
            ServerCpuMicrosPerAcknowledged = latency.Count > 0 ? serverNanos / 1000 / latency.Count : null,
            Unstored = _members.Sum(member => member.Unstored),
        };
    }

    public void Dispose()
    {
        _plan.IsOver = true;
        _stop.Set();
        if (_pace.IsAlive)
        {
            _pace.Join();
        }

        _stop.Dispose();
        _crowd.Dispose();
    }

    private void PumpAll()
    {
        long now = Clock.NowNanos;
        foreach (DurableMember member in _members)
        {
            member.Pump(now);
        }
    }

    private void Pace()
    {
        do
        {
            PumpAll();
        }
        while (!_stop.WaitOne(PaceStep));
    }
}
