using System.ComponentModel;
using System.Diagnostics;

namespace Relay.Load.Server;

/// <summary>The repository around the working directory or around the tester; figures belong to one of its commits.</summary>
internal static class Repository
{
    /// <summary>Letters of a commit that are enough to tell it by.</summary>
    private const int ShortLength = 7;

    private const string Dirty = "-dirty";

    /// <summary>Its directory, or <c>null</c> where there is none.</summary>
    public static string? Root { get; } = FindAbove(Directory.GetCurrentDirectory()) ?? FindAbove(AppContext.BaseDirectory);

    /// <summary>The commit that is checked out, with "-dirty" behind it if files differ from it; results do not count. Without git the
    /// commit that the tester was built from; empty if that is unknown too.</summary>
    public static string Commit()
    {
        if (Git("rev-parse", "HEAD") is not { Length: > 0 } commit)
        {
            return Machine.Commit;
        }

        return Git("status", "--porcelain", "--", ".", ":(exclude)bench/results") is "" ? commit : commit + Dirty;
    }

    /// <summary>A commit as a part of a file's name.</summary>
    public static string Short(string commit)
    {
        if (commit.Length == 0)
        {
            return "unknown";
        }

        string letters = commit[..Math.Min(ShortLength, commit.Length)];
        return commit.EndsWith(Dirty, StringComparison.Ordinal) ? letters + Dirty : letters;
    }

    private static string? FindAbove(string start)
    {
        for (DirectoryInfo? directory = new(start); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Relay.sln")))
            {
                return directory.FullName;
            }
        }

        return null;
    }

    /// <summary>What git says, or <c>null</c> if there is no git or no repository.</summary>
    private static string? Git(params string[] words)
    {
        if (Root is null)
        {
            return null;
        }

        try
        {
            using var git = new Process();
            git.StartInfo = new ProcessStartInfo("git", ["-C", Root, .. words])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            git.ErrorDataReceived += (_, _) => { };
            git.Start();
            git.BeginErrorReadLine();
            string said = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? said : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
