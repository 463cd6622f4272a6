using System.Text.Json;
using System.Threading.Channels;
using Relay.Host.Accounts;
using Relay.Host.Storage;

namespace Relay.Host.Webhooks;

/// <summary>Takes events from whoever they happen to, without making them wait, and stores them for delivery.</summary>
internal sealed class WebhookQueue(WebhookTable table, TimeProvider time, ILogger<WebhookQueue> log) : BackgroundService
{
    /// <summary>Events that wait to be stored.</summary>
    private const int MostHeld = 1024;

    private readonly Channel<WebhookEvent> _events = Channel.CreateBounded<WebhookEvent>(new BoundedChannelOptions(MostHeld) { SingleReader = true });
    private readonly SemaphoreSlim _news = new(0, 1);
    private long _dropped;
    private long _count;

    /// <summary>Events that could not be held or stored, and deliveries for which there was no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Something happened.</summary>
    /// <param name="kind">What: one of <see cref="WebhookEvent.Kinds"/>.</param>
    /// <param name="room">Where.</param>
    /// <param name="about">More about it.</param>
    public void Happened(string kind, string room, params (string Name, string? Value)[] about)
    {
        // Ids are in the order of what happened: deliveries go by them.
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
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
            await foreach (WebhookEvent happened in _events.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    Drop(await table.QueueAsync(happened, stoppingToken).ConfigureAwait(false));
                    Wake();
                }
                catch (StoreUnavailableException)
                {
                    Drop(1);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }

    private void Drop(int count)
    {
        if (count > 0 && Interlocked.Add(ref _dropped, count) == count)
        {
            log.Dropped();
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
    public const string RoomCreated = "room.created", RoomUpdated = "room.updated", RoomDeleted = "room.deleted", MemberBanned = "member.banned", RoleChanged = "role.changed";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [RoomCreated, RoomUpdated, RoomDeleted, MemberBanned, RoleChanged];

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
