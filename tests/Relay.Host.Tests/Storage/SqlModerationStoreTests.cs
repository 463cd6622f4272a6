using Relay.Core.Rooms.Stores;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Storage;

/// <summary>Bans, roles and closed rooms.</summary>
[Collection(StorageCollection.Name)]
public sealed class SqlModerationStoreTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Theory, BothDatabases]
    public async Task Ban_holdsUntilItsTime_andIsLiftedOnce(Db kind)
    {
        var clock = new HandClock();
        var store = new SqlModerationStore(await databases.GetAsync(kind), new StorageOptions(), clock);
        await store.BanAsync("bans", "user:anna", clock.GetUtcNow().AddMinutes(5), "noise\0", default);
        await store.BanAsync("bans", "address:::1", null, "", default);
        Assert.Equal(RoomAdmission.Banned, (await store.CheckAsync("bans", "user:anna", default)).Admission);
        Assert.Equal(RoomAdmission.Open, (await store.CheckAsync("bans", "user:Anna", default)).Admission);
        Assert.Equal(RoomAdmission.Open, (await store.CheckAsync("other", "user:anna", default)).Admission);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(RoomAdmission.Open, (await store.CheckAsync("bans", "user:anna", default)).Admission);
        clock.Advance(TimeSpan.FromDays(10_000));
        Assert.Equal(RoomAdmission.Banned, (await store.CheckAsync("bans", "address:::1", default)).Admission);
        Assert.True(await store.UnbanAsync("bans", "address:::1", default));
        Assert.False(await store.UnbanAsync("bans", "address:::1", default));
        Assert.Equal(RoomAdmission.Open, (await store.CheckAsync("bans", "address:::1", default)).Admission);
    }

    [Theory, BothDatabases]
    public async Task Role_isTheLastThatWasGiven_alsoBesideABan(Db kind)
    {
        var store = new SqlModerationStore(await databases.GetAsync(kind), new StorageOptions(), TimeProvider.System);
        await store.SetRoleAsync("roles", "user:anna", "guide", default);
        await store.SetRoleAsync("roles", "user:anna", "speaker", default);
        Assert.Equal(new RoomStanding(RoomAdmission.Open, "speaker"), await store.CheckAsync("roles", "user:anna", default));
        await store.BanAsync("roles", "user:anna", null, "", default);
        Assert.Equal(new RoomStanding(RoomAdmission.Banned, "speaker"), await store.CheckAsync("roles", "user:anna", default));
        Assert.Null((await store.CheckAsync("roles", "user:bert", default)).Role);
    }

    [Theory, BothDatabases]
    public async Task Closed_thenOpened_isWhatItWasBefore(Db kind)
    {
        Database database = await databases.GetAsync(kind);
        var store = new SqlModerationStore(database, new StorageOptions(), TimeProvider.System);
        await database.InsertRoomAsync(RoomRowsOfDatabase.Row("club") with { Entry = RoomEntry.Invite });
        foreach (string room in new[] { "club", "never seen" })
        {
            // Twice: what is closed stays so, and what it was is not forgotten.
            await store.SetClosedAsync(room, true, default);
            await store.SetClosedAsync(room, true, default);
            Assert.Equal(RoomAdmission.Closed, (await store.CheckAsync(room, "user:anna", default)).Admission);
            await store.SetClosedAsync(room, false, default);
            await store.SetClosedAsync(room, false, default);
            Assert.Equal(RoomAdmission.Open, (await store.CheckAsync(room, "user:anna", default)).Admission);
        }

        RoomRow club = (await database.FindRoomAsync("club"))!;
        Assert.Equal((RoomEntry.Invite, 3), (club.Entry, club.Revision));
        Assert.Equal((RoomEntry.Open, 3), ((await database.FindRoomAsync("never seen"))!.Entry, (await database.FindRoomAsync("never seen"))!.Revision));
    }

    [Theory, BothDatabases]
    public async Task AnyText_isASubjectAndARole(Db kind)
    {
        var store = new SqlModerationStore(await databases.GetAsync(kind), new StorageOptions(), TimeProvider.System);
        foreach (string text in Sample.Awkward)
        {
            await store.SetRoleAsync(text, text, text, default);
            await store.BanAsync(text, text, null, text, default);
        }

        foreach (string text in Sample.Awkward)
        {
            Assert.Equal(new RoomStanding(RoomAdmission.Banned, text), await store.CheckAsync(text, text, default));
            Assert.True(await store.UnbanAsync(text, text, default));
        }
    }
}
