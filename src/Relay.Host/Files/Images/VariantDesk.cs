using System.Collections.Concurrent;
using System.IO.Pipelines;
using Relay.Host.Accounts;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Uploads;

namespace Relay.Host.Files.Images;

/// <summary>Variants that are in the store, or are put there when they are asked for first. They go with the image that they are of.</summary>
internal sealed class VariantDesk(
    FileShelf shelf, FileTable table, UploadTable uploads, NameLocks locks, ImageVariants variants, FilesOptions options, TimeProvider time)
{
    /// <summary>Images of which no variant can be made, that are remembered: trying costs seconds of a processor.</summary>
    private const int MostFailed = 10_000;

    private readonly SingleFlight<(string File, VariantName Name), (VariantOutcome, FileRow?)> _flights = new();
    private readonly ConcurrentDictionary<(string File, VariantName Name), VariantOutcome> _failed = new();

    /// <summary>Whether a file has variants.</summary>
    /// <param name="file">Which.</param>
    public bool Has(FileRow file) => variants.IsOn && ImageVariants.Takes(file.Type) && file.File == file.Hash;

    /// <summary>Finds a variant, or makes it.</summary>
    /// <param name="original">The image. One under a token has none: it could be kept under the server's key only.</param>
    /// <param name="name">Which.</param>
    /// <param name="cancellationToken">The asker has gone.</param>
    /// <returns>The variant if it is done.</returns>
    public async Task<(VariantOutcome Outcome, FileRow? Variant)> FindAsync(
        FileRow original, VariantName name, CancellationToken cancellationToken)
    {
        FileRow? known = await table.FindVariantAsync(new FileName(original.File), name.ToString(), cancellationToken).ConfigureAwait(false);
        return known is not null ? (VariantOutcome.Done, known)
            : _failed.TryGetValue((original.File, name), out VariantOutcome failed) ? (failed, null)
            : await _flights.RunAsync((original.File, name), stop => MakeAsync(original, name, stop), cancellationToken).ConfigureAwait(false);
    }

    private async Task<(VariantOutcome Outcome, FileRow? Variant)> MakeAsync(
        FileRow original, VariantName name, CancellationToken cancellationToken)
    {
        if (shelf.Store is not { } store || !ContentHash.TryParse(original.Hash, out ContentHash hash))
        {
            return (Unavailable, null);
        }

        (StoreOutcome opened, StoredFile? file) = await store.OpenAsync(hash, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (file is null)
        {
            return (Unavailable with { Reason = opened.Reason }, null);
        }

        await using (file.ConfigureAwait(false))
        {
            var source = ImageSource.Of(
                file, original.Type, (int)(original.Width ?? 0), (int)(original.Height ?? 0), (int)Math.Max(original.Frames, 1));
            return await MakeAsync(store, original, source, name, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(VariantOutcome Outcome, FileRow? Variant)> MakeAsync(
        FileStore store, FileRow original, ImageSource source, VariantName name, CancellationToken cancellationToken)
    {
        (StoreOutcome begun, FileUpload? upload) = store.Begin();
        if (upload is null)
        {
            return (Unavailable with { Reason = begun.Reason }, null);
        }

        await using (upload.ConfigureAwait(false))
        {
            var pipe = new Pipe();
            Task<StoreOutcome> storing = StoreAsync(upload, pipe.Reader);
            VariantOutcome outcome = await variants.MakeAsync(source, name, pipe.Writer, cancellationToken).ConfigureAwait(false);
            await pipe.Writer.CompleteAsync().ConfigureAwait(false);
            StoreOutcome stored = await storing.ConfigureAwait(false);
            if (stored.Status == StoreStatus.TooLarge)
            {
                outcome = new VariantOutcome(VariantStatus.Refused, "It would be too long.");
            }

            if (!outcome.IsDone)
            {
                Remember(original, name, outcome);
                return (outcome, null);
            }

            return stored.IsDone && (await upload.SealAsync().ConfigureAwait(false)).IsDone
                ? await KeepAsync(store, original, name, upload).ConfigureAwait(false)
                : (Unavailable, null);
        }
    }

    /// <summary>Stores what comes. When no more is taken, whoever writes hears of it, and does not wait.</summary>
    private async Task<StoreOutcome> StoreAsync(FileUpload upload, PipeReader from)
    {
        StoreOutcome stored = await upload.AppendAsync(
            from.AsStream(leaveOpen: true), options.MaxImageBytes, CancellationToken.None).ConfigureAwait(false);
        await from.CompleteAsync().ConfigureAwait(false);
        return stored;
    }

    /// <summary>Puts a variant where it is found the next time. It is noted before, as every content is.</summary>
    private async Task<(VariantOutcome Outcome, FileRow? Variant)> KeepAsync(
        FileStore store, FileRow original, VariantName name, FileUpload upload)
    {
        ContentHash hash = upload.Hash!.Value;
        FileName file = store.NameOf(hash);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var note = new UploadRow
        {
            Id = Secrets.NewId(),
            Account = FileUsage.Everybody,
            Name = name.ToString(),
            Visibility = FileVisibility.Owner.ToWord(),
            Created = now,
            Expires = now + (long)options.UploadLifetime.TotalMilliseconds,
            File = file.Hex,
        };
        await uploads.NoteAsync(note, CancellationToken.None).ConfigureAwait(false);
        using IDisposable turn = await locks.TakeAsync(file, CancellationToken.None).ConfigureAwait(false);
        StoreOutcome published = await upload.PublishAsync(CancellationToken.None).ConfigureAwait(false);
        var row = new FileRow
        {
            File = file.Hex,
            Hash = hash.Hex,
            Length = upload.Length,
            Type = name.MediaType,
            Created = now,
        };

        // If the image has gone meanwhile, the note stays, and the sweeper removes what it names.
        if (!published.IsDone
            || !await table.AddVariantAsync(new FileName(original.File), name.ToString(), row, CancellationToken.None).ConfigureAwait(false))
        {
            return (Unavailable, null);
        }

        await uploads.EndAsync(note.Id, CancellationToken.None).ConfigureAwait(false);
        return (VariantOutcome.Done, row);
    }

    private void Remember(FileRow original, VariantName name, VariantOutcome outcome)
    {
        if (outcome.IsFinal)
        {
            if (_failed.Count >= MostFailed)
            {
                _failed.Clear();
            }

            _failed[(original.File, name)] = outcome;
        }
    }

    private static VariantOutcome Unavailable => new(VariantStatus.Unavailable, "It cannot be made now.");
}
