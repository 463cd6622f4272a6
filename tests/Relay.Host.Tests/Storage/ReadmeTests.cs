using System.Globalization;
using System.Text.RegularExpressions;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Storage;

/// <summary>README's way to PostgreSQL, followed word for word.</summary>
[Collection(StorageCollection.Name)]
public sealed partial class ReadmeTests(PostgresCluster cluster)
{
    [Fact]
    public async Task FromSqliteToPostgresql_asReadmeSays()
    {
        string readme = (await File.ReadAllTextAsync(Path.Combine(Layout.Root, "README.md"))).ReplaceLineEndings("\n");
        string commands = Commands().Match(readme).Groups["sh"].Value;

        // Only the ports are others, and the program is built already.
        string port = cluster.Port.ToString(CultureInfo.InvariantCulture);
        Assert.Contains("./relay run", commands, StringComparison.Ordinal);
        commands = commands
            .Replace("127.0.0.1", $"127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("./relay run", $"exec '{Layout.DotNet}' '{Layout.Program}' --Relay:Host:HttpPort=0 --Relay:Host:TcpPort=0", StringComparison.Ordinal);
        await using ChildProcess shell = ChildProcess.Start(
            "/bin/sh",
            ["-ec", commands],
            "relay: storage ",
            environment:
            [
                ("PATH", PostgresCluster.Binaries + ":" + Environment.GetEnvironmentVariable("PATH")),
                ("PGHOST", "127.0.0.1"), ("PGPORT", port), ("PGUSER", "postgres"), ("PGDATABASE", "postgres"),
            ]);
        Assert.Equal($"relay: storage PostgreSQL at 127.0.0.1:{port}, database relay", await shell.LineAsync());
        Assert.DoesNotContain("correct-horse", shell.ToString(), StringComparison.Ordinal);
        Assert.Equal("relay", await cluster.ExecuteAsync("relay", "SELECT tableowner::text FROM pg_tables WHERE tablename = 'rooms'"));
        Assert.True((bool)(await cluster.ExecuteAsync("relay", "SELECT COUNT(*) > 0 FROM schema_version"))!);
        await shell.TerminateAsync();
        Assert.Equal(0, await shell.ExitAsync());
    }

    [GeneratedRegex("```sh to-postgresql\n(?<sh>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Commands();
}
