using System.Globalization;
using System.Text.Json.Nodes;
using Relay.Load.Server;

namespace Relay.Load.Compare;

/// <summary>
/// Draws a result as horizontal bars, one group for each contest, as an SVG that needs nothing else. The same result gives the same bytes.
/// It follows the reader's light or dark scheme on a ground of its own, since a page may not follow it.
/// </summary>
internal static class SvgChart
{
    private const int Width = 860;
    private const int BarsLeft = 210;
    private const int BarsWidth = 470;
    private const int Top = 78;
    private const int BarHeight = 14;
    private const int BarGap = 3;
    private const int GroupGap = 14;
    private const int Margin = 20;

    private const string Style = """
        text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
        .ground{fill:#ffffff}.axis{stroke:#d1d9e0}.spread{stroke:#1f2328;stroke-opacity:.55}.v0{fill:#8c959f}.v1{fill:#0969da}
        text.title{font-size:16px;font-weight:600}text.note{font-size:12px;fill:#59636e}
        @media (prefers-color-scheme:dark){text{fill:#f0f6fc}text.note{fill:#9198a1}
        .ground{fill:#0d1117}.axis{stroke:#3d444d}.spread{stroke:#f0f6fc}.v0{fill:#656c76}.v1{fill:#4493f8}}
        """;

    /// <summary>What can be drawn, the first that was measured.</summary>
    private static readonly (string Field, string Title, string Format)[] Drawable =
    [
        ("server_cpu_ns_per_delivery", "Server CPU per delivery, ns", "0"),
        ("rss_kib_per_connection", "Server memory per idle connection, KiB resident", "0.0"),
    ];

    /// <summary>Draws.</summary>
    /// <exception cref="LoadException">Nothing in it can be drawn.</exception>
    public static string Draw(ComparisonResult result)
    {
        (string field, string title, string format) = Array.Find(Drawable, one => Measured(result, one.Field).Length > 0);
        if (field is null)
        {
            string fields = string.Join(", ", Drawable.Select(one => one.Field));
            throw new LoadException($"--chart: no contest of the result has one of {fields}", badArguments: true);
        }

        ContestResult[] contests = Measured(result, field);
        int perGroup = (contests[0].Variants.Length * (BarHeight + BarGap)) - BarGap + GroupGap;
        int bottom = Top + (contests.Length * perGroup), height = bottom + 22;
        double most = contests.Max(contest => contest.Variants.Max(variant => Number(variant.Max, field)));
        double scale = most > 0 ? BarsWidth / most : 0;

        var svg = new SvgWriter();
        svg.Box("ground", 0, 0, Width, height, corner: 6);
        DrawHead(svg, result, contests[0], title);
        svg.Line("axis", BarsLeft, Top - 4, BarsLeft, bottom - GroupGap + 4);
        for (int i = 0; i < contests.Length; i++)
        {
            DrawContest(svg, contests[i], field, format, scale, Top + (i * perGroup));
        }

        svg.Text("note", Margin, bottom + 8, Foot(result));
        return svg.Finish(Width, height, $"{title}: {string.Join(" and ", contests[0].Variants.Select(Label))}", Style);
    }

    private static void DrawHead(SvgWriter svg, ComparisonResult result, ContestResult first, string title)
    {
        string runs = result.Runs.ToString(CultureInfo.InvariantCulture);
        svg.Text("title", Margin, 28, title);
        svg.Text("note", Margin, 47, $"less is better; median of {runs} runs in turns, the line from the lowest to the highest");
        int x = BarsLeft;
        for (int i = 0; i < first.Variants.Length; i++)
        {
            string label = Label(first.Variants[i]);
            svg.Box(StyleOf(i), x, 57, 12, 12, corner: 2);
            svg.Text("note", x + 17, 67, label);
            x += 40 + (label.Length * 7);
        }
    }

    private static void DrawContest(SvgWriter svg, ContestResult contest, string field, string format, double scale, int top)
    {
        svg.TextBefore("name", BarsLeft - 10, top + 13, contest.Workload);
        svg.TextBefore("note", BarsLeft - 10, top + 28, Conditions(contest));
        for (int i = 0; i < contest.Variants.Length; i++)
        {
            VariantResult variant = contest.Variants[i];
            int y = top + (i * (BarHeight + BarGap));
            double low = BarsLeft + (Number(variant.Min, field) * scale), high = BarsLeft + (Number(variant.Max, field) * scale);
            string value = Number(variant.Median, field).ToString(format, CultureInfo.InvariantCulture);
            if (i > 0 && contest.Ratios[field] is { } ratio)
            {
                value = string.Create(CultureInfo.InvariantCulture, $"{value} ({ratio.GetValue<double>():0.00} ×)");
            }

            svg.Box(StyleOf(i), BarsLeft, y, Math.Max(1, Number(variant.Median, field) * scale), BarHeight, corner: 2);
            svg.Line("spread", low, y + (BarHeight / 2), high, y + (BarHeight / 2));
            svg.Text("note", high + 8, y + BarHeight - 3, value);
        }
    }

    private static string Foot(ComparisonResult result)
    {
        MachineResult machine = result.Machine;
        string processors = machine.Processors.ToString(CultureInfo.InvariantCulture);
        string place = $"{processors} × {machine.Cpu}, {machine.System}, .NET {machine.Runtime}";
        return $"{place}; commit {Repository.Short(result.Commit)}, {result.Date[..10]}";
    }

    private static string Conditions(ContestResult contest)
    {
        string transport = contest.Transport == "ws" ? "WebSocket" : "TCP";
        if (contest.Variants[0].Parameters["idle"] is not null)
        {
            return transport;
        }

        string cadence = contest.Cadence.Equals("tick", StringComparison.OrdinalIgnoreCase) ? "each tick" : $"each {contest.Cadence} ms";
        return $"{transport}, input {cadence}";
    }

    private static string Label(VariantResult variant) => variant.Name switch
    {
        "A" => "as given",
        "B" => variant.Adds,
        var name => name,
    };

    private static string StyleOf(int variant) => string.Create(CultureInfo.InvariantCulture, $"v{variant}");

    /// <summary>What has the figure. A delivery that is sent at once costs a transmission of its own, many times as much as one in a
    /// batch: beside it all other bars would be too short to be told apart, so it is drawn only alone.</summary>
    private static ContestResult[] Measured(ComparisonResult result, string field)
    {
        ContestResult[] measured = Array.FindAll(
            result.Contests, contest => Array.TrueForAll(contest.Variants, variant => variant.Median[field] is not null));
        ContestResult[] ticking = Array.FindAll(measured, contest => Number(contest.Variants[0].Parameters, "tick_ms") > 0);
        return ticking.Length > 0 ? ticking : measured;
    }

    private static double Number(JsonObject figures, string field) => figures[field]!.GetValue<double>();
}
