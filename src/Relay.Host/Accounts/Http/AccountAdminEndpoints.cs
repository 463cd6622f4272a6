using System.Globalization;
using Relay.Host.Http;

namespace Relay.Host.Accounts.Http;

/// <summary>What operators do with accounts and API keys, under <c>/api/v1/auth</c>.</summary>
internal static class AccountAdminEndpoints
{
    private const string Tag = "Accounts";

    private const int MostLines = 1000;

    private static readonly string[] Scopes = [RelayClaims.AdminScope, RelayClaims.RoomsScope];

    /// <summary>Puts them into the program.</summary>
    /// <param name="app">The program.</param>
    public static void MapAccountAdmin(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.AuthGroup().RequireAuthorization(RelayClaims.AdminPolicy);
        group.MapPost("accounts/{id}/disable", (string id, HttpContext context, AccountDesk desk) =>
            ChangedAsync(id, desk.DisableAsync(Actor(context), id, Address(context), context.RequestAborted)))
            .Describe("disableAccount", Tag, "Ends an account's sessions and lets it in no more.")
            .Answers<ChangedAnswer>(200).Problems(401, 403, 404);
        group.MapPost("accounts/{id}/enable", (string id, HttpContext context, AccountDesk desk) =>
            ChangedAsync(id, desk.EnableAsync(Actor(context), id, Address(context), context.RequestAborted)))
            .Describe("enableAccount", Tag, "Lets an account in again.").Answers<ChangedAnswer>(200).Problems(401, 403, 404);
        group.MapPut("accounts/{id}/admin", (string id, HttpContext context, AccountDesk desk) =>
            ChangedAsync(id, desk.SetAdminAsync(Actor(context), id, isAdmin: true, Address(context), context.RequestAborted)))
            .Describe("makeOperator", Tag, "Makes an account an operator of the server.")
            .Answers<ChangedAnswer>(200).Problems(401, 403, 404);
        group.MapDelete("accounts/{id}/admin", (string id, HttpContext context, AccountDesk desk) =>
            ChangedAsync(id, desk.SetAdminAsync(Actor(context), id, isAdmin: false, Address(context), context.RequestAborted)))
            .Describe("unmakeOperator", Tag, "Makes an account an operator no more.").Answers<ChangedAnswer>(200).Problems(401, 403, 404);
        group.MapPost("accounts/{id}/revoke", async (string id, HttpContext context, SessionDesk sessions) => Results.Json(new EndedAnswer(
            await sessions.EndAsync(Actor(context), id, null, Address(context), context.RequestAborted).ConfigureAwait(false))))
            .Describe("endAccountSessions", Tag, "Ends all of an account's sessions, and whatever is connected by them.")
            .Answers<EndedAnswer>(200).Problems(401, 403);
        group.MapGet("api-keys", (ApiKeyDesk keys) => Results.Json(new KeyList([.. keys.All.Select(Show)])))
            .Describe("listApiKeys", Tag, "Lists the API keys, without their secrets.").Answers<KeyList>(200).Problems(401, 403);
        group.MapPost("api-keys", CreateKeyAsync).Describe("createApiKey", Tag, "Makes an API key for a server. It is told this once.")
            .Reads<KeyRequest>().Answers<NewKeyAnswer>(200).Problems(401, 403, 409);
        group.MapDelete("api-keys/{id}", async (string id, HttpContext context, ApiKeyDesk keys) =>
            await keys.RemoveAsync(Actor(context), id, Address(context), context.RequestAborted).ConfigureAwait(false)
                ? Results.NoContent()
                : Problem.Of(StatusCodes.Status404NotFound, "There is no such API key."))
            .Describe("revokeApiKey", Tag, "Takes an API key back, and closes what is connected by it.")
            .Answers(204).Problems(401, 403, 404);
        group.MapGet("audit", async (long? before, int? limit, HttpContext context, IAuditStore audit) => Results.Json(new AuditList(
            await audit.ReadAsync(before ?? long.MaxValue, Math.Clamp(limit ?? 100, 1, MostLines), context.RequestAborted)
                .ConfigureAwait(false))))
            .Describe(
                "readAudit", Tag,
                $"Reads who signed in and who changed what, the newest first: limit entries (at most {MostLines}) " +
                "before the number of one.")
            .Answers<AuditList>(200).Problems(401, 403);
    }

    private static async Task<IResult> ChangedAsync(string id, Task<bool> change) => await change.ConfigureAwait(false)
        ? Results.Json(new ChangedAnswer(id))
        : Problem.Of(StatusCodes.Status404NotFound, "There is no such account.");

    private static async Task<IResult> CreateKeyAsync(HttpContext context, ApiKeyDesk keys, AccountsOptions options)
    {
        (KeyRequest? body, IResult? problem) = await JsonBody.ReadAsync<KeyRequest>(context).ConfigureAwait(false);
        if (body is null)
        {
            return problem!;
        }

        string[] scopes = [.. (body.Scopes ?? []).Distinct(StringComparer.Ordinal)];
        string? wrong = DisplayName.Check(body.Name) is null ? $"name must be 1 to {Account.MaxName} characters."
            : scopes.FirstOrDefault(scope => !Scopes.Contains(scope)) is not null ? $"scopes must be of: {string.Join(", ", Scopes)}."
            : body.ExpiresInDays is < 1 or > 3650 ? $"expiresInDays must be 1 to 3650; it is {body.ExpiresInDays}."
            : null;
        if (wrong is not null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, wrong);
        }

        TimeSpan? lifetime = body.ExpiresInDays is { } days ? TimeSpan.FromDays(days) : null;
        (ApiKey Key, string Text)? made = await keys.CreateAsync(
            Actor(context), DisplayName.Check(body.Name)!, string.Join(' ', scopes), lifetime, Address(context), context.RequestAborted)
            .ConfigureAwait(false);
        return made is (ApiKey key, string text)
            ? Results.Json(new NewKeyAnswer(text, Show(key)))
            : Problem.Of(StatusCodes.Status409Conflict, $"There are as many API keys as may be: {options.MaxApiKeys}.");
    }

    private static KeyAnswer Show(ApiKey key) => new(
        key.Id, key.Account, key.Name, key.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), Iso(key.Created), Iso(key.Expires),
        Iso(key.LastUsed));

    private static string? Iso(long? milliseconds) =>
        milliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime.ToString("O", CultureInfo.InvariantCulture) : null;

    private static string Actor(HttpContext context) => context.User.AccountId()!;

    private static System.Net.IPAddress? Address(HttpContext context) => context.Connection.RemoteIpAddress;

    private sealed record ChangedAnswer(string Id);

    private sealed record KeyList(IReadOnlyList<KeyAnswer> ApiKeys);

    private sealed record NewKeyAnswer(string ApiKey, KeyAnswer Key);

    private sealed record KeyAnswer(
        string Id, string Account, string Name, IReadOnlyList<string> Scopes, string? Created, string? Expires, string? LastUsed);

    private sealed record AuditList(IReadOnlyList<AuditEntry> Entries);

    private sealed record KeyRequest
    {
        public string? Name { get; init; }

        public IReadOnlyList<string>? Scopes { get; init; }

        public int? ExpiresInDays { get; init; }
    }
}
