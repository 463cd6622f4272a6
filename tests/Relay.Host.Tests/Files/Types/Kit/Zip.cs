using System.IO.Compression;

namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes ZIP archives.</summary>
internal static class Zip
{
    /// <summary>An archive of one file.</summary>
    /// <param name="content">What is in it.</param>
    /// <param name="comment">What stands behind its directory.</param>
    public static byte[] Of(byte[] content, string comment = "")
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            archive.Comment = comment;
            using Stream entry = archive.CreateEntry("A.class").Open();
            entry.Write(content);
        }

        return bytes.ToArray();
    }
}
