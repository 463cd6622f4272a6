using System.Data.Common;
using Dapper;
using Relay.Host.Api.Problems;
using Relay.Host.Storage;

namespace Relay.Host.Webhooks;

/// <summary>The stored webhooks and their deliveries.</summary>
internal sealed class WebhookTable(Database database, WebhookOptions options, TimeProvider time)
{
    private const string HookColumns =
        "id AS Id, room AS Room, url AS Url, secret AS Secret, events AS Events, creator AS Creator, created AS Created";

    private const string DeliveryColumns =
        "d.id AS Id, d.webhook AS Webhook, d.event AS Event, d.body AS Body, d.created AS Created, " +
        "d.attempts AS Attempts, d.due AS Due, d.state AS State, d.outcome AS Outcome";

    /// <summary>How long what kinds are wanted is believed, if another process of the same database may have added webhooks.</summary>
    private static readonly TimeSpan KindsAge = TimeSpan.FromMinutes(1);

    private volatile WantedKinds? _kinds;
    private int _added;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task AddAsync(HookRow hook, CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            (connection, transaction) => AddAsync(hook, connection, transaction), cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _added);
    }

    private async Task AddAsync(HookRow hook, DbConnection connection, DbTransaction transaction)
    {
        long count = await connection.ExecuteScalarAsync<long>(
            $"SELECT COUNT(*) FROM webhooks WHERE {Of(hook.Room)}", new { hook.Room }, transaction).ConfigureAwait(false);
        if (count >= options.MaxPerRoom)
        {
            throw ApiProblem.Full("There are as many webhooks as may be.", options.MaxPerRoom, count + 1);
        }

        await connection.ExecuteAsync(
            "INSERT INTO webhooks (id, room, url, secret, events, creator, created) " +
            "VALUES (@Id, @Room, @Url, @Secret, @Events, @Creator, @Created) " +
            "ON CONFLICT (id) DO NOTHING",
            hook,
            transaction).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<HookRow>> ListAsync(string? room, string after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<HookRow>>(
            async connection => [.. await connection.QueryAsync<HookRow>(
                $"SELECT {HookColumns} FROM webhooks WHERE {Of(room)} AND id > @after ORDER BY id LIMIT @limit",
                new { Room = room, after, limit }).ConfigureAwait(false)],
            cancellationToken);

    public Task<bool> RemoveAsync(string? room, string id, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => await connection.ExecuteAsync(
            $"DELETE FROM webhooks WHERE {Of(room)} AND id = @id", new { Room = room, id }, transaction).ConfigureAwait(false) > 0,
        cancellationToken);

    /// <summary>A webhook's deliveries, the oldest first.</summary>
    public Task<IReadOnlyList<DeliveryRow>> DeliveriesAsync(
        string? room, string id, string after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<DeliveryRow>>(
            async connection => [.. await connection.QueryAsync<DeliveryRow>(
                $"SELECT {DeliveryColumns} FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook " +
                $"WHERE {Of(room, "w.")} AND w.id = @id AND d.id > @after ORDER BY d.id LIMIT @limit",
                new { Room = room, id, after, limit }).ConfigureAwait(false)],
            cancellationToken);

    /// <summary>Queues events for all webhooks that want them, in one transaction; in none if nobody wants any.</summary>
    /// <returns>How many were dropped for want of room.</returns>
    public async Task<int> QueueAsync(IReadOnlyList<WebhookEvent> happened, CancellationToken cancellationToken)
    {
        WantedKinds kinds = await KindsAsync(cancellationToken).ConfigureAwait(false);
        if (!happened.Any(one => kinds.Names.Contains(one.Kind)))
        {
            return 0;
        }

        IReadOnlyList<HookRow> wanting = await database.ReadAsync(
            connection => WantingAsync(connection, happened, null), cancellationToken).ConfigureAwait(false);
        return wanting.Count == 0
            ? 0
            : await database.WriteAsync(
                (connection, transaction) => QueueAsync(connection, transaction, happened), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The kinds that any webhook wants: where there are none, people come and go without a question to the database.</summary>
    private async Task<WantedKinds> KindsAsync(CancellationToken cancellationToken)
    {
        int added = Volatile.Read(ref _added);
        if (_kinds is { } known && known.Added == added && time.GetElapsedTime(known.Read) < KindsAge)
        {
            return known;
        }

        long now = time.GetTimestamp();
        IEnumerable<string> events = await database.ReadAsync(
            connection => connection.QueryAsync<string>("SELECT DISTINCT events FROM webhooks"), cancellationToken).ConfigureAwait(false);
        return _kinds = new WantedKinds(events.SelectMany(names => names.Split(' ')).ToHashSet(StringComparer.Ordinal), added, now);
    }

    private async Task<int> QueueAsync(DbConnection connection, DbTransaction transaction, IReadOnlyList<WebhookEvent> happened)
    {
        int dropped = 0;
        foreach (HookRow hook in await WantingAsync(connection, happened, transaction).ConfigureAwait(false))
        {
            long waiting = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook = @Id AND due IS NOT NULL",
                new { hook.Id },
                transaction).ConfigureAwait(false);
            WebhookEvent[] wanted = [.. happened.Where(hook.Wants)];
            int fitting = (int)Math.Clamp(options.MaxWaiting - waiting, 0, wanted.Length);
            dropped += wanted.Length - fitting;

            // The id names event and webhook, so that a transaction that is tried again queues nothing twice.
            await connection.ExecuteAsync(
                "INSERT INTO webhook_deliveries (id, webhook, event, body, created, due) VALUES (@id, @hook, @kind, @body, @now, @now) " +
                "ON CONFLICT (id) DO NOTHING",
                wanted.Take(fitting).Select(one =>
                    new { id = $"{one.Id}-{hook.Id}", hook = hook.Id, kind = one.Kind, body = one.BodyFor(hook.Id), now = one.At }),
                transaction).ConfigureAwait(false);
        }

        return dropped;
    }

    private static async Task<IReadOnlyList<HookRow>> WantingAsync(
        DbConnection connection, IReadOnlyList<WebhookEvent> happened, DbTransaction? transaction)
    {
        var hooks = new List<HookRow>(await connection.QueryAsync<HookRow>(
            $"SELECT {HookColumns} FROM webhooks WHERE room IS NULL", transaction: transaction).ConfigureAwait(false));
        foreach (string room in happened.Select(one => one.Room).Distinct(StringComparer.Ordinal))
        {
            hooks.AddRange(await connection.QueryAsync<HookRow>(
                $"SELECT {HookColumns} FROM webhooks WHERE room = @room", new { room }, transaction).ConfigureAwait(false));
        }

        return hooks.FindAll(hook => happened.Any(hook.Wants));
    }

    /// <summary>
    /// Deliveries whose time has come, at most one of each webhook, the oldest: a receiver gets them one after the other.
    /// </summary>
    public Task<IReadOnlyList<Due>> DueAsync(long now, int most, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Due>>(
            async connection => [.. await connection.QueryAsync<Due>(
                $"SELECT {DeliveryColumns}, w.url AS Url, w.secret AS Secret " +
                "FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook " +
                "WHERE d.due IS NOT NULL AND d.due <= @now " +
                "AND d.id = (SELECT MIN(o.id) FROM webhook_deliveries o WHERE o.webhook = d.webhook AND o.due <= @now) " +
                "ORDER BY d.due LIMIT @most",
                new { now, most }).ConfigureAwait(false)],
            cancellationToken);

    /// <summary>When the next delivery is due of those that are not yet; null if there is none.</summary>
    public Task<long?> NextDueAsync(long now, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.ExecuteScalarAsync<long?>(
            "SELECT MIN(due) FROM webhook_deliveries WHERE due > @now", new { now }),
        cancellationToken);

    /// <summary>Notes what became of an attempt.</summary>
    public Task NoteAsync(string id, int attempts, string state, long? due, string outcome, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (DbConnection connection, DbTransaction transaction) =>
            {
                await connection.ExecuteAsync(
                    "UPDATE webhook_deliveries SET attempts = @attempts, state = @state, due = @due, outcome = @outcome WHERE id = @id",
                    new { id, attempts, state, due, outcome },
                    transaction).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>Forgets what was done or parked long ago.</summary>
    public Task TidyAsync(CancellationToken cancellationToken) => database.WriteAsync(
        async (DbConnection connection, DbTransaction transaction) =>
        {
            await connection.ExecuteAsync(
                "DELETE FROM webhook_deliveries WHERE due IS NULL AND created < @old",
                new { old = Now - (long)options.Retention.TotalMilliseconds },
                transaction).ConfigureAwait(false);
        },
        cancellationToken);

    private static string Of(string? room, string table = "") => room is null ? $"{table}room IS NULL" : $"{table}room = @Room";
}

/// <summary>Which kinds of events webhooks want.</summary>
/// <param name="Names">The kinds.</param>
/// <param name="Added">How many webhooks this process had added when it was read.</param>
/// <param name="Read">When that was, as a timestamp.</param>
internal sealed record WantedKinds(IReadOnlySet<string> Names, int Added, long Read);

/// <summary>A webhook as it is stored.</summary>
internal sealed record HookRow
{
    public required string Id { get; init; }

    /// <summary>Null for all rooms.</summary>
    public string? Room { get; init; }

    public string Url { get; init; } = "";

    public string Secret { get; init; } = "";

    /// <summary>Kinds of events with a space between.</summary>
    public string Events { get; init; } = "";

    public string Creator { get; init; } = "";

    public long Created { get; init; }

    public bool Wants(WebhookEvent happened) =>
        (Room is null || Room == happened.Room) && Events.Split(' ').Contains(happened.Kind, StringComparer.Ordinal);
}

/// <summary>A delivery as it is stored.</summary>
internal record DeliveryRow
{
    public string Id { get; init; } = "";

    public string Webhook { get; init; } = "";

    public string Event { get; init; } = "";

    public string Body { get; init; } = "";

    public long Created { get; init; }

    public int Attempts { get; init; }

    public long? Due { get; init; }

    /// <summary>waiting, delivered or parked.</summary>
    public string State { get; init; } = "";

    public string Outcome { get; init; } = "";
}

/// <summary>A delivery whose time has come, and where it goes.</summary>
internal sealed record Due : DeliveryRow
{
    public string Url { get; init; } = "";

    public string Secret { get; init; } = "";
}
