namespace Relay.Architecture.Tests;

/// <summary>Samples are there to be read at one go.</summary>
public sealed class SampleTests
{
    private const int MaxLines = 100;

    public static TheoryData<string> Files => [.. Repository.Files()
        .Where(file => file.StartsWith("samples/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Files))]
    public void Sample_file_is_short(string file) =>
        Assert.InRange(File.ReadLines(Path.Combine(Repository.Root, file)).Count(), 1, MaxLines - 1);
}
