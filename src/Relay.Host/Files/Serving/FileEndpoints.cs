namespace Relay.Host.Files.Serving;

/// <summary>Where files are served: <c>/files/HASH</c>.</summary>
internal static class FileEndpoints
{
    /// <summary>Maps the files, and the operation that signs their addresses.</summary>
    /// <param name="app">The program.</param>
    public static void MapFiles(this IEndpointRouteBuilder app)
    {
        if (!app.ServiceProvider.GetRequiredService<FilesOptions>().Enabled)
        {
            return;
        }

        RouteGroupBuilder files = app.MapGroup(FilesOrigin.Path).ExcludeFromDescription();
        files.MapMethods("/{hash}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, FileServer server) => server.ServeAsync(context));
        files.MapMethods(
            "/{hash}/{variant}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context, FileServer server) => server.ServeAsync(context));
        files.MapMethods("/{**path}", [HttpMethods.Get, HttpMethods.Head], FileServer.NotFoundAsync);
        files.MapMethods("/{**path}", [HttpMethods.Options], (HttpContext context) => FileHeaders.SetPreflight(context.Response));
        app.MapFileUrls();
    }
}
