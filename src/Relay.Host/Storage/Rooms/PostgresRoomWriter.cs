using Npgsql;
using Relay.Core.Rooms.Stores;
using Relay.Host.Storage.Postgres;

namespace Relay.Host.Storage.Rooms;

/// <summary>
/// Writes a batch of rooms to PostgreSQL in one round trip: at most eight statements, each with an array for a column, whatever the number
/// of rooms and rows. Thousands of rows are deleted and copied instead, in a few round trips: that takes the server a third of the time.
/// </summary>
internal sealed class PostgresRoomWriter(PostgresDatabase database) : IRoomWriter
{
    /// <summary>From so many objects and attributes on they are copied.</summary>
    private const int ManyRows = 1000;

    // The row of each room is locked also when it stays as it is.
    private const string Rooms = """
        INSERT INTO rooms (name, search, last_object, created, updated)
        SELECT name, search, last_object, $4, $4 FROM unnest($1, $2, $3) AS new (name, search, last_object)
        ON CONFLICT (name) DO UPDATE SET last_object = EXCLUDED.last_object WHERE rooms.last_object < EXCLUDED.last_object
        """;

    private const string RemovedObjects = """
        DELETE FROM room_objects o USING unnest($1, $2) AS gone (room, object) WHERE o.room = gone.room AND o.object = gone.object
        """;

    private const string AttributesOfRemoved = """
        DELETE FROM room_attributes a USING unnest($1, $2) AS gone (room, object)
        WHERE a.room = gone.room AND a.user_id = '' AND a.object = gone.object
        """;

    private const string PeoplesAttributesOfRemoved = """
        DELETE FROM room_attributes a USING unnest($1, $2) AS gone (room, object)
        WHERE a.room = gone.room AND a.user_id <> '' AND a.object = gone.object
        """;

    private const string RemovedAttributes = """
        DELETE FROM room_attributes a USING unnest($1, $2, $3, $4) AS gone (room, user_id, object, key)
        WHERE a.room = gone.room AND a.user_id = gone.user_id AND a.object = gone.object AND a.key = gone.key
        """;

    private const string Objects = """
        INSERT INTO room_objects
            (room, object, parent, awaited_parent, flags, type, name, creator, is_servers, x, y, z, rx, ry, rz, rw, scale)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        ON CONFLICT (room, object) DO UPDATE SET
            parent = EXCLUDED.parent, awaited_parent = EXCLUDED.awaited_parent, flags = EXCLUDED.flags, type = EXCLUDED.type,
            name = EXCLUDED.name, creator = EXCLUDED.creator, is_servers = EXCLUDED.is_servers, x = EXCLUDED.x, y = EXCLUDED.y,
            z = EXCLUDED.z, rx = EXCLUDED.rx, ry = EXCLUDED.ry, rz = EXCLUDED.rz, rw = EXCLUDED.rw, scale = EXCLUDED.scale
        """;

    private const string Attributes = """
        INSERT INTO room_attributes
            (room, user_id, object, key, flags, readers_kind, readers_argument, writers_kind, writers_argument, value)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (room, user_id, object, key) DO UPDATE SET
            flags = EXCLUDED.flags, readers_kind = EXCLUDED.readers_kind, readers_argument = EXCLUDED.readers_argument,
            writers_kind = EXCLUDED.writers_kind, writers_argument = EXCLUDED.writers_argument, value = EXCLUDED.value
        """;

    private const string Places = """
        INSERT INTO room_places (room, user_id, x, y, z, rx, ry, rz, rw, scale, updated)
        SELECT new.*, $11 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS new
        ON CONFLICT (room, user_id) DO UPDATE SET
            x = EXCLUDED.x, y = EXCLUDED.y, z = EXCLUDED.z, rx = EXCLUDED.rx, ry = EXCLUDED.ry, rz = EXCLUDED.rz, rw = EXCLUDED.rw,
            scale = EXCLUDED.scale, updated = EXCLUDED.updated
        """;

    public Task WriteAsync(RoomBatch batch, long now, CancellationToken cancellationToken) =>
        batch.Objects.Count + batch.Attributes.Count < ManyRows
            ? database.WriteBatchAsync(() => Commands(batch, now, isCopied: false), cancellationToken)
            : database.WriteAsync(
                (connection, _) => CopyAsync((NpgsqlConnection)connection, batch, now, cancellationToken), cancellationToken);

