using System.Text.RegularExpressions;

namespace Relay.Protocol.Tests;

/// <summary>
/// The definitions in a section of protocol-spec.md: what its blocks without a name say, on one line each, by what stands before the colon
/// or the equals sign ("" if nothing does).
/// </summary>
internal static partial class SpecGrammar
{
    public static Dictionary<string, string> Of(string section)
    {
        var definitions = new Dictionary<string, string>(StringComparer.Ordinal);
        string label = "";
        foreach (string line in PlainBlock().Matches(SpecDocument.Section(section)).SelectMany(match => match.Groups["text"].Value.Split('\n')))
        {
            // A line that begins with a number says in words what the numbers of the line before mean.
            string text = Spaces().Replace(KindLabel().Replace(line, "kind ${kind}:"), " ").Trim();
            if (text.Length == 0 || char.IsAsciiDigit(text[0]))
            {
                continue;
            }

            Match head = Label().Match(text);
            label = head.Success ? head.Groups["label"].Value : label;
            definitions[label] = (definitions.GetValueOrDefault(label, "") + " " + text[head.Length..]).Trim();
        }

        return definitions;
    }

    [GeneratedRegex(@"^```\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlainBlock();

    [GeneratedRegex(@"^(?<label>\w+)(: | = )", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex(@"kind (?<kind>\d+) \([a-z ]+\):", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KindLabel();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();
}
