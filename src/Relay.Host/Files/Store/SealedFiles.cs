using System.IO.Pipelines;
using Relay.Host.Files.Store.Keys;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Files.Store.Uploads;

namespace Relay.Host.Files.Store;

/// <summary>The files that are visible: what is in a back end, opened with the keys that are at hand.</summary>
/// <param name="backEnd">Where they are.</param>
/// <param name="keys">The master keys.</param>
/// <param name="logger">Where it logs.</param>
internal sealed class SealedFiles(IFileBackEnd backEnd, MasterKeys keys, ILogger logger)
{
    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="hash">The content's hash.</param>
    /// <param name="token">The token that it is sealed with; null for a master key.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The file if it is done.</returns>
    public Task<(StoreOutcome Outcome, StoredFile? File)> OpenAsync(
        ContentHash hash, FileSecret? token, CancellationToken cancellationToken) =>
        OpenAsync(token?.NameOf(hash) ?? keys.Active.Secret.NameOf(hash), hash, header => Find(header, token), cancellationToken);

    /// <summary>Makes a sealed file visible, unless the same content is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hash">Its content's hash.</param>
    /// <param name="secret">What it is sealed with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns><see cref="StoreStatus.Exists"/> if the same content is there.</returns>
    public async Task<StoreOutcome> PublishAsync(string path, ContentHash hash, FileSecret secret, CancellationToken cancellationToken)
    {
        FileName name = secret.NameOf(hash);
        (StoreOutcome there, StoredFile? file) = await OpenAsync(
            name, hash, header => Find(header, secret.Kind == SealKind.Token ? secret : null), cancellationToken).ConfigureAwait(false);
        switch (there.Status)
        {
            case StoreStatus.Done:
                await file!.DisposeAsync().ConfigureAwait(false);
                return new StoreOutcome(StoreStatus.Exists, "");

            case StoreStatus.Missing:
                return await backEnd.PutAsync(path, name, replace: false, cancellationToken).ConfigureAwait(false);

            case StoreStatus.Damaged or StoreStatus.WrongKey:
                // Nobody can read it; now somebody has brought it again.
                logger.Replaced(name, there.Reason);
                return await backEnd.PutAsync(path, name, replace: true, cancellationToken).ConfigureAwait(false);

            default:
                return there;
        }
    }

    /// <summary>Seals a file anew if it is sealed with an older master key. Whoever reads it meanwhile is not disturbed, on the disk; in a
    /// bucket it may have to be opened again.</summary>
    /// <param name="name">Which.</param>
    /// <param name="begin">Begins an upload under the active key.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Done if it was; <see cref="StoreStatus.Exists"/> if it need not be, which is so for what is sealed with a token.</returns>
    public async Task<StoreOutcome> RewrapAsync(
        FileName name, Func<(StoreOutcome Outcome, FileUpload? Upload)> begin, CancellationToken cancellationToken)
    {
        // Of what is sealed with a master key, the name is the hash.
        SealKind? kind = null;
        var hash = new ContentHash(name.Hex);
        (StoreOutcome outcome, StoredFile? file) = await OpenAsync(
            name,
            hash,
            header =>
            {
                kind = header.Kind;
                return Find(header, null);
            },
            cancellationToken).ConfigureAwait(false);
        if (file is null)
        {
            return kind == SealKind.Token ? new StoreOutcome(StoreStatus.Exists, "") : outcome;
        }

        await using (file.ConfigureAwait(false))
        {
            if (file.SecretId == keys.Active.Secret.IdText)
            {
                return new StoreOutcome(StoreStatus.Exists, "");
            }

            (outcome, FileUpload? upload) = begin();
            if (upload is null)
            {
                return outcome;
            }

            await using (upload.ConfigureAwait(false))
            {
                outcome = await CopyAsync(file, upload, cancellationToken).ConfigureAwait(false);
                return !outcome.IsDone ? outcome
                    : upload.Hash != hash ? new StoreOutcome(StoreStatus.Damaged, "its content has another hash than its name says")
                    : await backEnd.PutAsync(upload.PartPath, name, replace: true, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<StoreOutcome> CopyAsync(StoredFile from, FileUpload to, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        Task<StoreOutcome> appending = to.AppendAsync(pipe.Reader.AsStream(), from.Length, cancellationToken);
        StoreOutcome read = await from.CopyToAsync(0, from.Length, pipe.Writer, cancellationToken).ConfigureAwait(false);
        await pipe.Writer.CompleteAsync(read.IsDone ? null : new IOException(read.Reason)).ConfigureAwait(false);
        StoreOutcome appended = await appending.ConfigureAwait(false);
        return !read.IsDone ? read : !appended.IsDone ? appended : await to.SealAsync().ConfigureAwait(false);
    }

    private async Task<(StoreOutcome Outcome, StoredFile? File)> OpenAsync(
        FileName name, ContentHash hash, Func<SealedHeader, FileSecret?> find, CancellationToken cancellationToken)
    {
        (StoreOutcome outcome, ISealedSource? source) = await backEnd.OpenAsync(name, cancellationToken).ConfigureAwait(false);
        return source is null ? (outcome, null) : await StoredFile.OpenAsync(source, hash, find, cancellationToken).ConfigureAwait(false);
    }

    private FileSecret? Find(SealedHeader header, FileSecret? token) => header.Kind == SealKind.Master
        ? token is null ? keys.Find(header.SecretId) : null
        : token is not null && token.Id.SequenceEqual(header.SecretId) ? token : null;
}
