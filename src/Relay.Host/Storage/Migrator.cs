using System.Data.Common;
using Dapper;

namespace Relay.Host.Storage;

/// <summary>
/// Brings a database's tables up to what this program knows, all steps that are missing in one transaction, which the caller has begun
/// under a lock. The table <c>schema_version</c> says what was applied; what this program does not know, or a hole, ends in a refusal that
/// names both sides: guessing would cost data.
/// </summary>
/// <param name="known">The steps that this program knows.</param>
/// <param name="database">The database, for messages.</param>
/// <param name="time">What the time is.</param>
internal sealed class Migrator(IReadOnlyList<Migration> known, Database database, TimeProvider time)
{
    /// <summary>The version of the tables after <see cref="RunAsync"/>.</summary>
    public int Version { get; private set; }

    /// <summary>How many steps it has applied.</summary>
    public int Applied { get; private set; }

    /// <summary>Checks and migrates.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction, with the lock.</param>
    /// <exception cref="StorageRefusedException">The tables are not for this program. Nothing was changed.</exception>
    public async Task RunAsync(DbConnection connection, DbTransaction transaction)
    {
        CheckOwn();
        await connection.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS schema_version (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied BIGINT NOT NULL)",
            transaction: transaction).ConfigureAwait(false);
        Done[] done = [.. await connection.QueryAsync<Done>(
            "SELECT number AS Number, name AS Name FROM schema_version ORDER BY number", transaction: transaction).ConfigureAwait(false)];
        Check(done);
        foreach (Migration migration in known.Skip(done.Length))
        {
            await connection.ExecuteAsync(migration.Sql, transaction: transaction, commandTimeout: 0).ConfigureAwait(false);
            await connection.ExecuteAsync(
                "INSERT INTO schema_version (number, name, applied) VALUES (@Number, @Name, @applied)",
                new { migration.Number, migration.Name, applied = time.GetUtcNow().ToUnixTimeMilliseconds() },
                transaction).ConfigureAwait(false);
        }

        Applied = known.Count - done.Length;
        Version = known.Count;
    }

    private void CheckOwn()
    {
        for (int i = 0; i < known.Count; i++)
        {
            if (known[i].Number != i + 1)
            {
                throw new StorageRefusedException($"This program was built without migration {i + 1}, but has {known[i]}: build it again.");
            }
        }
    }

    private void Check(Done[] done)
    {
        string newest = known.Count > 0 ? known[^1].ToString() : "0";
        for (int i = 0; i < done.Length; i++)
        {
            if (done[i].Number != i + 1)
            {
                throw new StorageRefusedException(
                    $"The database lacks migration {i + 1}, but has {done[i]}; this program knows up to {newest}. " +
                    $"Restore it from a backup; it is {database.Description}.");
            }

            if (i >= known.Count)
            {
                throw new StorageRefusedException(
                    $"The database is at version {done[^1]}, this program knows only up to {newest}: " +
                    $"start a newer program, or restore a backup of before; it is {database.Description}.");
            }

            if (done[i].Name != known[i].Name)
            {
                throw new StorageRefusedException(
                    $"The database's migration {done[i]} is not this program's {known[i]}: they are of different programs. " +
                    $"It is {database.Description}.");
            }
        }
    }

    private sealed record Done(long Number, string Name)
    {
        public override string ToString() => $"{Number} ({Name})";
    }
}
