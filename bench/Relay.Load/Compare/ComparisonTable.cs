using System.Globalization;
using System.Text.Json.Nodes;
using Relay.Load.Cli;
using Spectre.Console;

namespace Relay.Load.Compare;

/// <summary>Comparisons for people.</summary>
internal static class ComparisonTable
{
    private static readonly string[] Headlines =
        ["server_cpu_ns_per_delivery", "server_cpu_ns_per_reliable_delivery", "p50_ms", "p99_ms", "rss_kib_per_connection", "heap_kib_per_connection"];

    /// <summary>Prints one contest: medians, and in brackets the lowest and the highest run.</summary>
    public static void Print(IAnsiConsole console, Contest contest, ContestResult result)
    {
        string runs = result.Variants[0].Runs.Length.ToString(CultureInfo.InvariantCulture);
        console.WriteLine($"{contest.Workload}: {Report.Workload(contest.Options)}, median of {runs} (lowest – highest)");
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("Figure");
        foreach (VariantResult variant in result.Variants)
        {
            table.AddColumn(new TableColumn(Markup.Escape(NameOf(variant))).RightAligned());
        }

        table.AddColumn(new TableColumn(Quotient(result)).RightAligned());
        foreach (FigureRow row in Report.Rows.Where(row => result.Variants.Any(variant => variant.Median[row.Field] is not null)))
        {
            table.AddRow([row.Title, .. result.Variants.Select(variant => Spread(row, variant)), Ratio(result.Ratios[row.Field])]);
        }

        console.Write(table);
    }

    /// <summary>Prints what matters most of all contests.</summary>
    public static void PrintRatios(IAnsiConsole console, ComparisonResult result)
    {
        FigureRow[] rows = [.. Report.Rows.Where(row => Headlines.Contains(row.Field) && HasRatio(result, row.Field))];
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Workload", "Transport", "Cadence");
        foreach (FigureRow row in rows)
        {
            table.AddColumn(new TableColumn($"{row.Title}, {Quotient(result.Contests[0])}").RightAligned());
        }

        foreach (ContestResult contest in result.Contests)
        {
            table.AddRow([contest.Workload, contest.Transport, contest.Cadence, .. rows.Select(row => Ratio(contest.Ratios[row.Field]))]);
        }

        console.Write(table);
    }

    private static string NameOf(VariantResult variant) => variant.Name switch
    {
        "A" => "A: as given",
        "B" => $"B: {variant.Adds}",
        var name => name,
    };

    private static string Quotient(ContestResult result) => $"{result.Variants[^1].Name} ÷ {result.Variants[0].Name}";

    private static string Spread(FigureRow row, VariantResult variant) => variant.Median[row.Field] is { } median
        ? $"{row.Text(median)} ({row.Text(variant.Min[row.Field])} – {row.Text(variant.Max[row.Field])})"
        : row.Text(value: null);

    private static bool HasRatio(ComparisonResult result, string field) =>
        Array.Exists(result.Contests, contest => contest.Ratios[field] is not null);

    private static string Ratio(JsonNode? ratio) =>
        ratio?.GetValue<double>().ToString("0.00", CultureInfo.InvariantCulture) ?? string.Empty;
}
