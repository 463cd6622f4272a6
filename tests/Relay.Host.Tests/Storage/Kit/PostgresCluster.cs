using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Relay.Host.Tests.Storage.Kit;

/// <summary>A real PostgreSQL server in a directory of its own, for all tests that need one: started with the first, stopped with the
/// last.</summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("relay-pg-").FullName;
    private Process? _server;
    private int _databases;

    /// <summary>Its TCP port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Where its programs lie.</summary>
    public static string Binaries { get; } = FindBinaries();

    public async Task InitializeAsync()
    {
        await RunAsync("chmod", "755", _directory);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "postgres:", _directory);
        }

        await RunAsync([.. AsPostgres, Path.Combine(Binaries, "initdb"), "-D", Data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]);

        // The role of README has to show its password.
        string access = Path.Combine(Data, "pg_hba.conf");
        await File.WriteAllTextAsync(access, "host all relay 127.0.0.1/32 scram-sha-256\n" + await File.ReadAllTextAsync(access));
        await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Starts the server, where it was before.</summary>
    /// <param name="fsync">Whether it waits for the disk: only where a test is about that.</param>
    public async Task StartAsync(bool fsync = false)
    {
        Port = Port == 0 ? FreePort() : Port;

        // The shell stops the server when this process closes its standard input, also by dying.
        var start = new ProcessStartInfo(AsPostgres.FirstOrDefault("/bin/sh"), [
            .. AsPostgres.Skip(1), .. AsPostgres.Length > 0 ? ["/bin/sh"] : Array.Empty<string>(), "-c",
            "\"$@\" & server=$!; cat >/dev/null; kill -INT $server 2>/dev/null; wait $server", "sh",
            Path.Combine(Binaries, "postgres"), "-D", Data, "-k", _directory, "-p", Text(Port), "-c", "listen_addresses=127.0.0.1",
            "-c", $"fsync={(fsync ? "on" : "off")}", "-c", "max_connections=60", "-c", "shared_buffers=32MB",
        ])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _directory,
        };
        _server = Process.Start(start)!;
        var log = new List<string?>();
        _server.ErrorDataReceived += (_, line) => log.Add(line.Data);
        _server.BeginErrorReadLine();
        _server.BeginOutputReadLine();
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false;Timeout=2");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (TimeProvider.System.GetElapsedTime(begun) < Patience)
            {
                Assert.False(_server.HasExited, $"PostgreSQL does not start:\n{string.Join('\n', log)}");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    /// <summary>Stops it.</summary>
    /// <param name="crash">As a crash would: nobody is told, nothing is written any more.</param>
    public async Task StopAsync(bool crash = false)
    {
        if (_server is not { } server)
        {
            return;
        }

        if (crash)
        {
            string id = (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0];
            await RunAsync("kill", "-QUIT", id);
        }

        server.StandardInput.Close();
        await server.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        server.Dispose();
        _server = null;
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = "test" + Text(Interlocked.Increment(ref _databases));
        await ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return name;
    }

    /// <summary>Runs SQL.</summary>
    public async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>How to reach a database of it.</summary>
    /// <param name="database">Which.</param>
    /// <param name="port">Through a proxy there; its own by default.</param>
    public string ConnectionString(string database, int? port = null) => $"Host=127.0.0.1;Port={Text(port ?? Port)};Username=postgres;Database={database}";

    private string Data => Path.Combine(_directory, "data");

    private static string[] AsPostgres { get; } = Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string FindBinaries() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
                .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault("")
            : "";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task RunAsync(params string[] command)
    {
        await using ChildProcess process = ChildProcess.Start(command[0], command[1..]);
        int result = await process.ExitAsync(Patience);
        Assert.True(result == 0, $"{command[0]} ended with {result}: {process}");
    }
}

/// <summary>Tests that use the one server, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class StorageCollection : ICollectionFixture<PostgresCluster>
{
    public const string Name = "storage";
}
