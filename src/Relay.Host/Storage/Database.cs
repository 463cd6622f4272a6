using System.Data.Common;

namespace Relay.Host.Storage;

/// <summary>
/// The database. What goes wrong for a moment is tried again here, with growing, random pauses, for at most
/// <see cref="StorageOptions.RetryTimeout"/>; then it is a <see cref="StoreUnavailableException"/>. Any other exception of the driver
/// (a broken constraint, for instance) goes through. From any thread.
/// </summary>
internal abstract class Database : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly DatabaseContext _context;
    private volatile string? _closed = "It has not been opened yet.";
    private int _isDisposed;

    protected Database(StorageTarget target, DatabaseContext context)
    {
        Kind = target.Kind;
        Description = target.Description;
        _context = context;
    }

    /// <summary>Which.</summary>
    public DatabaseKind Kind { get; }

    /// <summary>What and where, for people, without secrets.</summary>
    public string Description { get; }

    /// <summary>How it has been of late.</summary>
    public StoreState State => _context.State;

    protected StorageOptions Options => _context.Options;

    protected TimeProvider Time => _context.Time;

    /// <summary>The database that the options name. Nothing is opened yet.</summary>
    /// <exception cref="StorageRefusedException">This machine has no library for it.</exception>
    public static Database Create(DatabaseContext context)
    {
        StorageTarget target = StorageTarget.Of(context.Options, out string? problem) ?? throw new StorageRefusedException(problem!);
        return target.Kind == DatabaseKind.PostgreSql
            ? new Postgres.PostgresDatabase(target, context)
            : new Sqlite.SqliteDatabase(target, context);
    }

    /// <summary>Reaches the database and brings its tables up to what this program knows. Until then nothing else works.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be reached.</exception>
    /// <exception cref="StorageRefusedException">Its tables are not for this program.</exception>
    public async Task OpenAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        try
        {
            await TryAsync(
                "migrate",
                token => AttemptMigrateAsync(new Migrator(migrations, this, Time), token),
                cancellationToken).ConfigureAwait(false);
            _closed = null;
        }
        catch (Exception e) when (e is StoreUnavailableException or StorageRefusedException)
        {
            _closed = e.Message;
            throw;
        }
    }

    /// <summary>Reads.</summary>
    /// <param name="read">What to read; may run more than once. It awaits nothing but the connection.</param>
    /// <param name="cancellationToken">The time is up.</param>
    /// <exception cref="StoreUnavailableException">It could not be done within the bounds.</exception>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) =>
        RunAsync("read", token => AttemptReadAsync(read, token), cancellationToken);

    /// <summary>
    /// Writes in one transaction, which lasts when this completes. It is tried again also when a connection broke during the commit, so
    /// that nobody knows whether it was done: what it does must be the same when it is done twice.
    /// </summary>
    /// <param name="write">What to write; may run more than once. It awaits nothing but the connection.</param>
    /// <param name="cancellationToken">The time is up.</param>
    /// <exception cref="StoreUnavailableException">It could not be done within the bounds; whether it is stored is not known.</exception>
    public Task<T> WriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        RunAsync("write", token => AttemptWriteAsync(write, token), cancellationToken);

    /// <summary>Reads, without a result.</summary>
    /// <inheritdoc cref="ReadAsync{T}"/>
    public Task ReadAsync(Func<DbConnection, Task> read, CancellationToken cancellationToken) => ReadAsync(
        async connection =>
        {
            await read(connection).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Writes, without a result.</summary>
    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<DbConnection, DbTransaction, Task> write, CancellationToken cancellationToken) => WriteAsync(
        async (connection, transaction) =>
        {
            await write(connection, transaction).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public ValueTask DisposeAsync()
    {
        _closed = "It has been closed.";
        return Interlocked.Exchange(ref _isDisposed, 1) == 0 ? CloseAsync() : ValueTask.CompletedTask;
    }

    /// <summary>Closes all connections.</summary>
    protected abstract ValueTask CloseAsync();

    /// <summary>Tries a read once.</summary>
    protected abstract Task<T> AttemptReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>Tries a transaction once.</summary>
    protected abstract Task<T> AttemptWriteAsync<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken);

    /// <summary>Tries once to migrate.</summary>
    protected abstract Task<bool> AttemptMigrateAsync(Migrator migrator, CancellationToken cancellationToken);

    /// <summary>Connections that were open may be dead.</summary>
    protected virtual void Drop()
    {
    }

    /// <summary>Runs something with retries.</summary>
    /// <param name="operation">What it is, for metrics.</param>
    /// <param name="attempt">Tries it once.</param>
    /// <param name="cancellationToken">The time is up.</param>
    protected Task<T> RunAsync<T>(string operation, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken) =>
        _closed is { } why ? Task.FromException<T>(new StoreUnavailableException(why)) : TryAsync(operation, attempt, cancellationToken);

    private async Task<T> TryAsync<T>(string operation, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        long start = Time.GetTimestamp();
        for (int tries = 1; ; tries++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Fault fault;
            long begun = Time.GetTimestamp();
            try
            {
                T result = await attempt(cancellationToken).ConfigureAwait(false);
                _context.Metrics.Done(Kind, operation, Time.GetElapsedTime(begun), fault: null);
                State.Succeeded();
                return result;
            }
            catch (Exception e) when (Fault.Of(e) is { } known)
            {
                fault = known;
                _context.Metrics.Done(Kind, operation, Time.GetElapsedTime(begun), fault.Code);
                if (fault.BreaksConnection)
                {
                    Drop();
                }

                // While the database is known to be away, those who come find out with one attempt instead of piling up.
                TimeSpan spent = Time.GetElapsedTime(start);
                if (!fault.Passes || spent >= Options.RetryTimeout || (fault.BreaksConnection && State.Fault is not null))
                {
                    if (_closed is null && e is not TurnRefusedException)
                    {
                        State.Failed(fault);
                    }

                    string often = tries > 1 ? $" ({tries} attempts in {spent.TotalSeconds:0.0} s)" : "";
                    throw new StoreUnavailableException($"The database failed{often}: {fault.Text}. It is {Description}.", e);
                }
            }

            _context.Metrics.Retried(Kind, operation, fault.Code);
            await Task.Delay(Pause(tries), Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Doubles, up to a bound, and is random from the half of that on, so that those who met do not meet again.</summary>
    private static TimeSpan Pause(int tries)
    {
        double full = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(tries - 1, 10)));
#pragma warning disable CA5394 // No secret depends on it.
        return TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
    }
}

/// <summary>What a database works with.</summary>
/// <param name="Options">Its settings.</param>
/// <param name="Metrics">Where it counts.</param>
/// <param name="State">Where it says how it is.</param>
/// <param name="Time">What the time is.</param>
internal sealed record DatabaseContext(StorageOptions Options, StorageMetrics Metrics, StoreState State, TimeProvider Time);
