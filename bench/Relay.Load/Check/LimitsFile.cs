using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Load.Cli;
using Relay.Load.Server;

namespace Relay.Load.Check;

/// <summary>What a figure must keep to.</summary>
internal sealed record Limit
{
    [JsonPropertyName("min")]
    public double? Min { get; init; }

    [JsonPropertyName("max")]
    public double? Max { get; init; }

    /// <summary>Whether a figure keeps to it; one that could not be measured does not.</summary>
    public bool Holds(double? value) => value is { } number && !double.IsNaN(number) && number >= (Min ?? double.MinValue) && number <= (Max ?? double.MaxValue);
}

/// <summary>A workload and its limits.</summary>
internal sealed record Workload
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("about")]
    public string About { get; init; } = string.Empty;

    /// <summary>Options of the command line.</summary>
    [JsonPropertyName("arguments")]
    public required string[] Arguments { get; init; }

    /// <summary>Runs, of which the medians count.</summary>
    [JsonPropertyName("runs")]
    public int Runs { get; init; } = 1;

    /// <summary>Limits by the names of figures.</summary>
    [JsonPropertyName("limits")]
    public required Dictionary<string, Limit> Limits { get; init; }

    /// <summary>The arguments as options.</summary>
    /// <exception cref="LoadException">They are not valid.</exception>
    public LoadOptions Options()
    {
        LoadOptions? options = new Arguments().Read(Arguments, out string? problem);
        if (options is { IsComparison: true })
        {
            problem = "a workload cannot be a comparison (--road both, --versus)";
        }

        return problem is null ? options! : throw new LoadException($"--check: workload '{Name}': {problem}", badArguments: true);
    }
}

/// <summary>Workloads and the limits that they are held against.</summary>
internal sealed record LimitsFile
{
    private const string DefaultName = "limits.json";

    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    [JsonPropertyName("workloads")]
    public required Workload[] Workloads { get; init; }

    /// <summary>Finds the file: the one given, else bench/limits.json of the repository around, else the copy beside the tester.</summary>
    public static string Locate(string? given)
    {
        if (given is not null)
        {
            return given;
        }

        string own = Path.Combine(Repository.Root ?? string.Empty, "bench", DefaultName);
        return Repository.Root is not null && File.Exists(own) ? own : Path.Combine(AppContext.BaseDirectory, DefaultName);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="LoadException">It is missing or wrong; the message says where.</exception>
    public static LimitsFile Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new LoadException($"--check: '{path}': {e.Message}", badArguments: true);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="JsonException">It is not of the right form, or names a figure that does not exist.</exception>
    public static LimitsFile Parse(string text)
    {
        LimitsFile file = JsonSerializer.Deserialize<LimitsFile>(text, Strict) ?? throw new JsonException("the file holds nothing");
        HashSet<string> known = [.. FigureNames()];
        foreach (Workload workload in file.Workloads)
        {
            if (workload.Limits.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            {
                throw new JsonException($"workload '{workload.Name}' limits '{unknown}', which is no figure; figures are {string.Join(", ", known)}");
            }
        }

        return file;
    }

    private static IEnumerable<string> FigureNames() => typeof(Measure.Figures).GetProperties()
        .Where(property => property.PropertyType == typeof(double?))
        .SelectMany(property => property.GetCustomAttributes(typeof(JsonPropertyNameAttribute), inherit: false))
        .Select(attribute => ((JsonPropertyNameAttribute)attribute).Name);
}