    /// <summary>Nobody else writes these rows meanwhile, since the rows of their rooms are locked: so what is deleted stays away.</summary>
    private static async Task CopyAsync(NpgsqlConnection connection, RoomBatch batch, long now, CancellationToken cancellationToken)
    {
        NpgsqlBatch before = Commands(batch, now, isCopied: true);
        await using (before.ConfigureAwait(false))
        {
            before.Connection = connection;
            await before.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await PostgresRoomCopy.ObjectsAsync(connection, batch.Objects, cancellationToken).ConfigureAwait(false);
        await PostgresRoomCopy.AttributesAsync(connection, batch.Attributes, cancellationToken).ConfigureAwait(false);
    }

    private static NpgsqlBatch Commands(RoomBatch batch, long now, bool isCopied)
    {
        var result = new NpgsqlBatch();
        var rooms = batch.Rooms;
        Add(
            result, Rooms, Column(rooms, room => room.Name), Column(rooms, room => StoredText.Fold(room.Name)),
            Column(rooms, room => (long)room.LastObject), Value(now));
        if (batch.RemovedObjects is { Count: > 0 } gone)
        {
            foreach (string sql in new[] { RemovedObjects, AttributesOfRemoved, PeoplesAttributesOfRemoved })
            {
                Add(result, sql, Column(gone, row => row.Room), Column(gone, row => (long)row.Object));
            }
        }

        AddRemoved(result, batch.RemovedAttributes);
        if (isCopied)
        {
            AddRemoved(result, [.. batch.Attributes.Select(row => (row.Room, row.Attribute.Name))]);
            Add(result, RemovedObjects, Column(batch.Objects, row => row.Room), Column(batch.Objects, row => (long)row.Object.Id));
        }
        else
        {
            AddObjects(result, batch.Objects);
            AddAttributes(result, batch.Attributes);
        }

        AddPlaces(result, batch.Places, now);
        return result;
    }

    private static void AddRemoved(NpgsqlBatch result, List<(string Room, AttributeName Name)> names)
    {
        if (names.Count > 0)
        {
            Add(
                result, RemovedAttributes, Column(names, row => row.Room), Column(names, row => row.Name.User),
                Column(names, row => (long)row.Name.Object), Column(names, row => row.Name.Key));
        }
    }

    private static void AddObjects(NpgsqlBatch result, List<(string Room, StoredObject Object)> rows)
    {
        if (rows.Count > 0)
        {
            Add(
                result, Objects, Column(rows, row => row.Room), Column(rows, row => (long)row.Object.Id),
                Column(rows, row => (long)row.Object.Parent), Column(rows, row => row.Object.AwaitedParent),
                Column(rows, row => (short)row.Object.Flags), Column(rows, row => row.Object.Type),
                Column(rows, row => row.Object.Name), Column(rows, row => row.Object.Creator),
                Column(rows, row => (short)(row.Object.IsServers ? 1 : 0)),
                Column(rows, row => row.Object.Place?.Transform.X), Column(rows, row => row.Object.Place?.Transform.Y),
                Column(rows, row => row.Object.Place?.Transform.Z), Column(rows, row => row.Object.Place?.Transform.RotationX),
                Column(rows, row => row.Object.Place?.Transform.RotationY), Column(rows, row => row.Object.Place?.Transform.RotationZ),
                Column(rows, row => row.Object.Place?.Transform.RotationW), Column(rows, row => row.Object.Place?.Scale));
        }
    }

    private static void AddAttributes(NpgsqlBatch result, List<(string Room, StoredValue Attribute)> rows)
    {
        if (rows.Count > 0)
        {
            Add(
                result, Attributes, Column(rows, row => row.Room), Column(rows, row => row.Attribute.Name.User),
                Column(rows, row => (long)row.Attribute.Name.Object), Column(rows, row => row.Attribute.Name.Key),
                Column(rows, row => (short)row.Attribute.Terms.Flags), Column(rows, row => (short)row.Attribute.Terms.Readers.Kind),
                Column(rows, row => (long)row.Attribute.Terms.Readers.Argument),
                Column(rows, row => (short)row.Attribute.Terms.Writers.Kind),
                Column(rows, row => (long)row.Attribute.Terms.Writers.Argument),
                Column(rows, row => PostgresRoomCopy.Bytes(row.Attribute.Value)));
        }
    }

    private static void AddPlaces(NpgsqlBatch result, List<(string Room, string User, StoredPlace Place)> rows, long now)
    {
        if (rows.Count > 0)
        {
            Add(
                result, Places, Column(rows, row => row.Room), Column(rows, row => row.User), Column(rows, row => row.Place.Transform.X),
                Column(rows, row => row.Place.Transform.Y), Column(rows, row => row.Place.Transform.Z),
                Column(rows, row => row.Place.Transform.RotationX),
                Column(rows, row => row.Place.Transform.RotationY), Column(rows, row => row.Place.Transform.RotationZ),
                Column(rows, row => row.Place.Transform.RotationW), Column(rows, row => row.Place.Scale), Value(now));
        }
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (NpgsqlParameter parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<TValue[]> Column<TRow, TValue>(List<TRow> rows, Func<TRow, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        return Value(values);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
