using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;
using Relay.Core.Rooms.Stores;
using Relay.Protocol.Messages;

namespace Relay.Host.Storage.Rooms;

/// <summary>Copies thousands of rows of rooms into PostgreSQL that are not there yet.</summary>
internal static class PostgresRoomCopy
{
    private const string Objects = """
        COPY room_objects (room, object, parent, awaited_parent, flags, type, name, creator, is_servers, x, y, z, rx, ry, rz, rw, scale)
        FROM STDIN (FORMAT BINARY)
        """;

    private const string Attributes = """
        COPY room_attributes (room, user_id, object, key, flags, readers_kind, readers_argument, writers_kind, writers_argument, value)
        FROM STDIN (FORMAT BINARY)
        """;

    /// <summary>Copies objects.</summary>
    public static async Task ObjectsAsync(
        NpgsqlConnection connection, List<(string Room, StoredObject Object)> rows, CancellationToken cancellationToken)
    {
        NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync(Objects, cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach ((string room, StoredObject o) in rows)
            {
                await copy.StartRowAsync(cancellationToken).ConfigureAwait(false);
                await TextAsync(room).ConfigureAwait(false);
                await copy.WriteAsync((long)o.Id, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync((long)o.Parent, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                await TextAsync(o.AwaitedParent).ConfigureAwait(false);
                await copy.WriteAsync((short)o.Flags, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
                await TextAsync(o.Type).ConfigureAwait(false);
                await TextAsync(o.Name).ConfigureAwait(false);
                await TextAsync(o.Creator).ConfigureAwait(false);
                await copy.WriteAsync((short)(o.IsServers ? 1 : 0), NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
                await PlaceAsync(copy, o.Place, cancellationToken).ConfigureAwait(false);
            }

            await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        Task TextAsync(string text) => copy.WriteAsync(text, NpgsqlDbType.Text, cancellationToken);
    }

    /// <summary>Copies attributes.</summary>
    public static async Task AttributesAsync(
        NpgsqlConnection connection, List<(string Room, StoredValue Attribute)> rows, CancellationToken cancellationToken)
    {
        NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync(Attributes, cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach ((string room, StoredValue value) in rows)
            {
                await copy.StartRowAsync(cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(room, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(value.Name.User, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync((long)value.Name.Object, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(value.Name.Key, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync((short)value.Terms.Flags, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
                await AccessAsync(copy, value.Terms.Readers, cancellationToken).ConfigureAwait(false);
                await AccessAsync(copy, value.Terms.Writers, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(Bytes(value.Value), NpgsqlDbType.Bytea, cancellationToken).ConfigureAwait(false);
            }

            await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The bytes as the driver takes them, without a copy where they are a whole array.</summary>
    public static byte[] Bytes(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out ArraySegment<byte> part) && part.Array is { } all && all.Length == part.Count
            ? all
            : value.ToArray();

    private static async Task AccessAsync(NpgsqlBinaryImporter copy, Access access, CancellationToken cancellationToken)
    {
        await copy.WriteAsync((short)access.Kind, NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
        await copy.WriteAsync((long)access.Argument, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
    }

    private static async Task PlaceAsync(NpgsqlBinaryImporter copy, StoredPlace? place, CancellationToken cancellationToken)
    {
        foreach (double? metres in new[] { place?.Transform.X, place?.Transform.Y, place?.Transform.Z })
        {
            await WriteAsync(metres, NpgsqlDbType.Double).ConfigureAwait(false);
        }

        foreach (float? part in new[]
        {
            place?.Transform.RotationX, place?.Transform.RotationY, place?.Transform.RotationZ, place?.Transform.RotationW, place?.Scale,
        })
        {
            await WriteAsync(part, NpgsqlDbType.Real).ConfigureAwait(false);
        }

        Task WriteAsync<T>(T? value, NpgsqlDbType type)
            where T : struct =>
            value is { } known ? copy.WriteAsync(known, type, cancellationToken) : copy.WriteNullAsync(cancellationToken);
    }
}
