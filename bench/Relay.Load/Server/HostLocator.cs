using System.Reflection;

namespace Relay.Load.Server;

/// <summary>Finds the server's program, which is built beside the tester.</summary>
internal static class HostLocator
{
    /// <summary>Finds it.</summary>
    /// <param name="given">What <c>--server</c> says, or <c>null</c>.</param>
    /// <param name="path">The program, when the answer is <c>null</c>.</param>
    /// <returns><c>null</c>, or one line that says what is missing.</returns>
    public static string? Find(string? given, out string path)
    {
        path = Path.GetFullPath(given ?? Path.Combine(AppContext.BaseDirectory, Remembered()));
        if (File.Exists(path))
        {
            return null;
        }

        return given is null
            ? $"the server was not found at {path}; build src/Relay.Host, or name it with --server"
            : $"--server: there is no file {path}";
    }

    /// <summary>Where MSBuild put it, relative to the tester (see Relay.Load.csproj).</summary>
    private static string Remembered() => typeof(HostLocator).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => string.Equals(attribute.Key, "RelayHost", StringComparison.Ordinal))?.Value ?? "Relay.Host.dll";
}
