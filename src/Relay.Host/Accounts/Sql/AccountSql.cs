using System.Data.Common;
using System.Text.Json;
using Dapper;
using Relay.Host.Storage;

namespace Relay.Host.Accounts.Sql;

/// <summary>Accounts and identities in the database.</summary>
internal sealed partial class AccountSql(Database database, TimeProvider time) : IAccountStore
{
    private const string Columns =
        "id, kind, name, profile, is_admin AS IsAdmin, is_disabled AS IsDisabled, created, last_seen AS LastSeen, revision";

    private const string InsertIdentity = """
        INSERT INTO identities (provider, subject, account, claims, created) VALUES (@Provider, @Subject, @account, @claims, @now)
        ON CONFLICT (provider, subject) DO NOTHING
        """;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Stores a new account in somebody else's transaction; again, nothing happens.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="account">The account.</param>
    public static Task InsertAsync(DbConnection connection, DbTransaction transaction, Account account) => connection.ExecuteAsync(
        """
        INSERT INTO accounts (id, kind, name, profile, is_admin, is_disabled, created, last_seen, revision)
        VALUES (@Id, @kind, @Name, @Profile, @admin, @disabled, @Created, @LastSeen, @Revision) ON CONFLICT (id) DO NOTHING
        """,
        new
        {
            account.Id,
            kind = account.Kind.Word(),
            account.Name,
            account.Profile,
            admin = account.IsAdmin ? 1 : 0,
            disabled = account.IsDisabled ? 1 : 0,
            account.Created,
            account.LastSeen,
            account.Revision,
        },
        transaction);

