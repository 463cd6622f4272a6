using System.Text.Json.Nodes;

namespace Relay.Load.Tests;

/// <summary>Room state as users measure it, against the real server in a process of its own. What is held here is right or wrong, never how
/// fast.</summary>
public sealed class StateEndToEndTests : IDisposable
{
    private static readonly string[] Wrongs = ["lost", "duplicated", "reordered", "misdirected", "state_mismatches"];

    private readonly string _json = Path.Combine(Path.GetTempPath(), $"relay-load-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_json);

    [Theory]
    [InlineData("direct", "tcp")]
    [InlineData("direct", "ws")]
    [InlineData("pipe", "tcp")]
    [InlineData("pipe", "ws")]
    public async Task Everybody_is_told_everything_once_and_believes_the_same(string road, string transport)
    {
        JsonObject report = await RunAsync(
            "--state", "--members", "8", "--seconds", "3", "--warmup", "0", "--disconnects", "4", "--road", road, "--transport", transport);
        Assert.All(Wrongs, field => Assert.Equal(0, Number(report, field)));
        Assert.True(Number(report, "disconnects") > 0);
        Assert.True(Number(report, "resumed") > 0);
        Assert.True(Number(report, "objects") > 0);
        Assert.True(Number(report, "attributes") > 0);
        Assert.True(Number(report, "reliable_per_s") > 0);
    }

    [Fact]
    public async Task Several_rooms_are_checked_each_for_itself()
    {
        JsonObject report = await RunAsync("--state", "--rooms", "3", "--clients", "4", "--seconds", "2", "--warmup", "0", "--rate", "10");
        Assert.All(Wrongs, field => Assert.Equal(0, Number(report, field)));
        Assert.Equal(12, Number(report, "connections"));
    }

    [Fact]
    public async Task Steady_sets_reach_everybody_and_have_a_cost()
    {
        JsonObject report = await RunAsync("--state-rate", "--clients", "10", "--seconds", "2", "--warmup", "0.5");
        Assert.All(Wrongs, field => Assert.Equal(0, Number(report, field)));
        Assert.Equal(0, Number(report, "snapshots"));
        Assert.True(Number(report, "server_cpu_ns_per_reliable_delivery") > 0);
        Assert.NotNull(report["server_alloc_bytes_per_delivery"]);
        Assert.True(Number(report, "p50_ms") > 0);
        Assert.True(Number(report, "p99_ms") >= Number(report, "p50_ms"));
        Assert.Null(report["server_cpu_ns_per_delivery"]);
    }

    [Fact]
    public async Task Late_joins_of_two_sizes_are_told_and_compared()
    {
        JsonObject report = await RunAsync("--late-join", "20,40", "--joins", "3", "--clients", "5");
        JsonArray sizes = report["late_joins"]!.AsArray();
        Assert.Equal([20, 40], sizes.Select(size => size!["objects"]!.GetValue<int>()));
        Assert.All(sizes, size => Assert.Equal(3, size!["joins"]!.GetValue<int>()));
        Assert.All(sizes, size => Assert.True(size!["p99_ms"]!.GetValue<double>() >= size["p50_ms"]!.GetValue<double>()));
        Assert.Equal(400, Number(report, "attributes"));
        Assert.True(Number(report, "join_p50_ms") > 0);
        Assert.True(Number(report, "server_cpu_ms_per_join") > 0);
        Assert.True(Number(report, "join_cpu_ratio") > 0);
    }

    private static double Number(JsonObject report, string field) => report[field]!.GetValue<double>();

    private async Task<JsonObject> RunAsync(params string[] arguments)
    {
        (int code, string output) = await TesterProcess.RunAsync([.. arguments, "--json", _json]);
        Assert.True(code == 0, $"exit code {code}: {output}");
        return JsonNode.Parse(await File.ReadAllTextAsync(_json))!.AsObject();
    }
}
