using Relay.Core.Rooms.Stores;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;
using Relay.Host.Tests.Storage.Kit;
using static Relay.Host.Tests.Storage.Kit.RoomRowsOfDatabase;

namespace Relay.Host.Tests.Storage;

/// <summary>The rooms' own rows.</summary>
[Collection(StorageCollection.Name)]
public sealed class RoomRowsTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, BothDatabases]
    public async Task Insert_ofANameThatIsTaken_isFalse_andOfTheSameRowTrue(Db kind)
    {
        Database database = await databases.GetAsync(kind);
        RoomRow row = Row("insert") with { Title = "One", Owner = "anna", Settings = "{\"a\":1}" };
        Assert.True(await database.InsertRoomAsync(row));
        Assert.Equal(row, await database.FindRoomAsync("insert"));
        Assert.False(await database.InsertRoomAsync(Row("insert") with { Title = "Two" }));
        Assert.True(await database.InsertRoomAsync(row));
        Assert.Equal(row, await database.FindRoomAsync("insert"));
        Assert.Null(await database.FindRoomAsync("Insert"));
    }

    [Theory, BothDatabases]
    public async Task Update_withTheExpectedRevisionOnly_andOneOfManyWins(Db kind)
    {
        Database database = await databases.GetAsync(kind);
        RoomRow row = Row("update");
        Assert.True(await database.InsertRoomAsync(row));
        RoomRow[] wanted = [.. Enumerable.Range(0, 8).Select(i => row with { Title = $"by {i}", Updated = 2, Revision = 2 })];
        bool[] results = await Task.WhenAll(wanted.Select(each => Task.Run(() => database.UpdateRoomAsync(each))));
        RoomRow winner = Assert.Single(wanted.Zip(results), pair => pair.Second).First;
        Assert.Equal(winner, await database.FindRoomAsync("update"));
        Assert.False(await database.UpdateRoomAsync(winner with { Title = "skips one", Revision = 4 }));
        Assert.False(await database.UpdateRoomAsync(row with { Name = "missing", Revision = 2 }));
    }

    [Theory, BothDatabases]
    public async Task List_pagesByName_searchesAnyTextLiterally_withoutRegardToCapitals(Db kind)
    {
        Database database = await databases.OpenAsync(await databases.NewAsync(kind));
        foreach (string text in Sample.Awkward)
        {
            Assert.True(await database.InsertRoomAsync(Row("n" + text) with { Title = text, Description = text, Owner = text }));
        }

        foreach (string text in Sample.Awkward)
        {
            RoomRow row = (await database.FindRoomAsync("n" + text))!;
            Assert.Equal((text, text, text), (row.Title, row.Description, row.Owner));
            Assert.Contains(row, await database.ListRoomsAsync(text));
        }

        Assert.Equal(@"%_\", Assert.Single(await database.ListRoomsAsync(@"%_\")).Title);
        Assert.Empty(await database.ListRoomsAsync("%%"));
        Assert.Equal("Straße İI", Assert.Single(await database.ListRoomsAsync("STRAßE")).Title);

        var names = new List<string>();
        for (string after = ""; ;)
        {
            IReadOnlyList<RoomRow> page = await database.ListRoomsAsync(after: after, limit: 4);
            names.AddRange(page.Select(row => row.Name));
            if (page.Count < 4)
            {
                break;
            }

            after = page[^1].Name;
        }

        Assert.Equal(Sample.Awkward.Length, names.Count);
        Assert.Equal(names.Distinct(StringComparer.Ordinal), names);
    }

    [Theory, BothDatabases]
    public async Task TextThatNoDatabaseTakes_isStoredAsFarAsItCanBe(Db kind)
    {
        Database database = await databases.GetAsync(kind);
        RoomRow row = Row("text\0") with { Title = "a\0b", Description = "\uD800" };
        Assert.True(await database.InsertRoomAsync(row));
        Assert.True(await database.InsertRoomAsync(row));
        Assert.Equal(("text\uFFFD", "a\uFFFDb", "\uFFFD"), await database.FindRoomAsync("text\0") is { } found ? (found.Name, found.Title, found.Description) : default);
    }

    [Theory, BothDatabases]
    public async Task Delete_takesEverythingOfTheRoomAndItsInstances_andNothingOfOthers(Db kind)
    {
        Database database = await databases.GetAsync(kind);
        var store = new SqlRoomStore(database, TimeProvider.System);
        var moderation = new SqlModerationStore(database, new StorageOptions(), TimeProvider.System);
        string[] gone = ["delete", "delete~2", "delete~34"], kept = ["keep", "Delete~2", "delete~", "delete~bis", "delete~2b", "delete~2~1", "deletes", "dele_e~2"];
        foreach (string name in gone.Concat(kept))
        {
            await store.SaveAsync([Sample.Large(name, 3, 1)], default);
            await store.SaveAsync([new RoomChanges { Room = name, Places = [new("anna", Sample.Place(1))] }], default);
            await moderation.SetRoleAsync(name, "user:anna", "guide", default);
        }

        Assert.True(await database.DeleteRoomAsync("delete"));
        Assert.False(await database.DeleteRoomAsync("delete"));

        // Made again they are empty.
        foreach (string name in gone)
        {
            Assert.Null(await store.LoadAsync(name, default));
            await store.SaveAsync([new RoomChanges { Room = name }], default);
            Assert.Empty((await store.LoadAsync(name, default))!.Objects);
            Assert.Same(StoredVisitor.Unknown, await store.FindVisitorAsync(name, "anna", default));
            Assert.Null((await moderation.CheckAsync(name, "user:anna", default)).Role);
        }

        foreach (string name in kept)
        {
            Assert.Equal(3, (await store.LoadAsync(name, default))!.Objects.Count);
            Assert.Equal("guide", (await moderation.CheckAsync(name, "user:anna", default)).Role);
        }
    }
}
