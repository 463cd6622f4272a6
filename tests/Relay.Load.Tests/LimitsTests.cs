using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Load.Check;
using Relay.Load.Cli;
using Relay.Load.Wire;

namespace Relay.Load.Tests;

public sealed class LimitsTests
{
    [Theory]
    [InlineData(null, 10.0, 10.0, true)]
    [InlineData(null, 10.0, 10.1, false)]
    [InlineData(0.99, null, 0.99, true)]
    [InlineData(0.99, null, 0.98, false)]
    [InlineData(1.0, 2.0, 1.5, true)]
    [InlineData(1.0, 2.0, 2.5, false)]
    [InlineData(null, 10.0, double.NaN, false)]
    [InlineData(null, 10.0, null, false)]
    public void Limit_holds_between_min_and_max_and_never_for_what_was_not_measured(double? min, double? max, double? value, bool expected) =>
        Assert.Equal(expected, new Limit { Min = min, Max = max }.Holds(value));

    [Fact]
    public void Verdict_names_workload_figure_and_limit()
    {
        var workload = new Workload { Name = "W", Arguments = [], Limits = new() { ["p99_ms"] = new Limit { Max = 65 }, ["gc_gen2"] = new Limit { Min = 1, Max = 2 } } };
        Verdict[] verdicts = [.. Verdict.Of(workload, new JsonObject { ["p99_ms"] = 66.0, ["gc_gen2"] = 1.0 })];
        Assert.Equal([false, true], verdicts.Select(verdict => verdict.Passed));
        Assert.Equal(["≤ 65", "1 to 2"], verdicts.Select(verdict => verdict.LimitText));
    }

    [Fact]
    public void The_file_of_the_repository_is_valid_and_holds_the_stated_workloads()
    {
        LimitsFile file = LimitsFile.Read(Path.Combine(AppContext.BaseDirectory, "limits.json"));
        Assert.Equal(
            ["W1", "W2", "W3", "W1-10ms", "W2-10ms", "W3-10ms", "tick0", "W1-pipe", "W2-pipe", "W3-pipe", "tick0-pipe"],
            file.Workloads.Select(workload => workload.Name));
        LoadOptions[] options = [.. file.Workloads.Select(workload => workload.Options())];
        Assert.All(options, one => Assert.Null(one.Validate()));
        Assert.All(options.Take(7), one => Assert.Equal(("direct", LoadTransport.Ws), (one.Road, one.Transport)));
        Assert.All(options.Skip(7), one => Assert.Equal(("pipe", LoadTransport.Tcp), (one.Road, one.Transport)));
        Assert.Equal(["tick", "tick", "tick", "10", "10", "10", "0", "tick", "tick", "tick", "0"], options.Select(one => one.Cadence));
        Assert.Equal((1, 400, 10.0, 50.0), (options[2].Rooms, options[2].Clients, options[2].Rate, options[2].TickMillis));
        Assert.Equal(
            [150, 430, 60, 330, 620, 80, null, 1300, 2200, 280, null],
            file.Workloads.Select(workload => workload.Limits.GetValueOrDefault("server_cpu_ns_per_delivery")?.Max));
        Assert.Equal([2, 4], file.Workloads.Where(workload => workload.Name.StartsWith("tick0", StringComparison.Ordinal)).Select(workload => workload.Limits["p99_ms"].Max));
    }

    [Fact]
    public void A_workload_that_is_a_comparison_is_refused()
    {
        var workload = new Workload { Name = "W9", Arguments = ["--road", "both"], Limits = [] };
        LoadException error = Assert.Throws<LoadException>(() => workload.Options());
        Assert.Equal("--check: workload 'W9': a workload cannot be a comparison (--road both, --versus)", error.Message);
    }

    [Fact]
    public void A_limit_on_what_is_no_number_is_refused() =>
        Assert.Throws<JsonException>(() => LimitsFile.Parse("""
            { "workloads": [ { "name": "W", "arguments": [], "limits": { "stalled": { "max": 1 } } } ] }
            """));

    [Fact]
    public void A_limit_on_an_unknown_figure_is_refused()
    {
        JsonException error = Assert.Throws<JsonException>(() => LimitsFile.Parse("""{ "workloads": [ { "name": "W", "arguments": [], "limits": { "p98_ms": { "max": 1 } } } ] }"""));
        Assert.Contains("p98_ms", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_field_is_refused() =>
        Assert.Throws<JsonException>(() => LimitsFile.Parse("""{ "workloads": [], "wrokloads": [] }"""));

    [Fact]
    public void Wrong_arguments_of_a_workload_are_told_with_its_name()
    {
        LoadException error = Assert.Throws<LoadException>(() => new Workload { Name = "W9", Arguments = ["--rooms", "0"], Limits = [] }.Options());
        Assert.Contains("W9", error.Message, StringComparison.Ordinal);
        Assert.Contains("--rooms must be 1 to 100000; it is 0", error.Message, StringComparison.Ordinal);
    }
}
