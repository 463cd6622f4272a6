using Relay.Host.Api.Problems;
using Relay.Host.Files.Store;
using Relay.Host.Storage;

namespace Relay.Host.Files;

/// <summary>
/// Removes what is over, from time to time: files that nobody has claimed and no room shows, contents that nobody holds, uploads that do
/// not go on. Each step can be cut off at any moment, and is done again. Once it seals anew what is sealed with an older master key.
/// </summary>
internal sealed class FileSweeper(
    FileShelf shelf, FileDesk desk, FileTable table, UploadTable uploads, NameLocks locks, FilesOptions options, TimeProvider time,
    ILogger<FileSweeper> log)
    : BackgroundService
{
    /// <summary>
    /// How long a file that has expired is hidden before it is taken from its owner. An object that shows it, made at the last moment, is
    /// stored by then: a batch of a room's changes is given up after less.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary>Removes what is over.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreUnavailableException">The database does not answer.</exception>
    /// <exception cref="ApiProblem">The store does not.</exception>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        int ended = await SweepUploadsAsync(now, cancellationToken).ConfigureAwait(false);
        await table.ProlongShownAsync(
            (now + Grace + (2 * options.SweepInterval)).ToUnixTimeMilliseconds(), (now + options.TemporaryLifetime).ToUnixTimeMilliseconds(),
            cancellationToken).ConfigureAwait(false);

        int expired = 0;
        for (int count = -1; count != 0; expired += count)
        {
            count = await table.ExpireAsync((now - Grace).ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false);
        }

        int removed = 0;
        for (int count = -1; count != 0; removed += count)
        {
            count = 0;
            foreach (FileName name in await table.CondemnedAsync(cancellationToken).ConfigureAwait(false))
            {
                count += await desk.RemoveAsync(name, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }

        if (expired + removed + ended > 0)
        {
            log.Swept(expired, removed, ended);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool isRewrapped = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (shelf.Store is not null)
                {
                    await SweepAsync(stoppingToken).ConfigureAwait(false);
                    isRewrapped = isRewrapped || await RewrapAsync(stoppingToken).ConfigureAwait(false);
                }

                await Task.Delay(options.SweepInterval, time, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                log.NotSwept(e.Message);
                await Task.Delay(options.SweepInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Seals anew what is sealed with older keys.</summary>
    /// <returns>Whether nothing is left to be.</returns>
    private async Task<bool> RewrapAsync(CancellationToken cancellationToken)
    {
        if (!desk.Store.HasOlderKeys)
        {
            return true;
        }

        (int done, int failed) = await desk.Store.RewrapAllAsync(locks.TakeAsync, cancellationToken).ConfigureAwait(false);
        log.Rewrapped(done, failed);
        return failed == 0;
    }

    private async Task<int> SweepUploadsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // First what is here and then what is known: what begins meanwhile is not here yet.
        IReadOnlyList<string> here = desk.Store.UploadIds();
        IReadOnlyList<UploadRow> rows = await uploads.ListAsync(cancellationToken).ConfigureAwait(false);
        foreach (string id in here.Except(rows.Select(row => row.Id), StringComparer.Ordinal))
        {
            // A process ended before it noted it.
            desk.Store.Discard(id);
        }

        int count = 0;
        foreach (UploadRow row in rows.Where(row => !desk.IsActive(row.Id)))
        {
            if (row.Expires <= now.ToUnixTimeMilliseconds() || IsDead(row, now))
            {
                count += await desk.EndAsync(row, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>What came in one request when a process ended: nobody can go on with it.</summary>
    private bool IsDead(UploadRow row, DateTimeOffset now) =>
        !row.IsDone && row.File is null && row.Created < (now - Grace).ToUnixTimeMilliseconds()
        && desk.Store.LengthOf(row.Id).Outcome.Status == StoreStatus.Missing;
}
