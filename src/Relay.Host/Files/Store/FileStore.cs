using System.Security.Cryptography;
using Relay.Host.Accounts;
using Relay.Host.Files.Store.Disk;
using Relay.Host.Files.Store.Keys;
using Relay.Host.Files.Store.S3;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Storage;

namespace Relay.Host.Files.Store;

/// <summary>
/// Files by the hash of their content, sealed where they are kept. It knows bytes only: whose a file is, what it is and how long it stays
/// is for its caller. What goes wrong with a disk, a bucket, a file or a sender is a <see cref="StoreOutcome"/>, not an exception.
/// <para>A file under a token (<see cref="FileSecret.Token"/>) is another file than the same content under a master key, or under another
/// token.</para>
/// <para>Who deletes files that nobody wants must not do so while the same content comes again: note the hash between
/// <see cref="FileUpload.SealAsync"/> and <see cref="FileUpload.PublishAsync"/>, and delete no file with such a note.</para>
/// </summary>
internal sealed class FileStore : IDisposable
{
    private readonly IFileBackEnd _backEnd;
    private readonly MasterKeys _keys;
    private readonly KeyRecord _record;
    private readonly SealedFiles _files;
    private readonly UploadDirectory _uploads;
    private readonly ILogger _logger;
    private readonly string? _temporary;

    private FileStore(IFileBackEnd backEnd, MasterKeys keys, KeyRecord record, string directory, bool isTemporary, ILogger logger)
    {
        (_backEnd, _keys, _record, _logger) = (backEnd, keys, record, logger);
        _files = new SealedFiles(backEnd, keys, logger);
        _uploads = new UploadDirectory(directory, keys, _files);
        _temporary = isTemporary ? directory : null;
    }

    /// <summary>Opens the store: reads or makes the keys, and checks that they are those that its files are sealed with.</summary>
    /// <param name="options">Where it is; they are valid.</param>
    /// <param name="storage">Where the database is.</param>
    /// <param name="logger">Where it logs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The store if it is done. If the bucket does not answer it is not: without it nobody knows which keys are right.</returns>
    /// <exception cref="CryptographicException">A key is missing, is another, or is none: one line that says which, where, and what to
    /// do.</exception>
    /// <exception cref="IOException">A key's file cannot be read or written.</exception>
    public static async Task<(StoreOutcome Outcome, FileStore? Store)> OpenAsync(
        FileStoreOptions options, StorageOptions storage, ILogger<FileStore> logger, CancellationToken cancellationToken)
    {
        string? lasting = options.Directory ?? (OwnDirectory.BesideDatabase(storage) is { } place ? Path.Combine(place, "files") : null);
        string directory = Path.GetFullPath(lasting ?? Path.Combine(Path.GetTempPath(), "relay-files-" + Secrets.NewId()));
        IFileBackEnd backEnd = options.S3.Bucket is null ? new DiskBackEnd(directory) : new S3BackEnd(options.S3);
        FileStore? store = null;
        try
        {
            var record = new KeyRecord(backEnd);
            StoreOutcome outcome = await record.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (!outcome.IsDone)
            {
                return (outcome, null);
            }

            MasterKeys? keys = MasterKeyFiles.Load(options, storage, mayMake: record.IsEmpty);
            string where = MasterKeyFiles.DirectoryOf(options, storage) ?? "memory";
            record.Check(keys, options.Keys.Count > 0 ? "Relay:Files:Store:Keys" : where);
            outcome = await record.AddAsync(keys!.Active, cancellationToken).ConfigureAwait(false);
            if (!outcome.IsDone)
            {
                return (outcome, null);
            }

            logger.Opened(backEnd.Description, keys.Active.Secret.IdText, keys.Active.Origin);
            store = new FileStore(backEnd, keys, record, directory, lasting is null, logger);
            return (StoreOutcome.Done, store);
        }
        finally
        {
            if (store is null)
            {
                backEnd.Dispose();
            }
        }
    }

    /// <summary>Begins an upload.</summary>
    /// <param name="token">What to seal it with; null for the active master key.</param>
    /// <returns>The upload if it is done.</returns>
    public (StoreOutcome Outcome, FileUpload? Upload) Begin(FileSecret? token = null) => _uploads.Begin(token ?? _keys.Active.Secret);

    /// <summary>Goes on with an upload where its last checkpoint was. One that could not be published is whole: it has a
    /// <see cref="FileUpload.Hash"/>, and is only to be published.</summary>
    /// <param name="id">Its id; what is none is missing.</param>
    /// <param name="token">The token that it was begun with.</param>
    /// <returns>The upload if it is done; <see cref="StoreStatus.InUse"/> while somebody is at it. What is there already takes some seconds
    /// for each GiB, once, if another process had begun it.</returns>
    public Task<(StoreOutcome Outcome, FileUpload? Upload)> ResumeAsync(string id, FileSecret? token = null) =>
        _uploads.ResumeAsync(id, token);

