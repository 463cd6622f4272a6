namespace Relay.Host;

/// <summary>
/// The pages made by <c>clients/web</c>. They are few and small, so all are read at the start and served from memory: no request touches
/// the disk or waits for a thread, and there is no path from a request to a file.
/// </summary>
internal static class WebAssets
{
    /// <summary>The page of a directory.</summary>
    public const string Index = "index.html";

    /// <summary>Maps each file to its path.</summary>
    /// <param name="app">The program.</param>
    /// <param name="root">The directory of the built pages; by default <c>wwwroot</c> beside the program.</param>
    /// <returns>Whether there is a page for <c>/</c>.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static bool MapWebAssets(this WebApplication app, string? root)
    {
        string directory = Path.GetFullPath(root ?? Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        if (!File.Exists(Path.Combine(directory, Index)))
        {
            return false;
        }

        // Files with a leading dot are the build's own. By default the enumeration leaves them out on Unix, as hidden.
        foreach (string file in Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true }))
        {
            string path = Path.GetRelativePath(directory, file).Replace(Path.DirectorySeparatorChar, '/');
            if (path.EndsWith(".br", StringComparison.Ordinal) || path.EndsWith(".gz", StringComparison.Ordinal))
            {
                continue;
            }

            // vite puts what has a hash in its name into "assets".
            WebAsset asset = WebAsset.Load(file, isHashed: path.StartsWith("assets/", StringComparison.Ordinal));
            app.MapMethods("/" + Address(path), [HttpMethods.Get, HttpMethods.Head], asset.ServeAsync);
        }

        return true;
    }

    /// <summary><c>monitor/index.html</c> is the page at <c>/monitor</c>.</summary>
    private static string Address(string path)
    {
        if (path == Index)
        {
            return "";
        }

        return path.EndsWith("/" + Index, StringComparison.Ordinal) ? path[..^(Index.Length + 1)] : path;
    }
}
