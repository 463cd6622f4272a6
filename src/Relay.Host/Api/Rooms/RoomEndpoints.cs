using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Host.Accounts;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Http;
using Relay.Host.Storage.Rooms;

namespace Relay.Host.Api.Rooms;

/// <summary>Rooms: <c>/api/v1/rooms</c>.</summary>
internal static class RoomEndpoints
{
    private const int MaxSearch = 100;

    public static void MapRooms(this RouteGroupBuilder api)
    {
        api.MapGet("/rooms", ListAsync).Describe(
            "listRooms", "Rooms", "Lists the rooms that you may see, by name.", query: ["q", .. Operation.Paged])
            .Answers<Page<RoomAnswer>>(200).Problems(401, 422);
        api.MapPost("/rooms", CreateAsync).Describe(
            "createRoom", "Rooms", "Makes a room; you become its owner.", headers: [Operation.IdempotencyKey], repeatable: true)
            .Takes<NewRoom>().Answers<RoomAnswer>(201).Problems(401, 409, 422);
        api.MapGet("/rooms/{room}", GetAsync).Describe("getRoom", "Rooms", "Tells about a room. The ETag names its revision.")
            .Answers<RoomAnswer>(200).Problems(401, 403, 404);
        api.MapPatch("/rooms/{room}", PatchAsync).Describe(
            "changeRoom", "Rooms",
            "Changes a room, also while people are in it (RFC 7396: null takes a setting back to the default). " +
            "If-Match is needed; * is for whatever it is.",
            headers: ["If-Match"])
            .Takes<RoomPatch>().Answers<RoomAnswer>(200).Problems(401, 403, 404, 412, 422, 428);
        api.MapDelete("/rooms/{room}", DeleteAsync).Describe(
            "deleteRoom", "Rooms",
            "Takes everybody out of a room and deletes all that is stored of it. " +
            "If-Match is needed; * is for whatever it is.",
            headers: ["If-Match"])
            .Answers(204).Problems(401, 403, 404, 412, 428);
        api.MapGet("/rooms/{room}/export", ExportAsync).Describe(
            "exportRoom", "Rooms", "Tells all that is stored of a room, to be a template or a backup.")
            .Answers<RoomFile>(200).Problems(401, 403, 404);
    }

