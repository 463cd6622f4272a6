using Relay.Load.Wire;

namespace Relay.Load.Cli;

/// <summary>Which options go with a comparison, and which only with one.</summary>
internal static class ComparisonRules
{
    /// <summary>Says what is wrong, if anything, in one line.</summary>
    public static string? Check(LoadOptions options) => options.IsComparison ? CheckComparison(options) : CheckSingle(options);

    private static string? CheckSingle(LoadOptions options)
    {
        const string Comparisons = "only in a comparison (--road both, --versus)";
        if (options.Transports.Count > 1)
        {
            string given = string.Join(',', options.Transports.Select(TransportNames.NameOf));
            return $"--transport can be several {Comparisons}; it is '{given}'";
        }

        if (options.Cadences.Count > 1)
        {
            return $"--cadence can be several {Comparisons}; it is '{string.Join(',', options.Cadences)}'";
        }

        return options.Out is { } place
            ? $"--out can be given {Comparisons}: --json writes the figures of one workload; it is '{place}'"
            : null;
    }

    private static string? CheckComparison(LoadOptions options) => options switch
    {
        { Check: true } => "--check holds one server against limits: it cannot be given with --road both or --versus",
        { Road: LoadOptions.BothRoads, Versus: not null } => "--road both and --versus exclude each other: one comparison at a time",
        { Connect: { } server } => $"--connect: a comparison starts a new server for each run, so it cannot use '{server}'",
        { TracksFile: { } file } => $"--tracks cannot be compared: recorded people are held against a recording, not timed; it is '{file}'",
        { JsonFile: { } file } => $"--json writes the figures of one workload: a comparison is written with --out; it is '{file}'",
        { DiagnosticsUrl: { } url } => $"--diagnostics needs --connect, which a comparison cannot have; it is '{url}'",
        _ => null,
    };
}
