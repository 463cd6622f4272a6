using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Load.Measure;
using Relay.Load.Recordings.AsLoad;
using Relay.Load.Server;
using Relay.Load.Wire;
using Spectre.Console;

namespace Relay.Load.Cli;

/// <summary>The table that people read and the file that programs read.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The figures that people are shown, in this order.</summary>
    public static readonly IReadOnlyList<FigureRow> Rows =
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
        ("heap_kib_per_connection", "Server heap KiB / connection", "0.0"),
        ("rss_before_mib", "Server RSS MiB, before", "0.0"),
        ("rss_after_mib", "Server RSS MiB, after", "0.0"),
        ("rss_peak_mib", "Server RSS MiB, peak", "0.0"),
        ("gc_gen2", "Full collections", "0"),
        ("reliable_per_s", "Reliable deliveries / s", "N0"),
        ("server_cpu_ns_per_reliable_delivery", "Server CPU ns / reliable delivery", "N0"),
        ("deeds_per_s", "Numbered messages / s", "N0"),
        ("refused", "Refused", "N0"),
        ("disconnects", "Connections cut", "N0"),
        ("resumed", "Sessions taken up again", "N0"),
        ("rejoins", "Left and joined again", "N0"),
        ("lost", "Lost", "0"),
        ("duplicated", "Duplicated", "0"),
        ("reordered", "Reordered", "0"),
        ("misdirected", "Misdirected", "0"),
        ("state_mismatches", "State mismatches", "0"),
        ("snapshots", "Snapshots over a gap", "0"),
        ("objects", "Objects", "N0"),
        ("attributes", "Attributes", "N0"),
        ("acknowledged_per_s", "Stored and acknowledged / s", "N0"),
        ("acknowledged_p50_ms", "Acknowledged after p50 ms", "0.00"),
        ("acknowledged_p99_ms", "Acknowledged after p99 ms", "0.00"),
        ("server_cpu_us_per_acknowledged", "Server CPU µs / acknowledged", "0.0"),
        ("unstored", "Answered 4500", "N0"),
        ("joins", "Late joins", "N0"),
        ("join_p50_ms", "Join until consistent p50 ms", "0.00"),
        ("join_p99_ms", "Join until consistent p99 ms", "0.00"),
        ("server_cpu_ms_per_join", "Server CPU ms / join", "0.000"),
        ("wire_kib_per_join", "TCP payload KiB / join", "N0"),
        ("join_cpu_ratio", "Server CPU of a join, second size ÷ first", "0.00"),
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
        ("churn_opened", "Churn: opened", "N0"),
        ("churn_refused", "Churn: refused", "N0"),
        ("churn_failed", "Churn: failed", "N0"),
        ("churn_open_at_end", "Churn: open at the end", "N0"),
        ("churn_left_in_server", "Churn: left in the server", "N0"),
        ("replay_sent", "Recording: frames sent", "N0"),
        ("replay_skipped", "Recording: frames skipped", "N0"),
        ("replay_refused", "Recording: frames refused", "N0"),
        ("stalled_waiting_bytes", "Stalled: bytes waiting, most", "N0"),
        ("stalled_held_bytes", "Stalled: bytes held in user space", "N0"),
        ("stalled_oldest_ms", "Stalled: oldest batch ms, most", "N0"),
        ("stalled_newest_ms", "Stalled: newest batch ms, most", "N0"),
        ("stalled_closed", "Stalled: closed by the server", "0"),
    ];

    /// <summary>Prints what a workload measured.</summary>
    public static void Print(IAnsiConsole console, string title, JsonObject figures)
    {
        console.WriteLine(title);
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("Figure").AddColumn(new TableColumn("Value").RightAligned());
        foreach (FigureRow row in Rows.Where(row => figures[row.Field] is not null))
        {
            table.AddRow(row.Title, row.Text(figures[row.Field]));
        }

        console.Write(table);
    }

    /// <summary>Prints each member that did not read, of each run.</summary>
    public static void PrintStalled(IAnsiConsole console, IReadOnlyList<JsonObject> runs)
    {
        if (!runs.Any(run => run["stalled"] is JsonArray))
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumns("Run", "Stalled member", "Bytes waiting", "Batches", "Oldest ms", "Newest ms", "± ms", "Caught up", "Closed");
        for (int run = 0; run < runs.Count; run++)
        {
            StalledFigures[] members = runs[run]["stalled"]?.Deserialize<StalledFigures[]>() ?? [];
            for (int i = 0; i < members.Length; i++)
            {
                table.AddRow([.. Cells(run, i, members[i])]);
            }
        }

        console.Write(table);
    }

    /// <summary>Prints what joins of several sizes took, of each run.</summary>
    public static void PrintLateJoins(IAnsiConsole console, IReadOnlyList<JsonObject> runs)
    {
        if (!runs.Any(run => run["late_joins"] is JsonArray))
        {
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumns("Run", "Objects", "Joins", "p50 ms", "p99 ms", "Server CPU ms", "TCP payload KiB");
        for (int run = 0; run < runs.Count; run++)
        {
            foreach (LateJoinFigures size in runs[run]["late_joins"]?.Deserialize<LateJoinFigures[]>() ?? [])
            {
                FormattableString[] cells =
                [
                    $"{run + 1}", $"{size.Objects}", $"{size.Joins}", $"{size.P50Millis:0.0}", $"{size.P99Millis:0.0}",
                    $"{size.ServerCpuMillis:0.000}", $"{size.WireKib:N0}",
                ];
                table.AddRow([.. cells.Select(FormattableString.Invariant)]);
            }
        }

        console.Write(table);
    }

    /// <summary>One line that says what was run.</summary>
    public static string Title(LoadOptions options) => $"{Workload(options)}, road {options.Road}"
        + (options.Runs > 1 ? string.Create(CultureInfo.InvariantCulture, $", median of {options.Runs}") : string.Empty);

    /// <summary>What a workload is, without the road.</summary>
    public static string Workload(LoadOptions options)
    {
        string tick = options.TickMillis == 0 ? "no tick" : string.Create(CultureInfo.InvariantCulture, $"tick {options.TickMillis} ms");
        string what = options switch
        {
            { TracksFile: { } file } => $"{Path.GetFileName(file)} × {options.Scale}",
            { FromFile: { } recording } => string.Create(
                CultureInfo.InvariantCulture, $"{Path.GetFileName(recording)} × {options.Scale} at speed {options.Speed}"),
            { Idle: not null } => "idle connections",
            { LateJoin.Count: > 0 } => string.Create(
                CultureInfo.InvariantCulture, $"late joins, {string.Join(" and ", options.LateJoin)} objects, {options.Clients} members"),
            { Durable: true, Writers: { } writers } => string.Create(
                CultureInfo.InvariantCulture, $"durable sets, {writers.Rooms} room(s) × {writers.Clients}, {options.Window} at a time, {DatabaseOf(options)}"),
            { State: true } => string.Create(
                CultureInfo.InvariantCulture,
                $"room state, {options.Rooms} room(s) × {options.Clients} × {options.Rate}/s, {options.Disconnects} cuts/s, {options.Seconds} s"),
            { StateRate: true } => string.Create(
                CultureInfo.InvariantCulture, $"attribute sets, {options.Rooms} room(s) × {options.Clients} × {options.Rate}/s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{options.Rooms} room(s) × {options.Clients} × {options.Rate} Hz"),
        };
        return $"{what}, {tick}, cadence {options.Cadence}, {TransportNames.NameOf(options.Transport)}";
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
        if (options.FromFile is not null)
        {
            report["remarks"] = FromRun.Remarks;
        }

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

    /// <summary>The options of a run that make its figures what they are.</summary>
    public static JsonObject Parameters(LoadOptions options) => new()
    {
        ["rooms"] = options.Rooms,
        ["clients"] = options.Clients,
        ["rate_hz"] = options.Rate,
        ["tick_ms"] = options.TickMillis,
        ["cadence"] = options.Cadence,
        ["seconds"] = options.Seconds,
        ["warmup_s"] = options.Warmup,
        ["transport"] = TransportNames.NameOf(options.Transport),
        ["road"] = options.Road,
        ["server_cpu"] = options.ServerCpu,
        ["client_cpu"] = options.ClientCpu,
        ["tracks"] = options.TracksFile is { } tracks ? Path.GetFileName(tracks) : null,
        ["from"] = options.FromFile is { } recording ? Path.GetFileName(recording) : null,
        ["scale"] = options.Scale,
        ["speed"] = options.Speed,
        ["idle"] = options.Idle,
        ["churn"] = options.Churn,
        ["stalled"] = options.Stalled,
        ["state"] = options.State,
        ["state_rate"] = options.StateRate,
        ["disconnects"] = options.Disconnects,
        ["late_join"] = new JsonArray([.. options.LateJoin.Select(size => JsonValue.Create(size))]),
        ["joins"] = options.Joins,
        ["durable_rooms"] = options.Writers?.Rooms,
        ["durable_clients"] = options.Writers?.Clients,
        ["durable_rate_hz"] = options.Writers?.Rate,
        ["window"] = options.Writers is null ? null : options.Window,
        ["database"] = options.Writers is null ? null : DatabaseOf(options),
        ["database_delay_ms"] = options.DatabaseDelayMillis,
    };

    /// <summary>Which kind of database, without where it is.</summary>
    private static string DatabaseOf(LoadOptions options) => options.Database switch
    {
        null => "SQLite",
        var given when given.StartsWith("Data Source", StringComparison.OrdinalIgnoreCase) => "SQLite",
        _ => "PostgreSQL",
    };

    private static IEnumerable<string> Cells(int run, int member, StalledFigures figures)
    {
        object?[] cells =
        [
            run + 1, member + 1, figures.WaitingBytes, figures.Batches, figures.OldestMillis, figures.NewestMillis, figures.AgeErrorMillis,
            figures.CaughtUp ? "yes" : "no", figures.Closed ? "yes" : "no",
        ];
        return cells.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? string.Empty);
    }
}
