namespace Relay.Load.Cli;

/// <summary>What goes with <c>--from</c>, a recording as load.</summary>
internal static class FromRules
{
    /// <summary>Says what is wrong, if anything, in one line.</summary>
    public static string? Check(LoadOptions options) => options switch
    {
        { FromFile: null } => null,
        { FromFile: { } file } when !File.Exists(file) => $"--from: there is no file '{file}'",
        { TracksFile: not null } => "--tracks and --from exclude each other: one recording at a time",
        { Idle: not null } => "--from and --idle exclude each other: a recording is not idle",
        { Churn: > 0 } or { Stalled: > 0 } => "--churn and --stalled go beside walkers: they cannot be given with --from",
        { IsComparison: true } => "--from cannot be compared: give --road pipe, then --road direct, and --json for each",
        _ => null,
    };
}
