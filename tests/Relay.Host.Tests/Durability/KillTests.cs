using Relay.Host.Tests.Storage.Kit;
using Xunit.Abstractions;

namespace Relay.Host.Tests.Durability;

/// <summary>The program is killed while people change what must last, and started again.</summary>
[Collection(StorageCollection.Name)]
public sealed class KillTests(TestDatabases databases, ITestOutputHelper output) : IClassFixture<TestDatabases>
{
    /// <summary>Of 20 ms each.</summary>
    private const int MostWaits = 1_500;

    [Theory]
    [BothDatabases]
    public Task Case48_killedAtRandomInstants_whatWasAcknowledgedIsThere_nothingHalf(Db kind) => KillAsync(kind, 3);

    [Theory]
    [Trait("Category", "Full")]
    [BothDatabases]
    public Task Case48_killedAtAHundredRandomInstants_whatWasAcknowledgedIsThere_nothingHalf(Db kind) => KillAsync(kind, 100);

    private async Task KillAsync(Db kind, int times)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var starts = new List<double>();
        long acknowledged = 0, asked = 0;
        await using var server = new DurableServer(await databases.NewAsync(kind));
        for (int i = 0; i <= times; i++)
        {
            starts.Add((await server.StartAsync()).TotalSeconds);
            await server.JoinAndCheckAsync();
            if (i == times)
            {
                break;
            }

            server.Begin();
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(10, 500)), TimeProvider.System);
            for (int wait = 0; i == times - 1 && acknowledged + Acknowledged(server) <= times && wait < MostWaits; wait++)
            {
                // On a slow machine the instants so far may all have come before the first answer: then nothing would be shown.
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }

            await server.KillAsync();
            acknowledged += Acknowledged(server);
            asked += server.Clients.Sum(client => client.Book.Asked);
        }

        starts.Sort();
        output.WriteLine(
            $"{kind}: {times} kills, {asked} deeds, {acknowledged} acknowledged, started in {starts[starts.Count / 2]:0.00} s (median), {starts[^1]:0.00} s (slowest)");
        Assert.True(acknowledged > times, "Nothing was acknowledged: nothing was shown.");
    }

    private static long Acknowledged(DurableServer server) => server.Clients.Sum(client => client.Book.Acknowledged);
}
