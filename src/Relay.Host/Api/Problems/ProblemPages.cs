using System.Text;
using System.Text.Encodings.Web;
using Relay.Host.Http;

namespace Relay.Host.Api.Problems;

/// <summary>What a problem's URI leads to: a page about its kind.</summary>
internal static class ProblemPages
{
    public static void MapProblemPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/problems", () => Page("Problems", All())).ExcludeFromDescription();
        routes.MapGet("/problems/{name}", (string name) =>
            ProblemType.All.FirstOrDefault(type => type.Name == name) is { } found
                ? Page(found.Title, About(found))
                : Results.NotFound()).ExcludeFromDescription();
    }

    private static HtmlPage Page(string title, string body) => new HtmlPage(
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{HtmlEncoder.Default.Encode(title)}</title>" +
        $"<h1>{HtmlEncoder.Default.Encode(title)}</h1>{body}</html>\n");

    private static string All() => string.Concat(
        ProblemType.All.Select(type =>
            $"<p><a href=\"{type.Uri}\">{type.Name}</a> ({type.Status}): {HtmlEncoder.Default.Encode(type.Title)}.</p>"));

    private static string About(ProblemType type)
    {
        var text = new StringBuilder($"<p>HTTP status {type.Status}.</p><p>{HtmlEncoder.Default.Encode(type.Advice)}</p>");
        string codes = string.Join(", ", ProblemTable.CodesOf(type).Select(code => $"{(int)code} {code}"));
        return codes.Length == 0
            ? text.ToString()
            : text.Append("<p>Codes of rooms that are told so: ").Append(codes).Append(".</p>").ToString();
    }

    /// <summary>HTML that loads nothing.</summary>
    private sealed class HtmlPage(string html) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = "text/html; charset=utf-8";
            httpContext.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            httpContext.Response.Headers.XContentTypeOptions = "nosniff";
            return httpContext.Response.WriteAsync(html, httpContext.RequestAborted);
        }
    }
}
