using Relay.Host.Accounts;
using Relay.Host.Api;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Http;

namespace Relay.Host.Webhooks;

/// <summary>Webhooks of a room, for its owner, and of all rooms, for operators.</summary>
internal static class WebhookEndpoints
{
    private const int MinSecret = 16, MaxSecret = 256;

    public static void MapWebhooks(this RouteGroupBuilder api)
    {
        foreach ((string prefix, string name, string of) in new[] { ("/rooms/{room}", "Room", "a room"), ("", "Server", "all rooms") })
        {
            api.MapGet(prefix + "/webhooks", ListAsync).Describe(
                $"list{name}Webhooks", "Webhooks", $"Lists webhooks of {of}, without their secrets.", query: Operation.Paged)
                .Answers<Page<WebhookAnswer>>(200).Problems(401, 403, 404, 422);
            api.MapPost(prefix + "/webhooks", CreateAsync).Describe(
                $"create{name}Webhook", "Webhooks", $"Has events of {of} sent to a URL. The secret is told this once.")
                .Takes<WebhookBody>().Answers<WebhookAnswer>(201).Problems(401, 403, 404, 409, 422);
            api.MapDelete(prefix + "/webhooks/{id}", DeleteAsync).Describe(
                $"delete{name}Webhook", "Webhooks", "Takes a webhook away, with what waits for it.")
                .Answers(204).Problems(401, 403, 404);
            api.MapGet(prefix + "/webhooks/{id}/deliveries", DeliveriesAsync).Describe(
                $"list{name}Deliveries", "Webhooks", "Lists what was sent, waits or was given up (parked).", query: Operation.Paged)
                .Answers<Page<DeliveryAnswer>>(200).Problems(401, 403, 404, 422);
        }
    }

    private static async Task<IResult> ListAsync(HttpContext context, RoomAccess access, WebhookTable table)
    {
        int limit = context.Limit();
        (string? room, _) = await OfAsync(context, access).ConfigureAwait(false);
        IReadOnlyList<HookRow> rows = await table.ListAsync(
            room, context.Cursor(), limit + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Paging.Of(rows, limit, row => row.Id, row => Show(row)), ApiJson.Default.PageWebhookAnswer);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, RoomAccess access, WebhookTable table, WebhookOptions options, TimeProvider time)
    {
        (string? room, _) = await OfAsync(context, access).ConfigureAwait(false);
        WebhookBody body = await JsonBody.ReadAsync(context, ApiJson.Default.WebhookBody).ConfigureAwait(false);
        var problems = new List<FieldProblem>();
        if (WebhookAddress.Check(body.Url, options) is { } wrong)
        {
            problems.Add(new FieldProblem("url", wrong));
        }

        if (body.Events.Count == 0 || body.Events.Any(kind => !WebhookEvent.Kinds.Contains(kind, StringComparer.Ordinal)))
        {
            problems.Add(new FieldProblem("events", $"must be some of {string.Join(", ", WebhookEvent.Kinds)}."));
        }

        if (body.Secret is { Length: < MinSecret or > MaxSecret } secret)
        {
            problems.Add(new FieldProblem("secret", $"takes {MinSecret} to {MaxSecret} characters; it has {secret.Length}."));
        }

        if (problems.Count > 0)
        {
            throw ApiProblem.Invalid(problems);
        }

        var row = new HookRow
        {
            Id = Secrets.NewId(),
            Room = room,
            Url = body.Url,
            Secret = body.Secret ?? Secrets.NewSecret(),
            Events = string.Join(' ', body.Events.Distinct(StringComparer.Ordinal)),
            Creator = context.Caller().Account,
            Created = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        await table.AddAsync(row, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(
            Show(row) with { Secret = row.Secret }, ApiJson.Default.WebhookAnswer, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, RoomAccess access, WebhookTable table)
    {
        (string? room, string id) = await OfAsync(context, access).ConfigureAwait(false);
        return await table.RemoveAsync(room, id, context.RequestAborted).ConfigureAwait(false)
            ? Results.NoContent()
            : throw ApiProblem.NotFound("There is no such webhook.");
    }

    private static async Task<IResult> DeliveriesAsync(HttpContext context, RoomAccess access, WebhookTable table)
    {
        int limit = context.Limit();
        (string? room, string id) = await OfAsync(context, access).ConfigureAwait(false);
        IReadOnlyList<DeliveryRow> rows = await table.DeliveriesAsync(
            room, id, context.Cursor(), limit + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(
            Paging.Of(
                rows, limit, row => row.Id,
                row => new DeliveryAnswer(
                    row.Id, row.Event, row.State, row.Attempts, row.Outcome, DateTimeOffset.FromUnixTimeMilliseconds(row.Created))),
            ApiJson.Default.PageDeliveryAnswer);
    }

    /// <summary>
    /// What a request is about: a room (null for all) and, if the path has one, a webhook. Makes sure that the asker may.
    /// </summary>
    private static async Task<(string? Room, string Id)> OfAsync(HttpContext context, RoomAccess access)
    {
        bool isOfRoom = context.Request.RouteValues.ContainsKey("room");
        string id = context.Request.RouteValues.ContainsKey("id") ? context.PathPiece(isOfRoom ? 3 : 1) : "";
        if (!isOfRoom)
        {
            context.Admin();
            return (null, id);
        }

        RoomView view = await access.ManageAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        return view.Known.Row.Revision > 0
            ? (view.Known.Row.Name, id)
            : throw ApiProblem.NotFound("The room was never made, so it has no webhooks.");
    }

    private static WebhookAnswer Show(HookRow row) => new(
        row.Id, row.Room, row.Url, row.Events.Split(' '), DateTimeOffset.FromUnixTimeMilliseconds(row.Created));
}

/// <summary>A webhook that is to be.</summary>
internal sealed record WebhookBody
{
    /// <summary>Where to: https.</summary>
    public required string Url { get; init; }

    /// <summary>What of: room.created, room.updated, room.deleted, room.opened, room.closed, member.joined, member.left, member.banned,
    /// role.changed.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>What deliveries are signed with, 16 to 256 characters. Null for a made-up one.</summary>
    public string? Secret { get; init; }
}

/// <summary>A webhook.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Room">Its room; null for all.</param>
/// <param name="Url">Where to.</param>
/// <param name="Events">What of.</param>
/// <param name="Created">Since when.</param>
/// <param name="Secret">What deliveries are signed with. Told once.</param>
internal sealed record WebhookAnswer(
    string Id, string? Room, string Url, IReadOnlyList<string> Events, DateTimeOffset Created, string? Secret = null);

/// <summary>A delivery.</summary>
/// <param name="Id">Names it to the receiver, the same at each attempt.</param>
/// <param name="Event">What of.</param>
/// <param name="State">waiting, delivered or parked.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Outcome">What the last attempt came to.</param>
/// <param name="Created">When it happened.</param>
internal sealed record DeliveryAnswer(string Id, string Event, string State, int Attempts, string Outcome, DateTimeOffset Created);
