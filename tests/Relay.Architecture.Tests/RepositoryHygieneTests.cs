using System.Text;

namespace Relay.Architecture.Tests;

/// <summary>A clone builds anywhere: no file says where its author's files lay or which registry served the packages.</summary>
public sealed class RepositoryHygieneTests
{
    // Put together here, so that this file does not match itself.
    private static readonly string[] Patterns =
    [
        "/wo" + "rk/",
        "/ro" + "ot/",
        "/fa" + "rm",
        "registry." + "npmjs",
        "registry." + "yarnpkg",
        "api." + "nuget.org",
    ];

    [Fact]
    public void No_file_names_a_machine_path_or_a_registry() => Assert.Empty(Repository.Files().SelectMany(Matches));

    [Fact]
    public void No_nuget_config_is_tracked() =>
        Assert.DoesNotContain(Repository.Files(), file => Path.GetFileName(file).Equals("nuget.config", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void The_check_reports_a_match_with_its_place()
    {
        Assert.Equal(["a.txt:2: " + Patterns[0]], Matches("a.txt", "first\nsecond " + Patterns[0] + "src\n"));
        Assert.Empty(Matches("a.txt", "src/workers/roots/a-farm"));
    }

    private static IEnumerable<string> Matches(string file)
    {
        var path = Path.Combine(Repository.Root, file);
        if (!File.Exists(path))
            return []; // deleted, and not yet committed

        var bytes = File.ReadAllBytes(path);
        return bytes.Contains((byte)0) ? [] : Matches(file, Encoding.UTF8.GetString(bytes));
    }

    private static IEnumerable<string> Matches(string file, string text) =>
        text.Split('\n')
            .SelectMany((line, index) => Patterns.Where(line.Contains).Select(pattern => $"{file}:{index + 1}: {pattern}"));
}
