using System.Text;
using Relay.Host.Tests.Storage.Kit;
using Relay.Protocol;
using Xunit.Abstractions;

namespace Relay.Host.Tests.Durability;

/// <summary>PostgreSQL goes away while people change what must last, or was not there at the start.</summary>
[Collection(StorageCollection.Name)]
public sealed class OutageTests(TestDatabases databases, ITestOutputHelper output) : IClassFixture<TestDatabases>
{
    [Fact]
    public Task Case45_databaseAwayForSeconds_nothingAcknowledgedIsLost_andPeopleMove() =>
        GoAwayAsync(TimeSpan.FromSeconds(2), "--Relay:Store:AnswerTimeout=00:00:00.5", "--Relay:Storage:RetryTimeout=00:00:01");

    [Fact]
    [Trait("Category", "Full")]
    public Task Case45_databaseAwayForAMinute_nothingAcknowledgedIsLost_andPeopleMove() => GoAwayAsync(TimeSpan.FromSeconds(60));

    [Fact]
    public async Task Case47_connectionsCutInMidCommit_nothingIsLost_nothingTwice()
    {
        string database = await databases.Cluster.CreateDatabaseAsync();
        await using var proxy = new TcpProxy(databases.Cluster.Port);
        await using var server = new DurableServer(databases.Cluster.ConnectionString(database, proxy.Port));
        await server.StartAsync();
        await server.JoinAndCheckAsync();
        server.Begin();
        byte[] room = Encoding.UTF8.GetBytes("durable-");
        for (int i = 0; i < 6; i++)
        {
            Task cut = proxy.CutAsync(
                asked => asked.AsSpan().IndexOf(room) >= 0, i % 2 == 0 ? CutAt.BeforeTheAnswerArrives : CutAt.BeforeTheServerGetsIt);
            await cut.WaitAsync(ChildProcess.Patience, TimeProvider.System);
        }

        await Task.WhenAll(server.Clients.Select(client => client.StopAsync()));
        await EndAsync(server, mayBeUnknown: false);
    }

    [Fact]
    public async Task Case44_databaseDownAtStart_peopleMeet_nothingIsStoredOverWhatIsThere()
    {
        string address = databases.Cluster.ConnectionString(await databases.Cluster.CreateDatabaseAsync());
        await using (var before = new DurableServer(address))
        {
            await before.StartAsync();
            await before.JoinAndCheckAsync();
            await before.Clients[0].SetAsync("topic", 1);
        }

        await databases.Cluster.StopAsync();
        await using var server = new DurableServer(address, "--Relay:Storage:Require=false", "--Relay:Storage:RetryTimeout=00:00:00.2");
        await server.StartAsync();
        using HttpClient health = server.Program.Client();
        Assert.Equal("Degraded", await health.GetStringAsync("/health/ready"));
        DurableClient anna = server.Clients[0], ben = server.Clients[1];
        Assert.Equal(anna.Room, ben.Room);
        await anna.JoinAsync(server.Program.Tcp);
        await ben.JoinAsync(server.Program.Tcp);
        await SeesAsync(ben, anna);
        Assert.Equal(CloseCode.StoreUnavailable, await RefusalAsync(() => anna.SetAsync("topic", 2)));

        await databases.Cluster.StartAsync();
        await UntilAsync(async () => await health.GetStringAsync("/health/ready") == "Healthy");
        Assert.Equal(CloseCode.StoreUnavailable, await RefusalAsync(() => anna.SetAsync("topic", 2)));
        await anna.LeaveAsync();
        await ben.LeaveAsync();
        await anna.EndAsync();
        await ben.EndAsync();
        await anna.JoinAsync(server.Program.Tcp);
        Assert.Equal("01", Convert.ToHexString(Assert.Single(anna.State.Attributes()).Value.Span));
        await anna.SetAsync("topic", 3);
    }

    private async Task GoAwayAsync(TimeSpan away, params string[] settings)
    {
        string address = databases.Cluster.ConnectionString(await databases.Cluster.CreateDatabaseAsync());
        await using var server = new DurableServer(address, settings);
        await server.StartAsync();
        await server.JoinAndCheckAsync();
        server.Begin();
        await UntilAsync(() => Task.FromResult(Array.TrueForAll(server.Clients, client => client.Book.Acknowledged > 20)));
        await databases.Cluster.StopAsync(crash: true);

        // Nobody waits for the database to move.
        long begun = TimeProvider.System.GetTimestamp();
        int moves = 0;
        while (TimeProvider.System.GetElapsedTime(begun) < away)
        {
            await SeesAsync(server.Clients[1], server.Clients[0]);
            moves++;
        }

        await UntilAsync(() => Task.FromResult(Array.TrueForAll(server.Clients, client => client.Unknown > 0)));
        long unknown = server.Clients.Sum(client => client.Unknown);
        int[] asked = [.. server.Clients.Select(client => client.Book.Acknowledged)];
        await databases.Cluster.StartAsync();
        await UntilAsync(() => Task.FromResult(server.Clients.Zip(asked).All(pair => pair.First.Book.Acknowledged > pair.Second + 20)));
        await Task.WhenAll(server.Clients.Select(client => client.StopAsync()));
        output.WriteLine($"Away for {away.TotalSeconds:0} s: {moves} moves seen, {unknown} answers 4500, then all stored.");
        await EndAsync(server, mayBeUnknown: true);
    }

    /// <summary>The last thing that each has asked for is acknowledged, so all before it must be there as well, and nothing else.</summary>
    private static async Task EndAsync(DurableServer server, bool mayBeUnknown)
    {
        foreach (DurableClient client in server.Clients)
        {
            await client.FinishAsync();
            Assert.True(mayBeUnknown || client.Unknown == 0, "It took so long that nobody knew.");
            Assert.Equal(client.Book.Asked, client.Book.Acknowledged);
        }

        await server.KillAsync();
        await server.StartAsync();
        await server.JoinAndCheckAsync();
    }

    private static async Task SeesAsync(DurableClient who, DurableClient whom)
    {
        int before = who.Batches;
        double x = 1;
        await UntilAsync(() =>
        {
            whom.Move(x += 0.5);
            x = x > 50 ? 1 : x;
            return Task.FromResult(who.Batches > before);
        });
    }

    private static async Task<CloseCode> RefusalAsync(Func<Task> ask) => (await Assert.ThrowsAsync<Client.RelayException>(ask)).Code;

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < ChildProcess.Patience, "It does not come to pass.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
