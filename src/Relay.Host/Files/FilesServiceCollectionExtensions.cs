using Microsoft.Extensions.Options;
using Relay.Host.Files.Images;
using Relay.Host.Files.Serving;

namespace Relay.Host.Files;

/// <summary>Adds media files to the program.</summary>
internal static class FilesServiceCollectionExtensions
{
    /// <summary>Adds what takes, keeps, serves and removes files, and the health checks <c>file-store</c> and <c>files</c>.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="section">The section <c>Relay:Files</c>.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work: every problem in one line each.</exception>
    public static IServiceCollection AddRelayFiles(this IServiceCollection services, IConfigurationSection section)
    {
        var options = new FilesOptions();
        section.Bind(options);
        string[] problems = [.. options.Validate()];
        if (problems.Length > 0)
        {
            throw new OptionsValidationException(nameof(FilesOptions), typeof(FilesOptions), problems);
        }

        services.AddSingleton(options);
        if (!options.Enabled)
        {
            return services;
        }

        services.AddSingleton<FilesMetrics>().AddSingleton<NameLocks>();
        services.AddSingleton<FileTable>().AddSingleton<UploadTable>().AddSingleton<FileSight>().AddSingleton<FileDesk>();
        services.AddSingleton<FileShelf>().AddHostedService(provider => provider.GetRequiredService<FileShelf>());
        services.AddSingleton<FileSweeper>().AddHostedService(provider => provider.GetRequiredService<FileSweeper>());
        services.AddRelayImages(section.GetSection("Images"));
        services.AddSingleton<VariantDesk>();
        services.AddSingleton<FileSigner>().AddSingleton<FileReader>().AddSingleton<FileServer>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, FileUrlJson.Default));
        services.AddHealthChecks().AddCheck<FilesHealthCheck>("file-store", tags: ["ready"]);
        return services;
    }
}
