namespace Relay.Host.Storage;

/// <summary>Directories that hold what people trusted the server with: for this user alone.</summary>
internal static class OwnDirectory
{
    /// <summary>Makes a directory and those above it that are missing. What is there stays as it is.</summary>
    /// <param name="path">Its full path.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        if (Directory.Exists(path))
        {
            return;
        }

        // The framework gives the mode to the last one only.
        if (Path.GetDirectoryName(path) is { Length: > 0 } above)
        {
            Make(above);
        }

        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
