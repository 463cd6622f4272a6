using System.Runtime.InteropServices;

namespace Relay.Load.Server;

/// <summary>
/// Processor time of a process, of all its threads, those that have ended included: the kernel's own clock of it. It counts nanoseconds,
/// where /proc/PID/stat rounds to hundredths of a second, which at a hundred nanoseconds a delivery is several per cent of a run.
/// </summary>
internal static class ProcessorTime
{
    /// <summary>The kind of clock that counts what the scheduler gave, user and system time together (CPUCLOCK_SCHED).</summary>
    private const int Scheduled = 2;

    /// <summary>No process of Linux has a larger number (PID_MAX_LIMIT); a clock's number has no room for one.</summary>
    private const int MaxPid = 1 << 22;

    /// <summary>Reads it.</summary>
    /// <returns>Nanoseconds, or <c>null</c> when there is no such process or this is not Linux.</returns>
    public static long? ReadNanos(int pid) =>
        OperatingSystem.IsLinux() && pid is > 0 and <= MaxPid && GetTime((~pid << 3) | Scheduled, out Time time) == 0
            ? (time.Seconds * 1_000_000_000) + time.Nanoseconds
            : null;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
