using Microsoft.Data.Sqlite;
using Relay.Host.Storage.Sqlite;
using Relay.Host.Tests.Storage.Kit;
using Relay.Protocol.Frames;

namespace Relay.Host.Tests.Storage;

/// <summary>The program and its database, at the start and while it runs.</summary>
[Collection(StorageCollection.Name)]
public sealed class StartTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Fact]
    public async Task Case44_databaseDownAtStart_required_isOneClearLine_withoutSecrets()
    {
        await using ChildProcess program = RelayProgram.Launch(
            "--Relay:Storage:ConnectionString=Host=127.0.0.1;Port=1;Username=relay;Password=geheim;Database=world", "--Relay:Storage:RetryTimeout=00:00:00.3");
        Assert.Equal(1, await program.ExitAsync());
        string line = Assert.Single(program.Errors);
        Assert.StartsWith("relay: The database failed", line, StringComparison.Ordinal);
        Assert.EndsWith("It is PostgreSQL at 127.0.0.1:1, database world.", line, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", program.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("relay: ready", program.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Case44_databaseDownAtStart_notRequired_startsDegraded_moves_andIsHealthyOnceItIsUp()
    {
        string address = databases.Cluster.ConnectionString(await databases.Cluster.CreateDatabaseAsync());
        await databases.Cluster.StopAsync();
        await using RelayProgram program = await StartAsync();
        using HttpClient client = program.Client();
        Assert.Equal("Degraded", await client.GetStringAsync("/health/ready"));
        using FrameStream anna = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        using FrameStream bert = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        await anna.MoveAsync(3);
        await bert.UntilAsync(FrameType.TransformBatch);

        await databases.Cluster.StartAsync();
        await UntilAsync(client, "Healthy");

        // Up and down again while it runs.
        await databases.Cluster.StopAsync();
        await UntilAsync(client, "Degraded");
        await databases.Cluster.StartAsync();
        await UntilAsync(client, "Healthy");

        Task<RelayProgram> StartAsync() => RelayProgram.StartAsync(
            $"--Relay:Storage:ConnectionString={address}", "--Relay:Storage:Require=false", "--Relay:Storage:RetryTimeout=00:00:00.2");
    }

    [Fact]
    public async Task Ready_withARequiredDatabase_isUnhealthyWhileItIsAway()
    {
        string address = databases.Cluster.ConnectionString(await databases.Cluster.CreateDatabaseAsync());
        await using RelayProgram program = await RelayProgram.StartAsync(
            $"--Relay:Storage:ConnectionString={address}", "--Relay:Storage:RetryTimeout=00:00:00.2");
        using HttpClient client = program.Client();
        await UntilAsync(client, "Healthy");
        await databases.Cluster.StopAsync(crash: true);
        await UntilAsync(client, "Unhealthy");
        await databases.Cluster.StartAsync();
        await UntilAsync(client, "Healthy");
        await SaysAsync(program, "Storage: the database fails: ");
        await SaysAsync(program, "Storage: the database is back; ");
    }

    [Fact]
    public async Task Case50_programOlderThanTheDatabase_refusesToStart_andNamesBoth()
    {
        string file = databases.NewFile();
        await using (await databases.OpenAsync($"Data Source={file}"))
        {
            SqliteLibrary.Load();
            await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
            await connection.OpenAsync();
            await using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "INSERT INTO schema_version SELECT MAX(number) + 1, 'holograms', 0 FROM schema_version";
            await command.ExecuteNonQueryAsync();
        }

        // It makes no difference that the database may be missing: it is there.
        foreach (string require in new[] { "true", "false" })
        {
            await using ChildProcess program = RelayProgram.Launch($"--Relay:Storage:ConnectionString=Data Source={file}", $"--Relay:Storage:Require={require}");
            Assert.Equal(1, await program.ExitAsync());
            string line = Assert.Single(program.Errors);
            Assert.Matches(@"^relay: The database is at version [0-9]+ \(holograms\), this program knows only up to [0-9]+ \([a-z_]+\): ", line);
        }
    }

    [Fact]
    public async Task Start_withoutSettings_keepsAFileInTheWorkingDirectory_andSaysSo()
    {
        string directory = Directory.CreateTempSubdirectory("relay-data-").FullName;
        try
        {
            await using (ChildProcess program = ChildProcess.Start(
                Layout.DotNet, [Layout.Program, "--Relay:Host:HttpPort=0", "--Relay:Host:TcpPort=0"], "relay: storage ", directory))
            {
                string file = Path.Combine(directory, "data", "relay.db");
                Assert.EndsWith($"SQLite in {file}", await program.LineAsync(), StringComparison.Ordinal);
                Assert.True(File.Exists(file));
                if (!OperatingSystem.IsWindows())
                {
                    Assert.Equal(
                        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(directory, "data")));
                }

                await program.TerminateAsync();
                Assert.Equal(0, await program.ExitAsync());
            }

            // The log was folded into the file: a copy of the one file is a backup.
            Assert.Equal(["relay.db"], Directory.EnumerateFiles(Path.Combine(directory, "data")).Select(Path.GetFileName));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task UntilAsync(HttpClient client, string expected)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using HttpResponseMessage response = await client.GetAsync("/health/ready");
            string state = await response.Content.ReadAsStringAsync();
            if (state == expected)
            {
                return;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < ChildProcess.Patience, $"It is {state}, not {expected}.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Waits for a line: what a program writes comes when it comes.</summary>
    private static async Task SaysAsync(RelayProgram program, string text)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!program.Process.Output.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < ChildProcess.Patience, $"It has not said \"{text}\".");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }
}
