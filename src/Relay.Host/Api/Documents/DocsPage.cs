using System.Reflection;

namespace Relay.Host.Api.Documents;

/// <summary>The page that shows the OpenAPI document: <c>/docs</c>. It loads nothing from elsewhere.</summary>
internal static class DocsPage
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapDocsPage(this IEndpointRouteBuilder routes)
    {
        foreach ((string path, string file, string type) in new[]
        {
            ("/docs", "docs.html", "text/html"),
            ("/docs/docs.js", "docs.js", "text/javascript"),
            ("/docs/docs.css", "docs.css", "text/css"),
        })
        {
            string text = Read(file);
            routes.MapGet(path, (HttpContext context) =>
            {
                context.Response.Headers.ContentSecurityPolicy = Policy;
                context.Response.Headers.XContentTypeOptions = "nosniff";
                context.Response.Headers["Referrer-Policy"] = "no-referrer";
                return Results.Text(text, type + "; charset=utf-8");
            }).ExcludeFromDescription();
        }
    }

    private static string Read(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Relay.Host.Api.Documents." + file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
