using System.Text.Json.Nodes;
using Relay.Load.Compare;

namespace Relay.Load.Tests;

/// <summary>What goes on beside a workload, and comparisons, against the real server. What is held here is right or wrong, never how
/// fast.</summary>
public sealed class NeighbourEndToEndTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"relay-load-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Connections_that_come_and_go_are_counted_and_none_is_left()
    {
        JsonObject report = await RunAsync(
            "--clients", "4", "--rooms", "2", "--seconds", "2", "--warmup", "0.5", "--churn", "80", "--json", _file);
        Assert.InRange(Number(report, "churn_opened"), 100, 250);
        Assert.Equal(0, Number(report, "churn_refused"));
        Assert.Equal(0, Number(report, "churn_failed"));
        Assert.Equal(0, Number(report, "churn_left_in_server"));
        Assert.InRange(Number(report, "churn_open_at_end"), 0, 100);
        Assert.Equal(0, Number(report, "presence_errors"));
        Assert.Equal(0, Number(report, "bad_values"));
        Assert.InRange(Number(report, "rss_peak_mib"), 10, 2000);
        Assert.InRange(Number(report, "rss_before_mib"), 10, 2000);
        Assert.InRange(Number(report, "rss_after_mib"), 10, 2000);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("ws")]
    public async Task Members_that_do_not_read_find_old_batches_and_then_the_present(string transport)
    {
        JsonObject report = await RunAsync(
            "--clients", "20", "--seconds", "2", "--warmup", "1", "--stalled", "2", "--transport", transport, "--json", _file);
        JsonArray stalled = report["stalled"]!.AsArray();
        Assert.Equal(2, stalled.Count);
        foreach (JsonNode? member in stalled)
        {
            Assert.True(member!["caught_up"]!.GetValue<bool>());
            Assert.False(member["closed"]!.GetValue<bool>());
            Assert.InRange(member["waiting_bytes"]!.GetValue<long>(), 1, 1_000_000);
            Assert.InRange(member["oldest_ms"]!.GetValue<double>(), 1000, 20_000);
            Assert.InRange(member["newest_ms"]!.GetValue<double>(), 0, member["oldest_ms"]!.GetValue<double>());
        }

        Assert.Equal(0, Number(report, "stalled_closed"));
        Assert.Equal(0, Number(report, "presence_errors"));
        Assert.Equal(0, Number(report, "bad_values"));
    }

    [Fact]
    public async Task A_comparison_is_run_in_turns_written_and_drawn()
    {
        await RunAsync(
            "--clients", "3", "--seconds", "0.5", "--warmup", "0", "--runs", "2", "--versus", "--road pipe --stalled 1", "--out", _file);
        ComparisonResult result = ResultFile.Load(_file);
        Assert.Equal(("versus", 2), (result.Kind, result.Runs));
        Assert.DoesNotContain("--out", result.Arguments);
        ContestResult contest = Assert.Single(result.Contests);
        Assert.Equal(["auto", "pipe"], contest.Variants.Select(variant => variant.Parameters["road"]!.GetValue<string>()));
        Assert.All(contest.Variants, variant => Assert.Equal(2, variant.Runs.Length));
        Assert.All(contest.Variants[1].Runs, run => Assert.Single(run["stalled"]!.AsArray()));

        (int code, string svg, string errors) = await TesterProcess.StartAsync("--chart", _file);
        Assert.Equal((0, string.Empty), (code, errors));
        Assert.Equal(SvgChart.Draw(result), svg);
    }

    private static double Number(JsonObject report, string field) => report[field]!.GetValue<double>();

    private async Task<JsonObject> RunAsync(params string[] arguments)
    {
        (int code, string output) = await TesterProcess.RunAsync(arguments);
        Assert.True(code == 0, $"exit code {code}: {output}");
        return JsonNode.Parse(await File.ReadAllTextAsync(_file))!.AsObject();
    }
}
