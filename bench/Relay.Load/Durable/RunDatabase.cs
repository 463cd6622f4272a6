using System.Data.Common;
using System.Globalization;
using Relay.Load.Cli;

namespace Relay.Load.Durable;

/// <summary>The database of one run: that of <c>--database</c>, if need be through a slow network, or a file of its own.</summary>
internal sealed class RunDatabase : IDisposable
{
    private readonly string? _directory;
    private readonly SlowProxy? _proxy;
    private readonly TimeSpan _delay;

    private RunDatabase(string connectionString, string? directory = null, SlowProxy? proxy = null, TimeSpan delay = default) =>
        (ConnectionString, _directory, _proxy, _delay) = (connectionString, directory, proxy, delay);

    /// <summary>For the server. It may hold a password.</summary>
    public string ConnectionString { get; }

    /// <summary>Makes ready what a run needs.</summary>
    /// <returns>Null if the run is about no database.</returns>
    public static RunDatabase? For(LoadOptions options)
    {
        if (options.Database is not { } given)
        {
            if (options.Writers is null)
            {
                return null;
            }

            string directory = Directory.CreateTempSubdirectory("relay-bench-").FullName;
            return new RunDatabase($"Data Source={Path.Combine(directory, "relay.db")}", directory);
        }

        if (options.DatabaseDelayMillis == 0)
        {
            return new RunDatabase(given);
        }

        var parts = new DbConnectionStringBuilder { ConnectionString = given };
        int port = parts.TryGetValue("Port", out object? text) ? int.Parse((string)text, CultureInfo.InvariantCulture) : DatabaseRules.PostgresPort;
        var proxy = new SlowProxy((string)parts["Host"], port);
        parts["Host"] = "127.0.0.1";
        parts["Port"] = proxy.Port;
        return new RunDatabase(parts.ConnectionString, directory: null, proxy, TimeSpan.FromMilliseconds(options.DatabaseDelayMillis));
    }

    /// <summary>From now on the database is slow, if it is to be.</summary>
    public void BeginDelay() => _proxy?.Slow(_delay);

    public void Dispose()
    {
        _proxy?.Dispose();
        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }
}
