using System.Runtime.InteropServices;

namespace Relay.Host.Storage;

/// <summary>Names of files and directories, as the disk has them: what the framework cannot do or does not promise.</summary>
internal static partial class DiskNames
{
    private const int CloseOnExec = 0x80000;
    private const int AlreadyExists = 17;

    /// <summary>Waits until the disk has a directory's entries: a file that is synced is found after a power cut only then. On Windows
    /// there is nothing to call: NTFS keeps its own journal of them.</summary>
    /// <param name="directory">Its path.</param>
    /// <exception cref="IOException">It cannot be done.</exception>
    public static void Sync(string directory)
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
            if (SyncDescriptor(descriptor) != 0)
            {
                throw Error(directory);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Makes a directory and those above it that are missing, for this user alone, and waits until the disk knows of
    /// them.</summary>
    /// <param name="directory">Its full path.</param>
    public static void Make(string directory)
    {
        if (Directory.Exists(directory))
        {
            return;
        }

        string above = Path.GetDirectoryName(directory)!;
        Make(above);
        OwnDirectory.Make(directory);
        Sync(above);
    }

    /// <summary>Gives a file a name that no file has, and waits until the disk knows of it. Of several that try it at once one does.
    /// (<see cref="File.Move(string, string)"/> looks first and then moves, so that the last one wins.)</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">Its new full path, on the same file system.</param>
    /// <returns>False if a file has that name; then nothing has changed.</returns>
    public static bool TryMove(string path, string name)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(path, name) == 0)
            {
                // It has its old name until the disk knows of the new one.
                Sync(Path.GetDirectoryName(name)!);
                File.Delete(path);
                return true;
            }

            if (Marshal.GetLastPInvokeError() == AlreadyExists)
            {
                return false;
            }
        }

        // Windows, whose move does not look first; a file system without hard links; or what fails again, with the framework's words.
        try
        {
            File.Move(path, name);
            Sync(Path.GetDirectoryName(name)!);
            return true;
        }
        catch (IOException) when (File.Exists(name) && File.Exists(path))
        {
            return false;
        }
    }

    private static IOException Error(string directory)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{directory}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string name);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
