using Relay.Host.Accounts;
using Relay.Host.Storage;

namespace Relay.Host.Files.Store.Disk;

/// <summary>Small files that are there as they were or as they are now, never between.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file. When it returns, a power cut does not undo it.</summary>
    /// <param name="path">Which. Of several who write it at once one is last.</param>
    /// <param name="bytes">What is in it.</param>
    /// <exception cref="IOException">It cannot be written; then it is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string draft = $"{path}.{Secrets.NewId()}";
        using (var file = File.OpenHandle(draft, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(draft, path, overwrite: true);
        DiskNames.Sync(Path.GetDirectoryName(path)!);
    }
}
