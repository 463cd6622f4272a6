using System.Globalization;
using System.Text.Json.Nodes;
using Relay.Load.Cli;
using Spectre.Console;

namespace Relay.Load.Check;

/// <summary>Runs every workload of a limits file and says which limits hold.</summary>
internal sealed class CheckRun(Bench bench, IAnsiConsole console)
{
    /// <summary>Runs it.</summary>
    /// <param name="limits">Workloads and limits.</param>
    /// <param name="options">A workload's options.</param>
    /// <param name="jsonFile">Where to write all figures, or <c>null</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>0 if every limit holds, else 1.</returns>
    public async Task<int> RunAsync(LimitsFile limits, Func<Workload, LoadOptions> options, string? jsonFile, CancellationToken cancellationToken)
    {
        List<(Workload Workload, LoadOptions Options)> work = [.. limits.Workloads.Select(workload => (workload, options(workload)))];
        var verdicts = new List<Verdict>();
        var reports = new JsonObject();
        foreach ((Workload workload, LoadOptions asked) in work)
        {
            (JsonObject figures, IReadOnlyList<JsonObject> runs) = await bench.RunAsync(asked, cancellationToken).ConfigureAwait(false);
            // Wrong values are not a matter of medians: the worst run counts.
            foreach (string field in Bench.Wrongs.Where(figures.ContainsKey).ToArray())
            {
                figures[field] = runs.Max(run => run[field]?.GetValue<double>());
            }

            Report.Print(console, $"{workload.Name}: {Report.Title(asked)}", figures);
            verdicts.AddRange(Verdict.Of(workload, figures));
            reports[workload.Name] = Report.ToJson(asked, figures, runs);
        }

        Print(verdicts);
        bool passed = verdicts.TrueForAll(verdict => verdict.Passed);
        if (jsonFile is not null)
        {
            Report.Write(jsonFile, new JsonObject { ["passed"] = passed, ["workloads"] = reports });
        }

        return passed ? 0 : 1;
    }

    private void Print(List<Verdict> verdicts)
    {
        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumns("Workload", "Figure", "Limit", "Measured", "Verdict");
        foreach (Verdict verdict in verdicts)
        {
            string measured = verdict.Measured?.ToString("0.####", CultureInfo.InvariantCulture) ?? "not measured";
            table.AddRow(verdict.Workload, verdict.Figure, verdict.LimitText, measured, verdict.Passed ? "[green]pass[/]" : "[red]MISS[/]");
        }

        console.Write(table);
    }
}
