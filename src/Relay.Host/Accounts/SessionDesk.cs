using System.Net;

namespace Relay.Host.Accounts;

/// <summary>Sessions: begun, refreshed, ended.</summary>
internal sealed class SessionDesk(
    IAccountStore store, AccessTokens tokens, Revocations revocations, InstallationSecret secret, AccountsOptions options,
    TimeProvider time, AccountsMetrics metrics, ILogger<SessionDesk> log)
{
    private const int MaxClient = 128;

    /// <summary>Begins a session.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="signIn">How and from where.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null for an account that is disabled or gone.</returns>
    public async Task<SessionTokens?> StartAsync(Account account, SignIn signIn, CancellationToken cancellationToken)
    {
        if (revocations.IsRevoked(account.Id, null))
        {
            return null;
        }

        var token = new RefreshToken(Secrets.NewId(), Secrets.NewId(), Secrets.NewSecret());
        long now = Now;
        string client = signIn.Client.Length > MaxClient ? signIn.Client[..MaxClient] : signIn.Client;
        var session = new StoredSession(
            token.Session, account.Id, signIn.Provider, client, now, now, now + (long)Idle(account).TotalMilliseconds,
            now + (long)options.SessionLifetime.TotalMilliseconds, Secrets.HashOf(token.Family), Secrets.HashOf(token.Own));
        IReadOnlyList<string>? ended = await store.BeginSessionAsync(
            session,
            options.MaxSessions,
            Audit(account.Id, "sign-in", session.Id, signIn.Provider, signIn.Address),
            cancellationToken).ConfigureAwait(false);
        if (ended is null)
        {
            return null;
        }

        revocations.SessionsEnded(ended);
        metrics.Session("begun");
        return TokensOf(account, session, token);
    }

    /// <summary>Exchanges a refresh token for the next pair. One that was used before ends the session: somebody has a copy.</summary>
    /// <param name="refreshToken">What was shown.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if it is not good, whatever the reason.</returns>
    public async Task<SessionTokens?> RefreshAsync(string? refreshToken, IPAddress? address, CancellationToken cancellationToken)
    {
        if (RefreshToken.Read(refreshToken) is not { } shown ||
            await store.FindSessionAsync(shown.Session, cancellationToken)
                .ConfigureAwait(false) is not (StoredSession session, Account account) ||
            !Secrets.Same(Secrets.HashOf(shown.Family), session.Family))
        {
            return null;
        }

        long now = Now;
        if (account.IsDisabled || revocations.IsRevoked(account.Id, session.Id) || now >= session.IdleUntil || now >= session.Until)
        {
            return null;
        }

        string hash = Secrets.HashOf(shown.Own);
        RefreshToken next = shown with { Own = Secrets.NewSecret() };
        StoredSession rotated = session with
        {
            LastUsed = now,
            IdleUntil = Math.Min(session.Until, now + (long)Idle(account).TotalMilliseconds),
            Refresh = Secrets.HashOf(next.Own),
        };
        if (Secrets.Same(hash, session.Refresh) && await store.RotateAsync(rotated, hash, cancellationToken).ConfigureAwait(false))
        {
            metrics.Session("refreshed");
            return TokensOf(account, rotated, next);
        }

        log.RefreshReused(session.Id);
        metrics.Session("reused");
        await EndAsync("relay", account.Id, session.Id, address, cancellationToken, "refresh-reused").ConfigureAwait(false);
        return null;
    }

    /// <summary>Ends sessions: their refresh and access tokens are worthless at once, and whoever is connected by them is taken
    /// off.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="account">Whose.</param>
    /// <param name="session">Which; null for all.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="action">What the audit log calls it.</param>
    /// <returns>How many ended.</returns>
    public async Task<int> EndAsync(
        string actor, string account, string? session, IPAddress? address, CancellationToken cancellationToken,
        string action = "session-revoked")
    {
        IReadOnlyList<string> ended = await store.EndSessionsAsync(
            account,
            session,
            Audit(actor, action, session ?? account, session is null ? "all" : "", address),
            cancellationToken).ConfigureAwait(false);
        revocations.SessionsEnded(ended);
        metrics.Session("ended", ended.Count);
        log.SessionsEnded(ended.Count, account, actor);
        return ended.Count;
    }

    /// <summary>An account's sessions, the one used last first.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<StoredSession>> ListAsync(string account, CancellationToken cancellationToken) =>
        store.SessionsOfAsync(account, Now, cancellationToken);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A guest has nothing but its session: both last as long as each other.</summary>
    private TimeSpan Idle(Account account) => account.Kind == AccountKind.Guest && options.GuestLifetime < options.SessionIdle
        ? options.GuestLifetime
        : options.SessionIdle;

    private SessionTokens TokensOf(Account account, StoredSession session, RefreshToken refresh) => new(
        account.Id, session.Id, account.Name, account.Kind.Word(), tokens.Issue(account, session.Id),
        (long)options.AccessTokenLifetime.TotalSeconds, refresh.Reveal(), (session.IdleUntil - session.LastUsed) / 1000);

    private AuditEntry Audit(string actor, string action, string target, string detail, IPAddress? address) => new(
        Now, actor, action, target, detail, address is null ? null : secret.Hash("address", address.ToString()));
}
