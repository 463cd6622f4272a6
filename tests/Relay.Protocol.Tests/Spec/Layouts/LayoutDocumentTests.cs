using System.Globalization;
using System.Text.RegularExpressions;
using Relay.Fuzz;
using Relay.Protocol.Frames;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>
/// protocol-layouts.json against protocol-spec.md. Fields, kinds, order, brackets and lists are compared as the document's grammar writes
/// them. The document tells in prose which bit or number a bracket hangs on (but for "kind n", CreateObject's parent and the extension)
/// and which values are malformed: these the examples, the code (<see cref="LayoutCodeTests"/>) and the fuzz tests' oracle, which was
/// written from the prose, hold.
/// </summary>
public partial class LayoutDocumentTests
{
    /// <summary>Definitions of the document that are of no frame, or that say in words what numbers mean.</summary>
    private static readonly string[] NotOfFrames = ["8.2 flags", "8.2 record"];

    private static readonly NaiveSpace Space = new(RoomSpace.Default.StepsX, RoomSpace.Default.StepsY, RoomSpace.Default.StepsZ);

    public static TheoryData<string> FrameNames => new(LayoutTable.Instance.Frames.Select(frame => frame.Name));

    public static TheoryData<string> ExampleNames => new(SpecDocument.Frames.Select(example => example.Name));

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Layout_of_a_frame_is_the_document_s(string name)
    {
        FrameLayout frame = LayoutTable.Instance.Frame(name);
        Dictionary<string, string> document = Definitions(frame.Section);
        Dictionary<string, string> table = LayoutNotation.Of(frame.Body);
        if (frame.Body.Count == 0)
        {
            Assert.Contains("Empty body.", SpecDocument.Section(frame.Section), StringComparison.Ordinal);
            return;
        }

        Assert.Equal(document.TryGetValue(name, out string? own) ? own : document[""], table[""]);
        foreach ((string label, string text) in table.Where(definition => definition.Key.Length > 0))
        {
            Assert.Equal(label == "extension" ? Definitions("8.2")[label] : document[label], text);
        }
    }

    [Theory]
    [InlineData("target")]
    [InlineData("access")]
    [InlineData("terms")]
    public void Layout_of_a_shared_part_is_the_document_s(string part)
    {
        Assert.Equal(Definitions("11.2")[part], LayoutNotation.Of(LayoutTable.Instance.Parts[part])[""]);
    }

