using System.Data.Common;
using Dapper;
using Relay.Host.Storage.Rooms;

namespace Relay.Host.Api.Rooms;

/// <summary>What rooms are looked for.</summary>
/// <param name="Text">What name, title or description must have in it, whatever its case; empty for anything.</param>
/// <param name="Viewer">The account that must be allowed to see them: open ones, its own, those where it has a role; null for
/// all.</param>
/// <param name="After">Only those with later names.</param>
/// <param name="Limit">The most that are told.</param>
internal sealed record RoomSearch(string Text, string? Viewer, string After, int Limit);

/// <summary>The rows of <c>rooms</c> as parts of transactions that change more with them.</summary>
internal static class RoomRows
{
    private const string Columns =
        "name AS Name, title AS Title, description AS Description, owner AS Owner, entry AS Entry, settings AS Settings, created AS Created, " +
        "updated AS Updated, revision AS Revision";

    /// <summary>Reads one room.</summary>
    public static Task<RoomRow?> FindAsync(DbConnection connection, string name, DbTransaction? transaction = null) =>
        connection.QuerySingleOrDefaultAsync<RoomRow?>($"SELECT {Columns} FROM rooms WHERE name = @name", new { name }, transaction);

    /// <summary>Reads rooms in the order of their names.</summary>
    public static async Task<IReadOnlyList<RoomRow>> ListAsync(DbConnection connection, RoomSearch search)
    {
        string text = search.Text.Length == 0 ? "" : " AND search LIKE @pattern ESCAPE '!'";
        string viewer = search.Viewer is null ? "" :
            " AND (entry = 'open' OR owner = @Viewer OR EXISTS (SELECT 1 FROM room_roles WHERE room = name AND subject = @subject))";
        IEnumerable<RoomRow> rows = await connection.QueryAsync<RoomRow>(
            $"SELECT {Columns} FROM rooms WHERE name > @After{text}{viewer} ORDER BY name LIMIT @Limit",
            new { search.After, search.Viewer, search.Limit, subject = "user:" + search.Viewer, pattern = Pattern(search.Text) }).ConfigureAwait(false);
        return [.. rows];
    }

    /// <summary>How many rooms an account owns.</summary>
    public static Task<long> CountAsync(DbConnection connection, string owner, DbTransaction transaction) =>
        connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM rooms WHERE owner = @owner", new { owner }, transaction);

    /// <summary>Adds a room.</summary>
    /// <returns>False if there is one of that name.</returns>
    public static async Task<bool> InsertAsync(DbConnection connection, DbTransaction transaction, RoomRow row) =>
        await connection.ExecuteAsync(
            "INSERT INTO rooms (name, title, description, search, owner, entry, settings, created, updated, revision) " +
            "VALUES (@Name, @Title, @Description, @search, @Owner, @Entry, @Settings, @Created, @Updated, @Revision) ON CONFLICT (name) DO NOTHING",
            Values(row),
            transaction).ConfigureAwait(false) == 1;

    /// <summary>Changes a room, if it still has the revision before the one of the row.</summary>
    /// <returns>False if it has another, or there is none.</returns>
    public static async Task<bool> UpdateAsync(DbConnection connection, DbTransaction transaction, RoomRow row) =>
        await connection.ExecuteAsync(
            "UPDATE rooms SET title = @Title, description = @Description, search = @search, owner = @Owner, " +
            "entry_before = CASE WHEN @Entry = 'closed' THEN CASE WHEN entry = 'closed' THEN entry_before ELSE entry END ELSE @Entry END, entry = @Entry, " +
            "settings = @Settings, updated = @Updated, revision = @Revision WHERE name = @Name AND revision = @Revision - 1",
            Values(row),
            transaction).ConfigureAwait(false) == 1;

    /// <summary>Deletes a room and everything that is stored of it and its instances.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="name">Its name.</param>
    /// <param name="revision">The revision that it must have; null for any.</param>
    /// <returns>False if it has another, or there is none.</returns>
    public static async Task<bool> DeleteAsync(DbConnection connection, DbTransaction transaction, string name, long? revision)
    {
        if (await connection.ExecuteAsync(
            "DELETE FROM rooms WHERE name = @name AND (CAST(@revision AS BIGINT) IS NULL OR revision = @revision)", new { name, revision }, transaction).ConfigureAwait(false) != 1)
        {
            return false;
        }

        await connection.ExecuteAsync(
            "DELETE FROM rooms WHERE name LIKE @instances ESCAPE '!'", new { instances = Escape(name) + "~%" }, transaction).ConfigureAwait(false);
        foreach (string table in new[] { "room_objects", "room_attributes", "room_places", "room_roles", "room_bans" })
        {
            await connection.ExecuteAsync(
                $"DELETE FROM {table} WHERE room = @name OR room LIKE @instances ESCAPE '!'", new { name, instances = Escape(name) + "~%" }, transaction).ConfigureAwait(false);
        }

        return true;
    }

    private static object Values(RoomRow row) => new
    {
        row.Name,
        row.Title,
        row.Description,
        search = $"{row.Name}\n{row.Title}\n{row.Description}".ToLowerInvariant(),
        row.Owner,
        row.Entry,
        row.Settings,
        row.Created,
        row.Updated,
        row.Revision,
    };

    private static string Pattern(string text) => $"%{Escape(text.ToLowerInvariant())}%";

    private static string Escape(string text) =>
        text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);
}
