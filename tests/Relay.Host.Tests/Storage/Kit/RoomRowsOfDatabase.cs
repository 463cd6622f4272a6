using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;

namespace Relay.Host.Tests.Storage.Kit;

/// <summary>Each thing that <see cref="RoomRows"/> does, in a transaction of its own.</summary>
internal static class RoomRowsOfDatabase
{
    public static RoomRow Row(string name) => new() { Name = name, Created = 1, Updated = 1, Revision = 1 };

    public static Task<RoomRow?> FindRoomAsync(this Database database, string name) =>
        database.ReadAsync(connection => RoomRows.FindAsync(connection, name), default);

    public static Task<IReadOnlyList<RoomRow>> ListRoomsAsync(this Database database, string text = "", string after = "", int limit = 50) =>
        database.ReadAsync(connection => RoomRows.ListAsync(connection, new RoomSearch(text, Viewer: null, after, limit)), default);

    public static Task<bool> InsertRoomAsync(this Database database, RoomRow row) =>
        database.WriteAsync((connection, transaction) => RoomRows.InsertAsync(connection, transaction, row), default);

    public static Task<bool> UpdateRoomAsync(this Database database, RoomRow row) =>
        database.WriteAsync((connection, transaction) => RoomRows.UpdateAsync(connection, transaction, row), default);

    public static Task<bool> DeleteRoomAsync(this Database database, string name) =>
        database.WriteAsync((connection, transaction) => RoomRows.DeleteAsync(connection, transaction, name), default);
}
