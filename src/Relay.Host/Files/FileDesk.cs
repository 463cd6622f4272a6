using System.Collections.Concurrent;
using Relay.Host.Api.Problems;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Files.Types;
using Relay.Host.Http;
using Relay.Host.Storage;

namespace Relay.Host.Files;

/// <summary>
/// Takes files in. The way of each: space is set aside for it (<see cref="UploadTable"/>), it comes and is sealed, what it will be called is
/// noted, the store gets it, it is looked at as a whole, and in one transaction it becomes its owner's. So whenever the process ends, what is
/// in the store is either somebody's or noted as on its way, and <see cref="FileSweeper"/> finds it.
/// </summary>
internal sealed class FileDesk(
    FileShelf shelf, FileTable table, UploadTable uploads, NameLocks locks, FilesOptions options, FilesMetrics metrics, TimeProvider time,
    ILogger<FileDesk> log)
{
    /// <summary>Uploads that a request is at: they are not over, however long it takes.</summary>
    private readonly ConcurrentDictionary<string, bool> _active = new(StringComparer.Ordinal);

    /// <summary>The store.</summary>
    /// <exception cref="ApiProblem">503: there is none now.</exception>
    public FileStore Store => shelf.Store ?? throw Unavailable();

    /// <summary>Whether a request is at an upload.</summary>
    public bool IsActive(string id) => _active.ContainsKey(id);

    /// <summary>Takes a file that comes in one request.</summary>
    /// <param name="file">What is said of it.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="cancellationToken">The sender has gone.</param>
    /// <returns>The file, and whether its owner did not have it.</returns>
    /// <exception cref="ApiProblem">It is not taken: 400, 409, 413, 415, 422, 503. Nothing is left of it.</exception>
    public async Task<(FileRow File, bool IsNew)> TakeAsync(NewFile file, Stream body, CancellationToken cancellationToken)
    {
        FileUpload upload = Begin(file);
        await using (upload.ConfigureAwait(false))
        {
            UploadRow row = await NoteAsync(file, upload.Id).ConfigureAwait(false);
            _active[row.Id] = true;
            try
            {
                if (!await ReceiveAsync(upload, row, file, body, cancellationToken).ConfigureAwait(false)
                    || upload.Length != (row.Length ?? upload.Length))
                {
                    throw Cut();
                }

                // It is here as a whole: that its sender has gone ends nothing any more.
                return await FinishAsync(upload, row, file, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                // Nobody goes on with it, so nothing of it is kept. What is a file by now is none of it any more.
                await upload.AbortAsync().ConfigureAwait(false);
                await EndQuietlyAsync(row).ConfigureAwait(false);
                _active.TryRemove(row.Id, out _);
            }
        }
    }

    /// <summary>Begins an upload that comes in parts.</summary>
    /// <param name="file">What is said of it; its length is known.</param>
    /// <exception cref="ApiProblem">409, 413, 503.</exception>
    public async Task<UploadRow> BeginAsync(NewFile file)
    {
        FileUpload upload = Begin(file);
        await using (upload.ConfigureAwait(false))
        {
            UploadRow row = await NoteAsync(file, upload.Id).ConfigureAwait(false);
            StoreOutcome outcome = await upload.CheckpointAsync().ConfigureAwait(false);
            if (!outcome.IsDone)
            {
                await EndQuietlyAsync(row).ConfigureAwait(false);
                throw Failed(outcome);
            }

            return row;
        }
    }

    /// <summary>Finds an upload, and how much of it has come for good.</summary>
    /// <param name="id">Which.</param>
    /// <param name="account">Whose.</param>
    /// <param name="token">The token that it is sealed with; null for a master key.</param>
    /// <param name="cancellationToken">The asker has gone.</param>
    /// <returns>The upload, and bytes.</returns>
    /// <exception cref="ApiProblem">404, 503.</exception>
    public async Task<(UploadRow Row, long Offset)> FindAsync(string id, string account, FileSecret? token, CancellationToken cancellationToken)
    {
        UploadRow row = await uploads.FindAsync(id, account, cancellationToken).ConfigureAwait(false) ?? throw NoSuchUpload();
        if (row.IsDone)
        {
            return (row, row.Length ?? 0);
        }

        (StoreOutcome outcome, long offset) = Store.LengthOf(id, token);
        return outcome.IsDone ? (row, offset)
            : outcome.Status == StoreStatus.Missing && row.File is not null ? (row, row.Length ?? 0)
            : outcome.Status is StoreStatus.Missing or StoreStatus.WrongKey ? throw NoSuchUpload()
            : throw Failed(outcome);
    }

    /// <summary>Takes the next part of an upload. With the last it becomes a file.</summary>
    /// <param name="id">Which.</param>
    /// <param name="file">Whose it is, and what it is sealed with.</param>
    /// <param name="offset">What the sender believes to have come.</param>
    /// <param name="body">What comes.</param>
    /// <param name="cancellationToken">The sender has gone.</param>
    /// <returns>The upload, and the bytes of it that have come for good.</returns>
    /// <exception cref="ApiProblem">404; 409: the offset is another; 413, 415, 422: it is no file that is taken, and gone; 423: another
    /// request is at it; 503.</exception>
    public async Task<(UploadRow Row, long Offset)> AppendAsync(
        string id, NewFile file, long offset, Stream body, CancellationToken cancellationToken)
    {
        (UploadRow row, long durable) = await FindAsync(id, file.Account, file.Token, cancellationToken).ConfigureAwait(false);
        long length = row.Length ?? 0;
        if (!_active.TryAdd(id, true))
        {
            throw new ApiProblem(ProblemType.Locked, "Another request is at this upload.");
        }

        try
        {
            if (offset != durable)
            {
                throw new ApiProblem(ProblemBody.Of(
                    ProblemType.Conflict, $"Of the upload {durable} bytes are here; the part begins at {offset}.") with
                {
                    Limit = durable,
                    Value = offset,
                });
            }

            if (row.IsDone)
            {
                return (row, length);
            }

            (StoreOutcome outcome, FileUpload? upload) = await Store.ResumeAsync(id, file.Token).ConfigureAwait(false);
            if (upload is null)
            {
                return outcome.Status == StoreStatus.Missing && row.File is { } name
                    ? (await AdoptAsync(row, file, new FileName(name)).ConfigureAwait(false), length)
                    : throw (outcome.Status switch
                    {
                        StoreStatus.InUse => new ApiProblem(ProblemType.Locked, "Another request is at this upload."),
                        StoreStatus.Missing => NoSuchUpload(),
                        _ => Failed(outcome),
                    });
            }

            await using (upload.ConfigureAwait(false))
            {
                return await AppendAsync(upload, row, file, body, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ApiProblem problem) when (IsRefusal(problem))
        {
            await EndQuietlyAsync(row).ConfigureAwait(false);
            throw;
        }
        finally
        {
            _active.TryRemove(id, out _);
        }
    }

    /// <summary>Ends an upload. Nothing of it is left, unless it has become a file.</summary>
    /// <param name="id">Which.</param>
    /// <param name="account">Whose.</param>
    /// <param name="cancellationToken">The asker has gone.</param>
    /// <exception cref="ApiProblem">404; 423: a request is at it.</exception>
    public async Task CancelAsync(string id, string account, CancellationToken cancellationToken)
    {
        UploadRow row = await uploads.FindAsync(id, account, cancellationToken).ConfigureAwait(false) ?? throw NoSuchUpload();
        if (IsActive(id) || !await EndAsync(row, cancellationToken).ConfigureAwait(false))
        {
            throw new ApiProblem(ProblemType.Locked, "A request is at this upload.");
        }
    }

    /// <summary>Removes what is here of an upload, and forgets it.</summary>
    /// <param name="row">Which.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False while somebody is at it.</returns>
    public async Task<bool> EndAsync(UploadRow row, CancellationToken cancellationToken)
    {
        if (!Store.Discard(row.Id))
        {
            return false;
        }

        if (!row.IsDone && row.File is { } noted)
        {
            await DiscardAsync(new FileName(noted), cancellationToken).ConfigureAwait(false);
        }

        await uploads.EndAsync(row.Id, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Removes a condemned content from the store, unless it has come again.</summary>
    /// <param name="name">Which.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> RemoveAsync(FileName name, CancellationToken cancellationToken)
    {
        using IDisposable turn = await locks.TakeAsync(name, cancellationToken).ConfigureAwait(false);
        if (!await table.IsCondemnedAsync(name, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        // First the store: what the process leaves undone here is still condemned.
        StoreOutcome outcome = await Store.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            log.NotSwept(outcome.Reason);
            return false;
        }

        await table.ForgetAsync(name, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>What is said when there is no store.</summary>
    public static ApiProblem Unavailable() => new(ProblemType.Unavailable, "Files cannot be stored or read now.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    private static ApiProblem NoSuchUpload() => ApiProblem.NotFound("There is no such upload, or none of yours. Those that do not go on end.");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private FileUpload Begin(NewFile file)
    {
        if (file.Length > options.MostOfAll)
        {
            throw FileUsage.TooLarge("No kind of file may be so large.", options.MostOfAll, file.Length.Value);
        }

        (StoreOutcome outcome, FileUpload? upload) = Store.Begin(file.Token);
        return upload ?? throw Failed(outcome);
    }

    private async Task<UploadRow> NoteAsync(NewFile file, string id)
    {
        long now = Now;
        var row = new UploadRow
        {
            Id = id,
            Account = file.Account,
            Name = file.Name,
            Visibility = file.Visibility.ToWord(),
            Room = file.Room,
            Length = file.Length,
            Reserved = file.Length ?? 0,
            Created = now,
            Expires = now + (long)options.UploadLifetime.TotalMilliseconds,
        };
        // Whose end nobody would know of, should its sender go away just now, is not ended.
        await uploads.BeginAsync(row, file.Quota, CancellationToken.None).ConfigureAwait(false);
        return row;
    }

    /// <summary>Takes what comes.</summary>
    /// <returns>False if its sender went away.</returns>
    private async Task<bool> ReceiveAsync(FileUpload upload, UploadRow row, NewFile file, Stream body, CancellationToken cancellationToken)
    {
        // What was announced has its space already.
        long space = row.Length is null
            ? await uploads.RoomForAsync(row.Account, file.Quota, cancellationToken).ConfigureAwait(false)
            : long.MaxValue;
        long before = upload.Length;
        var incoming = new IncomingStream(body, before, row.Length, options, space);
        await using (incoming.ConfigureAwait(false))
        {
            StoreOutcome outcome = await upload.AppendAsync(incoming, row.Length ?? long.MaxValue, cancellationToken).ConfigureAwait(false);
            metrics.Received(upload.Length - before);
            if (incoming.Refusal is { } refusal)
            {
                throw refusal;
            }

            return outcome.Status switch
            {
                StoreStatus.Done => true,
                StoreStatus.Cut => false,
                StoreStatus.TooLarge => throw FileUsage.TooLarge(
                    "More came than was announced.", row.Length ?? 0, (row.Length ?? 0) + 1),
                _ => throw Failed(outcome),
            };
        }
    }

    private async Task<(UploadRow Row, long Offset)> AppendAsync(
        FileUpload upload, UploadRow row, NewFile file, Stream body, CancellationToken cancellationToken)
    {
        bool isCut = upload.Hash is null && !await ReceiveAsync(upload, row, file, body, cancellationToken).ConfigureAwait(false);
        if (upload.Length == row.Length)
        {
            await FinishAsync(upload, row, file, CancellationToken.None).ConfigureAwait(false);
            return (row with { IsDone = true, Hash = upload.Hash!.Value.Hex }, upload.Length);
        }

        // Also of a part whose sender went away what has come is kept, for when it comes back.
        StoreOutcome outcome = await upload.CheckpointAsync().ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            throw Failed(outcome);
        }

        long expires = Now + (long)options.UploadLifetime.TotalMilliseconds;
        await uploads.ProlongAsync(row.Id, expires, CancellationToken.None).ConfigureAwait(false);
        return isCut ? throw Cut() : (row with { Expires = expires }, upload.Length);
    }

    /// <summary>Makes a file of what has come.</summary>
    private async Task<(FileRow File, bool IsNew)> FinishAsync(
        FileUpload upload, UploadRow row, NewFile file, CancellationToken cancellationToken)
    {
        StoreOutcome outcome = await upload.SealAsync().ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            throw Failed(outcome);
        }

        FileName name = Store.NameOf(upload.Hash!.Value, file.Token);
        await uploads.NoteAsync(row.Id, name, cancellationToken).ConfigureAwait(false);
        using IDisposable turn = await locks.TakeAsync(name, cancellationToken).ConfigureAwait(false);
        outcome = await upload.PublishAsync(cancellationToken).ConfigureAwait(false);
        return outcome.IsDone
            ? await ClaimAsync(row, file, upload.Hash.Value, name, cancellationToken).ConfigureAwait(false)
            : throw Failed(outcome);
    }

    /// <summary>What a process before published, and did not come to tell the database.</summary>
    private async Task<UploadRow> AdoptAsync(UploadRow row, NewFile file, FileName name)
    {
        // Under a token the name is no hash. Such a file is sent again.
        if (file.Token is not null || !ContentHash.TryParse(name.Hex, out ContentHash hash))
        {
            throw NoSuchUpload();
        }

        using IDisposable turn = await locks.TakeAsync(name, CancellationToken.None).ConfigureAwait(false);
        await ClaimAsync(row, file, hash, name, CancellationToken.None).ConfigureAwait(false);
        return row with { IsDone = true, Hash = hash.Hex };
    }

    /// <summary>Looks at a content as a whole, and makes it its owner's.</summary>
    private async Task<(FileRow File, bool IsNew)> ClaimAsync(
        UploadRow row, NewFile file, ContentHash hash, FileName name, CancellationToken cancellationToken)
    {
        FileRow content = await InspectAsync(hash, name, file.Token, cancellationToken).ConfigureAwait(false);
        long expires = Now + (long)options.TemporaryLifetime.TotalMilliseconds;
        (FileRow File, bool IsNew) stored = await uploads.FinishAsync(row, content, expires, file.Quota, cancellationToken)
            .ConfigureAwait(false);
        metrics.Taken(content.Type);
        return stored;
    }

    private async Task<FileRow> InspectAsync(ContentHash hash, FileName name, FileSecret? token, CancellationToken cancellationToken)
    {
        (StoreOutcome outcome, StoredFile? stored) = await Store.OpenAsync(hash, token, cancellationToken).ConfigureAwait(false);
        if (stored is null)
        {
            throw Failed(outcome);
        }

        await using (stored.ConfigureAwait(false))
        {
            using var source = new StoredContent(stored);
            Inspection found = await FileInspector.InspectAsync(source, options.Inspection, cancellationToken).ConfigureAwait(false);
            long most = found.Type is { } type ? options.MostOf(type.Kind) : 0;
            return found.Status switch
            {
                InspectionStatus.NotAllowed => throw IncomingStream.NotAllowed(found.Reason),
                InspectionStatus.StoreFailed => throw Failed(found.Outcome),
                InspectionStatus.Unsound => throw new ApiProblem(ProblemType.Invalid, $"The file is damaged: {found.Reason}."),
                InspectionStatus.TooMuch => throw new ApiProblem(
                    ProblemBody.Of(ProblemType.Invalid, $"The file asks too much of those who show it: {found.Reason}.") with
                    {
                        Limit = found.Limit,
                        Value = found.Value,
                    }),
                _ when stored.Length > most => throw FileUsage.TooLarge($"Of its kind a file may have {most} bytes.", most, stored.Length),
                _ => new FileRow
                {
                    File = name.Hex,
                    Hash = hash.Hex,
                    Length = stored.Length,
                    Type = found.Type!.MediaType,
                    Width = found.Width,
                    Height = found.Height,
                    Frames = found.Frames,
                    Created = Now,
                },
            };
        }
    }

    /// <summary>Removes a content from the store that is nobody's.</summary>
    private async Task DiscardAsync(FileName name, CancellationToken cancellationToken)
    {
        using IDisposable turn = await locks.TakeAsync(name, cancellationToken).ConfigureAwait(false);
        if (!await table.IsKnownAsync(name, cancellationToken).ConfigureAwait(false))
        {
            StoreOutcome outcome = await Store.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            if (!outcome.IsDone)
            {
                throw Failed(outcome);
            }
        }
    }

    /// <summary>Ends an upload as far as that goes; the rest is the sweeper's.</summary>
    private async Task EndQuietlyAsync(UploadRow begun)
    {
        try
        {
            if (await uploads.FindAsync(begun.Id, begun.Account, CancellationToken.None).ConfigureAwait(false) is { } row)
            {
                await EndAsync(row, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or ApiProblem)
        {
            log.NotSwept(e.Message);
        }
    }

    private static bool IsRefusal(ApiProblem problem) => problem.Body.Status is StatusCodes.Status413PayloadTooLarge
        or StatusCodes.Status415UnsupportedMediaType or StatusCodes.Status422UnprocessableEntity;

    private static ApiProblem Cut() => ApiProblem.BadRequest("The request ended before its body did.");

    /// <summary>What is said when the store failed.</summary>
    private ApiProblem Failed(StoreOutcome outcome)
    {
        log.NotStored(outcome.Reason);
        return outcome.Status == StoreStatus.Full
            ? new ApiProblem(ProblemType.Unavailable, "The server's disk is full.") { RetryAfter = TimeSpan.FromMinutes(1) }
            : Unavailable();
    }
}
