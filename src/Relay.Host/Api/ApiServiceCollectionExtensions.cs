using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Host.Accounts;
using Relay.Host.Api.Documents;
using Relay.Host.Api.Invites;
using Relay.Host.Api.Json;
using Relay.Host.Api.People;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Api.State;
using Relay.Host.Files;
using Relay.Host.Files.Http;
using Relay.Host.Http;
using Relay.Host.Webhooks;

namespace Relay.Host.Api;

/// <summary>Adds the REST interface to the program.</summary>
internal static class ApiServiceCollectionExtensions
{
    /// <summary>Adds what the REST interface works with, and the <see cref="IRoomDirectory"/> that joins ask.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="section">The section <c>Relay:Api</c>.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work: every problem in one line each.</exception>
    public static IServiceCollection AddRelayApi(this IServiceCollection services, IConfigurationSection section)
    {
        var options = new ApiOptions();
        section.Bind(options);
        string[] problems = [.. options.Validate()];
        if (problems.Length > 0)
        {
            throw new OptionsValidationException(nameof(ApiOptions), typeof(ApiOptions), problems);
        }

        services.AddSingleton(options);
        services.AddSingleton<InviteTable>();
        services.AddSingleton<RoomDirectory>();
        services.AddSingleton<IRoomDirectory>(provider => provider.GetRequiredService<RoomDirectory>());
        services.AddSingleton<PeopleTable>();
        services.AddSingleton<RoomAccess>();
        services.AddSingleton<RoomFiles>();
        services.AddSingleton<RoomDesk>();
        services.AddApiDocument();
        services.AddCors();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        return services;
    }

    /// <summary>Puts what all requests below <c>/api</c> go through before the endpoints.</summary>
    /// <param name="app">The program.</param>
    public static void UseRelayApi(this WebApplication app) =>
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api"), branch =>
        {
            string[] origins = [.. app.Services.GetRequiredService<IOptions<RelayOptions>>().Value.AllowedOrigins];
            branch.UseMiddleware<ApiErrors>();
            branch.UseCors(policy => (origins.Contains("*", StringComparer.Ordinal) ? policy.AllowAnyOrigin() : policy.WithOrigins(origins))
                .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
                .WithHeaders(["Authorization", "Content-Type", "If-Match", "If-None-Match", Operation.IdempotencyKey, .. TusEndpoints.Asks])
                .WithExposedHeaders(["ETag", "Location", "Retry-After", .. TusEndpoints.Tells]));
            branch.UseMiddleware<ApiLimits>();
            branch.UseMiddleware<Idempotency>();
        });

    /// <summary>Maps the operations.</summary>
    /// <param name="app">The program.</param>
    public static void MapRelayApi(this WebApplication app)
    {
        RouteGroupBuilder api = app.MapGroup("/api/v1");
        api.MapRooms();
        api.MapObjects();
        api.MapAttributes();
        api.MapPeople();
        api.MapInvites();
        api.MapDirectory();
        api.MapWebhooks();
        if (app.Services.GetRequiredService<FilesOptions>().Enabled)
        {
            api.MapFileEndpoints();
            api.MapTus();
        }

        app.MapProblemPages();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapDocsPage();
    }
}
