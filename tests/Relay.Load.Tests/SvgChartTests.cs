using System.Globalization;
using System.Xml.Linq;
using Relay.Load.Compare;
using Relay.Load.Measure;

namespace Relay.Load.Tests;

public sealed class SvgChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_same_result_gives_the_same_bytes_whatever_the_culture()
    {
        string first = SvgChart.Draw(ComparisonResultTests.Sample());
        CultureInfo before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            Assert.Equal(first, SvgChart.Draw(ResultFile.Parse(ResultFile.Write(ComparisonResultTests.Sample()))));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.DoesNotContain('\r', first);
    }

    [Fact]
    public void It_is_well_formed_needs_nothing_else_and_knows_dark_and_light()
    {
        string text = SvgChart.Draw(ComparisonResultTests.Sample());
        XElement root = XDocument.Parse(text).Root!;
        Assert.Equal(Svg + "svg", root.Name);
        Assert.DoesNotContain("href", text, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", text, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", text, StringComparison.Ordinal);
        Assert.NotNull(root.Element(Svg + "title"));
    }

    [Fact]
    public void Bars_are_as_long_as_what_they_stand_for_and_labelled()
    {
        XElement root = XDocument.Parse(SvgChart.Draw(ComparisonResultTests.Sample())).Root!;
        double pipe = Bars(root, "v0").Max(), direct = Bars(root, "v1").Max();
        Assert.Equal(2, pipe / direct, precision: 2);
        string[] texts = [.. root.Elements(Svg + "text").Select(text => text.Value)];
        Assert.Contains("W<1>", texts);
        Assert.Contains("TCP, input each tick", texts);
        Assert.Contains("300", texts);
        Assert.Contains("150 (0.50 ×)", texts);
        Assert.Contains("2 × Some & Co, Linux, .NET 10.0.0; commit 0123456-dirty, 2026-11-21", texts);
    }

    [Fact]
    public void Nothing_lies_outside_the_picture()
    {
        XElement root = XDocument.Parse(SvgChart.Draw(ComparisonResultTests.Sample())).Root!;
        double width = Number(root, "width"), height = Number(root, "height");
        Assert.All(root.Elements(Svg + "rect"), rect => Assert.InRange(Number(rect, "x") + Number(rect, "width"), 0, width));
        Assert.All(root.Elements(Svg + "text"), text => Assert.InRange(Number(text, "y"), 0, height));
    }

    [Fact]
    public void What_is_sent_at_once_is_drawn_only_alone()
    {
        ComparisonResult sample = ComparisonResultTests.Sample();
        ContestResult atOnce = ResultFile.Parse(ResultFile.Write(sample)).Contests[0] with { Workload = "tick0" };
        Array.ForEach(atOnce.Variants, variant => variant.Parameters["tick_ms"] = 0.0);
        Assert.DoesNotContain("tick0", SvgChart.Draw(sample with { Contests = [.. sample.Contests, atOnce] }), StringComparison.Ordinal);
        Assert.Contains("tick0", SvgChart.Draw(sample with { Contests = [atOnce] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Idle_connections_are_drawn_by_their_memory()
    {
        var options = new Cli.LoadOptions();
        var contest = new Contest("idle 5", [new Variant("pipe", "", options), new Variant("direct", "", options)]);
        System.Text.Json.Nodes.JsonObject[] runs = [new Figures { RssKibPerConnection = 12.34 }.ToJson()];
        string text = SvgChart.Draw(ComparisonResultTests.Sample() with { Contests = [Summary.Of(contest, [runs, runs])] });
        Assert.Contains("KiB", text, StringComparison.Ordinal);
        Assert.Contains(">12.3<", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_with_nothing_to_draw_is_told()
    {
        LoadException error = Assert.Throws<LoadException>(() => SvgChart.Draw(ComparisonResultTests.Sample() with { Contests = [] }));
        Assert.Equal("--chart: no contest of the result has one of server_cpu_ns_per_delivery, rss_kib_per_connection", error.Message);
    }

    private static IEnumerable<double> Bars(XElement root, string variant) =>
        root.Elements(Svg + "rect").Where(rect => rect.Attribute("class")!.Value == variant).Select(rect => Number(rect, "width"));

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
