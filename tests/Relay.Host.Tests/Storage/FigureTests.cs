using Npgsql;
using Relay.Core.Rooms.Stores;
using Relay.Host.Storage.Rooms;
using Relay.Host.Tests.Storage.Kit;
using Xunit.Abstractions;
using static Relay.Host.Tests.Measured;

namespace Relay.Host.Tests.Storage;

/// <summary>What the databases take, with fsync and synchronous_commit on. Prints; only what is stored is asserted, never how fast.</summary>
[Collection(StorageCollection.Name)]
[Trait("Category", "Full")]
public sealed class FigureTests(TestDatabases databases, ITestOutputHelper output) : IClassFixture<TestDatabases>, IAsyncLifetime
{
    public async Task InitializeAsync()
    {
        await databases.Cluster.StopAsync();
        await databases.Cluster.StartAsync(fsync: true);
    }

    public async Task DisposeAsync()
    {
        await databases.Cluster.StopAsync();
        await databases.Cluster.StartAsync();
    }

    [Theory, BothDatabases]
    public async Task Room_of10000Objects_with5AttributesEach(Db kind)
    {
        var store = new SqlRoomStore(await databases.OpenAsync(await databases.NewAsync(kind)), TimeProvider.System);
        for (int run = 1; run <= 4; run++)
        {
            RoomChanges all = Sample.Large($"large{(run + 1) / 2}", 10_000, 5);
            TimeSpan before = Environment.CpuUsage.TotalTime;
            TimeSpan save = await TimeAsync(() => store.SaveAsync([all], default).AsTask());
            TimeSpan saveCpu = Environment.CpuUsage.TotalTime - before;
            StoredRoom? room = null;
            TimeSpan load = await TimeAsync(async () => room = await store.LoadAsync(all.Room, default));
            Assert.Equal((10_000, 50_000), (room!.Objects.Count, room.Attributes.Count));
            output.Print($"{kind}, run {run}, {(run % 2 == 1 ? "all new" : "all there already")}: save {save.TotalMilliseconds:0} ms ({saveCpu.TotalMilliseconds:0} ms of this process), load {load.TotalMilliseconds:0} ms");
        }
    }

    [Theory, BothDatabases]
    public async Task Program_fromNothing_isReady(Db kind)
    {
        for (int run = 1; run <= 3; run++)
        {
            string address = await databases.NewAsync(kind);
            RelayProgram? program = null;
            TimeSpan start = await TimeAsync(async () => program = await RelayProgram.StartAsync($"--Relay:Storage:ConnectionString={address}"));
            await program!.DisposeAsync();
            output.Print($"{kind}, run {run}: ready after {start.TotalMilliseconds:0} ms");
        }
    }

    [Theory]
    [InlineData(Db.Sqlite, 1, 50)]
    [InlineData(Db.PostgreSql, 1, 50)]
    [InlineData(Db.PostgreSql, 2, 50)]
    [InlineData(Db.PostgreSql, 1, 500)]
    public async Task Batches_of50Rooms(Db kind, int writers, int changes)
    {
        string address = await databases.NewAsync(kind);
        var store = new SqlRoomStore(await databases.OpenAsync(address), TimeProvider.System);
        int[] counts = new int[writers];
        for (int pass = 0; pass < 2; pass++)
        {
            // The first pass is for the compiler and the plans.
            Array.Clear(counts);
            var span = TimeSpan.FromSeconds(pass == 0 ? 1 : 4);
            long start = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
            {
                while (TimeProvider.System.GetElapsedTime(start) < span)
                {
                    byte[] value = BitConverter.GetBytes(counts[writer]++);
                    await store.SaveAsync(
                        [.. Enumerable.Range(0, 50).Select(room => new RoomChanges
                        {
                            Room = FormattableString.Invariant($"w{writer}room{room}"),
                            Attributes = [.. Enumerable.Range(0, changes / 50).Select(key => Sample.Value(0, "", FormattableString.Invariant($"key{key}"), value))],
                        })],
                        default);
                }
            })));
            TimeSpan took = TimeProvider.System.GetElapsedTime(start);
            if (pass == 1)
            {
                output.Print($"{kind}, {writers} at a time: {counts.Sum() / took.TotalSeconds:0} batches of {changes} attributes a second, {counts.Sum() * changes / took.TotalSeconds:0} attributes a second");
            }
        }

        StoredRoom room = (await store.LoadAsync("w0room49", default))!;
        Assert.Equal(counts[0] - 1, BitConverter.ToInt32(room.Attributes[0].Value.Span));
        if (kind == Db.PostgreSql)
        {
            string name = new NpgsqlConnectionStringBuilder(address).Database!;
            Assert.Equal(("on", "on"), (await databases.Cluster.ExecuteAsync(name, "SHOW fsync"), await databases.Cluster.ExecuteAsync(name, "SHOW synchronous_commit")));
        }
    }
}
