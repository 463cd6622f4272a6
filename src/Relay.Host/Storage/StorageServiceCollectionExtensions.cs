using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms.Stores;
using Relay.Host.Storage.Rooms;

namespace Relay.Host.Storage;

/// <summary>Adds the database to the program's services.</summary>
internal static class StorageServiceCollectionExtensions
{
    /// <summary>Adds <see cref="Database"/>, opened before the program listens, what keeps rooms in it, and its health check
    /// <c>store</c>.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="section">The section <c>Relay:Storage</c>.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work: every problem in one line each.</exception>
    public static IServiceCollection AddRelayStorage(this IServiceCollection services, IConfigurationSection section)
    {
        var options = new StorageOptions();
        section.Bind(options);
        string[] problems = [.. options.Validate()];
        if (problems.Length > 0)
        {
            throw new OptionsValidationException(nameof(StorageOptions), typeof(StorageOptions), problems);
        }

        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.Configure<RelayOptions>(relay => relay.Store.OpenDetached |= !options.Require);
        services.AddSingleton<StoreState>();
        services.AddSingleton(provider => new StorageMetrics(provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(provider => new DatabaseContext(
            options,
            provider.GetRequiredService<StorageMetrics>(),
            provider.GetRequiredService<StoreState>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => Database.Create(provider.GetRequiredService<DatabaseContext>()));
        services.AddSingleton<IRoomStore, SqlRoomStore>();
        services.AddSingleton<IModerationStore, SqlModerationStore>();
        services.AddSingleton<StoreHealthCheck>();
        services.AddHostedService<StorageService>();
        services.AddHealthChecks().AddCheck<StoreHealthCheck>("store", tags: ["ready"]);
        return services;
    }
}
