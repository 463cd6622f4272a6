using Relay.Load.Cli;
using Relay.Load.Compare;

namespace Relay.Load.Tests;

public sealed class ComparisonPlanTests
{
    private static readonly (string Name, LoadOptions Options)[] Standard =
    [
        ("W1", new LoadOptions { Clients = 100 }),
        ("tick0", new LoadOptions { Clients = 25, TickMillis = 0, Cadences = ["0"] }),
        ("W1-direct", new LoadOptions { Clients = 100, Road = "direct" }),
    ];

    [Fact]
    public void Turns_swap_with_each_round()
    {
        Assert.Equal([(0, 0), (0, 1), (1, 1), (1, 0), (2, 0), (2, 1)], Interleaving.Order(variants: 2, rounds: 3));
        Assert.Empty(Interleaving.Order(variants: 2, rounds: 0));
    }

    [Fact]
    public void Roads_take_each_standard_workload_once_over_both_transports_at_both_cadences_or_its_own()
    {
        IReadOnlyList<Contest> contests = ComparisonPlan.Make(Read("--road"), () => Standard);
        Assert.Equal(
            ["W1 Tcp tick", "W1 Ws tick", "W1 Tcp 10", "W1 Ws 10", "tick0 Tcp 0", "tick0 Ws 0"],
            contests.Select(contest => $"{contest.Workload} {contest.Options.Transport} {contest.Options.Cadence}"));
        Assert.All(contests, contest => Assert.Equal(["pipe", "direct"], contest.Variants.Select(variant => variant.Options.Road)));
    }

    [Fact]
    public void Roads_take_the_one_workload_that_is_given()
    {
        LoadOptions options = Read("--road", "--clients", "30", "--transport", "ws", "--cadence", "5");
        Contest contest = Assert.Single(ComparisonPlan.Make(options, () => throw new InvalidOperationException("not asked for")));
        Assert.Equal(("1×30×20", 30, "5"), (contest.Workload, contest.Options.Clients, contest.Options.Cadence));
    }

    [Fact]
    public void Roads_with_idle_connections_differ_in_nothing_but_the_transport()
    {
        IReadOnlyList<Contest> contests = ComparisonPlan.Make(Read("--road", "--idle", "5000"), () => Standard);
        Assert.Equal(["idle 5000 Tcp", "idle 5000 Ws"], contests.Select(contest => $"{contest.Workload} {contest.Options.Transport}"));
    }

    [Fact]
    public void Versus_runs_as_given_and_with_more_at_each_transport()
    {
        LoadOptions options = Read("--transport", "tcp,ws", "--versus", "--churn 9 --cadence 7");
        IReadOnlyList<Contest> contests = ComparisonPlan.Make(options, () => Standard);
        Assert.Equal(2, contests.Count);
        foreach (Contest contest in contests)
        {
            (LoadOptions a, LoadOptions b) = (contest.Variants[0].Options, contest.Variants[1].Options);
            Assert.Equal(["A", "B"], contest.Variants.Select(variant => variant.Name));
            Assert.Equal(["", "--churn 9 --cadence 7"], contest.Variants.Select(variant => variant.Adds));
            Assert.Equal((0, "tick", 9, "7"), (a.Churn, a.Cadence, b.Churn, b.Cadence));
            Assert.Equal(a.Transport, b.Transport);
        }
    }

    [Fact]
    public void The_standard_workloads_are_those_of_the_repository_each_once()
    {
        Check.LimitsFile file = Check.LimitsFile.Read(Path.Combine(AppContext.BaseDirectory, "limits.json"));
        IReadOnlyList<Contest> contests = ComparisonPlan.Make(
            Read("--road"), () => file.Workloads.Select(workload => (workload.Name, workload.Options())));
        Assert.Equal(["W1", "W2", "W3", "W1-10ms", "W2-10ms", "W3-10ms", "tick0"], contests.Select(contest => contest.Workload));
    }

    private static LoadOptions Read(params string[] words) => new Arguments().Read(words, out _)!;
}
