using System.Globalization;

namespace Relay.Load.Server;

/// <summary>Programs of the system that start others in a certain way; each is used where it exists.</summary>
internal static class Tools
{
    /// <summary>The runtime's switch to run socket continuations on the polling thread itself.</summary>
    public const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Set in the tester that has restarted itself under <c>taskset</c>.</summary>
    public const string RestartedGuard = "RELAY_LOAD_RESTARTED";

    /// <summary>Words that pin what follows to a processor; none without one, or without <c>taskset</c>.</summary>
    public static IEnumerable<string> Pin(int? cpu) => cpu is { } number && Find("taskset") is { } taskset
        ? [taskset, "-c", number.ToString(CultureInfo.InvariantCulture)]
        : [];

    /// <summary>Words that make the kernel end what follows when its parent ends; none without <c>setpriv</c>.</summary>
    public static IEnumerable<string> DieWithParent() => Find("setpriv") is { } setpriv ? [setpriv, "--pdeathsig", "KILL"] : [];

    /// <summary>The runtime that this program runs on.</summary>
    public static string Dotnet() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? path
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Finds a program on the path.</summary>
    public static string? Find(string program)
    {
        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator))
        {
            string candidate = Path.Combine(directory, program);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
