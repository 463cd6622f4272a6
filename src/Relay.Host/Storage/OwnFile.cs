using System.Security.Cryptography;
using System.Text;

namespace Relay.Host.Storage;

/// <summary>Files with secrets: for this user alone.</summary>
internal static class OwnFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="CryptographicException">Others than its owner may read it.</exception>
    public static string Read(string file)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
        {
            throw new CryptographicException(
                $"{file} can be read by others than its owner: chmod 600 it, and think of whoever may have read it.");
        }

        return File.ReadAllText(file);
    }

    /// <summary>All or nothing, also when the program is killed, and once it returns for good; whoever else was faster has written the one
    /// that counts.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="text">What is in it, ASCII.</param>
    public static void WriteNew(string file, string text)
    {
        string draft = $"{file}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var stream = new FileStream(draft, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        if (!DiskNames.TryMove(draft, Path.GetFullPath(file)))
        {
            File.Delete(draft);
        }
    }
}
