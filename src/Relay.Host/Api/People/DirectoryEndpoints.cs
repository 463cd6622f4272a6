using Relay.Core.Hosting;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Http;

namespace Relay.Host.Api.People;

/// <summary>Who there is, and who is online, as far as the asker may know.</summary>
internal static class DirectoryEndpoints
{
    private const int MaxSearch = 100;

    public static void MapDirectory(this RouteGroupBuilder api)
    {
        api.MapGet("/users", UsersAsync).Describe(
            "listUsers", "People", "Lists accounts by id; guests are not among them.", query: ["q", .. Operation.Paged])
            .Answers<Page<UserAnswer>>(200).Problems(401, 422);
        api.MapGet("/users/{account}", UserAsync).Describe("getUser", "People", "Tells what all may know of an account.")
            .Answers<UserAnswer>(200).Problems(401, 404);
        api.MapGet("/online", OnlineAsync).Describe(
            "listOnline", "People", "Lists who is connected, and where, if you may look there.", query: ["user", .. Operation.Paged])
            .Answers<Page<OnlineAnswer>>(200).Problems(401, 422);
        api.MapGet("/rooms/{room}/online", RoomAsync).Describe(
            "listOnlineInRoom", "People", "Lists who is in a room and its instances.", query: Operation.Paged)
            .Answers<Page<OnlineAnswer>>(200).Problems(401, 403, 404, 422);
    }

    private static async Task<IResult> UsersAsync(HttpContext context, PeopleTable table)
    {
        context.Caller();
        int limit = context.Limit();
        string text = context.Query("q") ?? "";
        if (text.Length > MaxSearch)
        {
            throw ApiProblem.Invalid("q", $"takes at most {MaxSearch} characters; it has {text.Length}.");
        }

        IReadOnlyList<UserAnswer> rows = await table.UsersAsync(
            text, context.Cursor(), limit + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Paging.Of(rows, limit, row => row.Id, row => row), ApiJson.Default.PageUserAnswer);
    }

    private static async Task<IResult> UserAsync(HttpContext context, PeopleTable table)
    {
        context.Caller();
        UserAnswer user = await table.UserAsync(context.PathPiece(1), context.RequestAborted).ConfigureAwait(false)
            ?? throw ApiProblem.NotFound("There is no such account.");
        return Results.Json(user, ApiJson.Default.UserAnswer);
    }

    private static async Task<IResult> OnlineAsync(HttpContext context, RelayServer server, RoomAccess access)
    {
        Caller caller = context.Caller();
        int limit = context.Limit();
        string? user = context.Query("user");
        OnlineClient[] page = Page(
            await server.Inspector.OnlineAsync(
                user is null ? null : [user], most: int.MaxValue, cancellationToken: context.RequestAborted).ConfigureAwait(false),
            context.Cursor(),
            limit);

        // Where the asker may not look, nobody is seen to be; that somebody is connected may be known.
        var visible = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (string room in page.Select(client => client.Room).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            visible[room] = await access.MaySeeAsync(room, caller, context.RequestAborted).ConfigureAwait(false);
        }

        return Results.Json(
            Paging.Of(page, limit, KeyOf, client => Show(client, client.Room is { } room && visible[room] ? room : null)),
            ApiJson.Default.PageOnlineAnswer);
    }

    private static async Task<IResult> RoomAsync(HttpContext context, RelayServer server, RoomAccess access)
    {
        int limit = context.Limit();
        RoomView view = await access.FindAsync(
            RoomNames.RoomOf(context.RoomName()), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        OnlineClient[] page = Page(
            (await server.Inspector.OnlineAsync(most: int.MaxValue, cancellationToken: context.RequestAborted).ConfigureAwait(false))
                .Where(client => client.Room is { } room && RoomNames.RoomOf(room) == view.Name),
            context.Cursor(),
            limit);
        return Results.Json(Paging.Of(page, limit, KeyOf, client => Show(client, client.Room)), ApiJson.Default.PageOnlineAnswer);
    }

    private static OnlineClient[] Page(IEnumerable<OnlineClient> clients, string after, int limit) =>
        [
            .. clients.OrderBy(KeyOf, StringComparer.Ordinal)
                .Where(client => string.CompareOrdinal(KeyOf(client), after) > 0).Take(limit + 1),
        ];

    private static string KeyOf(OnlineClient client) => $"{client.UserId}\n{client.Session}";

    private static OnlineAnswer Show(OnlineClient client, string? room) => new(client.UserId, client.Name, room, client.IsAway);
}
