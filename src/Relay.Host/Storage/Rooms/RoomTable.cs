using System.Data.Common;
using Dapper;

namespace Relay.Host.Storage.Rooms;

/// <summary>The rooms' own rows. What is done twice because a commit's answer was lost gives the result of the first time.</summary>
internal sealed class RoomTable(Database database, TimeProvider time)
{
    private const string Columns = """
        name AS Name, title AS Title, description AS Description, owner AS Owner, entry AS Entry, settings AS Settings,
        last_object AS LastObject, created AS Created, updated AS Updated, revision AS Revision
        """;

    private const string GetSql = $"SELECT {Columns} FROM rooms WHERE name = @name";

    private const string InsertSql = $"""
        INSERT INTO rooms (name, title, description, search, owner, entry, settings, created, updated)
        VALUES (@Name, @Title, @Description, @Search, @Owner, @Entry, @Settings, @Now, @Now)
        ON CONFLICT (name) DO NOTHING
        RETURNING {Columns}
        """;

    // What it was before it was closed is what it is opened to again.
    private const string UpdateSql = $"""
        UPDATE rooms SET title = @Title, description = @Description, search = @Search, owner = @Owner, settings = @Settings,
            entry_before = CASE WHEN entry = 'closed' THEN entry_before ELSE entry END, entry = @Entry, updated = @Now, revision = revision + 1
        WHERE name = @Name AND revision = @Revision
        RETURNING {Columns}
        """;

