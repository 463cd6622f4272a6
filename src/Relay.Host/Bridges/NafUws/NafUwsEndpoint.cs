namespace Relay.Host.Bridges.NafUws;

/// <summary>Puts the endpoint into the program.</summary>
internal static class NafUwsEndpoint
{
    public static void AddNafUws(this IServiceCollection services, NafUwsOptions options)
    {
        if (options.Enabled)
        {
            services.AddSingleton(options).AddSingleton<NafUwsHub>();
        }
    }

    /// <summary>Takes WebSocket requests for its path; what else is at that path, such as the first page, stays.</summary>
    public static void UseNafUws(this WebApplication app, NafUwsOptions options)
    {
        if (!options.Enabled)
        {
            return;
        }

        var hub = app.Services.GetRequiredService<NafUwsHub>();
        app.UseWhen(context => context.Request.Path.Equals(options.Path, StringComparison.Ordinal), branch =>
        {
            branch.UseWebSockets();
            branch.Use(next => context => context.WebSockets.IsWebSocketRequest ? hub.HandleAsync(context) : next(context));
        });
    }
}
