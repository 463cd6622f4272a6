namespace Relay.Host.Storage;

/// <summary>Directories that hold what people trusted the server with: for this user alone.</summary>
internal static class OwnDirectory
{
    /// <summary>Where the database's files are, and what else is kept beside them. For a database elsewhere: the directory of the default
    /// one.</summary>
    /// <param name="storage">Where the database is.</param>
    /// <returns>Null for a database in memory.</returns>
    public static string? BesideDatabase(StorageOptions storage)
    {
        StorageTarget? target = StorageTarget.Of(storage, out _);
        return target is not { Kind: DatabaseKind.Sqlite } ? storage.Directory
            : target.Address == StorageTarget.Memory ? null : Path.GetDirectoryName(Path.GetFullPath(target.Address));
    }

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
