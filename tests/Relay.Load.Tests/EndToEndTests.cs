using System.Text.Json.Nodes;

namespace Relay.Load.Tests;

/// <summary>
/// The tester as users run it, against the real server in a process of its own. What is held here is right or wrong, never how fast.
/// </summary>
public sealed class EndToEndTests : IDisposable
{
    private readonly string _json = Path.Combine(Path.GetTempPath(), $"relay-load-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_json);

    [Theory]
    [InlineData("tcp")]
    [InlineData("ws")]
    public async Task Walkers_are_all_delivered_and_no_value_is_wrong(string transport)
    {
        JsonObject report = await RunAsync("--rooms", "2", "--clients", "5", "--rate", "20", "--seconds", "1.5", "--warmup", "0.5", "--transport", transport);
        Assert.Equal(0, Number(report, "bad_values"));
        Assert.Equal(0, Number(report, "presence_errors"));
        Assert.InRange(Number(report, "delivery_ratio"), 0.95, 1.0);
        Assert.True(Number(report, "wire_bytes_per_delivery") > 11);
        Assert.Equal(10, Number(report, "connections"));
    }

    [Fact]
    public async Task Recorded_people_are_seen_by_both_observers_and_come_and_go_once()
    {
        // Whether a position was seen in time is a claim about the machine as well: a stalled one may miss some, and the tester then
        // exits with 1.
        (int code, string output) = await TesterProcess.RunAsync(
            "--tracks", TrackFileTests.FivePeople, "--scale", "2", "--speed", "4", "--json", _json);
        Assert.True(code is 0 or 1, $"exit code {code}: {output}");
        JsonObject report = JsonNode.Parse(await File.ReadAllTextAsync(_json))!.AsObject();
        Assert.Equal(10, Number(report, "people"));
        Assert.Equal(10, Number(report, "arrivals"));
        Assert.Equal(10, Number(report, "departures"));
        Assert.Equal(118, Number(report, "positions_recorded"));
        Assert.InRange(Number(report, "positions_seen_tcp"), 80, 118);
        Assert.InRange(Number(report, "positions_seen_ws"), 80, 118);
        Assert.Equal(0, Number(report, "presence_errors"));
        Assert.Equal(0, Number(report, "bad_values"));
    }

    [Fact]
    public async Task Idle_connections_have_a_size()
    {
        JsonObject report = await RunAsync("--idle", "200", "--seconds", "0.5");
        Assert.Equal(200, Number(report, "connections"));
        Assert.NotNull(report["rss_kib_per_connection"]);
    }

    [Fact]
    public async Task Check_exits_with_1_on_a_missed_limit()
    {
        string file = Path.ChangeExtension(_json, ".limits");
        await File.WriteAllTextAsync(file, """
            { "workloads": [ { "name": "small", "arguments": ["--clients", "2", "--seconds", "0.5", "--warmup", "0"],
              "limits": { "bad_values": { "max": 0 }, "connections": { "min": 3 } } } ] }
            """);
        try
        {
            (int code, string output) = await TesterProcess.RunAsync("--check", file, "--json", _json);
            Assert.Equal(1, code);
            Assert.Contains("MISS", output, StringComparison.Ordinal);
            Assert.False(JsonNode.Parse(await File.ReadAllTextAsync(_json))!["passed"]!.GetValue<bool>());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static double Number(JsonObject report, string field) => report[field]!.GetValue<double>();

    private async Task<JsonObject> RunAsync(params string[] arguments)
    {
        (int code, string output) = await TesterProcess.RunAsync([.. arguments, "--json", _json]);
        Assert.True(code == 0, $"exit code {code}: {output}");
        return JsonNode.Parse(await File.ReadAllTextAsync(_json))!.AsObject();
    }
}
