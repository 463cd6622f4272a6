using System.Diagnostics.Metrics;
using Relay.Core.Transport;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>The relay's metrics: meter <c>Relay.Server</c>. Names are lower-case and dotted, units UCUM, times in seconds. No tag names a
/// room or a user.</summary>
internal sealed class RelayMetrics
{
    public const string MeterName = "Relay.Server";

    private readonly UpDownCounter<long> _activeConnections;
    private readonly Histogram<double> _connectionDuration;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _saves;
    private readonly Counter<long> _storeFailures;
    private readonly Histogram<double> _saveDuration;

    public RelayMetrics(IMeterFactory factory)
    {
        Meter = factory.Create(MeterName);
        _activeConnections = Meter.CreateUpDownCounter<long>(
            "relay.server.active_connections", "{connection}", "Connections whose Hello was accepted.");
        _connectionDuration = Meter.CreateHistogram<double>(
            "relay.server.connection.duration", "s", "How long connections lasted, by the code that they ended with.");
        _rejected = Meter.CreateCounter<long>(
            "relay.server.rejected_connections", "{connection}", "Connections that were turned away before or at their Hello.");
        _saves = Meter.CreateCounter<long>("relay.store.saves", "{batch}", "Batches of changes that the store of rooms has taken.");
        _saveDuration = Meter.CreateHistogram<double>("relay.store.save.duration", "s", "How long the store of rooms took for a batch.");
        _storeFailures = Meter.CreateCounter<long>("relay.store.failures", "{call}", "Calls of the store of rooms that failed.");
    }

    public Meter Meter { get; }

    /// <summary>Adds the instruments that read state which is kept anyway.</summary>
    public void Observe(RelayServer server)
    {
        Observe("relay.server.active_rooms", "{room}", "Rooms that are open.", () => server.RoomCount);
        Observe(
            "relay.server.suspended_sessions", "{session}", "Sessions whose connection broke and whose client may come back.",
            () => server.SuspendedCount);
        Count("relay.server.sessions.resumed", "{session}", "Sessions that were taken up again.", () => server.Sum(stats => stats.Resumed));
        Observe("relay.server.active_members", "{member}", "Members in rooms.", () => server.MemberCount);
        Count("relay.server.frames", "{frame}", "Frames received.", () => server.IngressStats.FramesIn);
        Count(
            "relay.server.frames.dropped", "{frame}", "Frames dropped by the frame limit or as too late.",
            () => server.IngressStats.FramesDropped);
        Count(
            "relay.server.frames.refused", "{frame}", "Messages refused, told or not.",
            () => server.Sum(stats => stats.Refusals) + server.IngressStats.RefusedUntold);
        Count(
            "relay.server.transforms.superseded", "{transform}", "Transforms replaced by a newer one before they were fetched.",
            () => server.IngressStats.Superseded);
        Count("relay.server.io.received", "By", "Bytes received, with transport headers.", () => server.IngressStats.BytesIn);
        Count("relay.server.io.sent", "By", "Bytes of frames sent by rooms.", () => server.Sum(stats => stats.BytesOut));
        Count(
            "relay.server.transmissions", "{transmission}", "Buffers handed to connections by rooms.",
            () => server.Sum(stats => stats.TransmissionsOut));
        Count(
            "relay.server.receivers.conflated", "{receiver}", "Times that a receiver was passed over because its last write had not gone.",
            () => server.Sum(stats => stats.Conflated));
        Observe(
            "relay.server.queue.size", "By", "Bytes that connections on the direct road hold since their receivers have not taken them.",
            () => server.HeldBytes);
        Count(
            "relay.server.accept.pauses", "{pause}", "Times that accepting had to pause for want of descriptors.",
            () => server.IngressStats.AcceptPauses);
        Count(
            "relay.server.connections.shed", "{connection}", "Connections reset at the door since descriptors were scarce.",
            () => server.IngressStats.Shed);
        Count("relay.server.handler.failures", "{call}", "Calls of room handlers that failed.", () => server.HandlerStats.Failed);
        Count(
            "relay.server.handler.timeouts", "{call}", "Calls of room handlers that overran their time, or had to wait for one that did.",
            () => server.HandlerStats.Late);
        Count(
            "relay.server.handler.ticks.skipped", "{tick}", "Ticks of room handlers left out since one was still running.",
            () => server.HandlerStats.TicksSkipped);
        Count(
            "relay.server.handler.arrivals.untold", "{member}",
            "Members whose stay a room handler was not told of since too many calls waited.", () => server.HandlerStats.Untold);
        Count(
            "relay.observer.dropped", "{event}", "Events of rooms and members that observers were not told of since too many waited.",
            () => server.Untold);
        Observe(
            "relay.store.unsaved", "{change}", "Things in rooms that have changed and are not stored yet.",
            () => server.Sum(stats => stats.Unsaved));
        Count("relay.server.snapshots", "{snapshot}", "Presence snapshots sent.", () => server.Sum(stats => stats.Snapshots));
        Count("relay.server.ticks", "{tick}", "Ticks that had something to send.", () => server.Sum(stats => stats.Ticks));
        Count(
            "relay.server.ticks.late", "{tick}", "Ticks that came more than one interval late.",
            () => server.Sum(stats => stats.LateTicks));
    }

    /// <summary>The store has taken a batch.</summary>
    public void Saved(TimeSpan took)
    {
        _saves.Add(1);
        _saveDuration.Record(took.TotalSeconds);
    }

    /// <summary>A call of the store failed.</summary>
    public void SaveFailed() => _storeFailures.Add(1);

    /// <summary>A connection was accepted.</summary>
    public void Opened(ConnectionKind kind) => _activeConnections.Add(1, Transport(kind), Road(kind));

    /// <summary>It has ended.</summary>
    public void Closed(ConnectionKind kind, CloseCode code, TimeSpan lasted)
    {
        _activeConnections.Add(-1, Transport(kind), Road(kind));
        if (_connectionDuration.Enabled)
        {
            _connectionDuration.Record(lasted.TotalSeconds, Transport(kind), Road(kind), Reason(code));
        }
    }

    /// <summary>A connection was turned away.</summary>
    public void Rejected(ConnectionKind kind, CloseCode code) => _rejected.Add(1, Transport(kind), Reason(code));

    private static KeyValuePair<string, object?> Transport(ConnectionKind kind) => new("network.transport", kind.TransportName);

    private static KeyValuePair<string, object?> Road(ConnectionKind kind) => new("relay.road", kind.RoadName);

    private static KeyValuePair<string, object?> Reason(CloseCode code) => new("relay.close.reason", CloseCodes.Name(code));

    private void Observe(string name, string unit, string description, Func<long> read) =>
        Meter.CreateObservableUpDownCounter(name, read, unit, description);

    private void Count(string name, string unit, string description, Func<long> read) =>
        Meter.CreateObservableCounter(name, read, unit, description);
}
