using Relay.Load.Cli;

namespace Relay.Load.Compare;

/// <summary>One way to run a workload.</summary>
/// <param name="Name">Its name beside the others.</param>
/// <param name="Adds">What tells it from them, as options; empty for the workload as given.</param>
/// <param name="Options">The run.</param>
internal sealed record Variant(string Name, string Adds, LoadOptions Options);

/// <summary>A workload and the ways to run it that are held against each other.</summary>
/// <param name="Workload">The workload's name.</param>
/// <param name="Variants">The first is what the others are measured by.</param>
internal sealed record Contest(string Workload, IReadOnlyList<Variant> Variants)
{
    public LoadOptions Options => Variants[0].Options;
}