    /// <inheritdoc/>
    public Task<Account> FindOrCreateAsync(
        ExternalIdentity identity, Account fresh, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            if (await OwnerAsync(connection, transaction, identity).ConfigureAwait(false) is { } known)
            {
                return (await GetAsync(connection, transaction, known).ConfigureAwait(false))!;
            }

            await InsertAsync(connection, transaction, fresh).ConfigureAwait(false);
            if (await AddIdentityAsync(connection, transaction, fresh.Id, identity).ConfigureAwait(false))
            {
                return fresh;
            }

            // Somebody else was faster: that one counts, ours has never been.
            await connection.ExecuteAsync("DELETE FROM accounts WHERE id = @Id", new { fresh.Id }, transaction).ConfigureAwait(false);
            string owner = (await OwnerAsync(connection, transaction, identity).ConfigureAwait(false))!;
            return (await GetAsync(connection, transaction, owner).ConfigureAwait(false))!;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task CreateAsync(Account account, AuditEntry audit, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            await InsertAsync(connection, transaction, account).ConfigureAwait(false);
            await AuditSql.WriteAsync(connection, transaction, audit).ConfigureAwait(false);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<Account?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => GetAsync(connection, null, id), cancellationToken);

    /// <inheritdoc/>
    public Task<Account?> UpdateAsync(
        string id, string? name, string? profile, long? revision, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            AccountRow? row = await connection.QuerySingleOrDefaultAsync<AccountRow>(
                $"""
                UPDATE accounts SET name = COALESCE(@name, name), profile = COALESCE(@profile, profile), revision = revision + 1
                WHERE id = @id AND revision = COALESCE(@revision, revision) RETURNING {Columns}
                """,
                new { id, name, profile, revision },
                transaction).ConfigureAwait(false);
            return row?.ToAccount();
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<LinkOutcome> LinkAsync(
        string account, ExternalIdentity identity, int most, AuditEntry audit, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            // The account's row first: two links at once are one after the other, so that none is one too many.
            await connection.ExecuteAsync(
                "UPDATE accounts SET last_seen = last_seen WHERE id = @account", new { account }, transaction).ConfigureAwait(false);
            if (await OwnerAsync(connection, transaction, identity).ConfigureAwait(false) is { } owner)
            {
                return owner == account ? LinkOutcome.Linked : LinkOutcome.BelongsToAnother;
            }

            long count = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM identities WHERE account = @account", new { account }, transaction).ConfigureAwait(false);
            if (count >= most)
            {
                return LinkOutcome.TooMany;
            }

            if (!await AddIdentityAsync(connection, transaction, account, identity).ConfigureAwait(false))
            {
                return LinkOutcome.BelongsToAnother;
            }

            await connection.ExecuteAsync(
                "UPDATE accounts SET kind = 'user' WHERE id = @account AND kind = 'guest'",
                new { account },
                transaction).ConfigureAwait(false);
            await AuditSql.WriteAsync(connection, transaction, audit).ConfigureAwait(false);
            return LinkOutcome.Linked;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<UnlinkOutcome> UnlinkAsync(
        string account, string provider, string subject, AuditEntry audit, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            var which = new { account, provider, subject };
            await connection.ExecuteAsync(
                "UPDATE accounts SET last_seen = last_seen WHERE id = @account", which, transaction).ConfigureAwait(false);
            long mine = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM identities WHERE account = @account AND provider = @provider AND subject = @subject",
                which,
                transaction).ConfigureAwait(false);
            long all = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM identities WHERE account = @account", which, transaction).ConfigureAwait(false);
            if (mine == 0 || all <= 1)
            {
                return mine == 0 ? UnlinkOutcome.NotFound : UnlinkOutcome.LastOne;
            }

            await connection.ExecuteAsync(
                "DELETE FROM identities WHERE account = @account AND provider = @provider AND subject = @subject",
                which,
                transaction).ConfigureAwait(false);
            await AuditSql.WriteAsync(connection, transaction, audit).ConfigureAwait(false);
            return UnlinkOutcome.Removed;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LinkedIdentity>> IdentitiesOfAsync(string account, CancellationToken cancellationToken) => database.ReadAsync(
        async connection =>
        {
            IEnumerable<IdentityRow> rows = await connection.QueryAsync<IdentityRow>(
                "SELECT provider, subject, created FROM identities WHERE account = @account ORDER BY created, provider",
                new { account }).ConfigureAwait(false);
            return (IReadOnlyList<LinkedIdentity>)[.. rows.Select(row => new LinkedIdentity(row.Provider, row.Subject, row.Created))];
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>?> SetDisabledAsync(
        string id, bool isDisabled, AuditEntry audit, CancellationToken cancellationToken) =>
        SetAsync("is_disabled", isDisabled, id, endsSessions: isDisabled, audit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>?> SetAdminAsync(string id, bool isAdmin, AuditEntry audit, CancellationToken cancellationToken) =>
        SetAsync("is_admin", isAdmin, id, endsSessions: !isAdmin, audit, cancellationToken);

    private Task<IReadOnlyList<string>?> SetAsync(
        string column, bool value, string id, bool endsSessions, AuditEntry audit, CancellationToken cancellationToken) =>
        database.WriteAsync<IReadOnlyList<string>?>(
            async (connection, transaction) =>
            {
                var which = new { id, value = value ? 1 : 0, now = Now };
                int changed = await connection.ExecuteAsync(
                    $"UPDATE accounts SET {column} = @value WHERE id = @id", which, transaction).ConfigureAwait(false);
                if (changed == 0)
                {
                    return null;
                }

                IEnumerable<string> ended = endsSessions
                    ? await connection.QueryAsync<string>(
                        "UPDATE sessions SET ended = @now WHERE account = @id AND ended IS NULL RETURNING id",
                        which,
                        transaction).ConfigureAwait(false)
                    : [];
                await AuditSql.WriteAsync(connection, transaction, audit).ConfigureAwait(false);
                return [.. ended];
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> DisabledAsync(CancellationToken cancellationToken) => database.ReadAsync(
        async connection => (IReadOnlyList<string>)[.. await connection.QueryAsync<string>(
            "SELECT id FROM accounts WHERE is_disabled = 1").ConfigureAwait(false)],
        cancellationToken);

    /// <inheritdoc/>
    public Task<int> PurgeGuestsAsync(long unseenSince, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            // Sessions first, by hand: SQLite minds foreign keys only where it is told to. Guests have no identities.
            await connection.ExecuteAsync(
                "DELETE FROM sessions WHERE account IN (SELECT id FROM accounts WHERE kind = 'guest' AND last_seen < @unseenSince)",
                new { unseenSince },
                transaction).ConfigureAwait(false);
            return await connection.ExecuteAsync(
                "DELETE FROM accounts WHERE kind = 'guest' AND last_seen < @unseenSince",
                new { unseenSince },
                transaction).ConfigureAwait(false);
        },
        cancellationToken);

    private static Task<string?> OwnerAsync(DbConnection connection, DbTransaction transaction, ExternalIdentity identity) =>
        connection.ExecuteScalarAsync<string?>(
            "SELECT account FROM identities WHERE provider = @Provider AND subject = @Subject",
            new { identity.Provider, identity.Subject },
            transaction);

    private static async Task<Account?> GetAsync(DbConnection connection, DbTransaction? transaction, string id)
    {
        AccountRow? row = await connection.QuerySingleOrDefaultAsync<AccountRow>(
            $"SELECT {Columns} FROM accounts WHERE id = @id", new { id }, transaction).ConfigureAwait(false);
        return row?.ToAccount();
    }

    private async Task<bool> AddIdentityAsync(
        DbConnection connection, DbTransaction transaction, string account, ExternalIdentity identity) =>
        await connection.ExecuteAsync(
            InsertIdentity,
            new
            {
                identity.Provider,
                identity.Subject,
                account,
                claims = JsonSerializer.Serialize(identity.Claims ?? new Dictionary<string, string>()),
                now = Now,
            },
            transaction).ConfigureAwait(false) > 0;

    private sealed class AccountRow
    {
        public string Id { get; set; } = "";

        public string Kind { get; set; } = "";

        public string Name { get; set; } = "";

        public string Profile { get; set; } = "";

        public long IsAdmin { get; set; }

        public long IsDisabled { get; set; }

        public long Created { get; set; }

        public long LastSeen { get; set; }

        public long Revision { get; set; }

        public Account ToAccount() =>
            new(Id, AccountKinds.Parse(Kind), Name, Profile, IsAdmin != 0, IsDisabled != 0, Created, LastSeen, Revision);
    }

    private sealed class IdentityRow
    {
        public string Provider { get; set; } = "";

        public string Subject { get; set; } = "";

        public long Created { get; set; }
    }
}
