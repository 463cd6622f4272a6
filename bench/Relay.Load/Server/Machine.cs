using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Relay.Load.Server;

/// <summary>Where figures were measured.</summary>
internal static class Machine
{
    private const string ProcessorFile = "/proc/cpuinfo";

    /// <summary>Processors of the machine, not of this process, which may be pinned.</summary>
    public static int Processors { get; } = CountProcessors();

    public static string ProcessorModel { get; } = ReadModel();

    public static string Kernel => RuntimeInformation.OSDescription;

    /// <summary>The kernel's release; empty where it cannot be told.</summary>
    public static string KernelRelease { get; } = Lines("/proc/sys/kernel/osrelease").FirstOrDefault(string.Empty);

    /// <summary>The commit that the tester was built from; empty if unknown.</summary>
    public static string Commit { get; } =
        typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit, ..] ? commit : string.Empty;

    private static int CountProcessors()
    {
        int count = Lines(ProcessorFile).Count(line => line.StartsWith("processor", StringComparison.Ordinal));
        return count > 0 ? count : Environment.ProcessorCount;
    }

    private static string ReadModel()
    {
        string? line = Lines(ProcessorFile).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line is null
            ? RuntimeInformation.ProcessArchitecture.ToString()
            : string.Create(CultureInfo.InvariantCulture, $"{line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()}");
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];
        }
    }
}
