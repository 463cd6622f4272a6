using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Host.Storage;

namespace Relay.Host.Tests.Storage.Kit;

/// <summary>The databases of a class of tests: one of each kind, made when first asked for, and more for those who ask.</summary>
public sealed class TestDatabases(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly Dictionary<Db, Database> _shared = [];
    private readonly List<Database> _all = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("relay-sql-").FullName;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private int _files;

    public PostgresCluster Cluster => cluster;

    /// <summary>What was logged.</summary>
    internal ListLogger<StoreState> Log { get; } = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (Database database in _all)
        {
            await database.DisposeAsync();
        }

        await _services.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A file for SQLite, which does not exist yet.</summary>
    public string NewFile() => Path.Combine(_directory, FormattableString.Invariant($"{++_files}.db"));

    /// <summary>A new, empty database, of which nothing is opened yet.</summary>
    /// <returns>A connection string.</returns>
    public async Task<string> NewAsync(Db kind) => kind == Db.Sqlite
        ? $"Data Source={NewFile()}"
        : cluster.ConnectionString(await cluster.CreateDatabaseAsync());

    /// <summary>The class's database, with tables.</summary>
    internal async Task<Database> GetAsync(Db kind) =>
        _shared.TryGetValue(kind, out Database? known) ? known : _shared[kind] = await OpenAsync(await NewAsync(kind));

    /// <summary>Opens a database, and migrates it.</summary>
    internal async Task<Database> OpenAsync(string connectionString, Action<StorageOptions>? configure = null)
    {
        Database database = Create(connectionString, configure);
        await database.OpenAsync(Migration.For(database.Kind), CancellationToken.None);
        return database;
    }

    /// <summary>A database that is not opened.</summary>
    internal Database Create(string connectionString, Action<StorageOptions>? configure = null)
    {
        var options = new StorageOptions { ConnectionString = connectionString };
        configure?.Invoke(options);
        Assert.Empty(options.Validate());
        var metrics = new StorageMetrics(_services.GetRequiredService<IMeterFactory>());
        var database = Database.Create(new DatabaseContext(options, metrics, new StoreState(Log, TimeProvider.System), TimeProvider.System));
        _all.Add(database);
        return database;
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class ListLogger<T> : ILogger<T>
{
    private readonly List<string> _lines = [];

    public string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add(formatter(state, exception));
        }
    }
}
