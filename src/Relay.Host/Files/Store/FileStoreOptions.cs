using Relay.Host.Files.Store.Keys;
using Relay.Host.Files.Store.S3;

namespace Relay.Host.Files.Store;

/// <summary>Where files are kept and what they are sealed with, section <c>Relay:Files:Store</c>. Read once, at start.</summary>
internal sealed class FileStoreOptions
{
    /// <summary>
    /// The directory of the files and of uploads that are not finished, made if it is missing, for this user alone; one file system.
    /// Default: <c>files</c> beside the database, or, where that is in memory, a temporary one that is gone with the process. With a bucket
    /// only uploads are here, until the bucket has them: it needs room for as many as may come at a time.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>The directory of the master keys' files. Default: <c>keys</c> beside the database.</summary>
    public string? KeyDirectory { get; set; }

    /// <summary>Master keys instead of files: each 32 bytes in base64, as from <c>openssl rand -base64 32</c>. The last is for new files,
    /// those before it for files that are there. Best in the environment. Never shown. Default none.</summary>
    public List<string> Keys { get; set; } = [];

    /// <summary>An S3 bucket instead of the local disk.</summary>
    public S3Options S3 { get; set; } = new();

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        foreach ((string name, string? value) in new[] { (nameof(Directory), Directory), (nameof(KeyDirectory), KeyDirectory) })
        {
            if (value is not null && string.IsNullOrWhiteSpace(value))
            {
                yield return $"Relay:Files:Store:{name} is empty.";
            }
        }

        for (int i = 0; i < Keys.Count; i++)
        {
            if (MasterKey.Parse(Keys[i], "") is null)
            {
                // Without what was given: it may be a key after all.
                yield return $"Relay:Files:Store:Keys:{i} must be 32 bytes in base64 (44 characters), as from: openssl rand -base64 32";
            }
        }

        if (Keys.Count > 0 && KeyDirectory is not null)
        {
            yield return "Relay:Files:Store:Keys and KeyDirectory cannot both be given.";
        }

        foreach (string problem in S3.Validate())
        {
            yield return problem;
        }
    }
}