    [Fact]
    public void Document_defines_nothing_that_the_table_has_not()
    {
        LayoutTable table = LayoutTable.Instance;
        IEnumerable<string> known = table.Frames
            .Where(frame => frame.Body.Count > 0)
            .SelectMany(frame => LayoutNotation.Of(frame.Body).Keys.Select(label => Place(frame, label)));
        string[] sections = [.. table.Frames.Select(frame => frame.Section).Distinct(), "8.2", "11.2"];
        IEnumerable<string> document = sections.SelectMany(section => Definitions(section).Keys.Select(label => $"{section} {label}"));
        Assert.Equal(
            known.Concat(["11.2 target", "11.2 access", "11.2 terms"]).Concat(NotOfFrames).Distinct().Order(StringComparer.Ordinal),
            document.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Varints_of_64_bits_are_those_that_the_document_names()
    {
        Match sentence = WideVarints().Match(SpecDocument.Section("3.3"));
        IEnumerable<string> document = Name().Matches(sentence.Groups["names"].Value).Select(match => match.Groups["name"].Value).Append("Done.value");
        var fields = LayoutTable.Instance.Frames.SelectMany(frame => Fields(frame.Body).Select(field => (Frame: frame.Name, Field: field))).ToArray();
        string[] wide = document.ToArray();
        foreach ((string frame, LayoutField field) in fields.Where(pair => pair.Field.Kind is "varint" or "varint64"))
        {
            Assert.True(
                (field.Kind == "varint64") == (wide.Contains(field.Name) || wide.Contains(frame + "." + field.Name)), $"{frame}.{field.Name}: {field.Kind}");
        }
    }

    [Fact]
    public void Table_of_types_is_the_document_s()
    {
        var document = SpecDocument.Table("## 4.").Where(row => row[0].Length == 4).Select(row => string.Join(" | ", row.Take(5))
            .Replace("conflated", "", StringComparison.Ordinal));
        var table = LayoutTable.Instance.Frames.Select(frame => string.Create(
            CultureInfo.InvariantCulture, $"0x{frame.Type:X2} | {frame.Name} | {Direction(frame)} | §{frame.Section} | {Reliability(frame)}"));
        Assert.Equal(document, table);
    }

    [Fact]
    public void Answered_frames_are_those_that_the_document_says()
    {
        Assert.Contains("All but SendEvent are always answered", SpecDocument.Text, StringComparison.Ordinal);
        Assert.All(LayoutTable.Instance.Frames, frame => Assert.Equal(frame.IsNumbered && frame.Name != "SendEvent", frame.IsAnswered));
    }

    [Fact]
    public void Table_of_codes_is_the_document_s()
    {
        var table = LayoutTable.Instance.Codes.Select(code => string.Create(
            CultureInfo.InvariantCulture, $"{code.Code} | {code.Name} | {code.Where} | {(code.Retry ? "yes" : "")} | {code.Meaning}"));
        Assert.Equal(SpecDocument.Table("## 9.").Select(row => string.Join(" | ", row)), table);
    }

    [Fact]
    public void Lists_of_names_are_the_document_s()
    {
        LayoutTable table = LayoutTable.Instance;
        Assert.Equal(Numbered(SpecDocument.Table("### 11.5")), Numbered(table.ClaimActions));
        Assert.Equal(Numbered(SpecDocument.Table("### 11.6")), Numbered(table.Permissions));
        Assert.Equal(Numbered(SpecDocument.Table("Manage: sequence")), Numbered(table.ManageActions));
        Assert.Equal(Numbered(SpecDocument.Table("### 11.9").SkipLast(1)), table.Signals.SkipLast(1).Select(signal => $"{signal.Value} {signal.Key}"));
        Assert.Equal("1,024 and up | the application's", string.Join(" | ", SpecDocument.Table("### 11.9")[^1].Take(2)));
        Assert.Equal(("application", 1_024u), (table.Signals.Last().Key, table.Signals.Last().Value));
    }

    [Theory]
    [MemberData(nameof(ExampleNames))]
    public void Example_read_by_the_table_has_the_fields_of_its_comments_and_is_written_the_same(string name)
    {
        SpecExample example = SpecDocument.Example(name);
        FrameLayout frame = LayoutTable.Instance.Frames.Single(layout => layout.Type == example.Bytes[3]);
        IReadOnlyList<LayoutValue>? values = LayoutReader.Read(frame, example.Bytes[FrameHeader.Size..], Space);
        Assert.NotNull(values);
        Assert.Equal(example.Fields.Skip(1), LayoutReader.Show(values));
        Assert.EndsWith($"type = 0x{frame.Type:X2} {frame.Name}", example.Fields[0], StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexString(example.Bytes), Convert.ToHexString(LayoutBytes.Frame(frame, values, Space)));
    }

    /// <summary>The document's definitions. It writes two things shorter than the table can: the halves of a session share a name, and a
    /// place, being the rest of the body, has no bracket since it may be empty.</summary>
    private static Dictionary<string, string> Definitions(string section) => SpecGrammar.Of(section).ToDictionary(
        definition => definition.Key,
        definition => definition.Value
            .Replace("session:u64 u64", "sessionHigh:u64 sessionLow:u64", StringComparison.Ordinal)
            .Replace("value:bytes) place", "value:bytes) [place]", StringComparison.Ordinal));

    private static IEnumerable<LayoutField> Fields(IReadOnlyList<LayoutItem> items) => items.SelectMany(item => item switch
    {
        LayoutField field => [field],
        LayoutWhen bracket => Fields(bracket.Then).Concat(Fields(bracket.Else)),
        LayoutList list => Fields(list.Each).Prepend(list.Count),
        LayoutPart part => Fields(part.Items),
        _ => throw new InvalidOperationException(item.ToString()),
    });

    /// <summary>Where the document has a definition: section and label.</summary>
    private static string Place(FrameLayout frame, string label)
    {
        if (label == "extension")
        {
            return "8.2 extension";
        }

        bool isLabelled = label.Length == 0 && Definitions(frame.Section).ContainsKey(frame.Name);
        return $"{frame.Section} {(isLabelled ? frame.Name : label)}";
    }

    private static string Direction(FrameLayout frame) => frame.From switch { "client" => "C → S", "server" => "S → C", _ => frame.From };

    private static string Reliability(FrameLayout frame) => frame.IsNumbered ? "numbered" : frame.IsReliable ? "room sequence" : "";

    private static IEnumerable<string> Numbered(IEnumerable<string> names) => names.Select(
        (name, i) => string.Create(CultureInfo.InvariantCulture, $"{i} {name}"));

    private static IEnumerable<string> Numbered(IEnumerable<string[]> rows) => rows.Select(row => $"{row[0]} {row[1]}");

    [GeneratedRegex("Values fit 32 bits, except those of (?<names>.*?), and the `value` of Done: 64", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WideVarints();

    [GeneratedRegex("`(?<name>[a-zA-Z]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
