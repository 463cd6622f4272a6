using Dapper;
using Relay.Host.Http;
using Relay.Host.Storage;

namespace Relay.Host.Accounts.Http;

/// <summary><c>POST /api/v1/auth/room-token</c>: a room's owner, an operator or a server with the scope
/// <see cref="RelayClaims.RoomsScope"/> lets somebody into a room.</summary>
internal static class RoomTokenEndpoint
{
    private const int MaxPermissions = 64;
    private const int MaxText = 255;

    /// <summary>Puts it into the program.</summary>
    /// <param name="app">The program.</param>
    public static void MapRoomTokens(this IEndpointRouteBuilder app) =>
        app.AuthGroup().RequireAuthorization().MapPost("room-token", IssueAsync)
            .Describe(
                "issueRoomToken", AuthEndpoints.Tag,
                "Issues a token that lets an account or a guest into one room, for its owner, an operator or a server.")
            .Reads<RoomTokenRequest>().Answers<RoomTokenAnswer>(200).Problems(401, 403);

    private static async Task<IResult> IssueAsync(
        HttpContext context, RoomTokens tokens, CryptoGate gate, Database database, AccountsOptions options)
    {
        (RoomTokenRequest? body, IResult? problem) = await JsonBody.ReadAsync<RoomTokenRequest>(context).ConfigureAwait(false);
        if (body is null)
        {
            return problem!;
        }

        if (Wrong(body, options) is { } wrong)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, wrong);
        }

        string actor = context.User.AccountId()!;
        bool may = context.User.IsAdmin() || context.User.HasScope(RelayClaims.RoomsScope) ||
            await IsOwnerAsync(database, body.Room!, actor, context.RequestAborted).ConfigureAwait(false);
        if (!may)
        {
            return Problem.Of(
                StatusCodes.Status403Forbidden, "Only the room's owner, an operator or a server with the scope rooms issues its tokens.");
        }

        using CryptoGate.Place? place = await gate.EnterAsync(context.RequestAborted).ConfigureAwait(false);
        if (place is null)
        {
            return Problem.TooMany(context, TimeSpan.FromSeconds(1), "Too much to do. Try again later.");
        }

        TimeSpan lifetime = body.ExpiresIn is { } seconds ? TimeSpan.FromSeconds(seconds) : options.RoomTokenLifetime;
        string token = tokens.Issue(
            body.Room!, body.Account ?? RoomTokens.GuestPrefix + body.Guest, body.Role, body.Permissions ?? [], lifetime, actor);
        return Results.Json(new RoomTokenAnswer(token, (long)lifetime.TotalSeconds));
    }

    private static string? Wrong(RoomTokenRequest body, AccountsOptions options)
    {
        double most = options.RoomTokenLifetime.TotalSeconds;
        return body.Room is not { Length: > 0 and <= MaxText } ? $"room must be a room's name of 1 to {MaxText} characters."
            : body.Account is null == body.Guest is null ? "Name either account or guest."
            : body.Account is { } account && !Secrets.IsId(account) ? "account must be an account's id: 22 characters."
            : body.Guest is { } guest && DisplayName.Check(guest) != guest ? $"guest must be a name of 1 to {Account.MaxName} characters."
            : body.Role is { Length: 0 or > MaxText } ? $"role must have 1 to {MaxText} characters."
            : body.Permissions is { Count: > MaxPermissions } list
                ? $"permissions must be at most {MaxPermissions}; there are {list.Count}."
            : body.Permissions?.Any(permission => permission is not { Length: > 0 and <= MaxText }) == true
                ? $"A permission must have 1 to {MaxText} characters."
            : body.ExpiresIn is { } seconds && (seconds < 1 || seconds > most) ? $"expiresIn must be 1 to {most} seconds; it is {seconds}."
            : null;
    }

    private static Task<bool> IsOwnerAsync(
        Database database, string room, string account, CancellationToken cancellationToken) => database.ReadAsync(
        async connection => await connection.ExecuteScalarAsync<long>(
            """
            SELECT (SELECT COUNT(*) FROM rooms WHERE name = @room AND owner = @account) +
                (SELECT COUNT(*) FROM room_roles WHERE room = @room AND subject = @subject AND role = 'owner')
            """,
            new { room, account, subject = "user:" + account }).ConfigureAwait(false) > 0,
        cancellationToken);

    private sealed record RoomTokenAnswer(string RoomToken, long ExpiresIn);

    private sealed record RoomTokenRequest
    {
        public string? Room { get; init; }

        public string? Account { get; init; }

        public string? Guest { get; init; }

        public string? Role { get; init; }

        public IReadOnlyList<string>? Permissions { get; init; }

        public int? ExpiresIn { get; init; }
    }
}
