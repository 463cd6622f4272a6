using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms.Stores;
using Relay.Host.Storage.Rooms;

namespace Relay.Host.Webhooks;

/// <summary>Adds webhooks to the program.</summary>
internal static class WebhookServiceCollectionExtensions
{
    /// <summary>Adds what queues and delivers. After the storage.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="section">The section <c>Relay:Webhooks</c>.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work: every problem in one line each.</exception>
    public static void AddRelayWebhooks(this IServiceCollection services, IConfigurationSection section)
    {
        var options = new WebhookOptions();
        section.Bind(options);
        string[] problems = [.. options.Validate()];
        if (problems.Length > 0)
        {
            throw new OptionsValidationException(nameof(WebhookOptions), typeof(WebhookOptions), problems);
        }

        services.AddSingleton(options);
        services.AddSingleton<WebhookTable>();
        services.AddSingleton<WebhookQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<WebhookQueue>());
        services.AddHostedService<WebhookSender>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRoomObserver, WebhookObserver>());
        services.AddSingleton<SqlModerationStore>();
        services.Replace(ServiceDescriptor.Singleton<IModerationStore, WatchedModeration>());
    }
}
