using System.Runtime.InteropServices;

namespace Relay.Host.Storage;

/// <summary>Waits until the disk knows of names: a file that is synced is found after a power cut only if its directory is, too.</summary>
internal static partial class DiskSync
{
    private const int CloseOnExec = 0x80000;

    /// <summary>Waits until the disk has a directory's entries. On Windows there is nothing to call: NTFS keeps its own journal of
    /// them.</summary>
    /// <param name="directory">Its path.</param>
    /// <exception cref="IOException">It cannot be done.</exception>
    public static void Directory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(directory, OperatingSystem.IsLinux() ? CloseOnExec : 0);
        if (descriptor < 0)
        {
            throw Error(directory);
        }

        try
        {
            if (Sync(descriptor) != 0)
            {
                throw Error(directory);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Makes a directory and those above it that are missing, for this user alone, and waits until the disk knows of them.</summary>
    /// <param name="directory">Its full path.</param>
    public static void Make(string directory)
    {
        if (System.IO.Directory.Exists(directory))
        {
            return;
        }

        string above = Path.GetDirectoryName(directory)!;
        Make(above);
        OwnDirectory.Make(directory);
        Directory(above);
    }

    private static IOException Error(string directory)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{directory}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
