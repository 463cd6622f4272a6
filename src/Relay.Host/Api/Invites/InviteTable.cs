using Dapper;
using Relay.Host.Accounts;
using Relay.Host.Api.Problems;
using Relay.Host.Storage;

namespace Relay.Host.Api.Invites;

/// <summary>The stored invites. An invite opens the one room that it was made for; of its token only the hash is kept.</summary>
internal sealed class InviteTable(Database database, TimeProvider time)
{
    private const string Columns =
        "id AS Id, role AS Role, creator AS Creator, created AS Created, expires AS Expires, uses_left AS UsesLeft";

    /// <summary>Takes an invite at the door. Who has come in by it may again; anybody else takes one of its uses.</summary>
    /// <param name="room">The room.</param>
    /// <param name="token">What was shown.</param>
    /// <param name="account">Who; null for one whom nobody knows, who takes a use each time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if it is not good for this room.</returns>
    public async Task<bool> AcceptAsync(string room, string token, string? account, CancellationToken cancellationToken)
    {
        if (token.Length != Secrets.SecretLength)
        {
            return false;
        }

        string hash = Secrets.HashOf(token);
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await database.WriteAsync(
            async (connection, transaction) =>
            {
                // The room stands in the condition, so that a token of another room finds nothing.
                InviteRow? invite = await connection.QuerySingleOrDefaultAsync<InviteRow?>(
                    $"SELECT {Columns} FROM room_invites WHERE hash = @hash AND room = @room AND expires > @now",
                    new { hash, room, now },
                    transaction).ConfigureAwait(false);
                if (invite is null)
                {
                    return false;
                }

                // Whoever is banned gets in by no invite, and is told so by the ban itself: no use is taken for that.
                bool isBanned = account is not null && await connection.ExecuteScalarAsync<bool>(
                    "SELECT CASE WHEN EXISTS (SELECT 1 FROM room_bans WHERE room = @room AND subject = @subject " +
                    "AND (until IS NULL OR until > @now)) THEN 1 ELSE 0 END",
                    new { room, subject = "user:" + account, now },
                    transaction).ConfigureAwait(false);
                if (isBanned)
                {
                    return true;
                }

                bool isNew = account is null || await connection.ExecuteAsync(
                    "INSERT INTO room_invited (invite, account) VALUES (@Id, @account) ON CONFLICT (invite, account) DO NOTHING",
                    new { invite.Id, account },
                    transaction).ConfigureAwait(false) == 1;
                if (!isNew)
                {
                    return true;
                }

                if (await connection.ExecuteAsync(
                    "UPDATE room_invites SET uses_left = uses_left - 1 WHERE id = @Id AND (uses_left IS NULL OR uses_left > 0)",
                    new { invite.Id },
                    transaction).ConfigureAwait(false) == 0)
                {
                    await connection.ExecuteAsync(
                        "DELETE FROM room_invited WHERE invite = @Id AND account = @account",
                        new { invite.Id, account },
                        transaction).ConfigureAwait(false);
                    return false;
                }

                if (invite.Role is not null && account is not null)
                {
                    // A role that somebody has already is not lowered by an invite.
                    await connection.ExecuteAsync(
                        "INSERT INTO room_roles (room, subject, role) VALUES (@room, @subject, @Role) " +
                        "ON CONFLICT (room, subject) DO NOTHING",
                        new { room, subject = "user:" + account, invite.Role },
                        transaction).ConfigureAwait(false);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether an account has a role in a room, or came in by an invite that is still good.</summary>
    public Task<bool> IsKnownAsync(string room, string account, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.ExecuteScalarAsync<bool>(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM room_roles WHERE room = @room AND subject = @subject) OR EXISTS (" +
            "SELECT 1 FROM room_invited JOIN room_invites ON id = invite " +
            "WHERE room = @room AND account = @account AND expires > @now) THEN 1 ELSE 0 END",
            new { room, subject = "user:" + account, account, now = time.GetUtcNow().ToUnixTimeMilliseconds() }),
        cancellationToken);

    /// <summary>Makes an invite.</summary>
    /// <param name="room">The room.</param>
    /// <param name="row">What it is like.</param>
    /// <param name="token">Its token.</param>
    /// <param name="most">The most that a room may have; those that are over do not count.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task AddAsync(string room, InviteRow row, string token, int most, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            await connection.ExecuteAsync(
                "DELETE FROM room_invites WHERE room = @room AND expires <= @Created",
                new { room, row.Created },
                transaction).ConfigureAwait(false);
            long count = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM room_invites WHERE room = @room", new { room }, transaction).ConfigureAwait(false);
            if (count >= most)
            {
                throw ApiProblem.Full("The room has as many invites as it may.", most, count + 1);
            }

            await connection.ExecuteAsync(
                "INSERT INTO room_invites (id, room, hash, role, creator, created, expires, uses_left) " +
                "VALUES (@Id, @room, @hash, @Role, @Creator, @Created, @Expires, @UsesLeft) ON CONFLICT (id) DO NOTHING",
                new { row.Id, room, hash = Secrets.HashOf(token), row.Role, row.Creator, row.Created, row.Expires, row.UsesLeft },
                transaction).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Reads a room's invites by their ids.</summary>
    public Task<IReadOnlyList<InviteRow>> ListAsync(string room, string after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<InviteRow>>(
            async connection => [.. await connection.QueryAsync<InviteRow>(
                $"SELECT {Columns} FROM room_invites WHERE room = @room AND id > @after AND expires > @now ORDER BY id LIMIT @limit",
                new { room, after, limit, now = time.GetUtcNow().ToUnixTimeMilliseconds() }).ConfigureAwait(false)],
            cancellationToken);

    /// <summary>Takes an invite back: nobody comes in by it any more.</summary>
    /// <returns>False if the room has none with that id.</returns>
    public Task<bool> RemoveAsync(string room, string id, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
            await connection.ExecuteAsync(
                "DELETE FROM room_invites WHERE room = @room AND id = @id", new { room, id }, transaction).ConfigureAwait(false) > 0,
        cancellationToken);
}

/// <summary>An invite as it is stored.</summary>
internal sealed record InviteRow
{
    /// <summary>Its id: not secret.</summary>
    public required string Id { get; init; }

    /// <summary>The role that it gives; null for the room's default one.</summary>
    public string? Role { get; init; }

    /// <summary>The account that made it.</summary>
    public string Creator { get; init; } = "";

    /// <summary>When, in Unix milliseconds.</summary>
    public long Created { get; init; }

    /// <summary>Until when it is good, in Unix milliseconds.</summary>
    public long Expires { get; init; }

    /// <summary>How many may still come in by it; null for any number.</summary>
    public long? UsesLeft { get; init; }
}
