using System.Reflection;
using System.Text;
using Relay.Conformance.Tests.Cases;
using Relay.Conformance.Tests.Echo;
using Relay.Conformance.Tests.Kit;

namespace Relay.Conformance.Tests;

/// <summary>RESULTS.md tells what came of all cases. With RELAY_WRITE_RESULTS=1 it is written, otherwise it must be right.</summary>
[Collection(Board.Name)]
public sealed class ResultsTests(Board board)
{
    private const string Head = """
        # RFC 6455: results

        Written by the suite itself (`RELAY_WRITE_RESULTS=1 dotnet test tests/Relay.Conformance.Tests`) and checked by it at each run.
        Numbers up to section 10 are those of the Autobahn TestSuite; section R is ours. The peer is an echo made of the product's own
        `WebSocketReader` and `Outlet`; what is sent and what is expected is in `Cases`.

        """;

    private static readonly Mark[] Marks = [Mark.Ok, Mark.NonStrict, Mark.Failed];

    [Fact]
    public async Task Results_areAsWrittenDown()
    {
        string directory = typeof(ResultsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(data => data.Key == "ProjectDirectory").Value!;
        string path = Path.Combine(directory, "RESULTS.md");
        string results = await TellAsync();
        if (Environment.GetEnvironmentVariable("RELAY_WRITE_RESULTS") == "1")
        {
            await File.WriteAllTextAsync(path, results);
        }

        Assert.Equal(await File.ReadAllTextAsync(path), results);
    }

    private async Task<string> TellAsync()
    {
        var text = new StringBuilder();
        text.Append(Head);
        await TellProfileAsync(text, Profile.Wide, $"All cases: text spoken, messages up to {EchoSettings.Wide.MaxMessage} bytes");
        EchoSettings production = EchoSettings.Production;
        await TellProfileAsync(text, Profile.Production,
            $"Limits of production: no text, messages up to {production.MaxMessage} bytes in {production.MaxFragments} frames");
        return text.ToString();
    }

    private async Task TellProfileAsync(StringBuilder text, Profile profile, string title)
    {
        Road[] roads = [.. Roads.All.Keys];
        var rows = new List<(Case Tried, Mark[] Marks)>();
        foreach (Case tried in Catalogue.Of[profile])
        {
            var marks = new List<Mark>();
            foreach (Road road in roads)
            {
                marks.Add((await board.JudgeAsync(road, profile, tried)).Mark);
            }

            rows.Add((tried, [.. marks]));
        }

        text.Append($"\n## {title}\n\n");
        AppendRow(text, ["section", "tries", "cases", .. roads.Select(road => $"{road}: OK / NON-STRICT / FAILED")]);
        AppendRow(text, ["---", "---", "--:", .. roads.Select(_ => "---")]);
        foreach ((string section, string tries) in Catalogue.Sections.Append(("", "all")))
        {
            (Case Tried, Mark[] Marks)[] within = [.. rows.Where(row => section.Length == 0 || row.Tried.Section == section)];
            if (within.Length > 0)
            {
                AppendRow(text, [section, tries, $"{within.Length}", .. roads.Select((_, i) => Count(within.Select(row => row.Marks[i])))]);
            }
        }

        text.Append('\n');
        AppendRow(text, ["case", "what is tried, and what should come of it", .. roads.Select(road => $"{road}")]);
        AppendRow(text, ["---", "---", .. roads.Select(_ => "---")]);
        foreach ((Case tried, Mark[] marks) in rows)
        {
            AppendRow(text, [tried.Id, tried.What, .. marks.Select(Verdict.Spell)]);
        }
    }

    private static string Count(IEnumerable<Mark> marks)
    {
        Mark[] all = [.. marks];
        return string.Join(" / ", Marks.Select(mark => all.Count(each => each == mark)));
    }

    private static void AppendRow(StringBuilder text, string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
