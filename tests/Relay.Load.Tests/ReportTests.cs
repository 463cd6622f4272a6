using System.Text.Json.Nodes;
using Relay.Load.Cli;
using Relay.Load.Measure;

namespace Relay.Load.Tests;

public sealed class ReportTests
{
    private static readonly string[] Promised =
    [
        "delivered_per_s", "delivery_ratio", "server_cpu_ns_per_delivery", "p50_ms", "p99_ms", "p999_ms", "wire_bytes_per_delivery",
        "server_alloc_bytes_per_delivery", "rss_kib_per_connection", "gc_gen2", "bad_values",
    ];

    private static readonly string[] PromisedOfTracks =
        ["arrivals", "departures", "positions_recorded", "positions_seen_tcp", "positions_seen_ws", "presence_errors"];

    [Fact]
    public void Json_has_the_promised_fields_even_where_nothing_was_measured()
    {
        JsonObject json = new Figures().ToJson();
        Assert.All(Promised, field => Assert.True(json.ContainsKey(field), field));
    }

    [Fact]
    public void Json_of_tracks_has_theirs()
    {
        JsonObject json = new Figures { Arrivals = 1, Departures = 1, PositionsRecorded = 2, PositionsSeenTcp = 2, PositionsSeenWs = 2, PresenceErrors = 0 }.ToJson();
        Assert.All(PromisedOfTracks, field => Assert.True(json.ContainsKey(field), field));
    }

    [Fact]
    public void Report_adds_parameters_machine_commit_and_seed()
    {
        JsonObject report = Report.ToJson(new LoadOptions { Seed = 4 }, new Figures { P50Millis = 2 }.ToJson(), []);
        Assert.Equal(2, report["p50_ms"]!.GetValue<double>());
        Assert.Equal(4, report["seed"]!.GetValue<int>());
        Assert.Equal(100, report["parameters"]!["clients"]!.GetValue<int>());
        Assert.NotNull(report["machine"]!["cpu"]);
        Assert.NotNull(report["machine"]!["kernel"]);
        Assert.True(report["machine"]!["cores"]!.GetValue<int>() > 0);
        Assert.True(report.ContainsKey("git_commit"));
        Assert.False(report.ContainsKey("runs"));
    }

    [Fact]
    public void Report_of_several_runs_has_medians_on_top_and_each_run_below()
    {
        JsonObject[] runs = [.. new double[] { 9, 1, 4 }.Select(p50 => new Figures { P50Millis = p50, P99Millis = p50 > 5 ? null : p50 }.ToJson())];
        JsonObject report = Report.ToJson(new LoadOptions { Runs = 3 }, Median.Of(runs), runs);
        Assert.Equal(4, report["p50_ms"]!.GetValue<double>());
        Assert.Equal(2.5, report["p99_ms"]!.GetValue<double>());
        Assert.Null(report["p999_ms"]);
        Assert.Equal(3, report["runs"]!.AsArray().Count);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(0, 1, true)]
    public void A_run_with_bad_values_or_wrong_presence_is_wrong(double bad, double presence, bool expected) =>
        Assert.Equal(expected, Bench.IsWrong(new Figures { BadValues = bad, PresenceErrors = presence }.ToJson()));

    [Fact]
    public void A_run_of_tracks_with_unseen_positions_is_wrong()
    {
        Figures figures = new() { BadValues = 0, PresenceErrors = 0, PositionsRecorded = 10, PositionsSeenTcp = 10, PositionsSeenWs = 10 };
        Assert.False(Bench.IsWrong(figures.ToJson()));
        Assert.True(Bench.IsWrong((figures with { PositionsSeenWs = 9 }).ToJson()));
    }
}