    private static async Task<IResult> ListAsync(HttpContext context, RoomDesk desk)
    {
        Caller caller = context.Caller();
        int limit = context.Limit();
        string text = context.Query("q") ?? "";
        if (text.Length > MaxSearch)
        {
            throw ApiProblem.Invalid("q", $"takes at most {MaxSearch} characters; it has {text.Length}.");
        }

        IReadOnlyList<RoomRow> rows = await desk.ListAsync(
            new RoomSearch(text, caller.IsAdmin ? null : caller.Account, context.Cursor(), limit + 1),
            context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Paging.Of(rows, limit, row => row.Name, row => Show(row)), ApiJson.Default.PageRoomAnswer);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, RoomDesk desk, RoomFiles files, RoomAccess access, IOptions<RelayOptions> relay)
    {
        Caller caller = context.Caller();
        NewRoom made = await JsonBody.ReadAsync(context, ApiJson.Default.NewRoom).ConfigureAwait(false);
        string name = made.Name ?? Idempotency.SeedOf(context) ?? Secrets.NewId();
        int limit = relay.Value.Limits.MaxRoomNameBytes;
        if (!RoomNames.IsValid(name, limit))
        {
            throw ApiProblem.Invalid(
                "name",
                $"takes 1 to {limit} bytes of letters and digits of any script and - _ . : / ~ @ +, " +
                "without \"..\", not beginning or ending with /.");
        }

        RoomFile? template = null;
        if (made.Template is { } wanted)
        {
            template = await TemplateAsync(wanted, caller, files, access, context.RequestAborted).ConfigureAwait(false);
        }

        RoomRow row = await desk.CreateAsync(
            made, name, caller, template, Idempotency.IsRepeated(context), context.RequestAborted).ConfigureAwait(false);
        Precondition.SetTag(context, RoomDesk.TagOf(row));
        RoomView view = await access.FindAsync(name, caller, context.RequestAborted).ConfigureAwait(false);
        context.Response.Headers.Location = "/api/v1/rooms/" + Uri.EscapeDataString(name);
        return Results.Json(Show(row, view), ApiJson.Default.RoomAnswer, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<RoomFile> TemplateAsync(
        RoomTemplate wanted, Caller caller, RoomFiles files, RoomAccess access, CancellationToken aborted)
    {
        if (wanted.File is { } file && wanted.Room is null)
        {
            return files.Read(System.Text.Encoding.UTF8.GetBytes(file.GetRawText()));
        }

        if (wanted.Room is not { } room || wanted.File is not null)
        {
            throw ApiProblem.Invalid("template", "must have either room or file.");
        }

        // Whoever copies a room sees all of it, so it takes what its owner may.
        RoomView view = await access.ManageAsync(room, caller, aborted).ConfigureAwait(false);
        return await files.ExportAsync(view.Known.Row.Name, aborted).ConfigureAwait(false)
            ?? throw ApiProblem.NotFound($"Room \"{room}\" was never made.");
    }

    private static async Task<IResult> GetAsync(HttpContext context, RoomAccess access, RoomDesk desk)
    {
        RoomView view = await access.FindAsync(
            RoomNames.RoomOf(context.RoomName()), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        RoomRow row = await desk.ReadAsync(view.Known.Row.Name, context.RequestAborted).ConfigureAwait(false) ?? view.Known.Row;
        Precondition.SetTag(context, RoomDesk.TagOf(row));
        return Results.Json(Show(row, view), ApiJson.Default.RoomAnswer);
    }

    private static async Task<IResult> PatchAsync(HttpContext context, RoomAccess access, RoomDesk desk)
    {
        RoomView view = await access.ManageAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        Precondition condition = Required(context);
        RoomPatch patch = await JsonBody.ReadAsync(context, ApiJson.Default.RoomPatch).ConfigureAwait(false);
        (RoomRow row, SettingsChange change) = await desk.ChangeAsync(
            view.Known.Row.Name, patch, condition, context.RequestAborted).ConfigureAwait(false);
        Precondition.SetTag(context, RoomDesk.TagOf(row));
        return Results.Json(
            Show(row, view) with
            {
                Applied = RoomSettingsReader.NamesOf(change.Applied),
                Waiting = RoomSettingsReader.NamesOf(change.Waiting),
            },
            ApiJson.Default.RoomAnswer);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, RoomAccess access, RoomDesk desk)
    {
        RoomView view = await access.ManageAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        await desk.DeleteAsync(view.Known.Row.Name, Required(context), context.RequestAborted).ConfigureAwait(false);
        return Results.NoContent();
    }

    private static async Task<IResult> ExportAsync(HttpContext context, RoomAccess access, RoomFiles files)
    {
        RoomView view = await access.ManageAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        RoomFile file = await files.ExportAsync(view.Known.Row.Name, context.RequestAborted).ConfigureAwait(false)
            ?? throw ApiProblem.NotFound("The room was never made.");
        return Results.Json(file, ApiJson.Default.RoomFile);
    }

    private static Precondition Required(HttpContext context) =>
        Precondition.Of(context) is { MustExist: true } condition
            ? condition
            : throw new ApiProblem(
                ProblemType.PreconditionRequired,
                "A room is changed and deleted with If-Match: its ETag, or * for whatever it is.");

    private static RoomAnswer Show(RoomRow row, RoomView? view = null) => new(
        row.Name,
        row.Title,
        row.Description,
        row.Owner,
        Enum.Parse<RoomEntry>(row.Entry, ignoreCase: true),
        RoomSettingsReader.Parse(row.Settings),
        row.Revision,
        DateTimeOffset.FromUnixTimeMilliseconds(row.Created),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Updated),
        view?.Role);
}
