using Dapper;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;

namespace Relay.Host.Api.People;

/// <summary>Lists of people: stored roles, bans, accounts.</summary>
internal sealed class PeopleTable(Database database, TimeProvider time)
{
    /// <summary>A room's stored roles, by account.</summary>
    public Task<IReadOnlyList<RoleAnswer>> RolesAsync(string room, string after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RoleAnswer>>(
            async connection => [.. await connection.QueryAsync<RoleAnswer>(
                "SELECT SUBSTR(subject, 6) AS Account, role AS Role FROM room_roles " +
                "WHERE room = @room AND subject > @after AND subject LIKE 'user:%' ORDER BY subject LIMIT @limit",
                new { room, after = "user:" + after, limit }).ConfigureAwait(false)],
            cancellationToken);

    /// <summary>Takes a stored role away.</summary>
    /// <returns>False if there was none.</returns>
    public Task<bool> RemoveRoleAsync(string room, string account, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => await connection.ExecuteAsync(
            "DELETE FROM room_roles WHERE room = @room AND subject = @subject",
            new { room, subject = StoredText.Clean("user:" + account) },
            transaction).ConfigureAwait(false) > 0,
        cancellationToken);

    /// <summary>A room's bans that have not run out, by subject.</summary>
    public async Task<IReadOnlyList<BanAnswer>> BansAsync(string room, string after, int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<BanRow> rows = await database.ReadAsync<IReadOnlyList<BanRow>>(
            async connection => [.. await connection.QueryAsync<BanRow>(
                "SELECT subject AS Subject, until AS Until, reason AS Reason, created AS Created FROM room_bans " +
                "WHERE room = @room AND subject > @after AND (until IS NULL OR until > @now) ORDER BY subject LIMIT @limit",
                new { room, after, limit, now = time.GetUtcNow().ToUnixTimeMilliseconds() }).ConfigureAwait(false)],
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => new BanAnswer(
            row.Subject,
            row.Until is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null,
            row.Reason,
            DateTimeOffset.FromUnixTimeMilliseconds(row.Created)))];
    }

    /// <summary>Accounts that can be signed in to, by id: no guests, no servers, none that is disabled.</summary>
    public Task<IReadOnlyList<UserAnswer>> UsersAsync(string text, string after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<UserAnswer>>(
            async connection => [.. await connection.QueryAsync<UserAnswer>(
                "SELECT id AS Id, name AS Name FROM accounts " +
                "WHERE kind = 'user' AND is_disabled = 0 AND id > @after AND LOWER(name) LIKE @pattern ESCAPE '\\' " +
                "ORDER BY id LIMIT @limit",
                new { pattern = StoredText.Pattern(text), after, limit }).ConfigureAwait(false)],
            cancellationToken);

    /// <summary>One of them.</summary>
    public Task<UserAnswer?> UserAsync(string id, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.QuerySingleOrDefaultAsync<UserAnswer?>(
            "SELECT id AS Id, name AS Name FROM accounts WHERE kind = 'user' AND is_disabled = 0 AND id = @id",
            new { id = StoredText.Clean(id) }),
        cancellationToken);

    private sealed record BanRow
    {
        public string Subject { get; init; } = "";

        public long? Until { get; init; }

        public string Reason { get; init; } = "";

        public long Created { get; init; }
    }
}
