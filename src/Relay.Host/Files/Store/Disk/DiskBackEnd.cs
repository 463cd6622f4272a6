using System.Runtime.CompilerServices;
using System.Text;
using Relay.Host.Storage;

namespace Relay.Host.Files.Store.Disk;

/// <summary>Files on the local disk: <c>objects/ab/cd/abcd…</c> below the store's directory, which must be one file system with the uploads
/// that are taken in, so that taking one in is a change of names.</summary>
/// <param name="directory">The store's directory.</param>
internal sealed class DiskBackEnd(string directory) : IFileBackEnd
{
    private readonly string _objects = Path.Combine(directory, "objects");

    public string Description => directory;

    public Task<StoreOutcome> PutAsync(string path, FileName name, bool replace, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            string target = PathOf(name);
            try
            {
                DiskNames.Make(Path.GetDirectoryName(target)!);

                if (replace)
                {
                    File.Move(path, target, overwrite: true);
                    DiskNames.Sync(Path.GetDirectoryName(target)!);
                }
                else if (!DiskNames.TryMove(path, target))
                {
                    return new StoreOutcome(StoreStatus.Exists, "");
                }

                return StoreOutcome.Done;
            }
            catch (Exception e) when (StoreOutcome.Of(e) is not null)
            {
                return StoreOutcome.Of(e)!.Value;
            }
        },
        CancellationToken.None);

    public Task<(StoreOutcome Outcome, ISealedSource? Source)> OpenAsync(FileName name, CancellationToken cancellationToken) =>
        Task.FromResult(DiskSource.Open(PathOf(name)));

    public Task<StoreOutcome> DeleteAsync(FileName name, CancellationToken cancellationToken)
    {
        StoreOutcome outcome = StoreOutcome.Try(() => File.Delete(PathOf(name)));
        return Task.FromResult(outcome.Status == StoreStatus.Missing ? StoreOutcome.Done : outcome);
    }

    public async IAsyncEnumerable<StoredEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_objects))
        {
            yield break;
        }

        foreach (FileInfo file in new DirectoryInfo(_objects).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string path = Path.GetRelativePath(_objects, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (FileName.Parse(path) is { } name && file.Exists)
            {
                yield return new StoredEntry(name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
            }
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public async Task<(StoreOutcome Outcome, string? Text)> ReadNoteAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (StoreOutcome.Done, await File.ReadAllTextAsync(Path.Combine(directory, name), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (StoreOutcome.Of(e) is not null)
        {
            return (StoreOutcome.Of(e)!.Value, null);
        }
    }

    public Task<StoreOutcome> WriteNoteAsync(string name, string text, CancellationToken cancellationToken) =>
        Task.FromResult(StoreOutcome.Try(() =>
        {
            DiskNames.Make(directory);
            WholeFile.Write(Path.Combine(directory, name), Encoding.UTF8.GetBytes(text));
        }));

    public void Dispose()
    {
        // Nothing is held.
    }

    private string PathOf(FileName name) => Path.Combine(_objects, name.Path);
}
