using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Relay.Host.Http;
using Relay.Host.Storage;

namespace Relay.Host.Accounts.Http;

/// <summary><c>/api/v1/auth</c>: guests, sessions, oneself, connect tickets.</summary>
internal static class AuthEndpoints
{
    /// <summary>Where they are.</summary>
    public const string Path = "/api/v1/auth";

    /// <summary>What the OpenAPI document files them under.</summary>
    public const string Tag = "Sign-in";

    private const int MaxBody = 80 * 1024;

    /// <summary>Puts them into the program.</summary>
    /// <param name="app">The program.</param>
    public static void MapAuth(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.AuthGroup();
        group.MapPost("guest", GuestAsync).Describe("signInAsGuest", Tag, "Comes in as a new guest.")
            .Reads<GuestRequest>().Answers<SessionTokens>(200).Problems(401, 403);
        group.MapPost("refresh", RefreshAsync)
            .Describe(
                "refreshSession", Tag,
                "Exchanges a refresh token, once, for the next pair of tokens. One that is shown again ends the session.")
            .Reads<RefreshRequest>().Answers<SessionTokens>(200).Problems(401);
        RouteGroupBuilder own = app.AuthGroup().RequireAuthorization();
        own.MapPost("logout", LogoutAsync)
            .Describe("signOut", Tag, "Ends this session, or all of the account's, and whatever is connected by them.")
            .Reads<LogoutRequest>().Answers<EndedAnswer>(200).Problems(401, 409);
        own.MapGet("sessions", SessionsAsync).Describe("listSessions", Tag, "Lists the account's sessions, the one used last first.")
            .Answers<SessionList>(200).Problems(401);
        own.MapDelete("sessions/{id}", EndSessionAsync).Describe("endSession", Tag, "Ends one of the account's sessions.")
            .Answers(204).Problems(401, 404);
        own.MapGet("me", MeAsync).Describe("getAccount", Tag, "Shows the account that is signed in.")
            .Answers<AccountAnswer>(200).Problems(401, 404);
        own.MapPatch("me", PatchMeAsync).Describe("updateAccount", Tag, "Changes the account's name or profile.", headers: ["If-Match"])
            .Reads<ProfileRequest>().Answers<AccountAnswer>(200).Problems(401, 412);
        own.MapPost("ticket", TicketAsync)
            .Describe("issueTicket", Tag, "Issues a ticket that lets one connection in, soon: what a client shows in Hello or as ?ticket=.")
            .Reads<TicketRequest>().Answers<TicketAnswer>(200).Problems(401);
    }

