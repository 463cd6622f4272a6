using Microsoft.AspNetCore.Http.Extensions;

namespace Relay.Host.Files.Serving;

/// <summary>
/// Keeps the files' origin (<see cref="FilesOptions.Origin"/>) apart from the program's own. There, files are served and nothing else: no
/// page, no interface and no socket, so that a file which is taken for a page finds nothing that it could ask for. Elsewhere no file is:
/// who asks is sent there. Which of the two a request is for is said by <c>Host</c>.
/// </summary>
internal static class FilesOrigin
{
    /// <summary>Where files are.</summary>
    public const string Path = "/files";

    /// <summary>Puts it into the program, before everything else. Without a files' origin it does nothing.</summary>
    /// <param name="app">The program.</param>
    public static void UseFilesOrigin(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetRequiredService<FilesOptions>() is not { Enabled: true, Origin: { } origin })
        {
            return;
        }

        var place = new Uri(origin);
        app.Use(next => context => (IsFor(context.Request, place), context.Request.Path.StartsWithSegments(Path)) switch
        {
            (true, false) => FileServer.NotFoundAsync(context),
            (false, true) => SendThereAsync(context, origin),
            _ => next(context),
        });
    }

    /// <summary>Whether a request is for the files' origin. It may come without TLS, which a proxy has taken off, so a port that is not named
    /// is the one that this origin's scheme has.</summary>
    private static bool IsFor(HttpRequest request, Uri place)
    {
        string host = request.Host.Host;
        return string.Equals(host.EndsWith('.') ? host[..^1] : host, place.Host, StringComparison.OrdinalIgnoreCase)
            && (request.Host.Port ?? place.DefaultPort()) == place.Port;
    }

    private static int DefaultPort(this Uri place) => place.Scheme == Uri.UriSchemeHttps ? 443 : 80;

    private static Task SendThereAsync(HttpContext context, string origin)
    {
        FileHeaders.SetAlways(context.Response);
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.Headers.Location =
            origin + UriHelper.BuildRelative(context.Request.PathBase, context.Request.Path, context.Request.QueryString);

        // For ever is what 308 means by itself, and longer than an operator may want this origin.
        context.Response.Headers.CacheControl = "max-age=3600";
        return Task.CompletedTask;
    }
}