    /// <summary>Says how much of an upload is durable: what was acknowledged last.</summary>
    /// <param name="id">Its id; what is none is missing.</param>
    /// <param name="token">The token that it was begun with.</param>
    /// <returns>Bytes of content if it is done.</returns>
    public (StoreOutcome Outcome, long Length) LengthOf(string id, FileSecret? token = null) => _uploads.Length(id, token);

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="hash">The content's hash.</param>
    /// <param name="token">The token that it is sealed with; null for a master key.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The file if it is done.</returns>
    public Task<(StoreOutcome Outcome, StoredFile? File)> OpenAsync(
        ContentHash hash, FileSecret? token = null, CancellationToken cancellationToken = default) =>
        _files.OpenAsync(hash, token, cancellationToken);

    /// <summary>What a content is called where it is kept.</summary>
    /// <param name="hash">The content's hash.</param>
    /// <param name="token">The token that it is sealed with; null for a master key.</param>
    public FileName NameOf(ContentHash hash, FileSecret? token = null) => (token ?? _keys.Active.Secret).NameOf(hash);

    /// <summary>Deletes a file. One that is not there is done, too. Who reads it on the disk reads it to its end.</summary>
    /// <param name="name">Which.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<StoreOutcome> DeleteAsync(FileName name, CancellationToken cancellationToken = default) =>
        _backEnd.DeleteAsync(name, cancellationToken);

    /// <summary>Lists all files, in no order.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">They cannot be listed.</exception>
    public IAsyncEnumerable<StoredEntry> ListAsync(CancellationToken cancellationToken = default) => _backEnd.ListAsync(cancellationToken);

    /// <summary>The ids of all uploads of which anything is here.</summary>
    public IReadOnlyList<string> UploadIds() => _uploads.Ids();

    /// <summary>Deletes an upload, whatever it is sealed with.</summary>
    /// <param name="id">Which; what is none is gone.</param>
    /// <returns>False while somebody is at it.</returns>
    public bool Discard(string id) => _uploads.Discard(id);

    /// <summary>Seals a file anew if it is sealed with an older master key.</summary>
    /// <param name="name">Which.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Done if it was; <see cref="StoreStatus.Exists"/> if it need not be, which is so for what is sealed with a token.</returns>
    public Task<StoreOutcome> RewrapAsync(FileName name, CancellationToken cancellationToken = default) =>
        _files.RewrapAsync(name, () => Begin(), cancellationToken);

    /// <summary>Whether there are older master keys, which files may be sealed with.</summary>
    public bool HasOlderKeys => _keys.All.Count > 1;

    /// <summary>Seals all files anew that are sealed with an older master key. If all could be, and no upload needs them, the older keys
    /// are forgotten, and may be taken away.</summary>
    /// <param name="turns">Lets one at a time at a file: what is removed meanwhile must not come again. Null if nobody else is there.</param>
    /// <param name="cancellationToken">Ends it; then it can be done again.</param>
    /// <returns>How many were sealed anew, and how many could not be.</returns>
    /// <exception cref="IOException">The files cannot be listed.</exception>
    public async Task<(int Done, int Failed)> RewrapAllAsync(
        Func<FileName, CancellationToken, Task<IDisposable>>? turns = null, CancellationToken cancellationToken = default)
    {
        int done = 0, failed = 0;
        await foreach (StoredEntry entry in ListAsync(cancellationToken).ConfigureAwait(false))
        {
            using IDisposable? turn = turns is null ? null : await turns(entry.Name, cancellationToken).ConfigureAwait(false);
            StoreOutcome outcome = await RewrapAsync(entry.Name, cancellationToken).ConfigureAwait(false);
            done += outcome.IsDone ? 1 : 0;
            if (outcome.Status is not (StoreStatus.Done or StoreStatus.Exists or StoreStatus.Missing))
            {
                failed++;
                _logger.NotRewrapped(entry.Name, outcome.Reason);
            }
        }

        if (failed == 0)
        {
            var needed = _uploads.SecretIds().Append(_keys.Active.Secret.IdText).ToHashSet(StringComparer.Ordinal);
            await _record.KeepAsync(needed, cancellationToken).ConfigureAwait(false);
        }

        return (done, failed);
    }

    public void Dispose()
    {
        _uploads.Dispose();
        _backEnd.Dispose();
        if (_temporary is not null)
        {
            StoreOutcome.Try(() => Directory.Delete(_temporary, recursive: true));
        }
    }
}
