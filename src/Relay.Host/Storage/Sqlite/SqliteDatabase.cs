using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Relay.Host.Storage.Sqlite;

/// <summary>
/// SQLite: one connection that writes, some that read beside it (write-ahead log), each on a thread of its own. In memory there is one for
/// all, since the database is the connection.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    private readonly string _file;
    private readonly SqliteThread _writer;
    private readonly Turns _writing;
    private readonly Turns _reading;
    private readonly ConcurrentBag<SqliteThread> _idleReaders = [];

    public SqliteDatabase(StorageTarget target, DatabaseContext context)
        : base(target, context)
    {
        SqliteLibrary.Load();
        _file = target.Address;
        _writer = new SqliteThread("relay-sqlite-writer", () => Open(isWriter: true));
        _writing = new Turns("writes", 1, Options, took => context.Metrics.Waited(Kind, "write", took), Time);
        _reading = new Turns("reads", Options.Readers, Options, took => context.Metrics.Waited(Kind, "read", took), Time);
        context.Metrics.Observe(Kind, _reading, _writing);
    }

    private bool IsMemory => _file == StorageTarget.Memory;

    protected override async ValueTask CloseAsync()
    {
        while (_idleReaders.TryTake(out SqliteThread? reader))
        {
            await reader.DisposeAsync().ConfigureAwait(false);
        }

        // Last: the last connection to close folds the log into the file.
        await _writer.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
        _reading.Dispose();
    }

    protected override async Task<T> AttemptReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await _reading.EnterAsync(cancellationToken).ConfigureAwait(false);
        SqliteThread? reader = null;
        Task<T> work;
        if (IsMemory)
        {
            work = _writer.RunAsync(read);
        }
        else
        {
            reader = _idleReaders.TryTake(out SqliteThread? idle)
                ? idle
                : new SqliteThread("relay-sqlite-reader", () => Open(isWriter: false));
            work = reader.RunAsync(connection => CleanlyAsync(reader, connection, read));
        }

        return await UntilDoneAsync(
            work,
            () =>
            {
                if (reader is not null)
                {
                    _idleReaders.Add(reader);
                }

                _reading.Leave();
            },
            cancellationToken).ConfigureAwait(false);
    }

    protected override async Task<T> AttemptWriteAsync<T>(
        Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        await _writing.EnterAsync(cancellationToken).ConfigureAwait(false);
        return await UntilDoneAsync(_writer.RunAsync(WriteAsync), _writing.Leave, cancellationToken).ConfigureAwait(false);

        Task<T> WriteAsync(SqliteConnection connection) => CleanlyAsync(_writer, connection, _ => TransactAsync(connection, write));
    }

    protected override Task<bool> AttemptMigrateAsync(Migrator migrator, CancellationToken cancellationToken) => AttemptWriteAsync(
        async (connection, transaction) =>
        {
            await migrator.RunAsync(connection, transaction).ConfigureAwait(false);
            State.Opened(this, migrator);
            return true;
        },
        cancellationToken);

    /// <summary>BEGIN IMMEDIATE: the lock for writing comes first, so that a transaction never fails for having read before.</summary>
    private static async Task<T> TransactAsync<T>(SqliteConnection connection, Func<DbConnection, DbTransaction, Task<T>> write)
    {
        SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        await using (transaction.ConfigureAwait(false))
        {
            T result = await write(connection, transaction).ConfigureAwait(false);
            try
            {
                await transaction.CommitAsync().ConfigureAwait(false);
                return result;
            }
            catch (SqliteException) when (raw.sqlite3_get_autocommit(connection.Handle) != 0)
            {
                // A commit that found the disk full has rolled back already. The driver does not know that, and fails when it finds
                // nothing to roll back.
                raw.sqlite3_exec(connection.Handle, "BEGIN");
                throw;
            }
        }
    }

    /// <summary>After a fault of the file the connection is opened again: it may hold on to what is no more.</summary>
    private async Task<T> CleanlyAsync<T>(SqliteThread thread, SqliteConnection connection, Func<SqliteConnection, Task<T>> work)
    {
        try
        {
            return await work(connection).ConfigureAwait(false);
        }
        catch (SqliteException e) when (!IsMemory && Fault.Of(e) is { BreaksConnection: true })
        {
            thread.Drop();
            throw;
        }
    }

    /// <summary>Who asked may stop waiting; the turn lasts until the work is really over.</summary>
    private static Task<T> UntilDoneAsync<T>(Task<T> work, Action done, CancellationToken cancellationToken)
    {
        Task<T> all = FinishAsync();
        return all.WaitAsync(cancellationToken);

        async Task<T> FinishAsync()
        {
            try
            {
                return await work.ConfigureAwait(false);
            }
            finally
            {
                done();
            }
        }
    }

    private SqliteConnection Open(bool isWriter)
    {
        if (!IsMemory && isWriter)
        {
            OwnDirectory.Make(Path.GetDirectoryName(_file)!);
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _file,
            Mode = IsMemory ? SqliteOpenMode.Memory : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = (int)Math.Ceiling(Options.CommandTimeout.TotalSeconds),
        }.ConnectionString);
        try
        {
            connection.Open();

            // Its own knows ASCII only.
            connection.CreateFunction("lower", (string? text) => text?.ToLowerInvariant(), isDeterministic: true);

            // FULL: a commit waits until the log is on the disk, so what was answered for outlasts a power cut. Another program (an
            // operator's tool) that writes meanwhile is waited for.
            connection.Execute($"PRAGMA busy_timeout = {(int)Options.CommandTimeout.TotalMilliseconds}");
            connection.Execute(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384");
            if (!isWriter)
            {
                connection.Execute("PRAGMA query_only = ON");
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
