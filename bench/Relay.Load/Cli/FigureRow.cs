using System.Globalization;
using System.Text.Json.Nodes;

namespace Relay.Load.Cli;

/// <summary>How a figure is shown to people.</summary>
/// <param name="Field">Its name in files.</param>
/// <param name="Title">Its name in tables.</param>
/// <param name="Format">Of the number.</param>
internal sealed record FigureRow(string Field, string Title, string Format)
{
    public static implicit operator FigureRow((string Field, string Title, string Format) row) => new(row.Field, row.Title, row.Format);

    /// <summary>A value of it, or a dash for none.</summary>
    public string Text(JsonNode? value) => value is null ? "–" : value.GetValue<double>().ToString(Format, CultureInfo.InvariantCulture);
}
