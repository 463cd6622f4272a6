using System.Reflection;

namespace Relay.Host.Tests;

/// <summary>Where things lie, as the build has written it down.</summary>
internal static class Layout
{
    /// <summary>The program's assembly.</summary>
    public static string Program { get; } = Read("RelayProgram");

    /// <summary>The directory of Relay.sln.</summary>
    public static string Root { get; } = Read("RepositoryRoot");

    /// <summary>The <c>dotnet</c> that runs these tests.</summary>
    public static string DotNet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string Read(string key) => typeof(Layout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
