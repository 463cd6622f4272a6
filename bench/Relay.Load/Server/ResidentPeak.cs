using System.Globalization;

namespace Relay.Load.Server;

/// <summary>
/// The most memory that a process had resident since a moment, as the kernel keeps it (VmHWM of /proc/PID/status): asking the server
/// itself again and again would cost it what is being measured.
/// </summary>
internal static class ResidentPeak
{
    private const string Field = "VmHWM:";

    /// <summary>The peak begins anew (proc(5), clear_refs 5). Where that is not allowed it stays that of the process's whole
    /// life.</summary>
    public static void Restart(int? pid)
    {
        try
        {
            if (pid is not null)
            {
                File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/clear_refs"), "5");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not Linux, no such process, or somebody else's.
        }
    }

    /// <summary>Reads it.</summary>
    /// <returns>Bytes, or <c>null</c> when there is no such process or no /proc.</returns>
    public static long? ReadBytes(int? pid)
    {
        try
        {
            return pid is null ? null : Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads the contents of a status file.</summary>
    public static long? Parse(string status)
    {
        // VmHWM:     2048 kB
        string? line = status.Split('\n').FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
        string? number = line?[Field.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim();
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kib) ? kib * 1024 : null;
    }
}
