using Relay.Host.Storage;

namespace Relay.Host.Files.Store.Disk;

/// <summary>Small files that are there as they were or as they are now, never between.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file. When it returns, a power cut does not undo it.</summary>
    /// <param name="path">Which. Only one may write it at a time.</param>
    /// <param name="bytes">What is in it.</param>
    /// <exception cref="IOException">It cannot be written; then it is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string draft = path + ".new";
        using (var file = File.OpenHandle(draft, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(draft, path, overwrite: true);
        DiskSync.Directory(Path.GetDirectoryName(path)!);
    }
}
