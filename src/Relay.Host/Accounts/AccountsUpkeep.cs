using Relay.Host.Storage;

namespace Relay.Host.Accounts;

/// <summary>Reads at start who must not come in, before the program listens; then stores when keys were used, and removes what is
/// over.</summary>
internal sealed class AccountsUpkeep(
    IAccountStore accounts, IOneTimeStore oneTime, IAuditStore audit, ApiKeyDesk keys, Revocations revocations, AccountsOptions options,
    TimeProvider time, ILogger<AccountsUpkeep> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(1);
    private const int RoundsBetweenPurges = 10;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e)
        {
            // The database is not required: until it answers nobody can sign in.
            log.UpkeepFailed(e.Message);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes what is over.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset lastToken = LastToken(now);
        int guests = await accounts.PurgeGuestsAsync((now - options.GuestLifetime).ToUnixTimeMilliseconds(), cancellationToken)
            .ConfigureAwait(false);
        int sessions = await accounts.PurgeSessionsAsync(lastToken.ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false);
        int secrets = await oneTime.PurgeAsync(cancellationToken).ConfigureAwait(false);
        int lines = await audit.PurgeAsync(
            (now - options.AuditRetention).ToUnixTimeMilliseconds(), options.MaxAuditEntries, cancellationToken).ConfigureAwait(false);
        revocations.Forget(lastToken);
        if (guests + sessions + secrets + lines > 0)
        {
            log.Purged(guests, sessions, secrets, lines);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (int round = 0; !stoppingToken.IsCancellationRequested; round++)
        {
            try
            {
                await Task.Delay(revocations.IsLoaded ? Round : Pause, time, stoppingToken).ConfigureAwait(false);
                if (!revocations.IsLoaded)
                {
                    await LoadAsync(stoppingToken).ConfigureAwait(false);
                }

                await keys.TouchAsync(stoppingToken).ConfigureAwait(false);
                if (round % RoundsBetweenPurges == 0)
                {
                    await PurgeAsync(stoppingToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                log.UpkeepFailed(e.Message);
            }
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        await keys.LoadAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> ended = await accounts.EndedSinceAsync(
            LastToken(time.GetUtcNow()).ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false);
        revocations.Load(ended, await accounts.DisabledAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>When a session must have ended for its last access token to be worthless by itself.</summary>
    private DateTimeOffset LastToken(DateTimeOffset now) => now - options.AccessTokenLifetime - (2 * options.ClockSkew);
}
