using System.Data.Common;
using Dapper;
using Relay.Host.Storage;

namespace Relay.Host.Accounts.Sql;

/// <summary>The audit log in the database.</summary>
internal sealed class AuditSql(Database database) : IAuditStore
{
    /// <summary>Adds a line in somebody else's transaction.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="entry">The line.</param>
    public static Task WriteAsync(DbConnection connection, DbTransaction transaction, AuditEntry entry) => connection.ExecuteAsync(
        """
        INSERT INTO audit_log (id, at, actor, action, target, detail, address)
        VALUES (@id, @At, @Actor, @Action, @Target, @Detail, @Address)
        """,
        new { id = Secrets.NewId(), entry.At, entry.Actor, entry.Action, entry.Target, entry.Detail, entry.Address },
        transaction);

    /// <inheritdoc/>
    public Task AddAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        database.WriteAsync((connection, transaction) => WriteAsync(connection, transaction, entry), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AuditEntry>> ReadAsync(long before, int most, CancellationToken cancellationToken) => database.ReadAsync(
        async connection =>
        {
            IEnumerable<Row> rows = await connection.QueryAsync<Row>(
                "SELECT at, actor, action, target, detail, address FROM audit_log WHERE at < @before ORDER BY at DESC LIMIT @most",
                new { before, most }).ConfigureAwait(false);
            return (IReadOnlyList<AuditEntry>)[.. rows.Select(row =>
                new AuditEntry(row.At, row.Actor, row.Action, row.Target, row.Detail, row.Address))];
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<int> PurgeAsync(long before, int most, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            int old = await connection.ExecuteAsync(
                "DELETE FROM audit_log WHERE at < @before", new { before }, transaction).ConfigureAwait(false);
            return old + await connection.ExecuteAsync(
                "DELETE FROM audit_log WHERE at < COALESCE((SELECT at FROM audit_log ORDER BY at DESC LIMIT 1 OFFSET @last), 0)",
                new { last = most - 1 }, transaction).ConfigureAwait(false);
        },
        cancellationToken);

    private sealed class Row
    {
        public long At { get; set; }

        public string Actor { get; set; } = "";

        public string Action { get; set; } = "";

        public string Target { get; set; } = "";

        public string Detail { get; set; } = "";

        public string? Address { get; set; }
    }
}