    private static readonly string[] Contents = ["room_objects", "room_attributes", "room_places", "room_roles", "room_bans"];

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Makes a room's row if there is none, and locks it, within somebody's transaction.</summary>
    public static Task EnsureAsync(DbConnection connection, DbTransaction transaction, string room, long now, CancellationToken cancellationToken) =>
        // DO NOTHING would take no lock; this takes it and changes nothing, since no revision is negative.
        connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO rooms (name, search, created, updated) VALUES (@name, @search, @now, @now)
            ON CONFLICT (name) DO UPDATE SET last_object = rooms.last_object WHERE rooms.revision < 0
            """,
            new { name = StoredText.Clean(room), search = StoredText.Fold(room), now },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Fetches a room's row.</summary>
    /// <returns>Null if there is none.</returns>
    public Task<RoomRow?> GetAsync(string name, CancellationToken cancellationToken) => database.ReadAsync(
        connection => FindAsync(connection, null, name, cancellationToken), cancellationToken);

    /// <summary>Lists rooms.</summary>
    /// <returns>At most <see cref="RoomQuery.Limit"/>, by name.</returns>
    public Task<IReadOnlyList<RoomRow>> ListAsync(RoomQuery query, CancellationToken cancellationToken)
    {
        string where = string.Join(" AND ", Conditions(query));
        var command = new CommandDefinition(
            $"SELECT {Columns} FROM rooms {(where.Length > 0 ? "WHERE " + where : "")} ORDER BY name LIMIT @Limit",
            new
            {
                Search = query.Search is { } text ? StoredText.Pattern(text) : null,
                Owner = query.Owner is { } owner ? StoredText.Clean(owner) : null,
                After = query.After is { } after ? StoredText.Clean(after) : null,
                query.Limit,
            },
            cancellationToken: cancellationToken);
        return database.ReadAsync<IReadOnlyList<RoomRow>>(
            async connection => (await connection.QueryAsync<RoomRow>(command).ConfigureAwait(false)).AsList(), cancellationToken);
    }

    /// <summary>Makes a room's row. Its times and revision are set here.</summary>
    /// <returns>The row as stored; null if there is one of that name.</returns>
    public Task<RoomRow?> InsertAsync(RoomRow row, CancellationToken cancellationToken)
    {
        Values values = ValuesOf(row, 1);
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                var command = new CommandDefinition(InsertSql, values, transaction, cancellationToken: cancellationToken);
                return await connection.QuerySingleOrDefaultAsync<RoomRow>(command).ConfigureAwait(false)
                    ?? await SameAsync(connection, transaction, values, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Replaces title, description, owner, entry and settings of a room, if its revision is the one that is expected.</summary>
    /// <param name="row">The new values; <see cref="RoomRow.Revision"/> is the expected one.</param>
    /// <param name="cancellationToken">The time is up.</param>
    /// <returns>The row as stored; null if there is none, or it has another revision.</returns>
    public Task<RoomRow?> UpdateAsync(RoomRow row, CancellationToken cancellationToken)
    {
        Values values = ValuesOf(row, row.Revision);
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                var command = new CommandDefinition(UpdateSql, values, transaction, cancellationToken: cancellationToken);
                return await connection.QuerySingleOrDefaultAsync<RoomRow>(command).ConfigureAwait(false)
                    ?? await SameAsync(
                        connection, transaction, values with { Revision = values.Revision + 1 }, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <summary>Deletes a room's row and everything of the room.</summary>
    /// <param name="name">The room.</param>
    /// <param name="revision">The revision that it must have; null for any.</param>
    /// <param name="cancellationToken">The time is up.</param>
    /// <returns>Whether it was there, with that revision.</returns>
    public async Task<bool> DeleteAsync(string name, long? revision, CancellationToken cancellationToken)
    {
        // An attempt whose answer was lost may have deleted it.
        bool wasThere = false;
        await database.WriteAsync(
            async (connection, transaction) =>
            {
                string condition = revision is null ? "" : " AND revision = @revision";
                var parameters = new { name = StoredText.Clean(name), revision };
                if (await connection.ExecuteAsync(Command($"DELETE FROM rooms WHERE name = @name{condition}")).ConfigureAwait(false) == 0)
                {
                    return;
                }

                foreach (string table in Contents)
                {
                    await connection.ExecuteAsync(Command($"DELETE FROM {table} WHERE room = @name")).ConfigureAwait(false);
                }

                wasThere = true;

                CommandDefinition Command(string sql) => new(sql, parameters, transaction, cancellationToken: cancellationToken);
            },
            cancellationToken).ConfigureAwait(false);
        return wasThere;
    }

    private static IEnumerable<string> Conditions(RoomQuery query)
    {
        if (query.Search is not null)
        {
            yield return @"search LIKE @Search ESCAPE '\'";
        }

        if (query.Owner is not null)
        {
            yield return "owner = @Owner";
        }

        if (query.After is not null)
        {
            yield return "name > @After";
        }
    }

    private static Task<RoomRow?> FindAsync(DbConnection connection, DbTransaction? transaction, string name, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<RoomRow?>(new CommandDefinition(
            GetSql, new { name = StoredText.Clean(name) }, transaction, cancellationToken: cancellationToken));

    /// <summary>The row that is there, if it is the one that an attempt has stored whose answer was lost.</summary>
    private static async Task<RoomRow?> SameAsync(
        DbConnection connection, DbTransaction transaction, Values values, CancellationToken cancellationToken) =>
        await FindAsync(connection, transaction, values.Name, cancellationToken).ConfigureAwait(false) is { } row && values.IsOf(row) ? row : null;

    private Values ValuesOf(RoomRow row, long revision)
    {
        (string name, string title, string description) =
            (StoredText.Clean(row.Name), StoredText.Clean(row.Title), StoredText.Clean(row.Description));
        return new Values(
            name, title, description, StoredText.Fold(string.Join('\n', name, title, description)),
            row.Owner is null ? null : StoredText.Clean(row.Owner),
            row.Entry, StoredText.Clean(row.Settings), Now, revision);
    }

    private sealed record Values(
        string Name, string Title, string Description, string Search, string? Owner, string Entry, string Settings, long Now, long Revision)
    {
        public bool IsOf(RoomRow row) =>
            (row.Title, row.Description, row.Owner, row.Entry, row.Settings, row.Updated, row.Revision)
            == (Title, Description, Owner, Entry, Settings, Now, Revision);
    }
}
