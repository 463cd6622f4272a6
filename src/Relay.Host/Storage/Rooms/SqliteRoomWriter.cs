using Microsoft.Data.Sqlite;
using Relay.Core.Rooms.Stores;
using Relay.Host.Storage.Sqlite;

namespace Relay.Host.Storage.Rooms;

/// <summary>Writes a batch of rooms to SQLite in one transaction: each statement is compiled once and run for each row.</summary>
internal sealed class SqliteRoomWriter(Database database) : IRoomWriter
{
    private const string Rooms = """
        INSERT INTO rooms (name, search, last_object, created, updated) VALUES (?1, ?2, ?3, ?4, ?4)
        ON CONFLICT (name) DO UPDATE SET last_object = excluded.last_object WHERE rooms.last_object < excluded.last_object
        """;

    private const string RemovedObjects = "DELETE FROM room_objects WHERE room = ?1 AND object = ?2";

    private const string AttributesOfRemoved = "DELETE FROM room_attributes WHERE room = ?1 AND user_id = '' AND object = ?2";

    private const string PeoplesAttributesOfRemoved = "DELETE FROM room_attributes WHERE room = ?1 AND user_id <> '' AND object = ?2";

    private const string RemovedAttributes = "DELETE FROM room_attributes WHERE room = ?1 AND user_id = ?2 AND object = ?3 AND key = ?4";

    private const string Objects = """
        INSERT OR REPLACE INTO room_objects
            (room, object, parent, awaited_parent, flags, type, name, creator, is_servers, x, y, z, rx, ry, rz, rw, scale)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        """;

    private const string Attributes = """
        INSERT OR REPLACE INTO room_attributes
            (room, user_id, object, key, flags, readers_kind, readers_argument, writers_kind, writers_argument, value)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        """;

    private const string Places = """
        INSERT OR REPLACE INTO room_places (room, user_id, x, y, z, rx, ry, rz, rw, scale, updated)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """;

    public Task WriteAsync(RoomBatch batch, long now, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, _) =>
        {
            Write((SqliteConnection)connection, batch, now);
            return Task.CompletedTask;
        },
        cancellationToken);

    private static void Write(SqliteConnection connection, RoomBatch batch, long now)
    {
        ForEach(connection, Rooms, batch.Rooms, (room, statement) =>
            statement.Bind(room.Name).Bind(StoredText.Fold(room.Name)).Bind(room.LastObject).Bind(now));
        foreach (string sql in new[] { RemovedObjects, AttributesOfRemoved, PeoplesAttributesOfRemoved })
        {
            ForEach(connection, sql, batch.RemovedObjects, (row, statement) => statement.Bind(row.Room).Bind(row.Object));
        }

        ForEach(connection, RemovedAttributes, batch.RemovedAttributes, (row, statement) =>
            statement.Bind(row.Room).Bind(row.Name.User).Bind(row.Name.Object).Bind(row.Name.Key));
        ForEach(connection, Objects, batch.Objects, (row, statement) => BindObject(statement.Bind(row.Room), row.Object));
        ForEach(connection, Attributes, batch.Attributes, (row, statement) => BindAttribute(statement.Bind(row.Room), row.Attribute));
        ForEach(connection, Places, batch.Places, (row, statement) => Bind(statement.Bind(row.Room).Bind(row.User), row.Place).Bind(now));
    }

    private static void ForEach<TRow>(SqliteConnection connection, string sql, List<TRow> rows, Action<TRow, SqliteStatement> bind)
    {
        if (rows.Count == 0)
        {
            return;
        }

        using var statement = new SqliteStatement(connection, sql);
        foreach (TRow row in rows)
        {
            bind(row, statement);
            statement.Execute();
        }
    }

    private static void BindObject(SqliteStatement statement, StoredObject o) => Bind(
        statement.Bind(o.Id).Bind(o.Parent).Bind(o.AwaitedParent).Bind((long)o.Flags).Bind(o.Type).Bind(o.Name).Bind(o.Creator)
            .Bind(o.IsServers ? 1 : 0),
        o.Place);

    private static void BindAttribute(SqliteStatement statement, StoredValue value) => statement
        .Bind(value.Name.User).Bind(value.Name.Object).Bind(value.Name.Key).Bind((long)value.Terms.Flags)
        .Bind((long)value.Terms.Readers.Kind).Bind(value.Terms.Readers.Argument)
        .Bind((long)value.Terms.Writers.Kind).Bind(value.Terms.Writers.Argument)
        .Bind(value.Value.Span);

    private static SqliteStatement Bind(SqliteStatement statement, StoredPlace? place) => statement
        .Bind(place?.Transform.X).Bind(place?.Transform.Y).Bind(place?.Transform.Z)
        .Bind(place?.Transform.RotationX).Bind(place?.Transform.RotationY).Bind(place?.Transform.RotationZ).Bind(place?.Transform.RotationW)
        .Bind(place?.Scale);
}
