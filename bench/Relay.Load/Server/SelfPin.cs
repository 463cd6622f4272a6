using System.Reflection;
using System.Runtime.InteropServices;

namespace Relay.Load.Server;

/// <summary>
/// Moves the tester to one processor. The runtime counts processors once, at its start, so the program replaces itself by <c>taskset</c>
/// and itself.
/// </summary>
internal static partial class SelfPin
{
    /// <summary>Replaces this process if need be; returns only if it did not.</summary>
    /// <param name="cpu">The processor, or <c>null</c> for none.</param>
    /// <param name="arguments">The tester's arguments.</param>
    /// <returns><c>null</c>, or a warning.</returns>
    public static string? Apply(int? cpu, string[] arguments)
    {
        if (cpu is not { } number || Environment.GetEnvironmentVariable(Tools.RestartedGuard) is not null)
        {
            return null;
        }

        if (!OperatingSystem.IsLinux() || Tools.Find("taskset") is null)
        {
            return $"not pinned to processor {number}: there is no taskset here; figures will vary more";
        }

        List<string> words = [.. Tools.Pin(number), Environment.ProcessPath!];
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            words.Add(Assembly.GetEntryAssembly()!.Location);
        }

        words.AddRange(arguments);
        // Not Environment.SetEnvironmentVariable, which the native environment does not see.
        SetEnv(Tools.RestartedGuard, "1", 1);
        Execute(words[0], [.. words, null]);
        return $"not pinned to processor {number}: error {Marshal.GetLastPInvokeError()} when restarting under {words[0]}";
    }

    [DllImport("libc", EntryPoint = "execv", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Execute(string path, string?[] arguments);

    [DllImport("libc", EntryPoint = "setenv", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnv(string name, string value, int overwrite);
}
