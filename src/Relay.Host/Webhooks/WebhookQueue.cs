using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Threading.Channels;
using Relay.Host.Accounts;
using Relay.Host.Storage;

namespace Relay.Host.Webhooks;

/// <summary>Takes events from whoever they happen to, without making them wait, and stores them for delivery.</summary>
internal sealed class WebhookQueue : BackgroundService
{
    public const string MeterName = "Relay.Webhooks";

    /// <summary>Events that wait to be stored, and those that are stored at once.</summary>
    private const int MostHeld = 8192, MostAtOnce = 256;

    /// <summary>What may be taken at the end, to store what waits.</summary>
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(2);

    private readonly WebhookTable _table;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookQueue> _log;

    private readonly Channel<WebhookEvent> _events =
        Channel.CreateBounded<WebhookEvent>(new BoundedChannelOptions(MostHeld) { SingleReader = true });
    private readonly SemaphoreSlim _news = new(0, 1);
    private long _dropped;
    private long _count;

    public WebhookQueue(WebhookTable table, IMeterFactory meters, TimeProvider time, ILogger<WebhookQueue> log)
    {
        (_table, _time, _log) = (table, time, log);
        meters.Create(MeterName).CreateObservableCounter(
            "relay.webhooks.dropped", () => Dropped, "{event}",
            "Events for webhooks that were dropped: too many waited, or the database was away.");
    }

    /// <summary>Events that could not be held or stored, and deliveries for which there was no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Something happened.</summary>
    /// <param name="kind">What: one of <see cref="WebhookEvent.Kinds"/>.</param>
    /// <param name="room">Where.</param>
    /// <param name="about">More about it.</param>
    public void Happened(string kind, string room, params (string Name, string? Value)[] about) =>
        Happened(kind, room, _time.GetUtcNow(), about);

    /// <summary>Something happened.</summary>
    /// <param name="kind">What: one of <see cref="WebhookEvent.Kinds"/>.</param>
    /// <param name="room">Where.</param>
    /// <param name="at">When.</param>
    /// <param name="about">More about it.</param>
    public void Happened(string kind, string room, DateTimeOffset at, params (string Name, string? Value)[] about)
    {
        // Ids are in the order of what happened: deliveries go by them.
        long now = at.ToUnixTimeMilliseconds();
        string id = $"{now:x12}{Interlocked.Increment(ref _count) & 0xFFFF:x4}{Secrets.NewId()}";
        if (!_events.Writer.TryWrite(new WebhookEvent(id, kind, room, now, about)))
        {
            Drop(1);
        }
    }

    /// <summary>There may be something to deliver.</summary>
    public void Wake()
    {
        try
        {
            _news.Release();
        }
        catch (SemaphoreFullException)
        {
            // It has been said already.
        }
    }

    /// <summary>Waits until there may be.</summary>
    public Task WaitAsync(TimeSpan most, CancellationToken cancellationToken) => _news.WaitAsync(most, cancellationToken);

    public override void Dispose()
    {
        _news.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _events.Reader.WaitToReadAsync(stoppingToken).ConfigureAwait(false))
            {
                await StoreAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends; what has happened until now is stored.
            using var end = new CancellationTokenSource(EndTime, _time);
            while (_events.Reader.TryPeek(out _))
            {
                await StoreAsync(end.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stores what waits together: while that goes on, the next ones gather.</summary>
    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        var batch = new List<WebhookEvent>();
        while (batch.Count < MostAtOnce && _events.Reader.TryRead(out WebhookEvent? happened))
        {
            batch.Add(happened);
        }

        try
        {
            Drop(await _table.QueueAsync(batch, cancellationToken).ConfigureAwait(false));
            Wake();
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            Drop(batch.Count);
        }
    }

    private void Drop(int count)
    {
        if (count > 0 && Interlocked.Add(ref _dropped, count) == count)
        {
            _log.Dropped();
        }
    }
}

/// <summary>Something that webhooks are told of.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Kind">What.</param>
/// <param name="Room">Where.</param>
/// <param name="At">When, in Unix milliseconds.</param>
/// <param name="About">More about it.</param>
internal sealed record WebhookEvent(string Id, string Kind, string Room, long At, IReadOnlyList<(string Name, string? Value)> About)
{
    public const string
        RoomCreated = "room.created", RoomUpdated = "room.updated", RoomDeleted = "room.deleted",
        MemberBanned = "member.banned", RoleChanged = "role.changed",
        RoomOpened = "room.opened", RoomClosed = "room.closed", MemberJoined = "member.joined", MemberLeft = "member.left";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [RoomCreated, RoomUpdated, RoomDeleted, RoomOpened, RoomClosed, MemberJoined, MemberLeft, MemberBanned, RoleChanged];

    /// <summary>What a receiver gets.</summary>
    /// <param name="hook">The webhook.</param>
    public string BodyFor(string hook)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", $"{Id}-{hook}");
            json.WriteString("event", Kind);
            json.WriteString("room", Room);
            json.WriteString("at", DateTimeOffset.FromUnixTimeMilliseconds(At));
            foreach ((string name, string? value) in About)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
