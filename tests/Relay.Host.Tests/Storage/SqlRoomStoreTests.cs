using Dapper;
using Relay.Core.Rooms.Stores;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;
using Relay.Host.Tests.Storage.Kit;
using Relay.Protocol.Transforms;

namespace Relay.Host.Tests.Storage;

/// <summary>What is persistent in rooms comes back as it was.</summary>
[Collection(StorageCollection.Name)]
public sealed class SqlRoomStoreTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, BothDatabases]
    public async Task Load_ofARoomThatNobodyStored_isNull(Db kind)
    {
        SqlRoomStore store = await StoreAsync(kind);
        Assert.Null(await store.LoadAsync("nowhere", default));
        Assert.Same(StoredVisitor.Unknown, await store.FindVisitorAsync("nowhere", "anna", default));
    }

    [Theory, BothDatabases]
    public async Task Save_thenLoad_givesTheSame(Db kind)
    {
        SqlRoomStore store = await StoreAsync(kind);
        StoredObject extreme = Sample.Object(uint.MaxValue, 7, "last") with
        {
            AwaitedParent = "the shelf",
            IsServers = true,
            Place = new StoredPlace(new Transform(double.MaxValue, double.Epsilon, -0.1, float.MinValue, float.Epsilon, 0.1f, 1), null),
        };
        var changes = new RoomChanges
        {
            Room = "same",
            LastObject = uint.MaxValue,
            Objects = [Sample.Object(7), extreme, Sample.Object(9) with { Place = null, Flags = default }],
            Attributes = [Sample.Value(0, "", "topic", 1, 2, 3), Sample.Value(7, "", "colour"), Sample.Value(0, "anna", "hat", 0), Sample.Value(7, "anna", "vote", 255)],
            Places = [new("anna", Sample.Place(3))],
        };
        await store.SaveAsync([changes], default);
        StoredRoom room = (await store.LoadAsync("same", default))!;
        Assert.Equal(uint.MaxValue, room.LastObject);
        Assert.Equal(changes.Objects.OrderBy(o => o.Id), room.Objects.OrderBy(o => o.Id));
        AssertSame(changes.Attributes.Take(2), room.Attributes);
        StoredVisitor anna = await store.FindVisitorAsync("same", "anna", default);
        Assert.Equal(Sample.Place(3), anna.Place);
        AssertSame(changes.Attributes.Skip(2), anna.Attributes);
        Assert.Same(StoredVisitor.Unknown, await store.FindVisitorAsync("same", "Anna", default));
        Assert.Null(await store.LoadAsync("Same", default));
    }

    [Theory, BothDatabases]
    public async Task Save_twice_isTheSameAsOnce_andNewValuesReplaceOld(Db kind)
    {
        SqlRoomStore store = await StoreAsync(kind);
        RoomChanges first = Sample.Large("again", 20, 2);
        await store.SaveAsync([first], default);
        await store.SaveAsync([first], default);
        StoredObject moved = first.Objects[3] with { Place = Sample.Place(-1), Name = "moved" };
        await store.SaveAsync([new RoomChanges { Room = "again", LastObject = 5, Objects = [moved, moved], Attributes = [Sample.Value(1, "", "key0", 9)] }], default);
        StoredRoom room = (await store.LoadAsync("again", default))!;
        Assert.Equal(20u, room.LastObject);
        Assert.Equal((20, 40), (room.Objects.Count, room.Attributes.Count));
        Assert.Equal(moved, room.Objects.Single(o => o.Id == moved.Id));
        Assert.Equal(new byte[] { 9 }, room.Attributes.Single(a => a.Name == new AttributeName(1, "", "key0")).Value.ToArray());
    }

    [Theory, BothDatabases]
    public async Task Save_removed_takesWhatIsOfIt_andNothingElse(Db kind)
    {
        SqlRoomStore store = await StoreAsync(kind);
        foreach (string name in new[] { "removed", "spared" })
        {
            RoomChanges full = Sample.Large(name, 12, 2);
            await store.SaveAsync([new RoomChanges { Room = name, LastObject = 12, Objects = full.Objects, Attributes = [.. full.Attributes, Sample.Value(3, "anna", "vote", 1), Sample.Value(0, "anna", "hat", 1)] }], default);
        }

        await store.SaveAsync(
            [
                new RoomChanges
                {
                    Room = "removed",
                    RemovedObjects = [3, 99],
                    RemovedAttributes = [new(5, "", "key1"), new(0, "nobody", "x")],

                    // Removed and made again in one batch: it is there.
                    Objects = [Sample.Object(3)],
                },
            ],
            default);
        StoredRoom room = (await store.LoadAsync("removed", default))!;
        Assert.Equal(12, room.Objects.Count);
        Assert.Equal(24 - 3, room.Attributes.Count);
        Assert.Equal("hat", Assert.Single((await store.FindVisitorAsync("removed", "anna", default)).Attributes).Name.Key);
        Assert.Equal(24, (await store.LoadAsync("spared", default))!.Attributes.Count);
        Assert.Equal(2, (await store.FindVisitorAsync("spared", "anna", default)).Attributes.Count);
    }

    [Theory, BothDatabases]
    public async Task Load_parentsComeFirst_orphansAndCirclesComeToTheRoot(Db kind)
    {
        SqlRoomStore store = await StoreAsync(kind);
        await store.SaveAsync(
            [
                new RoomChanges
                {
                    Room = "tree",
                    Objects =
                    [
                        Sample.Object(1, 5), Sample.Object(5, 9), Sample.Object(9), Sample.Object(2, 77), Sample.Object(3, 4), Sample.Object(4, 3),
                        Sample.Object(6, 6), Sample.Object(7, 3),
                    ],
                },
            ],
            default);
        StoredRoom room = (await store.LoadAsync("tree", default))!;
        var seen = new HashSet<uint> { 0 };
        Assert.All(room.Objects, o => Assert.True(seen.Contains(o.Parent) && seen.Add(o.Id)));
        Assert.Equal(8, room.Objects.Count);
        var parents = room.Objects.ToDictionary(o => o.Id, o => o.Parent);
        Assert.Equal((5u, 9u, 0u, 0u, 0u), (parents[1], parents[5], parents[9], parents[2], parents[6]));
        Assert.Equal(3u, parents[7]);
        Assert.Equal(1, new[] { parents[3], parents[4] }.Count(parent => parent == 0));
    }

    [Theory, BothDatabases]
    public async Task Save_ofAnyText_comesBackAsItWas(Db kind)
    {
        SqlRoomStore store = await StoreAsync(kind);
        foreach (string text in Sample.Awkward)
        {
            await store.SaveAsync(
                [
                    new RoomChanges
                    {
                        Room = text,
                        Objects = [Sample.Object(1, 0, text) with { Type = text, Creator = text, AwaitedParent = text }],
                        Attributes = [Sample.Value(1, "", text, 1), Sample.Value(1, text, text, 2)],
                        Places = [new(text, Sample.Place(1))],
                    },
                ],
                default);
        }

        foreach (string text in Sample.Awkward)
        {
            StoredRoom room = (await store.LoadAsync(text, default))!;
            StoredObject o = Assert.Single(room.Objects);
            Assert.Equal((text, text, text, text), (o.Name, o.Type, o.Creator, o.AwaitedParent));
            Assert.Equal(text, Assert.Single(room.Attributes).Name.Key);
            StoredVisitor visitor = await store.FindVisitorAsync(text, text, default);
            Assert.NotNull(visitor.Place);
            Assert.Equal(new AttributeName(1, text, text), Assert.Single(visitor.Attributes).Name);
        }
    }

    [Theory, BothDatabases]
    public async Task Save_ofWhatADatabaseRefuses_isStoredWithAReplacement_andFoundAgain(Db kind)
    {
        SqlRoomStore store = await StoreAsync(kind);
        await store.SaveAsync(
            [
                new RoomChanges
                {
                    Room = "nul\0",
                    Objects = [Sample.Object(1, 0, "a\0b") with { Type = "\uD800", Creator = "\uDC00x" }, Sample.Object(2) with { Place = new(new(double.NaN, 0, 0)) }],
                    Attributes = [Sample.Value(1, "u\0", "k\0", 1)],
                    Places = [new("u\0", Sample.Place(1)), new("lost", new(new(0, double.PositiveInfinity, 0)))],
                },
            ],
            default);
        StoredRoom room = (await store.LoadAsync("nul\0", default))!;
        Assert.Equal(("a\uFFFDb", "\uFFFD", "\uFFFDx"), (room.Objects[0].Name, room.Objects[0].Type, room.Objects[0].Creator));
        Assert.Null(room.Objects[1].Place);
        Assert.Single((await store.FindVisitorAsync("nul\0", "u\0", default)).Attributes);
        Assert.Same(StoredVisitor.Unknown, await store.FindVisitorAsync("nul\0", "lost", default));
    }

    [Theory, BothDatabases]
    public async Task Save_ofManyRoomsFromMany_inAnyOrder_isAllOrNothing_andNeverDeadlocks(Db kind)
    {
        // Two programs, four batches at a time, always the same rooms, in another order each.
        string address = await databases.NewAsync(kind);
        SqlRoomStore[] stores = [new(await databases.OpenAsync(address), TimeProvider.System), new(await databases.OpenAsync(address), TimeProvider.System)];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            for (int round = 0; round < 10; round++)
            {
                string[] rooms = [.. Enumerable.Range(0, 20).Select(i => $"room{i}")];
                random.Shuffle(rooms);
                byte[] value = [(byte)writer, (byte)round];
                await stores[writer % 2].SaveAsync([.. rooms.Select(room => new RoomChanges { Room = room, Attributes = [Sample.Value(0, "", "who", value)] })], default);
            }
        })));
        var who = new HashSet<string>();
        for (int i = 0; i < 20; i++)
        {
            who.Add(Convert.ToHexString((await stores[0].LoadAsync($"room{i}", default))!.Attributes[0].Value.Span));
        }

        Assert.Single(who);
        Assert.DoesNotContain(databases.Log.Lines, line => line.Contains("fails", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Save_inMemory_worksAlike()
    {
        Database database = await databases.OpenAsync("Data Source=:memory:");
        var store = new SqlRoomStore(database, TimeProvider.System);
        await store.SaveAsync([Sample.Large("memory", 10, 1)], default);
        Assert.Equal(10, (await store.LoadAsync("memory", default))!.Objects.Count);
        Assert.Equal(1, await database.ReadAsync(connection => connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM rooms"), default));
    }

    private static void AssertSame(IEnumerable<StoredValue> expected, IEnumerable<StoredValue> actual)
    {
        static IEnumerable<(AttributeName, Relay.Protocol.Messages.AttributeTerms, string)> Comparable(IEnumerable<StoredValue> values) => values
            .Select(value => (value.Name, value.Terms, Convert.ToHexString(value.Value.Span))).OrderBy(value => value.Name.ToString(), StringComparer.Ordinal);
        Assert.Equal(Comparable(expected), Comparable(actual));
    }

    private async Task<SqlRoomStore> StoreAsync(Db kind) => new(await databases.GetAsync(kind), TimeProvider.System);
}
