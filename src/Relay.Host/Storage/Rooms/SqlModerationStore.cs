using System.Data.Common;
using Dapper;
using Relay.Core.Rooms.Stores;

namespace Relay.Host.Storage.Rooms;

/// <summary>Bans, roles and closed rooms in the database. Where the database is not required (<see cref="StorageOptions.Require"/>),
/// everybody is let in while it does not answer, without a role of theirs.</summary>
internal sealed class SqlModerationStore(Database database, StorageOptions options, TimeProvider time) : IModerationStore
{
    private const string StandingSql = """
        SELECT (SELECT entry FROM rooms WHERE name = @room) AS Entry,
               (SELECT role FROM room_roles WHERE room = @room AND subject = @subject) AS Role,
               (SELECT COUNT(*) FROM room_bans WHERE room = @room AND subject = @subject AND (until IS NULL OR until > @now)) AS Bans
        """;

    private const string BanSql = """
        INSERT INTO room_bans (room, subject, until, reason, created) VALUES (@room, @subject, @until, @reason, @now)
        ON CONFLICT (room, subject) DO UPDATE SET until = excluded.until, reason = excluded.reason, created = excluded.created
        """;

    private const string RoleSql = """
        INSERT INTO room_roles (room, subject, role) VALUES (@room, @subject, @role)
        ON CONFLICT (room, subject) DO UPDATE SET role = excluded.role
        """;

    private const string CloseSql = """
        UPDATE rooms SET entry_before = entry, entry = 'closed', revision = revision + 1, updated = @now
        WHERE name = @room AND entry <> 'closed'
        """;

    private const string ReopenSql = """
        UPDATE rooms SET entry = entry_before, revision = revision + 1, updated = @now WHERE name = @room AND entry = 'closed'
        """;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async ValueTask<RoomStanding> CheckAsync(string room, string subject, CancellationToken cancellationToken)
    {
        Standing standing;
        try
        {
            standing = await database.ReadAsync(
                connection => connection.QuerySingleAsync<Standing>(new CommandDefinition(
                    StandingSql,
                    new { room = StoredText.Clean(room), subject = StoredText.Clean(subject), now = Now },
                    cancellationToken: cancellationToken)),
                cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException) when (!options.Require)
        {
            return new RoomStanding(RoomAdmission.Open);
        }

        RoomAdmission admission = standing.Entry == RoomEntry.Closed ? RoomAdmission.Closed
            : standing.Bans > 0 ? RoomAdmission.Banned
            : RoomAdmission.Open;
        return new RoomStanding(admission, standing.Role);
    }

    public async ValueTask BanAsync(
        string room, string subject, DateTimeOffset? until, string reason, CancellationToken cancellationToken) =>
        await ChangeAsync(
            room,
            BanSql,
            new
            {
                room = StoredText.Clean(room),
                subject = StoredText.Clean(subject),
                until = until?.ToUnixTimeMilliseconds(),
                reason = StoredText.Clean(reason),
                now = Now,
            },
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<bool> UnbanAsync(string room, string subject, CancellationToken cancellationToken)
    {
        // An attempt whose answer was lost may have lifted it.
        bool wasBanned = false;
        await database.WriteAsync(
            async (connection, transaction) => wasBanned |= await connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM room_bans WHERE room = @room AND subject = @subject",
                new { room = StoredText.Clean(room), subject = StoredText.Clean(subject) },
                transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false) > 0,
            cancellationToken).ConfigureAwait(false);
        return wasBanned;
    }

    public async ValueTask SetRoleAsync(string room, string subject, string role, CancellationToken cancellationToken) => await ChangeAsync(
        room,
        RoleSql,
        new { room = StoredText.Clean(room), subject = StoredText.Clean(subject), role = StoredText.Clean(role) },
        cancellationToken).ConfigureAwait(false);

    public async ValueTask SetClosedAsync(string room, bool closed, CancellationToken cancellationToken) => await ChangeAsync(
        room, closed ? CloseSql : ReopenSql, new { room = StoredText.Clean(room), now = Now }, cancellationToken).ConfigureAwait(false);

    /// <summary>The room's row comes first: it may be the first durable thing of the room, and it is the lock.</summary>
    private Task ChangeAsync(string room, string sql, object parameters, CancellationToken cancellationToken) => database.WriteAsync(
        async (DbConnection connection, DbTransaction transaction) =>
        {
            await RoomRows.EnsureAsync(connection, transaction, room, Now, cancellationToken).ConfigureAwait(false);
            var command = new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken);
            await connection.ExecuteAsync(command).ConfigureAwait(false);
        },
        cancellationToken);

    private sealed class Standing
    {
        public string? Entry { get; set; }

        public string? Role { get; set; }

        public long Bans { get; set; }
    }
}
