using System.Data.Common;
using Dapper;
using Npgsql;

namespace Relay.Host.Storage.Postgres;

/// <summary>PostgreSQL: one pool of connections, of which reads and writes have each their share.</summary>
internal sealed class PostgresDatabase : Database
{
    /// <summary>The advisory lock that a program holds while it migrates. Any number, as long as nobody else uses it.</summary>
    private const long MigrationLock = 0x52656C61795F6462;

    private readonly NpgsqlDataSource _source;
    private readonly Turns _writing;
    private readonly Turns _reading;

    public PostgresDatabase(StorageTarget target, DatabaseContext context)
        : base(target, context)
    {
        _source = Source(target.Address, Options);
        _writing = new Turns("writes", Options.Writers, Options, took => context.Metrics.Waited(Kind, "write", took), Time);
        _reading = new Turns("reads", Options.Readers, Options, took => context.Metrics.Waited(Kind, "read", took), Time);
        context.Metrics.Observe(Kind, _reading, _writing);
    }

    /// <summary>
    /// Executes one batch without BEGIN and COMMIT around it, in one round trip. It is one transaction all the same: PostgreSQL commits
    /// what a client sends up to its next Sync as a whole (documentation, 55.2.3 Extended Query, "implicit transaction").
    /// </summary>
    /// <param name="write">Makes the batch; may run more than once.</param>
    /// <param name="cancellationToken">The time is up.</param>
    /// <exception cref="StoreUnavailableException">It could not be done within the bounds; whether it is stored is not known.</exception>
    public Task WriteBatchAsync(Func<NpgsqlBatch> write, CancellationToken cancellationToken) => RunAsync(
        "write",
        token => InTurnAsync(
            _writing,
            async connection =>
            {
                NpgsqlBatch batch = write();
                await using (batch.ConfigureAwait(false))
                {
                    batch.Connection = connection;
                    return await batch.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                }
            },
            token),
        cancellationToken);

    protected override async ValueTask CloseAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
        _reading.Dispose();
    }

    protected override Task<T> AttemptReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) =>
        InTurnAsync(_reading, read, cancellationToken);

    protected override Task<T> AttemptWriteAsync<T>(
        Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken) => InTurnAsync(
        _writing,
        async connection =>
        {
            NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                T result = await write(connection, transaction).ConfigureAwait(false);
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return result;
            }
        },
        cancellationToken);

    protected override Task<bool> AttemptMigrateAsync(Migrator migrator, CancellationToken cancellationToken) => AttemptWriteAsync(
        async (connection, transaction) =>
        {
            // Whoever comes second waits here, however long the first takes, and then finds everything done.
            await connection.ExecuteAsync(
                "SELECT pg_advisory_xact_lock(@MigrationLock)",
                new { MigrationLock },
                transaction,
                commandTimeout: 0).ConfigureAwait(false);
            await migrator.RunAsync(connection, transaction).ConfigureAwait(false);
            State.Opened(this, migrator);
            return true;
        },
        cancellationToken);

    protected override void Drop() => _source.Clear();

    private async Task<T> InTurnAsync<T>(Turns turns, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await turns.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return await work(connection).ConfigureAwait(false);
            }
        }
        finally
        {
            turns.Leave();
        }
    }

    /// <summary>What the connection string says goes first; what it leaves out is set here.</summary>
    private static NpgsqlDataSource Source(string connectionString, StorageOptions options)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
            MaxPoolSize = options.Readers + options.Writers,
            MinPoolSize = 0,
            Pooling = true,

            // Error details and parameters hold values.
            IncludeErrorDetail = false,
            PersistSecurityInfo = false,
        };

        void Default(string key, object value)
        {
            if (!given.ContainsKey(key))
            {
                builder[key] = value;
            }
        }

        Default("Application Name", "relay");
        Default("Timeout", 5);

        // All statements are few and fixed. Behind a pooler that does not know prepared statements: Max Auto Prepare=0.
        Default("Max Auto Prepare", 100);
        Default("Auto Prepare Min Usages", 2);

        // A server that vanished without a word is noticed, and one that comes back does not find locks of a connection that is gone.
        Default("Tcp Keepalive", true);
        Default("Keepalive", 15);
        return NpgsqlDataSource.Create(builder);
    }
}
