using System.Diagnostics.Metrics;
using System.Text;
using Dapper;
using Npgsql;
using Relay.Core.Rooms.Stores;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Storage;

/// <summary>What the database, its disk or the way to it does wrong.</summary>
[Collection(StorageCollection.Name)]
public sealed class FaultTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Fact]
    [Trait("Category", "Full")]
    public Task Case45_stoppedFor60Seconds_andRestarted_losesNothingThatWasAcknowledged() => StoppedAndRestartedAsync(TimeSpan.FromSeconds(60));

    [Fact]
    public Task Case45_stopped_andRestarted_losesNothingThatWasAcknowledged() => StoppedAndRestartedAsync(TimeSpan.Zero);

    [Fact]
    public async Task Case46_latencyOf2SecondsForEachStatement_readsNeitherStarveWrites_norWaitWithoutBound()
    {
        await using var proxy = new TcpProxy(databases.Cluster.Port);
        string name = await databases.Cluster.CreateDatabaseAsync();
        Database database = await databases.OpenAsync(databases.Cluster.ConnectionString(name, proxy.Port), options =>
        {
            (options.Readers, options.Writers, options.MaxWaiting) = (2, 1, 5);
            options.WaitTimeout = TimeSpan.FromSeconds(30);
        });
        var store = new SqlRoomStore(database, TimeProvider.System);
        await Task.WhenAll(store.SaveAsync([Sample.Large("slow", 3, 1)], default).AsTask(), LoadAsync(), LoadAsync());

        proxy.Delay = TimeSpan.FromSeconds(2);
        Task[] reads = [.. Enumerable.Range(0, 20).Select(_ => LoadAsync())];
        Task save = store.SaveAsync([new RoomChanges { Room = "slow", LastObject = 50 }], default).AsTask();

        // Two read, five wait, the others are told at once; the write goes before those that wait.
        Task[] refused = [.. reads.Where(read => read.IsFaulted)];
        Assert.Equal(13, refused.Length);
        StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(() => refused[0]);
        Assert.Contains("5 reads wait for it already", e.Message, StringComparison.Ordinal);
        await save;
        Assert.InRange(reads.Count(read => read.IsCompletedSuccessfully), 0, 4);
        proxy.Delay = TimeSpan.Zero;
        await Task.WhenAll(reads.Except(refused));

        Task LoadAsync() => store.LoadAsync("slow", default).AsTask();
    }

    [Theory]
    [InlineData(CutAt.BeforeTheServerGetsIt)]
    [InlineData(CutAt.BeforeTheAnswerArrives)]
    public async Task Case47_connectionCutInTheMiddleOfCommit_oneRow(CutAt when)
    {
        await using var proxy = new TcpProxy(databases.Cluster.Port);
        string name = await databases.Cluster.CreateDatabaseAsync();
        Database database = await databases.OpenAsync(databases.Cluster.ConnectionString(name, proxy.Port));
        RoomRow row = RoomRowsOfDatabase.Row("one") with { Title = "The one" };

        Task cut = proxy.CutAsync(Asks("COMMIT"), when);
        Assert.True(await database.InsertRoomAsync(row));
        await cut;

        row = row with { Title = "Still one", Revision = 2 };
        cut = proxy.CutAsync(Asks("COMMIT"), when);
        Assert.True(await database.UpdateRoomAsync(row));
        await cut;
        Assert.Equal(row, Assert.Single(await database.ListRoomsAsync()));

        var moderation = new SqlModerationStore(database, new StorageOptions(), TimeProvider.System);
        await moderation.BanAsync("one", "user:anna", null, "", default);
        cut = proxy.CutAsync(Asks("COMMIT"), when);
        Assert.True(await moderation.UnbanAsync("one", "user:anna", default));
        await cut;
        cut = proxy.CutAsync(Asks("COMMIT"), when);
        await database.DeleteRoomAsync("one");
        await cut;
        Assert.Empty(await database.ListRoomsAsync());
    }

    [Theory]
    [InlineData(CutAt.BeforeTheServerGetsIt)]
    [InlineData(CutAt.BeforeTheAnswerArrives)]
    public async Task Case47_connectionCutInTheMiddleOfABatch_eachRowOnce(CutAt when)
    {
        await using var proxy = new TcpProxy(databases.Cluster.Port);
        string name = await databases.Cluster.CreateDatabaseAsync();
        Database database = await databases.OpenAsync(databases.Cluster.ConnectionString(name, proxy.Port));
        var store = new SqlRoomStore(database, TimeProvider.System);
        Task cut = proxy.CutAsync(Asks("INSERT INTO room_attributes"), when);
        await store.SaveAsync([new RoomChanges { Room = "one", LastObject = 4, Attributes = [Sample.Value(0, "", "topic", 1)] }], default);
        await cut;
        Assert.Equal(1L, await databases.Cluster.ExecuteAsync(name, "SELECT COUNT(*) FROM room_attributes"));
        Assert.Equal(4u, (await store.LoadAsync("one", default))!.LastObject);
    }

    [Fact]
    public async Task Case49_serializationFailure_isTriedAgain()
    {
        (Database database, string name) = await PostgresAsync();
        int attempts = 0;
        await database.WriteAsync(
            async (connection, transaction) =>
            {
                attempts++;
                await connection.ExecuteAsync("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", transaction: transaction);
                long last = await connection.ExecuteScalarAsync<long>("SELECT last_object FROM rooms WHERE name = 'a'", transaction: transaction);
                if (attempts == 1)
                {
                    await databases.Cluster.ExecuteAsync(name, "UPDATE rooms SET last_object = 10 WHERE name = 'a'");
                }

                await connection.ExecuteAsync("UPDATE rooms SET last_object = @next WHERE name = 'a'", new { next = last + 1 }, transaction);
            },
            default);
        Assert.Equal(2, attempts);
        Assert.Equal(11L, await databases.Cluster.ExecuteAsync(name, "SELECT last_object FROM rooms WHERE name = 'a'"));
    }

    [Fact]
    public async Task Case49_deadlock_isTriedAgain_withinItsBound()
    {
        (Database database, string name) = await PostgresAsync();
        await using var other = new NpgsqlConnection(databases.Cluster.ConnectionString(name) + ";Pooling=false");
        await other.OpenAsync();
        int attempts = 0;
        Task blocked = Task.CompletedTask;
        await database.WriteAsync(
            async (connection, transaction) =>
            {
                attempts++;
                await connection.ExecuteAsync("SET LOCAL deadlock_timeout = '10ms'", transaction: transaction);
                if (attempts == 1)
                {
                    await other.ExecuteAsync("BEGIN; SET LOCAL deadlock_timeout = '1min'; UPDATE rooms SET title = 'other' WHERE name = 'b'");
                }

                await connection.ExecuteAsync("UPDATE rooms SET title = 'ours' WHERE name = 'a'", transaction: transaction);
                if (attempts == 1)
                {
                    blocked = other.ExecuteAsync("UPDATE rooms SET title = 'other' WHERE name = 'a'; COMMIT");
                }

                await connection.ExecuteAsync("UPDATE rooms SET title = 'ours' WHERE name = 'b'", transaction: transaction);
            },
            default);
        await blocked;
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task Case49_conflictThatNeverEnds_isAClearErrorAfterTheBound()
    {
        (Database database, _) = await PostgresAsync(options => options.RetryTimeout = TimeSpan.FromMilliseconds(100));
        int attempts = 0, retries = 0;
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "relay.db.retries")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            retries += tags.ToArray().Contains(new("error.type", "40001")) ? (int)count : 0;
        });
        meters.Start();
        StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(() => database.WriteAsync(
            (connection, transaction) =>
            {
                attempts++;
                return connection.ExecuteAsync("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$", transaction: transaction);
            },
            default));
        Assert.InRange(attempts, 2, 20);
        Assert.Equal(attempts - 1, retries);
        Assert.Contains("others kept changing the same rows (40001)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Case49_readOnlyServer_isAClearError_andTheNextWriteAfterItWorks()
    {
        (Database database, string name) = await PostgresAsync(options => options.RetryTimeout = TimeSpan.FromMilliseconds(100));
        var store = new SqlRoomStore(database, TimeProvider.System);
        await databases.Cluster.ExecuteAsync("postgres", $"ALTER DATABASE {name} SET default_transaction_read_only = on");

        // Connections that are open keep what they had.
        await databases.Cluster.ExecuteAsync("postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.SaveAsync([Sample.Large("c", 1, 1)], default).AsTask());
        Assert.Contains("it is read-only (25006)", e.Message, StringComparison.Ordinal);
        await databases.Cluster.ExecuteAsync("postgres", $"ALTER DATABASE {name} RESET default_transaction_read_only");
        await store.SaveAsync([Sample.Large("c", 1, 1)], default);
        Assert.NotNull(await store.LoadAsync("c", default));
    }

    [Fact]
    public async Task Case49_sqliteThatMayNotGrow_isAClearError_andLosesNothing()
    {
        Database database = await databases.OpenAsync(await databases.NewAsync(Db.Sqlite), options => options.RetryTimeout = TimeSpan.FromMilliseconds(100));
        await FillAsync(
            database,
            () => PragmaAsync("PRAGMA max_page_count = 30"),
            () => PragmaAsync("PRAGMA max_page_count = 1000000"));

        Task PragmaAsync(string sql) => database.WriteAsync((connection, transaction) => connection.ExecuteAsync(sql, transaction: transaction), default);
    }

    [PrivilegedFact]
    public async Task Case49_diskFull_thenReadOnly_isAClearError_andLosesNothing()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(megabytes: 3);
        string address = $"Data Source={Path.Combine(disk.Directory, "data", "relay.db")}", filler = Path.Combine(disk.Directory, "filler");
        void Quick(StorageOptions options) => options.RetryTimeout = TimeSpan.FromMilliseconds(100);
        await using (Database database = await databases.OpenAsync(address, Quick))
        {
            await FillAsync(
                database,
                () => File.WriteAllBytesAsync(filler, new byte[2_500_000]),
                () =>
                {
                    File.Delete(filler);
                    return Task.CompletedTask;
                });
        }

        await disk.RemountAsync("ro");
        StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(() => databases.OpenAsync(address, Quick));
        Assert.Matches("the file (cannot be opened|or its directory is read-only)", e.Message);
        await disk.RemountAsync("rw");
        await using Database again = await databases.OpenAsync(address);
        Assert.Equal(3000, (await new SqlRoomStore(again, TimeProvider.System).LoadAsync("after", default))!.Objects.Count);
    }

    [Fact]
    public async Task Sqlite_lockedByAnotherProgram_isWaitedFor_andThenAClearError()
    {
        string address = await databases.NewAsync(Db.Sqlite);
        Database database = await databases.OpenAsync(address, options => (options.CommandTimeout, options.RetryTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.Zero));
        Database other = await databases.OpenAsync(address);
        var store = new SqlRoomStore(database, TimeProvider.System);
        StoreUnavailableException e = await other.WriteAsync(
            (_, _) => Assert.ThrowsAsync<StoreUnavailableException>(() => store.SaveAsync([Sample.Large("locked", 1, 0)], default).AsTask()), default);
        Assert.Contains("another program keeps the file locked", e.Message, StringComparison.Ordinal);
        await store.SaveAsync([Sample.Large("locked", 1, 0)], default);
    }

    private async Task FillAsync(Database database, Func<Task> fill, Func<Task> makeRoom)
    {
        var store = new SqlRoomStore(database, TimeProvider.System);
        await store.SaveAsync([Sample.Large("before", 3, 1)], default);
        await fill();
        StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.SaveAsync([Sample.Large("after", 3000, 1)], default).AsTask());
        Assert.Contains("the disk is full (SQLite error 13)", e.Message, StringComparison.Ordinal);
        Assert.Contains(databases.Log.Lines, line => line.Contains("the database fails: the disk is full", StringComparison.Ordinal));
        Assert.Equal(3, (await store.LoadAsync("before", default))!.Objects.Count);
        Assert.Null(await store.LoadAsync("after", default));

        await makeRoom();
        await store.SaveAsync([Sample.Large("after", 3000, 1)], default);
        Assert.Equal(3000, (await store.LoadAsync("after", default))!.Objects.Count);
        Assert.StartsWith("Storage: the database is back", databases.Log.Lines[^1], StringComparison.Ordinal);
    }

    private static Func<byte[], bool> Asks(string sql)
    {
        byte[] text = Encoding.UTF8.GetBytes(sql);
        return bytes => bytes.AsSpan().IndexOf(text) >= 0;
    }

    private async Task<(Database Database, string Name)> PostgresAsync(Action<StorageOptions>? configure = null)
    {
        string name = await databases.Cluster.CreateDatabaseAsync();
        Database database = await databases.OpenAsync(databases.Cluster.ConnectionString(name), configure);
        await new SqlRoomStore(database, TimeProvider.System).SaveAsync([new RoomChanges { Room = "a" }, new RoomChanges { Room = "b" }], default);
        return (database, name);
    }

    private async Task StoppedAndRestartedAsync(TimeSpan down)
    {
        (Database database, _) = await PostgresAsync(options => options.RetryTimeout = TimeSpan.FromMilliseconds(50));
        var store = new SqlRoomStore(database, TimeProvider.System);
        using var ending = new CancellationTokenSource();
        var acknowledged = new List<int>();
        int first = -1;
        var enough = new TaskCompletionSource();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; !ending.IsCancellationRequested; i++)
            {
                // As rooms do: what was not stored is stored again.
                RoomChanges changes = new() { Room = "down", LastObject = (uint)i, Attributes = [Sample.Value(0, "", $"key{i}", (byte)i)] };
                while (true)
                {
                    try
                    {
                        await store.SaveAsync([changes], default);
                        acknowledged.Add(i);
                        if (i > first + 20)
                        {
                            enough.TrySetResult();
                        }

                        break;
                    }
                    catch (StoreUnavailableException) when (!ending.IsCancellationRequested)
                    {
                        first = i;
                    }
                }
            }
        });
        await enough.Task.WaitAsync(ChildProcess.Patience, TimeProvider.System);
        await databases.Cluster.StopAsync(crash: true);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.LoadAsync("down", default).AsTask());
        await Task.Delay(down, TimeProvider.System);
        enough = new TaskCompletionSource();
        await databases.Cluster.StartAsync();
        await enough.Task.WaitAsync(ChildProcess.Patience, TimeProvider.System);
        await ending.CancelAsync();
        await writing;

        StoredRoom room = (await store.LoadAsync("down", default))!;
        Assert.Equal(acknowledged.Select(i => $"key{i}").Order(StringComparer.Ordinal), room.Attributes.Select(a => a.Name.Key).Order(StringComparer.Ordinal));
        Assert.Equal((uint)acknowledged[^1], room.LastObject);
        string[] lines = databases.Log.Lines;
        Assert.Contains(lines, line => line.Contains("the database fails: ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("the database is back; ", StringComparison.Ordinal));
    }
}