    /// <summary>A group of endpoints about who somebody is: short bodies, nothing cached, and 503 while the database cannot be
    /// reached.</summary>
    /// <param name="app">The program.</param>
    public static RouteGroupBuilder AuthGroup(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup(Path).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxBody));
        group.AddEndpointFilter(async (context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            try
            {
                return await next(context).ConfigureAwait(false);
            }
            catch (StoreUnavailableException)
            {
                context.HttpContext.Response.Headers.RetryAfter = "5";
                return Problem.Of(StatusCodes.Status503ServiceUnavailable, "The database cannot be reached now. Try again later.");
            }
        });
        return group;
    }

    private static async Task<IResult> GuestAsync(HttpContext context, AccountDesk desk, SignInLimits limits, AccountsOptions options)
    {
        if (!options.Guests)
        {
            return Problem.Of(StatusCodes.Status403Forbidden, "This server has no guests: sign in.");
        }

        (GuestRequest? body, IResult? problem) = await JsonBody.ReadAsync<GuestRequest>(context).ConfigureAwait(false);
        if (body is null)
        {
            return problem!;
        }

        if (body.Name is not null && DisplayName.Check(body.Name) is null)
        {
            return BadName(body.Name);
        }

        TimeSpan wait = limits.Guests.Take(context.Connection.RemoteIpAddress);
        if (wait > TimeSpan.Zero)
        {
            return Problem.TooMany(
                context, wait, $"Too many new guests from this address: {options.GuestsPerMinute} a minute. Try again later.");
        }

        SessionTokens? tokens = await desk.StartGuestAsync(DisplayName.Check(body.Name), SignInOf(context, "guest"), context.RequestAborted)
            .ConfigureAwait(false);
        return tokens is null ? Problem.Refused() : Results.Json(tokens);
    }

    private static async Task<IResult> RefreshAsync(HttpContext context, SessionDesk sessions, SignInLimits limits, Revocations revocations)
    {
        (RefreshRequest? body, IResult? problem) = await JsonBody.ReadAsync<RefreshRequest>(context).ConfigureAwait(false);
        if (body is null)
        {
            return problem!;
        }

        System.Net.IPAddress? address = context.Connection.RemoteIpAddress;
        using AddressLimit.Attempt? attempt = await limits.Failures.BeginAsync(address, context.RequestAborted).ConfigureAwait(false);
        if (attempt is null)
        {
            return Problem.TooMany(
                context, limits.Failures.WaitOf(address), "Too many failed sign-ins from this address. Try again later.");
        }

        if (!revocations.IsLoaded)
        {
            throw new StoreUnavailableException("Not loaded yet.");
        }

        SessionTokens? tokens = await sessions.RefreshAsync(body.RefreshToken, address, context.RequestAborted).ConfigureAwait(false);
        if (tokens is not null)
        {
            return Results.Json(tokens);
        }

        attempt.Fail();
        return Problem.Refused();
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, SessionDesk sessions)
    {
        (LogoutRequest? body, IResult? problem) = await JsonBody.ReadAsync<LogoutRequest>(context).ConfigureAwait(false);
        if (body is null)
        {
            return problem!;
        }

        if (context.User.SessionId() is not { } session)
        {
            return NoSession();
        }

        string account = context.User.AccountId()!;
        int ended = await sessions.EndAsync(
            account, account, body.All ? null : session, context.Connection.RemoteIpAddress, context.RequestAborted, "logout")
            .ConfigureAwait(false);
        return Results.Json(new EndedAnswer(ended));
    }

    private static async Task<IResult> SessionsAsync(HttpContext context, SessionDesk sessions)
    {
        IReadOnlyList<StoredSession> list = await sessions.ListAsync(context.User.AccountId()!, context.RequestAborted)
            .ConfigureAwait(false);
        string? own = context.User.SessionId();
        return Results.Json(new SessionList([.. list.Select(session => new SessionAnswer(
            session.Id, session.Provider, session.Client, Iso(session.Created), Iso(session.LastUsed), Iso(session.IdleUntil),
            session.Id == own))]));
    }

    private static async Task<IResult> EndSessionAsync(string id, HttpContext context, SessionDesk sessions)
    {
        string account = context.User.AccountId()!;
        return Secrets.IsId(id) && await sessions.EndAsync(
            account, account, id, context.Connection.RemoteIpAddress, context.RequestAborted).ConfigureAwait(false) > 0
            ? Results.NoContent()
            : Problem.Of(StatusCodes.Status404NotFound, "You have no such session.");
    }

    private static async Task<IResult> MeAsync(HttpContext context, AccountDesk desk)
    {
        string id = context.User.AccountId()!;
        return await desk.FindAsync(id, context.RequestAborted).ConfigureAwait(false) is { } account
            ? Show(context, account, await desk.IdentitiesOfAsync(id, context.RequestAborted).ConfigureAwait(false))
            : Problem.Of(StatusCodes.Status404NotFound, "This key belongs to no account.");
    }

    private static async Task<IResult> PatchMeAsync(HttpContext context, AccountDesk desk, AccountsOptions options)
    {
        (ProfileRequest? body, IResult? problem) = await JsonBody.ReadAsync<ProfileRequest>(context).ConfigureAwait(false);
        if (body is null)
        {
            return problem!;
        }

        if (body.Name is not null && DisplayName.Check(body.Name) is null)
        {
            return BadName(body.Name);
        }

        if (body.Profile is { } profile)
        {
            int size = Encoding.UTF8.GetByteCount(profile.GetRawText());
            if (profile.ValueKind != JsonValueKind.Object || size > options.MaxProfileBytes)
            {
                return Problem.Of(
                    StatusCodes.Status400BadRequest,
                    $"profile must be a JSON object of at most {options.MaxProfileBytes} bytes; it is {profile.ValueKind} of {size}.");
            }
        }

        if (!TryReadIfMatch(context.Request, out long? revision))
        {
            return Problem.Of(StatusCodes.Status412PreconditionFailed, "If-Match names no version of this account.");
        }

        string id = context.User.AccountId()!;
        Account? changed = await desk.UpdateAsync(id, DisplayName.Check(body.Name), body.Profile, revision, context.RequestAborted)
            .ConfigureAwait(false);
        return changed is not null
            ? Show(context, changed, await desk.IdentitiesOfAsync(id, context.RequestAborted).ConfigureAwait(false))
            : Problem.Of(StatusCodes.Status412PreconditionFailed, "The account has changed since: get it again.");
    }

    private static async Task<IResult> TicketAsync(
        HttpContext context, TicketDesk tickets, AccountsOptions options, AccountsMetrics metrics)
    {
        (TicketRequest? body, IResult? problem) = await JsonBody.ReadAsync<TicketRequest>(context).ConfigureAwait(false);
        if (body is null)
        {
            return problem!;
        }

        if (tickets.Issue(Visitor.Of(context.User, body.Room)!) is not { } ticket)
        {
            return Problem.TooMany(
                context, options.TicketLifetime, $"Too many tickets wait to be used: at most {TicketDesk.MostOfOne} of one account.");
        }

        metrics.Ticket("issued");
        return Results.Json(new TicketAnswer(ticket, (long)options.TicketLifetime.TotalSeconds));
    }

    private static IResult Show(HttpContext context, Account account, IReadOnlyList<LinkedIdentity> identities)
    {
        context.Response.Headers.ETag = $"\"{account.Revision}\"";
        using var profile = JsonDocument.Parse(account.Profile);
        return Results.Json(new AccountAnswer(
            account.Id, account.Kind.Word(), account.Name, profile.RootElement.Clone(), account.IsAdmin, Iso(account.Created),
            account.Revision, [.. identities.Select(identity => new IdentityAnswer(identity.Provider, Iso(identity.Created)))]));
    }

    private static bool TryReadIfMatch(HttpRequest request, out long? revision)
    {
        revision = null;
        string? text = request.Headers.IfMatch;
        if (string.IsNullOrEmpty(text) || text == "*")
        {
            return true;
        }

        bool isOne = EntityTagHeaderValue.TryParse(text, out EntityTagHeaderValue? tag) && !tag.IsWeak &&
            long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long number) &&
            (revision = number) is not null;
        return isOne;
    }

    private static IResult BadName(string name) => Problem.Of(
        StatusCodes.Status400BadRequest,
        $"name must be 1 to {Account.MaxName} characters without control characters; it has {name.Length}.");

    private static IResult NoSession() => Problem.Of(StatusCodes.Status409Conflict, "This bearer has no session.");

    private static SignIn SignInOf(HttpContext context, string provider) =>
        new(provider, context.Request.Headers.UserAgent.ToString(), context.Connection.RemoteIpAddress);

    private static string Iso(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private sealed record SessionList(IReadOnlyList<SessionAnswer> Sessions);

    private sealed record SessionAnswer(
        string Id, string Provider, string Client, string Created, string LastUsed, string Expires, bool IsCurrent);

    private sealed record TicketAnswer(string Ticket, long ExpiresIn);

    private sealed record AccountAnswer(
        string Id, string Kind, string Name, JsonElement Profile, bool IsAdmin,
        string Created, long Revision, IReadOnlyList<IdentityAnswer> Identities);

    private sealed record IdentityAnswer(string Provider, string Since);

    private sealed record GuestRequest
    {
        public string? Name { get; init; }
    }

    private sealed record RefreshRequest
    {
        public string? RefreshToken { get; init; }
    }

    private sealed record LogoutRequest
    {
        public bool All { get; init; }
    }

    private sealed record ProfileRequest
    {
        public string? Name { get; init; }

        public JsonElement? Profile { get; init; }
    }

    private sealed record TicketRequest
    {
        public string? Room { get; init; }
    }
}

/// <summary>Sessions have been ended.</summary>
/// <param name="Ended">How many.</param>
internal sealed record EndedAnswer(int Ended);
