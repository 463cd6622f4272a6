using Relay.Core.Rooms.Stores;
using Relay.Host.Storage.Postgres;

namespace Relay.Host.Storage.Rooms;

/// <summary>Rooms in the database.</summary>
internal sealed class SqlRoomStore(Database database, TimeProvider time) : IRoomStore
{
    private readonly IRoomWriter _writer =
        database is PostgresDatabase postgres ? new PostgresRoomWriter(postgres) : new SqliteRoomWriter(database);

    public async ValueTask<StoredRoom?> LoadAsync(string room, CancellationToken cancellationToken) => await database.ReadAsync(
        connection => RoomReader.LoadAsync(connection, StoredText.Clean(room), cancellationToken), cancellationToken).ConfigureAwait(false);

    public async ValueTask<StoredVisitor> FindVisitorAsync(string room, string user, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => RoomReader.FindVisitorAsync(connection, StoredText.Clean(room), StoredText.Clean(user), cancellationToken),
            cancellationToken).ConfigureAwait(false);

    public async ValueTask SaveAsync(IReadOnlyList<RoomChanges> batch, CancellationToken cancellationToken)
    {
        if (batch.Count > 0)
        {
            await _writer.WriteAsync(
                RoomBatch.Of(batch), time.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken).ConfigureAwait(false);
        }
    }
}
