using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Load.Cli;
using Relay.Load.Compare;
using Relay.Load.Measure;

namespace Relay.Load.Tests;

public sealed class ComparisonResultTests
{
    /// <summary>Made up: pipe takes 300, 320 and 280 ns, direct 150, 140 and 160.</summary>
    internal static ComparisonResult Sample()
    {
        Variant OnRoad(string road) => new(road, $"--road {road}", new LoadOptions { Road = road });
        var contest = new Contest("W<1>", [OnRoad("pipe"), OnRoad("direct")]);
        return new ComparisonResult
        {
            Kind = "roads",
            Date = "2026-11-21T10:00:00Z",
            Commit = "0123456789abcdef-dirty",
            Seed = 1,
            Runs = 3,
            Arguments = ["--road", "both"],
            Machine = new MachineResult { Cpu = "Some & Co", Processors = 2, System = "Linux", Kernel = "6.1", Runtime = "10.0.0" },
            Contests = [Summary.Of(contest, [Runs(300, 320, 280), Runs(150, 140, 160)])],
        };
    }

    [Fact]
    public void Summary_has_medians_spread_and_ratios()
    {
        ContestResult contest = Sample().Contests[0];
        JsonObject direct = contest.Variants[1].Median;
        Assert.Equal(150, Number(direct, "server_cpu_ns_per_delivery"));
        Assert.Equal(140, Number(contest.Variants[1].Min, "server_cpu_ns_per_delivery"));
        Assert.Equal(160, Number(contest.Variants[1].Max, "server_cpu_ns_per_delivery"));
        Assert.Equal(0.5, Number(contest.Ratios, "server_cpu_ns_per_delivery"));
        Assert.Equal(3, contest.Variants[0].Runs.Length);
        Assert.Equal("pipe", contest.Variants[0].Parameters["road"]!.GetValue<string>());
    }

    [Fact]
    public void A_ratio_to_nothing_or_of_nothing_is_none()
    {
        JsonObject ratios = Summary.Ratios(
            new JsonObject { ["p50_ms"] = 0.0, ["p99_ms"] = 2.0 }, new JsonObject { ["p50_ms"] = 1.0, ["p99_ms"] = null });
        Assert.All(Summary.Compared, field => Assert.Null(ratios[field]));
        Assert.Equal(Summary.Compared.Count, ratios.Count);
    }

    [Fact]
    public void Median_leaves_out_what_is_no_number()
    {
        JsonObject Run(double closed) => new Figures { StalledClosed = closed, Stalled = [new StalledFigures()] }.ToJson();
        JsonObject median = Median.Of([Run(1), Run(3)]);
        Assert.Equal(2, Number(median, "stalled_closed"));
        Assert.False(median.ContainsKey("stalled"));
    }

    [Fact]
    public void Json_comes_back_as_it_went()
    {
        string text = ResultFile.Write(Sample());
        Assert.Equal(text, ResultFile.Write(ResultFile.Parse(text)));
        JsonObject json = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(
            ["schema", "kind", "date", "commit", "seed", "runs", "arguments", "machine", "contests"], json.Select(field => field.Key));
        JsonObject variant = json["contests"]![0]!["variants"]![0]!.AsObject();
        Assert.Equal(["name", "adds", "parameters", "median", "min", "max", "runs"], variant.Select(field => field.Key));
    }

    [Fact]
    public void Json_of_another_schema_or_with_unknown_fields_is_refused()
    {
        string text = ResultFile.Write(Sample());
        string newer = text.Replace("relay-comparison/1", "relay-comparison/9", StringComparison.Ordinal);
        JsonException error = Assert.Throws<JsonException>(() => ResultFile.Parse(newer));
        Assert.Equal("schema must be 'relay-comparison/1'; it is 'relay-comparison/9'", error.Message);
        Assert.Throws<JsonException>(() => ResultFile.Parse(text.Replace("\"kind\"", "\"sort\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_result_gets_a_new_name_in_a_directory_and_its_own_in_a_file()
    {
        string directory = Directory.CreateTempSubdirectory("relay-load-").FullName;
        try
        {
            string first = ResultFile.Locate(directory, Sample());
            Assert.Equal(Path.Combine(directory, "roads-2026-11-21-0123456-dirty.json"), first);
            ResultFile.Save(first, Sample());
            Assert.Equal(Path.Combine(directory, "roads-2026-11-21-0123456-dirty-2.json"), ResultFile.Locate(directory, Sample()));
            Assert.Equal(first, ResultFile.Locate(first, Sample()));
            Assert.Equal(ResultFile.Write(Sample()), ResultFile.Write(ResultFile.Load(first)));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Without_a_place_it_goes_to_the_results_of_the_repository() =>
        Assert.EndsWith(
            Path.Combine("bench", "results", "roads-2026-11-21-unknown.json"),
            ResultFile.Locate(given: null, Sample() with { Commit = "" }),
            StringComparison.Ordinal);

    [Fact]
    public void Arguments_are_kept_without_directories()
    {
        Assert.Equal(
            ["--road", "both", "--server", "Relay.Host.dll", "--runs", "3", "--server-cpu=-1"],
            PublicArguments.Of(
                ["--road", "both", "--out", "/a/x.json", "--server", "/a/b/Relay.Host.dll", "--runs", "3", "--server-cpu=-1", "--out=/a"]));
        Assert.Equal(
            ["--versus", "--server Relay.Host.dll --churn 3"], PublicArguments.Of(["--versus", "--server /a/b/Relay.Host.dll --churn 3"]));
    }

    private static JsonObject[] Runs(params double[] nanos) =>
        [.. nanos.Select(value => new Figures { ServerCpuNanosPerDelivery = value, P99Millis = 50, BadValues = 0 }.ToJson())];

    private static double Number(JsonObject figures, string field) => figures[field]!.GetValue<double>();
}
