using Relay.Core.Rooms.Stores;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Storage;

/// <summary>The rooms' own rows.</summary>
[Collection(StorageCollection.Name)]
public sealed class RoomTableTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, BothDatabases]
    public async Task Insert_ofANameThatIsTaken_isNull(Db kind)
    {
        RoomTable rooms = await TableAsync(kind);
        RoomRow row = (await rooms.InsertAsync(new RoomRow { Name = "insert", Title = "One", Owner = "anna", Settings = "{\"a\":1}" }, default))!;
        Assert.Equal((1, "One", "anna", RoomEntry.Open, "{\"a\":1}", 0), (row.Revision, row.Title, row.Owner, row.Entry, row.Settings, row.LastObject));
        Assert.Equal(row, await rooms.GetAsync("insert", default));
        Assert.Null(await rooms.InsertAsync(new RoomRow { Name = "insert", Title = "Two" }, default));
        Assert.Equal(row, await rooms.GetAsync("insert", default));
        Assert.Null(await rooms.GetAsync("Insert", default));
    }

    [Theory, BothDatabases]
    public async Task Update_withTheExpectedRevisionOnly_andOneOfManyWins(Db kind)
    {
        RoomTable rooms = await TableAsync(kind);
        RoomRow row = (await rooms.InsertAsync(new RoomRow { Name = "update" }, default))!;
        RoomRow?[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => rooms.UpdateAsync(row with { Title = $"by {i}" }, default))));
        RoomRow winner = Assert.Single(results, result => result is not null)!;
        Assert.Equal(2, winner.Revision);
        Assert.Equal(winner, await rooms.GetAsync("update", default));
        Assert.Null(await rooms.UpdateAsync(row with { Name = "missing" }, default));
    }

    [Theory, BothDatabases]
    public async Task List_pagesByName_searchesAnyTextLiterally_withoutRegardToCapitals(Db kind)
    {
        RoomTable rooms = new(await databases.OpenAsync(await databases.NewAsync(kind)), TimeProvider.System);
        foreach (string text in Sample.Awkward)
        {
            Assert.NotNull(await rooms.InsertAsync(new RoomRow { Name = "n" + text, Title = text, Description = text, Owner = text }, default));
        }

        foreach (string text in Sample.Awkward)
        {
            RoomRow row = (await rooms.GetAsync("n" + text, default))!;
            Assert.Equal((text, text, text), (row.Title, row.Description, row.Owner));
            Assert.Contains(row, await rooms.ListAsync(new RoomQuery { Search = text }, default));
            Assert.Equal(row, Assert.Single(await rooms.ListAsync(new RoomQuery { Owner = text }, default)));
        }

        Assert.Equal(@"%_\", Assert.Single(await rooms.ListAsync(new RoomQuery { Search = @"%_\" }, default)).Title);
        Assert.Empty(await rooms.ListAsync(new RoomQuery { Search = "%%" }, default));
        Assert.Equal("Straße İI", Assert.Single(await rooms.ListAsync(new RoomQuery { Search = "STRAßE" }, default)).Title);

        var names = new List<string>();
        for (string? after = null; ;)
        {
            IReadOnlyList<RoomRow> page = await rooms.ListAsync(new RoomQuery { After = after, Limit = 4 }, default);
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
    public async Task Delete_takesEverythingOfTheRoom(Db kind)
    {
        Database database = await databases.GetAsync(kind);
        RoomTable rooms = new(database, TimeProvider.System);
        var store = new SqlRoomStore(database, TimeProvider.System);
        var moderation = new SqlModerationStore(database, new StorageOptions(), TimeProvider.System);
        foreach (string name in new[] { "delete", "keep" })
        {
            await store.SaveAsync([Sample.Large(name, 3, 1)], default);
            await store.SaveAsync([new RoomChanges { Room = name, Places = [new("anna", Sample.Place(1))] }], default);
            await moderation.SetRoleAsync(name, "user:anna", "guide", default);
        }

        Assert.False(await rooms.DeleteAsync("delete", 2, default));
        Assert.True(await rooms.DeleteAsync("delete", 1, default));
        Assert.False(await rooms.DeleteAsync("delete", null, default));
        Assert.Null(await store.LoadAsync("delete", default));

        // Made again it is empty.
        await store.SaveAsync([new RoomChanges { Room = "delete" }], default);
        Assert.Empty((await store.LoadAsync("delete", default))!.Objects);
        Assert.Same(StoredVisitor.Unknown, await store.FindVisitorAsync("delete", "anna", default));
        Assert.Null((await moderation.CheckAsync("delete", "user:anna", default)).Role);
        Assert.Equal(3, (await store.LoadAsync("keep", default))!.Objects.Count);
        Assert.Equal("guide", (await moderation.CheckAsync("keep", "user:anna", default)).Role);
    }

    private async Task<RoomTable> TableAsync(Db kind) => new(await databases.GetAsync(kind), TimeProvider.System);
}
