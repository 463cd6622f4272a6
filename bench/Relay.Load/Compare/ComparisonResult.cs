using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Relay.Load.Compare;

/// <summary>The result of a comparison as it is kept; bench/results/README.md describes the fields.</summary>
internal sealed record ComparisonResult
{
    /// <summary>Rises when a field changes its meaning or goes.</summary>
    public const string CurrentSchema = "relay-comparison/1";

    [JsonPropertyName("schema")]
    public string Schema { get; init; } = CurrentSchema;

    /// <summary><c>roads</c> or <c>versus</c>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>When it began, in UTC.</summary>
    [JsonPropertyName("date")]
    public required string Date { get; init; }

    [JsonPropertyName("commit")]
    public required string Commit { get; init; }

    [JsonPropertyName("seed")]
    public required int Seed { get; init; }

    /// <summary>Runs of each variant.</summary>
    [JsonPropertyName("runs")]
    public required int Runs { get; init; }

    [JsonPropertyName("arguments")]
    public required string[] Arguments { get; init; }

    [JsonPropertyName("machine")]
    public required MachineResult Machine { get; init; }

    [JsonPropertyName("contests")]
    public required ContestResult[] Contests { get; init; }
}

/// <summary>Where it was measured: nothing that names the machine or its user.</summary>
internal sealed record MachineResult
{
    [JsonPropertyName("cpu")]
    public required string Cpu { get; init; }

    [JsonPropertyName("processors")]
    public required int Processors { get; init; }

    [JsonPropertyName("system")]
    public required string System { get; init; }

    [JsonPropertyName("kernel")]
    public required string Kernel { get; init; }

    [JsonPropertyName("runtime")]
    public required string Runtime { get; init; }

    /// <summary>This machine.</summary>
    public static MachineResult Here() => new()
    {
        Cpu = Server.Machine.ProcessorModel,
        Processors = Server.Machine.Processors,
        System = Server.Machine.Kernel,
        Kernel = Server.Machine.KernelRelease,
        Runtime = Environment.Version.ToString(),
    };
}

/// <summary>One workload, over one transport, at one cadence.</summary>
internal sealed record ContestResult
{
    [JsonPropertyName("workload")]
    public required string Workload { get; init; }

    [JsonPropertyName("transport")]
    public required string Transport { get; init; }

    [JsonPropertyName("cadence")]
    public required string Cadence { get; init; }

    [JsonPropertyName("variants")]
    public required VariantResult[] Variants { get; init; }

    /// <summary>Medians of the last variant, divided by those of the first; <c>null</c> where that is not a number.</summary>
    [JsonPropertyName("ratios")]
    public required JsonObject Ratios { get; init; }
}

/// <summary>What one variant measured.</summary>
internal sealed record VariantResult
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("adds")]
    public required string Adds { get; init; }

    [JsonPropertyName("parameters")]
    public required JsonObject Parameters { get; init; }

    [JsonPropertyName("median")]
    public required JsonObject Median { get; init; }

    [JsonPropertyName("min")]
    public required JsonObject Min { get; init; }

    [JsonPropertyName("max")]
    public required JsonObject Max { get; init; }

    /// <summary>The figures of each run, in the order in which they ran.</summary>
    [JsonPropertyName("runs")]
    public required JsonObject[] Runs { get; init; }
}
