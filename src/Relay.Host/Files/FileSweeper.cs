using Relay.Host.Api.Problems;
using Relay.Host.Files.Store;
using Relay.Host.Storage;

namespace Relay.Host.Files;

/// <summary>
/// Removes what is over, from time to time: files that nobody has claimed and no room shows, contents that nobody holds, uploads that do
/// not go on. Each step can be cut off at any moment, and is done again.
/// </summary>
internal sealed class FileSweeper(
    FileShelf shelf, FileDesk desk, FileTable table, UploadTable uploads, FilesOptions options, TimeProvider time, ILogger<FileSweeper> log)
    : BackgroundService
{
    /// <summary>
    /// How long a file that has expired is hidden before it is taken from its owner. An object that shows it, made at the last moment, is
    /// stored by then: a batch of a room's changes is given up after less.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private bool _isFirst = true;

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
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (shelf.Store is not null)
                {
                    await SweepAsync(stoppingToken).ConfigureAwait(false);
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

    private async Task<int> SweepUploadsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        int count = 0;
        if (_isFirst)
        {
            // Of what came in one request when a process ended nothing is left but the space that was set aside.
            foreach (UploadRow row in await uploads.UnderWayAsync(cancellationToken).ConfigureAwait(false))
            {
                if (row.File is null && !desk.IsActive(row.Id) && desk.Store.LengthOf(row.Id).Outcome.Status == StoreStatus.Missing)
                {
                    count += await desk.EndAsync(row, cancellationToken).ConfigureAwait(false) ? 1 : 0;
                }
            }

            _isFirst = false;
        }

        foreach (UploadRow row in await uploads.ExpiredAsync(now.ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false))
        {
            if (!desk.IsActive(row.Id))
            {
                count += await desk.EndAsync(row, cancellationToken).ConfigureAwait(false) ? 1 : 0;
            }
        }

        // Then what no row tells of, since a process ended before it wrote one.
        desk.Store.Sweep(now - options.UploadLifetime - (2 * options.SweepInterval));
        return count;
    }
}
