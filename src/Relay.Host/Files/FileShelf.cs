using Relay.Host.Files.Store;
using Relay.Host.Storage;

namespace Relay.Host.Files;

/// <summary>
/// Opens the file store before the program listens. A disk that cannot be used, or a key that is not the right one, ends the start; a
/// bucket that does not answer does not, since the rooms need no files: then it is tried on, and there are no files until it answers.
/// </summary>
internal sealed class FileShelf(FilesOptions options, StorageOptions storage, TimeProvider time, ILogger<FileStore> log)
    : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private volatile FileStore? _store;
    private volatile string _problem = "The file store has not been opened yet.";
    private Task _opening = Task.CompletedTask;
    private int _isDisposed;

    /// <summary>The store; null while it cannot be opened.</summary>
    public FileStore? Store => _store;

    /// <summary>Why there is none, for operators.</summary>
    public string Problem => _problem;

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!await OpenAsync(cancellationToken).ConfigureAwait(false))
        {
            log.StoreAway(_problem);
            _opening = Task.Run(() => OpenLaterAsync(_stopping.Token), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _opening.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await StoppedAsync(CancellationToken.None).ConfigureAwait(false);
            _stopping.Dispose();
            _store?.Dispose();
        }
    }

    private async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        (StoreOutcome outcome, FileStore? store) = await FileStore.OpenAsync(options.Store, storage, log, cancellationToken)
            .ConfigureAwait(false);
        if (store is null && outcome.Status != StoreStatus.Unavailable)
        {
            throw new IOException($"The file store cannot be opened: {outcome.Reason}");
        }

        (_store, _problem) = (store, outcome.Reason);
        return store is not null;
    }

    private async Task OpenLaterAsync(CancellationToken stopping)
    {
        try
        {
            do
            {
                await Task.Delay(Pause, time, stopping).ConfigureAwait(false);
            }
            while (!await OpenAsync(stopping).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e)
        {
            // Too late to refuse the start: there are no files, and whoever looks at the health check sees why.
            _problem = e.Message;
            log.StoreRefused(e.Message);
        }
    }
}
