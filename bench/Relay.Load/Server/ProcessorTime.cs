using System.Globalization;

namespace Relay.Load.Server;

/// <summary>User and system time of a process, from /proc/PID/stat (fields 14 and 15).</summary>
internal static class ProcessorTime
{
    /// <summary>Linux tells it in hundredths of a second on every architecture.</summary>
    private const long NanosPerTick = 10_000_000;

    /// <summary>Reads it.</summary>
    /// <returns>Nanoseconds, or <c>null</c> when there is no such process or no /proc.</returns>
    public static long? ReadNanos(int pid)
    {
        try
        {
            return Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads the contents of a stat file.</summary>
    public static long? Parse(string stat)
    {
        // The second field is the program's name in brackets and may hold anything, brackets too.
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 12 &&
            long.TryParse(fields[11], NumberStyles.None, CultureInfo.InvariantCulture, out long user) &&
            long.TryParse(fields[12], NumberStyles.None, CultureInfo.InvariantCulture, out long system)
            ? (user + system) * NanosPerTick
            : null;
    }
}
