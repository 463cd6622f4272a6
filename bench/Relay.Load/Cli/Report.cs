using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Load.Server;
using Spectre.Console;

namespace Relay.Load.Cli;

/// <summary>The table that people read and the file that programs read.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly (string Field, string Title, string Format)[] Rows =
    [
        ("delivered_per_s", "Deliveries / s", "N0"),
        ("delivery_ratio", "Delivery ratio", "0.0000"),
        ("server_cpu_ns_per_delivery", "Server CPU ns / delivery", "N0"),
        ("p50_ms", "Latency p50 ms", "0.00"),
        ("p99_ms", "Latency p99 ms", "0.00"),
        ("p999_ms", "Latency p99.9 ms", "0.00"),
        ("wire_bytes_per_delivery", "TCP payload B / delivery", "0.00"),
        ("server_alloc_bytes_per_delivery", "Server allocation B / delivery", "0.0000"),
        ("rss_kib_per_connection", "Server RSS KiB / connection", "0.0"),
        ("gc_gen2", "Full collections", "0"),
        ("bad_values", "Bad values", "0"),
        ("presence_errors", "Presence errors", "0"),
        ("people", "People", "0"),
        ("arrivals", "Arrivals seen by both", "0"),
        ("departures", "Departures seen by both", "0"),
        ("positions_recorded", "Positions recorded", "N0"),
        ("positions_seen_tcp", "Positions seen over TCP", "N0"),
        ("positions_seen_ws", "Positions seen over WebSocket", "N0"),
        ("connections", "Connections", "N0"),
        ("server_cpu_pct", "Server CPU %", "0"),
        ("tester_cpu_pct", "Tester CPU %", "0"),
        ("tester_lag_p99_ms", "Tester's own lag p99 ms", "0.00"),
        ("sends_skipped", "Sends skipped", "0"),
    ];

    /// <summary>Prints what a workload measured.</summary>
    public static void Print(IAnsiConsole console, string title, JsonObject figures)
    {
        console.WriteLine(title);
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("Figure").AddColumn(new TableColumn("Value").RightAligned());
        foreach ((string field, string name, string format) in Rows)
        {
            if (figures[field] is { } value)
            {
                table.AddRow(name, value.GetValue<double>().ToString(format, CultureInfo.InvariantCulture));
            }
        }

        console.Write(table);
    }

    /// <summary>One line that says what was run.</summary>
    public static string Title(LoadOptions options)
    {
        string tick = options.TickMillis == 0 ? "no tick" : string.Create(CultureInfo.InvariantCulture, $"tick {options.TickMillis} ms");
        string what = options switch
        {
            { TracksFile: { } file } => $"{Path.GetFileName(file)} × {options.Scale}",
            { Idle: not null } => "idle connections",
            _ => string.Create(CultureInfo.InvariantCulture, $"{options.Rooms} room(s) × {options.Clients} × {options.Rate} Hz"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{what}, {tick}, cadence {options.Cadence}, {TransportName(options)}, road {options.Road}")
            + (options.Runs > 1 ? string.Create(CultureInfo.InvariantCulture, $", median of {options.Runs}") : string.Empty);
    }

    /// <summary>The whole report: figures on top, then what was run and where.</summary>
    public static JsonObject ToJson(LoadOptions options, JsonObject figures, IReadOnlyList<JsonObject> runs)
    {
        var report = (JsonObject)figures.DeepClone();
        report["parameters"] = Parameters(options);
        report["seed"] = options.Seed;
        report["git_commit"] = Machine.Commit;
        report["machine"] = new JsonObject
        {
            ["cpu"] = Machine.ProcessorModel,
            ["cores"] = Machine.Processors,
            ["kernel"] = Machine.Kernel,
            ["runtime"] = Environment.Version.ToString(),
        };
        if (runs.Count > 1)
        {
            report["runs"] = new JsonArray([.. runs.Select(run => run.DeepClone())]);
        }

        return report;
    }

    /// <summary>Writes a report.</summary>
    /// <exception cref="LoadException">The file cannot be written.</exception>
    public static void Write(string file, JsonNode report)
    {
        try
        {
            File.WriteAllText(file, report.ToJsonString(Indented) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"--json: cannot write '{file}': {e.Message}");
        }
    }

    private static string TransportName(LoadOptions options) => options.Transport == Wire.LoadTransport.Tcp ? "tcp" : "ws";

    private static JsonObject Parameters(LoadOptions options) => new()
    {
        ["rooms"] = options.Rooms,
        ["clients"] = options.Clients,
        ["rate_hz"] = options.Rate,
        ["tick_ms"] = options.TickMillis,
        ["cadence"] = options.Cadence,
        ["seconds"] = options.Seconds,
        ["warmup_s"] = options.Warmup,
        ["transport"] = TransportName(options),
        ["road"] = options.Road,
        ["server_cpu"] = options.ServerCpu,
        ["client_cpu"] = options.ClientCpu,
        ["tracks"] = options.TracksFile is { } tracks ? Path.GetFileName(tracks) : null,
        ["scale"] = options.Scale,
        ["speed"] = options.Speed,
        ["idle"] = options.Idle,
    };
}
