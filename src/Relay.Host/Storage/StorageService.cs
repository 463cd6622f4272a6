namespace Relay.Host.Storage;

/// <summary>Opens the database before the program listens. Where it is not required and does not answer, goes on trying.</summary>
internal sealed class StorageService(Database database, StorageOptions options, ILogger<StorageService> log, TimeProvider time)
    : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private Task _opening = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e) when (!options.Require)
        {
            log.StartedWithout(e.Message);
            _opening = Task.Run(() => OpenLaterAsync(_stopping.Token), CancellationToken.None);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _opening.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await StoppedAsync(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private Task OpenAsync(CancellationToken cancellationToken) => database.OpenAsync(Migration.For(database.Kind), cancellationToken);

    private async Task OpenLaterAsync(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await Task.Delay(Pause, time, stopping).ConfigureAwait(false);
                await OpenAsync(stopping).ConfigureAwait(false);
                return;
            }
            catch (StoreUnavailableException)
            {
                // The state has told of it.
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                // Too late to refuse the start. Nothing is written to it, and whoever looks at the health check sees why.
                log.Refused(e.Message);
                return;
            }
        }
    }
}
