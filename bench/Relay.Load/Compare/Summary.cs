using System.Text.Json.Nodes;
using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Wire;

namespace Relay.Load.Compare;

/// <summary>Medians, spread and ratios of what the variants of a contest measured.</summary>
internal static class Summary
{
    /// <summary>Figures that are costs, whose ratio means something.</summary>
    public static readonly IReadOnlyList<string> Compared =
    [
        "server_cpu_ns_per_delivery", "p50_ms", "p99_ms", "p999_ms", "server_alloc_bytes_per_delivery", "wire_bytes_per_delivery",
        "rss_kib_per_connection", "heap_kib_per_connection", "rss_peak_mib",
    ];

    /// <summary>Sums up.</summary>
    /// <param name="contest">What was run.</param>
    /// <param name="runs">The figures of each run of each variant.</param>
    public static ContestResult Of(Contest contest, IReadOnlyList<IReadOnlyList<JsonObject>> runs)
    {
        VariantResult[] variants = [.. contest.Variants.Zip(runs, Of)];
        return new ContestResult
        {
            Workload = contest.Workload,
            Transport = TransportNames.NameOf(contest.Options.Transport),
            Cadence = contest.Options.Cadence,
            Variants = variants,
            Ratios = Ratios(variants[0].Median, variants[^1].Median),
        };
    }

    /// <summary>How many times as much the second measured.</summary>
    public static JsonObject Ratios(JsonObject first, JsonObject second)
    {
        var ratios = new JsonObject();
        foreach (string field in Compared)
        {
            double ratio = Value(second, field) / Value(first, field);
            ratios[field] = double.IsFinite(ratio) ? Math.Round(ratio, 4) : null;
        }

        return ratios;
    }

    private static VariantResult Of(Variant variant, IReadOnlyList<JsonObject> runs) => new()
    {
        Name = variant.Name,
        Adds = PublicArguments.Of(variant.Adds),
        Parameters = Report.Parameters(variant.Options),
        Median = Median.Of(runs),
        Min = Median.Of(runs, values => values.Min()),
        Max = Median.Of(runs, values => values.Max()),
        Runs = [.. runs],
    };

    private static double Value(JsonObject figures, string field) => figures[field]?.GetValue<double>() ?? double.NaN;
}
