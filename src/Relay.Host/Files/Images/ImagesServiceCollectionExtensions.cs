using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Relay.Host.Files.Images;

/// <summary>Adds what makes variants of images to the program's services.</summary>
internal static class ImagesServiceCollectionExtensions
{
    /// <summary>Adds <see cref="ImageVariants"/> and its health check <c>files</c>.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="section">The section <c>Relay:Files:Images</c>.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work: every problem in one line each.</exception>
    public static IServiceCollection AddRelayImages(this IServiceCollection services, IConfigurationSection section)
    {
        var options = new ImageOptions();
        section.Bind(options);
        string[] problems = [.. options.Validate()];
        if (problems.Length > 0)
        {
            throw new OptionsValidationException(nameof(ImageOptions), typeof(ImageOptions), problems);
        }

        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(provider => new ImagesMetrics(provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton<ImageVariants>();
        services.AddHostedService(provider => provider.GetRequiredService<ImageVariants>());
        services.AddHealthChecks().AddCheck<ImageVariantsHealth>("files", tags: ["ready"]);
        return services;
    }
}
