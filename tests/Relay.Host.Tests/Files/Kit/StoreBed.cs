using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Storage;

namespace Relay.Host.Tests.Files.Kit;

/// <summary>A directory for a store, which is opened and opened again, as by one process after the other.</summary>
internal sealed class StoreBed : IDisposable
{
    /// <summary>Far above what a test sends.</summary>
    public const long NoLimit = 1L << 40;

    private readonly List<FileStore> _open = [];
    private readonly bool _isOwn;

    public StoreBed(string? directory = null)
    {
        _isOwn = directory is null;
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("relay-store-").FullName;
        Options = new FileStoreOptions { Directory = Path.Combine(Directory, "files") };
    }

    public string Directory { get; }

    public FileStoreOptions Options { get; set; }

    /// <summary>The files that are visible on the disk.</summary>
    public string[] Objects => Files("objects");

    /// <summary>What there is of uploads that are not finished.</summary>
    public string[] Uploads => Files("uploads");

    public static byte[] Content(int length, int seed = 1)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }

    public static ContentHash HashOf(byte[] content) => ContentHash.Of(SHA256.HashData(content));

    public static FileSecret Token(int seed) => FileSecret.Token(Content(16, seed));

    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Puts another key beside those that are there.</summary>
    public async Task AddKeyAsync(int number)
    {
        string path = Path.Combine(Directory, "keys", FormattableString.Invariant($"files-{number:0000}.key"));
        await File.WriteAllTextAsync(path, NewKey());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public async Task<(StoreOutcome Outcome, FileStore? Store)> TryOpenAsync()
    {
        (StoreOutcome outcome, FileStore? store) = await FileStore.OpenAsync(
            Options, new StorageOptions { Directory = Directory }, NullLogger<FileStore>.Instance, default);
        if (store is not null)
        {
            _open.Add(store);
        }

        return (outcome, store);
    }

    public async Task<FileStore> OpenAsync()
    {
        (StoreOutcome outcome, FileStore? store) = await TryOpenAsync();
        Assert.True(outcome.IsDone, outcome.Reason);
        return store!;
    }

    public void Dispose()
    {
        foreach (FileStore store in _open)
        {
            store.Dispose();
        }

        if (_isOwn)
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    private string[] Files(string folder)
    {
        string path = Path.Combine(Options.Directory!, folder);
        return System.IO.Directory.Exists(path) ? System.IO.Directory.GetFiles(path, "*", SearchOption.AllDirectories) : [];
    }
}

internal static class StoreExtensions
{
    public static FileUpload BeginOne(this FileStore store, FileSecret? token = null)
    {
        (StoreOutcome outcome, FileUpload? upload) = store.Begin(token);
        Assert.True(outcome.IsDone, outcome.Reason);
        return upload!;
    }

    public static async Task<FileUpload> ResumeOneAsync(this FileStore store, string id, FileSecret? token = null)
    {
        (StoreOutcome outcome, FileUpload? upload) = await store.ResumeAsync(id, token);
        Assert.True(outcome.IsDone, outcome.Reason);
        return upload!;
    }

    public static async Task DoneAsync(this Task<StoreOutcome> task)
    {
        StoreOutcome outcome = await task;
        Assert.True(outcome.IsDone, $"{outcome.Status}: {outcome.Reason}");
    }

    /// <summary>Appends bytes that come at once.</summary>
    public static Task<StoreOutcome> AppendAsync(this FileUpload upload, byte[] content) => upload.AppendAsync(new MemoryStream(content), StoreBed.NoLimit, default);

    public static async Task<ContentHash> PutAsync(this FileStore store, byte[] content, FileSecret? token = null)
    {
        await using FileUpload upload = store.BeginOne(token);
        await upload.AppendAsync(content).DoneAsync();
        await upload.PublishAsync(default).DoneAsync();
        return upload.Hash!.Value;
    }

    /// <summary>Reads a part, to the end unless it is said how much.</summary>
    public static async Task<(StoreOutcome Outcome, byte[] Content)> TryReadAsync(
        this FileStore store, ContentHash hash, FileSecret? token = null, long offset = 0, long? count = null)
    {
        (StoreOutcome outcome, StoredFile? file) = await store.OpenAsync(hash, token);
        if (file is null)
        {
            return (outcome, []);
        }

        await using (file)
        {
            using var content = new MemoryStream();
            outcome = await file.CopyToAsync(offset, count ?? file.Length - offset, content, default);
            return (outcome, content.ToArray());
        }
    }

    public static async Task<byte[]> ReadAsync(this FileStore store, ContentHash hash, FileSecret? token = null, long offset = 0, long? count = null)
    {
        (StoreOutcome outcome, byte[] content) = await store.TryReadAsync(hash, token, offset, count);
        Assert.True(outcome.IsDone, $"{outcome.Status}: {outcome.Reason}");
        return content;
    }

    public static async Task<List<StoredEntry>> AllAsync(this FileStore store)
    {
        var all = new List<StoredEntry>();
        await foreach (StoredEntry entry in store.ListAsync())
        {
            all.Add(entry);
        }

        return all;
    }
}
