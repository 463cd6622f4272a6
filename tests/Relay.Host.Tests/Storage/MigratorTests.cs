using Dapper;
using Relay.Host.Storage;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Storage;

/// <summary>The tables are brought up to the program, by one program, or the program says why not and changes nothing.</summary>
[Collection(StorageCollection.Name)]
public sealed class MigratorTests(TestDatabases databases) : IClassFixture<TestDatabases>
{
    [Fact]
    public void Migrations_haveNoHoles_andAreAlikeOnBothDatabases()
    {
        (int, string)[] sqlite = [.. Migration.For(DatabaseKind.Sqlite).Select(migration => (migration.Number, migration.Name))];
        Assert.Equal(Enumerable.Range(1, sqlite.Length), sqlite.Select(migration => migration.Item1));
        Assert.Equal(sqlite, Migration.For(DatabaseKind.PostgreSql).Select(migration => (migration.Number, migration.Name)));
    }

    [Theory, BothDatabases]
    public async Task Open_again_appliesNothing(Db kind)
    {
        string address = await databases.NewAsync(kind);
        await databases.OpenAsync(address);
        int before = databases.Log.Lines.Length;
        await databases.OpenAsync(address);
        Assert.Contains("(0 migration(s) applied now)", Assert.Single(databases.Log.Lines[before..]), StringComparison.Ordinal);
    }

    [Theory, BothDatabases]
    public async Task Case50_databaseNewerThanTheProgram_refuses_andNamesBoth(Db kind)
    {
        string address = await databases.NewAsync(kind);
        Database newer = databases.Create(address);
        IReadOnlyList<Migration> known = Migration.For(newer.Kind);
        await newer.OpenAsync([.. known, new Migration(known.Count + 1, "holograms", "CREATE TABLE holograms (id BIGINT)")], default);

        StorageRefusedException e = await RefusalAsync(databases.Create(address), known);
        Assert.StartsWith(
            FormattableString.Invariant($"The database is at version {known.Count + 1} (holograms), this program knows only up to {known[^1]}: "),
            e.Message, StringComparison.Ordinal);
    }

    [Theory, BothDatabases]
    public async Task Case50_migrationMissing_refuses_andNamesIt(Db kind)
    {
        // One that was applied is gone from the table; one of that number had another name; the program was built without one.
        string address = await databases.NewAsync(kind);
        Migration[] two = [new(1, "one", "CREATE TABLE one (id BIGINT)"), new(2, "two", "CREATE TABLE two (id BIGINT)")];
        Database database = databases.Create(address);
        await database.OpenAsync(two, default);
        Assert.StartsWith(
            "The database's migration 2 (two) is not this program's 2 (other)",
            (await RefusalAsync(databases.Create(address), [two[0], two[1] with { Name = "other" }])).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "This program was built without migration 2",
            (await RefusalAsync(databases.Create(address), [two[0], new Migration(3, "three", "")])).Message, StringComparison.Ordinal);
        await database.WriteAsync((connection, transaction) => connection.ExecuteAsync("DELETE FROM schema_version WHERE number = 1", null, transaction), default);
        Assert.StartsWith(
            "The database lacks migration 1, but has 2 (two); this program knows up to 2 (two).",
            (await RefusalAsync(databases.Create(address), two)).Message, StringComparison.Ordinal);
    }

    [Theory, BothDatabases]
    public async Task Case50_migrationThatFails_changesNothing(Db kind)
    {
        string address = await databases.NewAsync(kind);
        Database database = databases.Create(address);
        Migration[] known = [new(1, "good", "CREATE TABLE good (id BIGINT)"), new(2, "bad", "CREATE TABLE good (id BIGINT)")];
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => database.OpenAsync(known, default));

        // Were the first still applied, this would fail.
        await databases.Create(address).OpenAsync([known[0]], default);
    }

    [Theory, BothDatabases]
    public async Task Case50_threeStartAtOnce_oneMigrates(Db kind)
    {
        string address = await databases.NewAsync(kind);
        int before = databases.Log.Lines.Length;
        Database[] all = [.. Enumerable.Range(0, 3).Select(_ => databases.Create(address))];
        await Task.WhenAll(all.Select(database => Task.Run(() => database.OpenAsync(Migration.For(database.Kind), default))));
        string[] lines = databases.Log.Lines[before..];
        Assert.Equal(3, lines.Length);
        Assert.Equal(2, lines.Count(line => line.Contains("(0 migration(s) applied now)", StringComparison.Ordinal)));
    }

    private static async Task<StorageRefusedException> RefusalAsync(Database database, IReadOnlyList<Migration> known)
    {
        StorageRefusedException e = await Assert.ThrowsAsync<StorageRefusedException>(() => database.OpenAsync(known, default));

        // It is not used all the same.
        await Assert.ThrowsAsync<StoreUnavailableException>(() => database.ReadAsync(connection => connection.ExecuteScalarAsync<int>("SELECT 1"), default));
        return e;
    }
}
