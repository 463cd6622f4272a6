using System.Diagnostics.Metrics;
using System.IO.Enumeration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Rooms.Stores;
using Relay.Core.Transport.Direct;

namespace Relay.Core.Hosting;

/// <summary>Adds the relay to a host's services.</summary>
public static class RelayServiceCollectionExtensions
{
    /// <summary>Adds the relay. May be called more than once: the options add up.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>A builder for the rest.</returns>
    /// <exception cref="OptionsValidationException">At the host's start, if an option is out of range: every problem in one line
    /// each.</exception>
    public static RelayBuilder AddRelay(this IServiceCollection services, Action<RelayOptions>? configure = null)
    {
        OptionsBuilder<RelayOptions> options = services.AddOptions<RelayOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IRelayAuthorizer, DefaultAuthorizer>();
        services.TryAddSingleton<RelayMetrics>(provider => new RelayMetrics(provider.GetRequiredService<IMeterFactory>()));
        services.TryAddSingleton<IModerationStore>(provider => new MemoryModerationStore(provider.GetRequiredService<TimeProvider>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RelayOptions>, RelayOptionsValidator>());
        if (!services.Any(service => service.ServiceType == typeof(RelayServer)))
        {
            services.AddSingleton(provider => new RelayServer(
                provider.GetRequiredService<IOptions<RelayOptions>>().Value,
                provider.GetRequiredService<IRelayAuthorizer>(),
                provider.GetRequiredService<IModerationStore>(),
                provider.GetRequiredService<RelayMetrics>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RelayServer>>(),
                provider.GetRequiredService<IHostApplicationLifetime>(),
                provider.GetServices<HandlerBinding>(),
                provider.GetServices<IRoomObserver>(),
                provider.GetService<IRoomStore>()));
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<RelayServer>());
            services.AddSingleton(DirectTransportFor);
            services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<DirectTransport>());
        }

        return new RelayBuilder(services);
    }

    /// <summary>Adds the relay with options bound from configuration.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">Usually the section <c>Relay</c>.</param>
    /// <returns>A builder for the rest.</returns>
    public static RelayBuilder AddRelay(this IServiceCollection services, IConfiguration section)
    {
        services.AddOptions<RelayOptions>().Bind(section);
        return services.AddRelay();
    }

    /// <summary>The transport that Kestrel asks first; on the pipe road it takes no endpoint.</summary>
    private static DirectTransport DirectTransportFor(IServiceProvider provider)
    {
        var server = provider.GetRequiredService<RelayServer>();
        return new DirectTransport(
            server.Direct,
            server.KernelLimits,
            server.IngressStats,
            provider.GetRequiredService<IOptions<SocketTransportOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>());
    }

    /// <summary>Adds the relay's readiness to the health checks, under the name <c>relay</c> and the tag <c>ready</c>.</summary>
    /// <param name="checks">The host's health checks.</param>
    public static IHealthChecksBuilder AddRelay(this IHealthChecksBuilder checks) =>
        checks.AddCheck<RelayHealthCheck>("relay", tags: ["ready"]);
}

/// <summary>What else can be said of a relay in a host's services.</summary>
/// <param name="services">The host's services.</param>
public sealed class RelayBuilder(IServiceCollection services)
{
    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>Sets who decides on connections and joins; the last call counts.</summary>
    /// <typeparam name="T">The authorizer, made once by dependency injection.</typeparam>
    /// <returns>This builder.</returns>
    public RelayBuilder AddAuthorizer<T>()
        where T : class, IRelayAuthorizer
    {
        Services.Replace(ServiceDescriptor.Singleton<IRelayAuthorizer, T>());
        return this;
    }

    /// <summary>Has what is persistent in rooms stored. Without it persistent things last as long as their room is open.</summary>
    /// <typeparam name="T">The store, made once by dependency injection.</typeparam>
    /// <returns>This builder.</returns>
    public RelayBuilder AddRoomStore<T>()
        where T : class, IRoomStore
    {
        Services.Replace(ServiceDescriptor.Singleton<IRoomStore, T>());
        return this;
    }

    /// <summary>Has bans, roles and closed rooms stored. Without it they last as long as the process.</summary>
    /// <typeparam name="T">The store, made once by dependency injection.</typeparam>
    /// <returns>This builder.</returns>
    public RelayBuilder AddModerationStore<T>()
        where T : class, IModerationStore
    {
        Services.Replace(ServiceDescriptor.Singleton<IModerationStore, T>());
        return this;
    }

    /// <summary>Has somebody told of rooms that open and close and of members who come and go. Several may be; each is told of
    /// all.</summary>
    /// <typeparam name="T">The observer, made once by dependency injection, however often it is added.</typeparam>
    /// <returns>This builder.</returns>
    public RelayBuilder AddRoomObserver<T>()
        where T : class, IRoomObserver
    {
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IRoomObserver, T>());
        return this;
    }

    /// <summary>Adds logic to the rooms whose names fit a pattern. A room has at most one handler, the first that was added and is for
    /// it.</summary>
    /// <typeparam name="T">The handler, made once by dependency injection, however often it is added.</typeparam>
    /// <param name="pattern">A room's name, in which <c>*</c> stands for any characters, also none: <c>game/*</c>. Capitals count.
    /// Instances of a room that spills over go by the room's name.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">At the host's start, if <see cref="IRoomHandler.TickInterval"/> is out of
    /// range.</exception>
    public RelayBuilder AddRoomHandler<T>(string pattern)
        where T : class, IRoomHandler =>
        AddRoomHandler<T>(room => FileSystemName.MatchesSimpleExpression(pattern, room, ignoreCase: false));

    /// <summary>Adds logic to some rooms. A room has at most one handler, the first that was added and is for it.</summary>
    /// <typeparam name="T">The handler, made once by dependency injection, however often it is added.</typeparam>
    /// <param name="isFor">Whether it is for the room of a name. Called for each join, off the rooms' threads, within
    /// <see cref="RelayLimits.HandlerTimeout"/>; a room keeps the handler that it was opened with.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="InvalidOperationException">At the host's start, if <see cref="IRoomHandler.TickInterval"/> is out of
    /// range.</exception>
    public RelayBuilder AddRoomHandler<T>(Func<string, bool> isFor)
        where T : class, IRoomHandler
    {
        Services.TryAddSingleton<T>();
        Services.AddSingleton(provider => new HandlerBinding(provider.GetRequiredService<T>(), isFor));
        return this;
    }
}
