using Dapper;

namespace Relay.Host.Accounts.Sql;

/// <summary>Sessions in the database.</summary>
internal sealed partial class AccountSql
{
    private const string SessionColumns =
        "id, account, provider, client, created, last_used AS LastUsed, idle_until AS IdleUntil, until, family, refresh";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>?> BeginSessionAsync(
        StoredSession session, int most, AuditEntry audit, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<string>?>(
            async (connection, transaction) =>
            {
                // The account's row is locked by this, so that two sessions at once are counted one after the other.
                int found = await connection.ExecuteAsync(
                    "UPDATE accounts SET last_seen = @Created WHERE id = @Account AND is_disabled = 0",
                    new { session.Account, session.Created },
                    transaction).ConfigureAwait(false);
                if (found == 0)
                {
                    return null;
                }

                await connection.ExecuteAsync(
                    """
                    INSERT INTO sessions (id, account, provider, client, created, last_used, idle_until, until, family, refresh)
                    VALUES (@Id, @Account, @Provider, @Client, @Created, @LastUsed, @IdleUntil, @Until, @Family, @Refresh)
                    ON CONFLICT (id) DO NOTHING
                    """,
                    session,
                    transaction).ConfigureAwait(false);
                IEnumerable<string> ended = await connection.QueryAsync<string>(
                    """
                    UPDATE sessions SET ended = @Created WHERE id IN (
                        SELECT id FROM sessions WHERE account = @Account AND ended IS NULL AND id <> @Id
                        ORDER BY last_used DESC, id LIMIT 100000 OFFSET @others)
                    RETURNING id
                    """,
                    new { session.Id, session.Account, session.Created, others = most - 1 },
                    transaction).ConfigureAwait(false);
                await AuditSql.WriteAsync(connection, transaction, audit).ConfigureAwait(false);
                return [.. ended];
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<(StoredSession Session, Account Account)?> FindSessionAsync(
        string id, CancellationToken cancellationToken) => database.ReadAsync<(StoredSession, Account)?>(
        async connection =>
        {
            SessionRow? row = await connection.QuerySingleOrDefaultAsync<SessionRow>(
                $"SELECT {SessionColumns} FROM sessions WHERE id = @id AND ended IS NULL", new { id }).ConfigureAwait(false);
            return row is not null && await GetAsync(connection, null, row.Account).ConfigureAwait(false) is { } account
                ? (row.ToSession(), account)
                : null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<bool> RotateAsync(StoredSession session, string shown, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            // Also where the new one is there already: then this is the second try after a commit that nobody heard of.
            int rotated = await connection.ExecuteAsync(
                """
                UPDATE sessions SET refresh = @Refresh, last_used = @LastUsed, idle_until = @IdleUntil
                WHERE id = @Id AND ended IS NULL AND (refresh = @shown OR refresh = @Refresh)
                """,
                new { session.Id, session.Refresh, session.LastUsed, session.IdleUntil, shown },
                transaction).ConfigureAwait(false);
            await connection.ExecuteAsync(
                "UPDATE accounts SET last_seen = @LastUsed WHERE id = @Account",
                new { session.LastUsed, session.Account },
                transaction).ConfigureAwait(false);
            return rotated > 0;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredSession>> SessionsOfAsync(
        string account, long now, CancellationToken cancellationToken) => database.ReadAsync(
        async connection =>
        {
            IEnumerable<SessionRow> rows = await connection.QueryAsync<SessionRow>(
                $"""
                SELECT {SessionColumns} FROM sessions
                WHERE account = @account AND ended IS NULL AND idle_until > @now ORDER BY last_used DESC, id
                """,
                new { account, now }).ConfigureAwait(false);
            return (IReadOnlyList<StoredSession>)[.. rows.Select(row => row.ToSession())];
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> EndSessionsAsync(
        string account, string? session, AuditEntry audit, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            string[] ended = [.. await connection.QueryAsync<string>(
                "UPDATE sessions SET ended = @now WHERE account = @account AND id = COALESCE(@session, id) AND ended IS NULL RETURNING id",
                new { account, session, now = audit.At },
                transaction).ConfigureAwait(false)];
            if (ended.Length > 0)
            {
                await AuditSql.WriteAsync(connection, transaction, audit).ConfigureAwait(false);
            }

            return (IReadOnlyList<string>)ended;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> EndedSinceAsync(long since, CancellationToken cancellationToken) => database.ReadAsync(
        async connection => (IReadOnlyList<string>)[.. await connection.QueryAsync<string>(
            "SELECT id FROM sessions WHERE ended >= @since", new { since }).ConfigureAwait(false)],
        cancellationToken);

    /// <inheritdoc/>
    public Task<int> PurgeSessionsAsync(long before, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            "DELETE FROM sessions WHERE ended < @before OR idle_until < @before", new { before }, transaction),
        cancellationToken);

    private sealed class SessionRow
    {
        public string Id { get; set; } = "";

        public string Account { get; set; } = "";

        public string Provider { get; set; } = "";

        public string Client { get; set; } = "";

        public long Created { get; set; }

        public long LastUsed { get; set; }

        public long IdleUntil { get; set; }

        public long Until { get; set; }

        public string Family { get; set; } = "";

        public string Refresh { get; set; } = "";

        public StoredSession ToSession() => new(Id, Account, Provider, Client, Created, LastUsed, IdleUntil, Until, Family, Refresh);
    }
}
