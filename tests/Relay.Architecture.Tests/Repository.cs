using System.Diagnostics;

namespace Relay.Architecture.Tests;

/// <summary>Finds the repository, its projects and what they were compiled to.</summary>
internal static class Repository
{
    /// <summary>The directory that holds Relay.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release: the configuration that this test itself was built in.</summary>
    public static string Configuration { get; } = FindConfiguration();

    /// <summary>The paths of all project files under src.</summary>
    public static string[] SourceProjects { get; } = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);

    /// <summary>The assemblies that a project under src was compiled to, one for each target framework.</summary>
    public static string[] AssembliesOf(string projectName)
    {
        var output = Path.Combine(Root, "src", projectName, "bin", Configuration);
        var found = Directory.Exists(output)
            ? Directory.GetDirectories(output).Select(framework => Path.Combine(framework, projectName + ".dll")).Where(File.Exists).ToArray()
            : [];
        Assert.True(found.Length > 0, $"{projectName} has no {Configuration} assembly: build Relay.sln first.");
        return found;
    }

    /// <summary>The files that Git tracks; without Git, every file that is not build output. Paths are relative to the root.</summary>
    public static string[] Files()
    {
        var tracked = TrackedFiles();
        return tracked.Length > 0 ? tracked : [.. Walk(Root).Select(file => Path.GetRelativePath(Root, file))];
    }

    private static string[] TrackedFiles()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", "ls-files -z")
            {
                WorkingDirectory = Root,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            var output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? output.Split('\0', StringSplitOptions.RemoveEmptyEntries) : [];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return []; // no git on this machine
        }
    }

    private static IEnumerable<string> Walk(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
            yield return file;

        foreach (var child in Directory.EnumerateDirectories(directory))
        {
            if (Path.GetFileName(child) is ".git" or "bin" or "obj" or "node_modules" or "TestResults")
                continue;
            foreach (var file in Walk(child))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Relay.sln")))
                return directory.FullName;
        }

        throw new InvalidOperationException($"Relay.sln lies in no directory above {AppContext.BaseDirectory}.");
    }

    // .../bin/<configuration>/<framework>/
    private static string FindConfiguration() =>
        new DirectoryInfo(AppContext.BaseDirectory).Parent?.Name ?? throw new InvalidOperationException("The test runs from a file system root.");
}
