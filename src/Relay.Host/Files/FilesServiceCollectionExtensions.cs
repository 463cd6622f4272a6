using Microsoft.Extensions.Options;
using Relay.Host.Files.Serving;

namespace Relay.Host.Files;

/// <summary>Adds media files to the program.</summary>
internal static class FilesServiceCollectionExtensions
{
    /// <summary>Adds what keeps files and serves them. After the storage, the accounts and the REST interface.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="section">The section <c>Relay:Files</c>.</param>
    /// <exception cref="OptionsValidationException">Options that cannot work: every problem in one line each.</exception>
    public static void AddRelayFiles(this IServiceCollection services, IConfigurationSection section)
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
            return;
        }

        services.AddSingleton<FileShelf>();
        services.AddHostedService(provider => provider.GetRequiredService<FileShelf>());
        services.AddSingleton<FileTable>().AddSingleton<FileSight>().AddSingleton<FilesMetrics>();
        services.AddSingleton<FileSigner>().AddSingleton<FileReader>().AddSingleton<FileServer>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, FileUrlJson.Default));
    }
}
