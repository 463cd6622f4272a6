using Dapper;
using Relay.Host.Storage;

namespace Relay.Host.Accounts.Sql;

/// <summary>One-time secrets in the database, by their hashes.</summary>
internal sealed class OneTimeSql(Database database, AccountsOptions options, TimeProvider time) : IOneTimeStore
{
    private const int MaxPayload = 4096;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public Task<bool> PutAsync(string purpose, string secret, string payload, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxPayload);
        var row = new
        {
            purpose,
            hash = Secrets.HashOf(secret),
            payload,
            now = Now,
            expires = Now + (long)lifetime.TotalMilliseconds,
            most = options.MaxOneTimeSecrets,
        };
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                // What has expired makes room first, so that no purge needs to have run. Asked again after a commit that nobody heard of,
                // it is there.
                await connection.ExecuteAsync(
                    "DELETE FROM one_time WHERE purpose = @purpose AND expires <= @now", row, transaction).ConfigureAwait(false);
                return await connection.ExecuteAsync(
                    """
                    INSERT INTO one_time (purpose, hash, payload, expires)
                    SELECT @purpose, @hash, @payload, @expires WHERE (SELECT COUNT(*) FROM one_time WHERE purpose = @purpose) < @most
                    ON CONFLICT (purpose, hash) DO UPDATE SET payload = excluded.payload
                    """,
                    row,
                    transaction).ConfigureAwait(false) > 0;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<string?> TakeAsync(string purpose, string secret, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteScalarAsync<string?>(
            "DELETE FROM one_time WHERE purpose = @purpose AND hash = @hash AND expires > @now RETURNING payload",
            new { purpose, hash = Secrets.HashOf(secret), now = Now },
            transaction),
        cancellationToken);

    /// <inheritdoc/>
    public Task<int> PurgeAsync(CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync("DELETE FROM one_time WHERE expires <= @now", new { now = Now }, transaction),
        cancellationToken);
}
