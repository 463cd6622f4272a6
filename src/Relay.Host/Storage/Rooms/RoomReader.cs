using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Relay.Core.Rooms.Stores;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Host.Storage.Rooms;

/// <summary>Reads what is stored of rooms and their visitors: several results, all of the same moment, in one round trip.</summary>
internal static class RoomReader
{
    private const string Attributes = """
        SELECT object, key, flags, readers_kind, readers_argument, writers_kind, writers_argument, value
        FROM room_attributes WHERE room = @room AND user_id = @user ORDER BY object, key
        """;

    private static readonly string[] OfRoom =
    [
        "SELECT last_object FROM rooms WHERE name = @room",
        """
        SELECT x, y, z, rx, ry, rz, rw, scale, object, parent, awaited_parent, flags, type, name, creator, is_servers
        FROM room_objects WHERE room = @room ORDER BY object
        """,
        Attributes,
    ];

    private static readonly string[] OfVisitor =
    [
        "SELECT x, y, z, rx, ry, rz, rw, scale FROM room_places WHERE room = @room AND user_id = @user",
        Attributes,
    ];

    /// <summary>Reads a room.</summary>
    /// <returns>Null if nothing is stored of it.</returns>
    public static async Task<StoredRoom?> LoadAsync(DbConnection connection, string room, CancellationToken cancellationToken)
    {
        long? last = null;
        var objects = new List<StoredObject>();
        var attributes = new List<StoredValue>();
        await QueryAsync(
            connection,
            OfRoom,
            room,
            user: "",
            (result, row) =>
            {
                switch (result)
                {
                    case 0:
                        last = row.GetInt64(0);
                        break;
                    case 1:
                        objects.Add(Object(row));
                        break;
                    default:
                        attributes.Add(Attribute(row, user: ""));
                        break;
                }
            },
            cancellationToken).ConfigureAwait(false);
        return last is null
            ? null
            : new StoredRoom { LastObject = (uint)last, Objects = ObjectTree.ParentsFirst(objects), Attributes = attributes };
    }

    /// <summary>Reads what is stored of somebody in a room.</summary>
    public static async Task<StoredVisitor> FindVisitorAsync(
        DbConnection connection, string room, string user, CancellationToken cancellationToken)
    {
        StoredPlace? place = null;
        var attributes = new List<StoredValue>();
        await QueryAsync(
            connection,
            OfVisitor,
            room,
            user,
            (result, row) =>
            {
                if (result == 0)
                {
                    place = Place(row);
                }
                else
                {
                    attributes.Add(Attribute(row, user));
                }
            },
            cancellationToken).ConfigureAwait(false);
        return place is null && attributes.Count == 0
            ? StoredVisitor.Unknown
            : new StoredVisitor { Place = place, Attributes = attributes };
    }

    private static Task QueryAsync(
        DbConnection connection, string[] queries, string room, string user,
        Action<int, DbDataReader> row, CancellationToken cancellationToken) =>
        connection is NpgsqlConnection postgres
            ? QueryPostgresAsync(postgres, queries, room, user, row, cancellationToken)
            : QuerySqliteAsync((SqliteConnection)connection, queries, room, user, row, cancellationToken);

    /// <summary>The transaction's beginning and end go with the queries, in one batch.</summary>
    private static async Task QueryPostgresAsync(
        NpgsqlConnection connection, string[] queries, string room, string user,
        Action<int, DbDataReader> row, CancellationToken cancellationToken)
    {
        NpgsqlBatch batch = connection.CreateBatch();
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
            foreach (string query in queries)
            {
                var command = new NpgsqlBatchCommand(query);
                command.Parameters.Add(new NpgsqlParameter<string>("room", room));
                if (query.Contains("@user", StringComparison.Ordinal))
                {
                    command.Parameters.Add(new NpgsqlParameter<string>("user", user));
                }

                batch.BatchCommands.Add(command);
            }

            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
            NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                int result = 0;
                do
                {
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        row(result, reader);
                    }

                    result++;
                }
                while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false));
            }
        }
    }

    private static async Task QuerySqliteAsync(
        SqliteConnection connection, string[] queries, string room, string user,
        Action<int, DbDataReader> row, CancellationToken cancellationToken)
    {
        SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
        await using (transaction.ConfigureAwait(false))
        {
            for (int i = 0; i < queries.Length; i++)
            {
                using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // One of the constants above.
                command.CommandText = queries[i];
#pragma warning restore CA2100
                command.Parameters.AddWithValue("@room", room);
                command.Parameters.AddWithValue("@user", user);
                SqliteDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        row(i, reader);
                    }
                }
            }
        }
    }

    private static StoredObject Object(DbDataReader row) => new()
    {
        Place = row.IsDBNull(0) ? null : Place(row),
        Id = (uint)row.GetInt64(8),
        Parent = (uint)row.GetInt64(9),
        AwaitedParent = row.GetString(10),
        Flags = (ObjectFlags)row.GetInt16(11),
        Type = row.GetString(12),
        Name = row.GetString(13),
        Creator = row.GetString(14),
        IsServers = row.GetInt16(15) != 0,
    };

    private static StoredPlace Place(DbDataReader row) => new(
        new Transform(
            row.GetDouble(0), row.GetDouble(1), row.GetDouble(2), row.GetFloat(3), row.GetFloat(4), row.GetFloat(5), row.GetFloat(6)),
        row.IsDBNull(7) ? null : row.GetFloat(7));

    private static StoredValue Attribute(DbDataReader row, string user) => new(
        new AttributeName((uint)row.GetInt64(0), user, row.GetString(1)),
        new AttributeTerms(
            (AttributeFlags)row.GetInt16(2),
            new Access((AccessKind)row.GetInt16(3), (uint)row.GetInt64(4)),
            new Access((AccessKind)row.GetInt16(5), (uint)row.GetInt64(6))),
        row.GetFieldValue<byte[]>(7));
}
