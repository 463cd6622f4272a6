using System.Diagnostics.Metrics;

namespace Relay.Host.Storage;

/// <summary>The storage's metrics: meter <c>Relay.Storage</c>. Tags as in OpenTelemetry's conventions for databases; none names a room or a
/// user.</summary>
internal sealed class StorageMetrics
{
    public const string MeterName = "Relay.Storage";

    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _retries;

    public StorageMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _duration = _meter.CreateHistogram<double>(
            "relay.db.operation.duration", "s", "How long operations on the database took, each attempt for itself.");
        _wait = _meter.CreateHistogram<double>(
            "relay.db.connection.wait_time", "s", "How long operations waited for a connection that was free.");
        _retries = _meter.CreateCounter<long>("relay.db.retries", "{retry}", "Attempts that failed and were made again.");
    }

    /// <summary>An attempt has ended.</summary>
    public void Done(DatabaseKind kind, string operation, TimeSpan took, string? fault)
    {
        if (!_duration.Enabled)
        {
            return;
        }

        if (fault is null)
        {
            _duration.Record(took.TotalSeconds, System(kind), Operation(operation));
        }
        else
        {
            _duration.Record(took.TotalSeconds, System(kind), Operation(operation), Error(fault));
        }
    }

    /// <summary>It is made again.</summary>
    public void Retried(DatabaseKind kind, string operation, string fault) =>
        _retries.Add(1, System(kind), Operation(operation), Error(fault));

    /// <summary>An operation had to wait for its connection.</summary>
    public void Waited(DatabaseKind kind, string operation, TimeSpan took) =>
        _wait.Record(took.TotalSeconds, System(kind), Operation(operation));

    /// <summary>Shows how many connections are in use.</summary>
    public void Observe(DatabaseKind kind, Turns reads, Turns writes) => _meter.CreateObservableUpDownCounter(
        "relay.db.connections.used",
        () => new Measurement<long>[]
        {
            new(reads.Used, System(kind), Operation("read")),
            new(writes.Used, System(kind), Operation("write")),
        },
        "{connection}",
        "Connections in use.");

    private static KeyValuePair<string, object?> System(DatabaseKind kind) =>
        new("db.system.name", kind == DatabaseKind.PostgreSql ? "postgresql" : "sqlite");

    private static KeyValuePair<string, object?> Operation(string operation) => new("db.operation.name", operation);

    private static KeyValuePair<string, object?> Error(string fault) => new("error.type", fault);
}
