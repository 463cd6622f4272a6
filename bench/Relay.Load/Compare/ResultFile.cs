using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Load.Server;

namespace Relay.Load.Compare;

/// <summary>Where results are kept, and how they are written and read.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Form = new()
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        // For people and diffs, never inside HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Where a result goes: a file as named, or one with a new name in a directory.</summary>
    /// <param name="given">What <c>--out</c> says, or <c>null</c> for bench/results.</param>
    /// <param name="result">The result.</param>
    public static string Locate(string? given, ComparisonResult result)
    {
        if (given is not null && Path.GetExtension(given).Equals(".json", StringComparison.OrdinalIgnoreCase))
        {
            return given;
        }

        string directory = given ?? Path.Combine(Repository.Root ?? Directory.GetCurrentDirectory(), "bench", "results");
        string name = Path.Combine(directory, $"{result.Kind}-{result.Date[..10]}-{Repository.Short(result.Commit)}");
        string path = name + ".json";
        for (int number = 2; File.Exists(path); number++)
        {
            path = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}.json");
        }

        return path;
    }

    public static string Write(ComparisonResult result) => JsonSerializer.Serialize(result, Form) + "\n";

    /// <summary>Writes a result.</summary>
    /// <exception cref="LoadException">The file cannot be written.</exception>
    public static void Save(string path, ComparisonResult result)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path, Write(result));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"--out: cannot write '{path}': {e.Message}");
        }
    }

    /// <summary>Reads a result's text.</summary>
    /// <exception cref="JsonException">It is none, or of another schema.</exception>
    public static ComparisonResult Parse(string text)
    {
        ComparisonResult result = JsonSerializer.Deserialize<ComparisonResult>(text, Form)
            ?? throw new JsonException("the file holds nothing");
        return result.Schema == ComparisonResult.CurrentSchema
            ? result
            : throw new JsonException($"schema must be '{ComparisonResult.CurrentSchema}'; it is '{result.Schema}'");
    }

    /// <summary>Reads a result.</summary>
    /// <exception cref="LoadException">The file is missing or wrong.</exception>
    public static ComparisonResult Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new LoadException($"--chart: '{path}': {e.Message}", badArguments: true);
        }
    }
}
