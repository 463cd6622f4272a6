using System.Globalization;
using System.Text.Json.Nodes;
using Relay.Load.Cli;
using Relay.Load.Server;
using Spectre.Console;

namespace Relay.Load.Compare;

/// <summary>Runs the variants of each contest in turns, each run on a new server, and says how they stand to each other.</summary>
internal sealed class ComparisonRun(Bench bench, IAnsiConsole console)
{
    /// <summary>Runs it.</summary>
    /// <param name="options">What the user asked for.</param>
    /// <param name="words">The same in the user's words.</param>
    /// <param name="contests">What to run.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether every run was right.</returns>
    public async Task<bool> RunAsync(
        LoadOptions options, string[] words, IReadOnlyList<Contest> contests, CancellationToken cancellationToken)
    {
        ComparisonResult result = Begin(options, words);
        string path = ResultFile.Locate(options.Out, result);
        bool right = true;
        for (int i = 0; i < contests.Count; i++)
        {
            string place = string.Create(CultureInfo.InvariantCulture, $"{i + 1} of {contests.Count}");
            List<JsonObject>[] runs = await RunOneAsync(contests[i], options.Runs, place, cancellationToken).ConfigureAwait(false);
            right &= !runs.Any(variant => variant.Any(Bench.IsWrong));
            ContestResult summary = Summary.Of(contests[i], runs);
            ComparisonTable.Print(console, contests[i], summary);
            result = result with { Contests = [.. result.Contests, summary] };

            // After each, so that what took minutes is kept when a later one fails.
            ResultFile.Save(path, result);
        }

        ComparisonTable.PrintRatios(console, result);
        console.WriteLine($"written to {path}");
        return right;
    }

    private async Task<List<JsonObject>[]> RunOneAsync(Contest contest, int rounds, string place, CancellationToken cancellationToken)
    {
        List<JsonObject>[] runs = [.. contest.Variants.Select(_ => new List<JsonObject>(rounds))];
        foreach ((int round, int index) in Interleaving.Order(contest.Variants.Count, rounds))
        {
            Variant variant = contest.Variants[index];
            string name = string.Create(
                CultureInfo.InvariantCulture, $"{contest.Workload} ({place}), {variant.Name}, run {round + 1} of {rounds}: starting");
            runs[index].Add(await bench.RunOnceAsync(variant.Options, name, cancellationToken).ConfigureAwait(false));
        }

        return runs;
    }

    private static ComparisonResult Begin(LoadOptions options, string[] words) => new()
    {
        Kind = options.Beside ? "durable" : options.Versus is null ? "roads" : "versus",
        Date = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        Commit = Repository.Commit(),
        Seed = options.Seed,
        Runs = options.Runs,
        Arguments = PublicArguments.Of(words),
        Machine = MachineResult.Here(),
        Contests = [],
    };
}
