using Dapper;
using Relay.Host.Storage;

namespace Relay.Host.Accounts.Sql;

/// <summary>API keys in the database.</summary>
internal sealed class ApiKeySql(Database database) : IApiKeyStore
{
    /// <inheritdoc/>
    public Task CreateAsync(ApiKey key, Account account, AuditEntry audit, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            await AccountSql.InsertAsync(connection, transaction, account).ConfigureAwait(false);
            await connection.ExecuteAsync(
                """
                INSERT INTO api_keys (id, account, name, scopes, hash, created, expires)
                VALUES (@Id, @Account, @Name, @Scopes, @Hash, @Created, @Expires)
                ON CONFLICT (id) DO NOTHING
                """,
                new { key.Id, key.Account, key.Name, key.Scopes, key.Hash, key.Created, key.Expires },
                transaction).ConfigureAwait(false);
            await AuditSql.WriteAsync(connection, transaction, audit).ConfigureAwait(false);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ApiKey>> AllAsync(CancellationToken cancellationToken) => database.ReadAsync(
        async connection =>
        {
            IEnumerable<Row> rows = await connection.QueryAsync<Row>(
                "SELECT id, account, name, scopes, hash, created, expires, last_used AS LastUsed FROM api_keys ORDER BY created")
                .ConfigureAwait(false);
            return (IReadOnlyList<ApiKey>)[.. rows.Select(row =>
                new ApiKey(row.Id, row.Account, row.Name, row.Scopes, row.Hash, row.Created, row.Expires, row.LastUsed))];
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string id, AuditEntry audit, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            await connection.ExecuteAsync(
                "UPDATE accounts SET is_disabled = 1 WHERE id = (SELECT account FROM api_keys WHERE id = @id)",
                new { id },
                transaction).ConfigureAwait(false);
            if (await connection.ExecuteAsync("DELETE FROM api_keys WHERE id = @id", new { id }, transaction).ConfigureAwait(false) == 0)
            {
                return false;
            }

            await AuditSql.WriteAsync(connection, transaction, audit).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task TouchAsync(IReadOnlyDictionary<string, long> used, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            "UPDATE api_keys SET last_used = @at WHERE id = @id",
            used.Select(one => new { id = one.Key, at = one.Value }).ToArray(),
            transaction),
        cancellationToken);

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string Account { get; set; } = "";

        public string Name { get; set; } = "";

        public string Scopes { get; set; } = "";

        public string Hash { get; set; } = "";

        public long Created { get; set; }

        public long? Expires { get; set; }

        public long? LastUsed { get; set; }
    }
}
