using System.Text.Json.Nodes;
using Relay.Load.Cli;
using Relay.Load.Compare;
using Relay.Load.Durable;

namespace Relay.Load.Tests;

/// <summary>Persistent attributes as load: what is asked for, and a run against the real server. What is held here is right or wrong, never
/// how fast.</summary>
public sealed class DurableTests : IDisposable
{
    private const string Secret = "Host=db;Username=relay;Password=geheim";

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"relay-load-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Durable_isAHundredMembersInTenRooms_oneSetAtATime_unlessOthersAreGiven()
    {
        LoadOptions usual = Read("--durable");
        Assert.Equal((new WriterLoad(10, 10, 0), 1, "10"), (usual.Writers, usual.Window, usual.Cadence));
        Assert.Null(usual.Database);
        LoadOptions given = Read("--durable", "--rooms", "2", "--clients", "3", "--rate", "7", "--window", "8", "--database", Secret, "--database-delay", "50");
        Assert.Equal((new WriterLoad(2, 3, 7), 8, 50), (given.Writers, given.Window, given.DatabaseDelayMillis));
        Assert.Equal(Secret, given.ToServer(1, 1, given.Database).Database);
        Assert.DoesNotContain(given.ToServer(1, 1, given.Database).Arguments(), argument => argument.Contains("geheim", StringComparison.Ordinal));
        Assert.DoesNotContain("geheim", Report.Parameters(given).ToJsonString() + Report.Title(given), StringComparison.Ordinal);
        Assert.Equal(["--durable"], PublicArguments.Of(["--durable", "--database", Secret]));
        Assert.Null(Read().Writers);
    }

    [Fact]
    public void Beside_runsWalkersWithoutAndWith_andOnASlowDatabaseWhereThereIsOne()
    {
        LoadOptions walkers = Read("--rooms", "1", "--clients", "100");
        IReadOnlyList<Contest> contests = Plan(Read("--durable", "--beside", "--database", Secret));
        Assert.Equal([0, 0, 0, 2000], contests.SelectMany(contest => contest.Variants).Select(variant => variant.Options.DatabaseDelayMillis));
        Assert.All(contests, contest => Assert.Equal(
            [null, new WriterLoad(10, 10, 50)], contest.Variants.Select(variant => variant.Options.Writers)));
        Assert.All(contests.SelectMany(contest => contest.Variants), variant => Assert.Equal((100, false), (variant.Options.Clients, variant.Options.Durable)));
        Assert.Single(Plan(Read("--durable", "--beside")));

        IReadOnlyList<Contest> Plan(LoadOptions options) => ComparisonPlan.Make(options, () => [("W1", walkers)]);
    }

    [Theory]
    [InlineData("--beside says what --durable does to walkers: give both", "--beside")]
    [InlineData("--database is what --durable measures: give both", "--database", Secret)]
    [InlineData("--window must be 1 to 128; it is 129", "--durable", "--window", "129")]
    [InlineData("--clients must be 1 to 128 with --durable, as each sets 8 attributes of the room; it is 129", "--durable", "--clients", "129")]
    [InlineData("--database-delay must be 0 to 60000 milliseconds; it is -1", "--durable", "--database-delay", "-1")]
    [InlineData(
        "--database-delay goes through a proxy to PostgreSQL: --database must be of the form Host=...;Port=...",
        "--durable", "--database-delay", "5", "--database", "postgres://relay:geheim@db/relay")]
    [InlineData("--churn and --stalled go beside walkers: they cannot be given with --durable", "--durable", "--churn", "5")]
    [InlineData(
        "--durable is a workload of its own: it cannot be given with --state, --state-rate, --late-join, --tracks, --from or --idle",
        "--durable", "--state")]
    [InlineData("--beside is a comparison of its own: it cannot be given with --road both or --versus", "--durable", "--beside", "--road", "both")]
    public void Read_ofAWrongValue_isOneLineWithoutSecrets(string expected, params string[] words)
    {
        Assert.Null(new Arguments().Read(words, out string? problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public async Task Sets_areStored_andCountedOnceTheyAre()
    {
        (int code, string output) = await TesterProcess.RunAsync(
            "--durable", "--rooms", "2", "--clients", "3", "--window", "4", "--seconds", "1", "--warmup", "0.5", "--json", _file);
        Assert.True(code == 0, output);
        JsonObject report = JsonNode.Parse(await File.ReadAllTextAsync(_file))!.AsObject();
        Assert.True(Number("acknowledged_per_s") > 1, output);
        Assert.InRange(Number("acknowledged_p99_ms"), Number("acknowledged_p50_ms"), 60_000);
        Assert.Equal((0, 6), (Number("unstored"), Number("connections")));
        Assert.Contains("Stored and acknowledged", output, StringComparison.Ordinal);

        double Number(string field) => report[field]!.GetValue<double>();
    }

    private static LoadOptions Read(params string[] words)
    {
        LoadOptions? options = new Arguments().Read(words, out string? problem);
        Assert.Null(problem);
        return options!;
    }
}
