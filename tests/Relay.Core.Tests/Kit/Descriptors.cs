namespace Relay.Core.Tests.Kit;

/// <summary>The descriptors of this process; for tests that run <see cref="Alone"/>.</summary>
internal static class Descriptors
{
    private const string All = "/proc/self/fd";

    /// <summary>How many sockets are open in this process, those of servers and of clients.</summary>
    public static int CountSockets()
    {
        int count = 0;
        foreach (string descriptor in Directory.EnumerateFileSystemEntries(All))
        {
            try
            {
                string? target = new FileInfo(descriptor).LinkTarget;
                count += target?.StartsWith("socket:", StringComparison.Ordinal) == true ? 1 : 0;
            }
            catch (IOException)
            {
                // Closed since it was listed; the listing's own is one of those.
            }
        }

        return count;
    }

    /// <summary>Waits until no more sockets are open than there were.</summary>
    public static Task BackToAsync(int baseline) =>
        Waiting.UntilAsync(() => CountSockets() <= baseline, $"the sockets to be {baseline} again");
}
