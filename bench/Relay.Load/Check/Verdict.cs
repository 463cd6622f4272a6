using System.Globalization;
using System.Text.Json.Nodes;

namespace Relay.Load.Check;

/// <summary>One limit of one workload, held against what was measured.</summary>
/// <param name="Workload">The workload's name.</param>
/// <param name="Figure">The figure's name.</param>
/// <param name="Limit">What it must keep to.</param>
/// <param name="Measured">What was measured; <c>null</c> if it could not be.</param>
internal sealed record Verdict(string Workload, string Figure, Limit Limit, double? Measured)
{
    public bool Passed => Limit.Holds(Measured);

    /// <summary>The limit in words.</summary>
    public string LimitText => (Limit.Min, Limit.Max) switch
    {
        ({ } min, { } max) => string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"),
        ({ } min, null) => string.Create(CultureInfo.InvariantCulture, $"≥ {min}"),
        (null, { } max) => string.Create(CultureInfo.InvariantCulture, $"≤ {max}"),
        _ => "none",
    };

    /// <summary>Holds a workload's figures against all of its limits.</summary>
    public static IEnumerable<Verdict> Of(Workload workload, JsonObject figures) =>
        workload.Limits.Select(limit => new Verdict(workload.Name, limit.Key, limit.Value, figures[limit.Key]?.GetValue<double>()));
}
