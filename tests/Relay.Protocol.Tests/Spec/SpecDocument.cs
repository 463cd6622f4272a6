using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Relay.Protocol.Tests;

/// <summary>One line of an example: some bytes, and the <c>field = value</c> that they stand for.</summary>
internal sealed record SpecLine(byte[] Bytes, string Field);

/// <summary>One <c>```hex NAME</c> block of protocol-spec.md.</summary>
internal sealed record SpecExample(string Name, IReadOnlyList<SpecLine> Lines)
{
    public byte[] Bytes { get; } = Lines.SelectMany(line => line.Bytes).ToArray();

    /// <summary>What the comments say: the header's line first, then one entry per field, without remarks.</summary>
    public IReadOnlyList<string> Fields { get; } = Lines.Select(line => line.Field).ToArray();
}

/// <summary>protocol-spec.md as tests see it: its hex blocks and its tables.</summary>
internal static partial class SpecDocument
{
    private static readonly Lazy<string> Root = new(FindRoot);
    private static readonly Lazy<string> Document = new(() => File.ReadAllText(Path.Combine(Root.Value, "protocol-spec.md")).ReplaceLineEndings("\n"));
    private static readonly Lazy<IReadOnlyList<SpecExample>> AllExamples = new(() => ParseExamples(Document.Value));

    /// <summary>The directory of Relay.sln.</summary>
    public static string RepositoryRoot => Root.Value;

    public static IReadOnlyList<SpecExample> Examples => AllExamples.Value;

    /// <summary>The examples that are frames: all but the preface.</summary>
    public static IEnumerable<SpecExample> Frames => Examples.Where(example => example.Name != "preface");

    public static SpecExample Example(string name) => Examples.Single(example => example.Name == name);

    /// <summary>The whole document.</summary>
    public static string Text => Document.Value;

    /// <summary>A section by its number, from its heading to the next one.</summary>
    public static string Section(string number)
    {
        const RegexOptions Options = RegexOptions.Multiline | RegexOptions.Singleline;
        Match match = Regex.Match(Document.Value, $@"^#+ {Regex.Escape(number)}\.? .*?(?=^##|\z)", Options, TimeSpan.FromSeconds(1));
        return match.Success ? match.Value : throw new FormatException($"protocol-spec.md has no section {number}.");
    }

    /// <summary>The rows of the first table below a heading, cells trimmed, without the head.</summary>
    public static IReadOnlyList<string[]> Table(string heading)
    {
        string section = Document.Value[Document.Value.IndexOf("\n" + heading, StringComparison.Ordinal)..];
        return section.Split('\n')
            .SkipWhile(line => !line.StartsWith('|'))
            .TakeWhile(line => line.StartsWith('|'))
            .Skip(2)
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())
            .ToArray();
    }

    /// <summary>Bytes written as hex, with <c>#</c> comments: the format of the document and of the fuzz corpus.</summary>
    public static byte[] ParseHex(string text) => text.Split('\n').SelectMany(line => ParseHexLine(line.Split('#')[0])).ToArray();

    private static byte[] ParseHexLine(string line) => line
        .Split([' ', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => byte.Parse(pair, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
        .ToArray();

    private static SpecExample[] ParseExamples(string document) => HexBlock().Matches(document)
        .Select(match => new SpecExample(match.Groups["name"].Value, ParseLines(match.Groups["text"].Value)))
        .ToArray();

    private static List<SpecLine> ParseLines(string text)
    {
        // A long field takes several lines of bytes; the comment is on its last.
        var lines = new List<SpecLine>();
        var pending = new List<byte>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] halves = line.Split('#', 2);
            pending.AddRange(ParseHexLine(halves[0]));
            if (halves.Length == 2)
            {
                lines.Add(new SpecLine(pending.ToArray(), halves[1].Split(';')[0].Trim()));
                pending.Clear();
            }
        }

        return pending.Count == 0 ? lines : throw new FormatException("A hex block ends with bytes that no comment explains.");
    }

    private static string FindRoot()
    {
        string? project = typeof(SpecDocument).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == "ProjectDirectory")?.Value;
        foreach (string start in new[] { AppContext.BaseDirectory, project ?? "." })
        {
            for (DirectoryInfo? directory = new(start); directory is not null; directory = directory.Parent)
            {
                if (File.Exists(Path.Combine(directory.FullName, "Relay.sln")))
                {
                    return directory.FullName;
                }
            }
        }

        throw new FileNotFoundException("Relay.sln is in no directory above the tests.");
    }

    [GeneratedRegex(@"^```hex (?<name>\S+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HexBlock();
}
