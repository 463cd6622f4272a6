using System.Data.Common;
using Dapper;

namespace Relay.Host.Storage.Rooms;

/// <summary>What rooms are looked for.</summary>
/// <param name="Text">What name, title or description must have in it, whatever its case; empty for anything.</param>
/// <param name="Viewer">The account that must be allowed to see them: open ones, its own, those where it has a role; null for
/// all.</param>
/// <param name="After">Only those with later names; empty for all.</param>
/// <param name="Limit">The most that are told.</param>
internal sealed record RoomSearch(string Text, string? Viewer, string After, int Limit);

/// <summary>The rooms' own rows, as parts of transactions that change more with them. What is done again because a commit's answer was lost
/// finds its own row, and has succeeded.</summary>
internal static class RoomRows
{
    private const string Columns = """
        name AS Name, title AS Title, description AS Description, owner AS Owner, entry AS Entry, settings AS Settings,
        created AS Created, updated AS Updated, revision AS Revision
        """;

    private const string InsertSql = """
        INSERT INTO rooms (name, title, description, search, owner, entry, settings, created, updated, revision)
        VALUES (@Name, @Title, @Description, @Search, @Owner, @Entry, @Settings, @Created, @Updated, @Revision)
        ON CONFLICT (name) DO NOTHING
        """;

    // What it was before it was closed is what it is opened to again.
    private const string UpdateSql = """
        UPDATE rooms SET title = @Title, description = @Description, search = @Search, owner = @Owner, settings = @Settings,
            entry_before = CASE WHEN @Entry <> 'closed' THEN @Entry WHEN entry = 'closed' THEN entry_before ELSE entry END,
            entry = @Entry, updated = @Updated, revision = @Revision
        WHERE name = @Name AND revision = @Revision - 1
        """;

    // DO NOTHING would take no lock; this takes it and changes nothing, since no revision is negative.
    private const string EnsureSql = """
        INSERT INTO rooms (name, search, created, updated) VALUES (@name, @search, @now, @now)
        ON CONFLICT (name) DO UPDATE SET last_object = rooms.last_object WHERE rooms.revision < 0
        """;

    private static readonly string[] Contents = ["room_objects", "room_attributes", "room_places", "room_roles", "room_bans"];

    /// <summary>Makes a room's row if there is none, and locks it.</summary>
    public static Task EnsureAsync(
        DbConnection connection, DbTransaction transaction, string room, long now, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(new CommandDefinition(
            EnsureSql,
            new { name = StoredText.Clean(room), search = StoredText.Fold(room), now },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Reads one room.</summary>
    /// <returns>Null if there is none.</returns>
    public static Task<RoomRow?> FindAsync(DbConnection connection, string name, DbTransaction? transaction = null) =>
        connection.QuerySingleOrDefaultAsync<RoomRow?>(
            $"SELECT {Columns} FROM rooms WHERE name = @name", new { name = StoredText.Clean(name) }, transaction);

    /// <summary>Reads rooms in the order of their names.</summary>
    public static async Task<IReadOnlyList<RoomRow>> ListAsync(DbConnection connection, RoomSearch search)
    {
        string text = search.Text.Length == 0 ? "" : @" AND search LIKE @pattern ESCAPE '\'";
        string viewer = search.Viewer is null ? "" :
            " AND (entry = 'open' OR owner = @Viewer OR EXISTS (SELECT 1 FROM room_roles WHERE room = name AND subject = @subject))";
        var parameters = new
        {
            after = StoredText.Clean(search.After),
            search.Viewer,
            search.Limit,
            subject = "user:" + search.Viewer,
            pattern = StoredText.Pattern(search.Text),
        };
        return (await connection.QueryAsync<RoomRow>(
            $"SELECT {Columns} FROM rooms WHERE name > @after{text}{viewer} ORDER BY name LIMIT @Limit",
            parameters).ConfigureAwait(false)).AsList();
    }

    /// <summary>How many rooms an account owns.</summary>
    public static Task<long> CountAsync(DbConnection connection, string owner, DbTransaction transaction) =>
        connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM rooms WHERE owner = @owner", new { owner }, transaction);

    /// <summary>Adds a room.</summary>
    /// <returns>False if there is another of that name.</returns>
    public static Task<bool> InsertAsync(DbConnection connection, DbTransaction transaction, RoomRow row) =>
        StoreAsync(connection, transaction, InsertSql, row);

    /// <summary>Changes a room, if it still has the revision before the one of the row.</summary>
    /// <returns>False if it has another, or there is none.</returns>
    public static Task<bool> UpdateAsync(DbConnection connection, DbTransaction transaction, RoomRow row) =>
        StoreAsync(connection, transaction, UpdateSql, row);

    /// <summary>Deletes a room and everything that is stored of it and its instances.</summary>
    /// <returns>False if there is none.</returns>
    public static async Task<bool> DeleteAsync(DbConnection connection, DbTransaction transaction, string name)
    {
        string room = StoredText.Clean(name);
        var parameters = new { name = room, instances = room + "~", instancesEnd = room + "~:" };
        if (await connection.ExecuteAsync("DELETE FROM rooms WHERE name = @name", parameters, transaction).ConfigureAwait(false) != 1)
        {
            return false;
        }

        await DeleteAsync("rooms", "name").ConfigureAwait(false);
        foreach (string table in Contents)
        {
            await DeleteAsync(table, "room").ConfigureAwait(false);
        }

        return true;

        Task DeleteAsync(string table, string column) => connection.ExecuteAsync(
            $"DELETE FROM {table} WHERE {column} = @name OR ({IsInstance(column)})", parameters, transaction);
    }

    // Instances are called NAME~NUMBER. A pattern would not do: SQLite's knows no capitals, and "NAME~bis" is another room.
    private static string IsInstance(string column) =>
        $"{column} > @instances AND {column} < @instancesEnd AND LTRIM(SUBSTR({column}, LENGTH(@instances) + 1), '0123456789') = ''";

    private static async Task<bool> StoreAsync(DbConnection connection, DbTransaction transaction, string sql, RoomRow row)
    {
        RoomRow clean = row with
        {
            Name = StoredText.Clean(row.Name),
            Title = StoredText.Clean(row.Title),
            Description = StoredText.Clean(row.Description),
            Owner = row.Owner is null ? null : StoredText.Clean(row.Owner),
            Settings = StoredText.Clean(row.Settings),
        };
        var values = new DynamicParameters(clean);
        values.Add("Search", StoredText.Fold($"{row.Name}\n{row.Title}\n{row.Description}"));
        return await connection.ExecuteAsync(sql, values, transaction).ConfigureAwait(false) == 1
            || await FindAsync(connection, clean.Name, transaction).ConfigureAwait(false) == clean;
    }
}
