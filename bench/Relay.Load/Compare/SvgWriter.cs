using System.Globalization;
using System.Security;
using System.Text;

namespace Relay.Load.Compare;

/// <summary>The few elements of SVG that charts need. Numbers have one decimal at most, so that files stay small and the same.</summary>
internal sealed class SvgWriter
{
    private readonly StringBuilder _body = new();

    /// <summary>A box with round corners.</summary>
    public void Box(string style, double x, double y, double width, double height, int corner) =>
        _body.Append(string.Create(
            CultureInfo.InvariantCulture,
            $"<rect class=\"{style}\" x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\" rx=\"{corner}\"/>\n"));

    /// <summary>A straight line.</summary>
    public void Line(string style, double x1, double y1, double x2, double y2) =>
        _body.Append(string.Create(
            CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"M{x1:0.#} {y1:0.#}L{x2:0.#} {y2:0.#}\"/>\n"));

    /// <summary>A text that begins at x.</summary>
    public void Text(string style, double x, double y, string text) => Text(style, x, y, "start", text);

    /// <summary>A text that ends at x.</summary>
    public void TextBefore(string style, double x, double y, string text) => Text(style, x, y, "end", text);

    /// <summary>The whole picture.</summary>
    /// <param name="width">Its width.</param>
    /// <param name="height">Its height.</param>
    /// <param name="title">What it shows, for who cannot see it.</param>
    /// <param name="style">Rules for the styles of what was drawn.</param>
    public string Finish(int width, int height, string title, string style)
    {
        string size = string.Create(
            CultureInfo.InvariantCulture, $"width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"");
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="t">
            <title id="t">{SecurityElement.Escape(title)}</title>
            <style>
            {style}
            </style>
            {_body}</svg>

            """.ReplaceLineEndings("\n");
    }

    private void Text(string style, double x, double y, string anchor, string text) =>
        _body.Append(string.Create(
            CultureInfo.InvariantCulture,
            $"<text class=\"{style}\" x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{SecurityElement.Escape(text)}</text>\n"));
}
