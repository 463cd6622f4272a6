using System.Text.Json;
using Relay.Host.Accounts.Http;
using Relay.Host.Http;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>
/// <c>/api/v1/auth/oidc</c>: to a provider and back. The way back ends at a page of this server with a code behind the # of its address,
/// which the page exchanges for tokens: good once, for a minute, and in this browser alone.
/// </summary>
internal static class OidcEndpoints
{
    /// <summary>The cookie that binds a sign-in to a browser.</summary>
    public const string Cookie = "relay_oidc";

    private const string Path = "/api/v1/auth/oidc";
    private const string Purpose = "oidc-done";
    private const int MaxReturnTo = 512;

    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(1);

    public static void MapOidc(this IEndpointRouteBuilder auth)
    {
        auth.MapGet("/oidc/{name}/start", StartAsync)
            .Describe("startOidc", AuthEndpoints.Tag, "Sends a browser to an OpenID provider, and in the end back to returnTo.")
            .Answers(302).Problems(401, 404);
        auth.MapPost("/oidc/{name}/link", LinkAsync)
            .Describe("linkOidc", AuthEndpoints.Tag, "Tells where to send the browser to add an OpenID identity to the account.")
            .Reads<OidcLinkAsk>().Answers<OidcLinkAnswer>(200).Problems(401, 404);
        auth.MapGet("/oidc/{name}/callback", CallbackAsync).AddEndpointFilter(SignInAnswers.CountAsync)
            .Describe("finishOidc", AuthEndpoints.Tag, "Where the provider sends the browser back to.").Answers(302).Problems(401, 409);
        auth.MapPost("/oidc/exchange", ExchangeAsync).AddEndpointFilter(SignInAnswers.CountAsync)
            .Describe(
                "exchangeOidc", AuthEndpoints.Tag, "Exchanges what stood behind #relay_code=, once and in the same browser, for tokens.")
            .Reads<OidcExchange>().Answers<SessionTokens>(200).Problems(401);
    }

    private static async Task<IResult> StartAsync(HttpContext context, string name, string? returnTo)
    {
        (string? location, IResult? problem) = await BeginAsync(context, name, returnTo, linkTo: null).ConfigureAwait(false);
        return problem ?? Results.Redirect(location!);
    }

    private static async Task<IResult> LinkAsync(HttpContext context, string name)
    {
        if (context.User.AccountId() is not { } account)
        {
            return SignInAnswers.NotSignedIn;
        }

        OidcLinkAsk? ask = await SignInAnswers.ReadAsync(context, SignInJson.Default.OidcLinkAsk).ConfigureAwait(false);
        (string? location, IResult? problem) = await BeginAsync(context, name, ask?.ReturnTo, account).ConfigureAwait(false);
        return problem ?? Results.Json(new OidcLinkAnswer(location!), SignInJson.Default.OidcLinkAnswer);
    }

    private static async Task<(string? Location, IResult? Problem)> BeginAsync(
        HttpContext context, string name, string? returnTo, string? linkTo)
    {
        IServiceProvider services = context.RequestServices;
        if (services.GetRequiredService<OidcProviders>().ForPeople(name) is not { } provider)
        {
            return (null, Problem.Of(StatusCodes.Status404NotFound, "There is no provider of that name to sign in with."));
        }

        if (services.GetRequiredService<PublicAddress>().Of(context.Request) is not { } here)
        {
            return (null, SignInAnswers.NoAddress);
        }

        if (!IsLocal(returnTo ?? "/"))
        {
            return (null, Problem.Of(
                StatusCodes.Status400BadRequest, "returnTo must be a path on this server, at most 512 characters, without #."));
        }

        string browser = BrowserOf(context, here);
        string? location = await services.GetRequiredService<OidcFlow>()
            .BeginAsync(provider, $"{here}{Path}/{name}/callback", returnTo ?? "/", browser, linkTo, context.RequestAborted)
            .ConfigureAwait(false);
        return (location, location is null ? SignInAnswers.Busy : null);
    }

    private static async Task<IResult> CallbackAsync(
        HttpContext context, string name, OidcProviders providers, OidcFlow flow, SignInDesk accounts, IOneTimeStore secrets)
    {
        IQueryCollection query = context.Request.Query;
        var answer = new OidcAnswer(One(query, "state"), One(query, "code"), One(query, "iss"));
        string? browser = context.Request.Cookies[Cookie];
        if (providers.ForPeople(name) is not { } provider ||
            await flow.TakeUpAsync(provider, answer, browser, context.RequestAborted).ConfigureAwait(false) is not { } attempt)
        {
            return SignInAnswers.Fail(context);
        }

        ExternalIdentity? identity;
        try
        {
            identity = query.ContainsKey("error")
                ? null
                : await flow.FinishAsync(provider, attempt, answer, context.RequestAborted).ConfigureAwait(false);
        }
        catch (ProviderException)
        {
            return SignInAnswers.Busy;
        }

        if (identity is null)
        {
            return SignInAnswers.Fail(context);
        }

        if (attempt.LinkTo is { } account)
        {
            IResult outcome = await accounts.LinkAsync(context, account, identity).ConfigureAwait(false);
            return outcome is IStatusCodeHttpResult { StatusCode: >= StatusCodes.Status400BadRequest }
                ? outcome
                : Results.LocalRedirect(attempt.ReturnTo + "#relay_linked");
        }

        Account found = await accounts.AccountOfAsync(identity, context.RequestAborted).ConfigureAwait(false);
        string code = Secrets.NewSecret();
        string payload = JsonSerializer.Serialize(new OidcDone(found.Id, identity.Provider, attempt.Browser), SignInJson.Default.OidcDone);
        return await secrets.PutAsync(Purpose, code, payload, CodeLifetime, context.RequestAborted).ConfigureAwait(false)
            ? Results.LocalRedirect($"{attempt.ReturnTo}#relay_code={code}")
            : SignInAnswers.Busy;
    }

    private static async Task<IResult> ExchangeAsync(HttpContext context, SignInDesk accounts, IOneTimeStore secrets)
    {
        OidcExchange? ask = await SignInAnswers.ReadAsync(context, SignInJson.Default.OidcExchange).ConfigureAwait(false);
        string? browser = context.Request.Cookies[Cookie];
        if (ask?.Code is not { Length: Secrets.SecretLength } code || browser is null ||
            await secrets.TakeAsync(Purpose, code, context.RequestAborted).ConfigureAwait(false) is not { } payload ||
            JsonSerializer.Deserialize(payload, SignInJson.Default.OidcDone) is not { } done || done.Browser != OidcFlow.HashOf(browser) ||
            await accounts.FindAsync(done.Account, context.RequestAborted).ConfigureAwait(false) is not { } account)
        {
            return SignInAnswers.Fail(context);
        }

        context.Response.Cookies.Delete(Cookie, new CookieOptions { Path = Path });
        return await accounts.StartSessionAsync(context, account, done.Provider).ConfigureAwait(false);
    }

    /// <summary>The browser's secret: the one that it has, so that several tabs can be at it, or a new one.</summary>
    private static string BrowserOf(HttpContext context, string here)
    {
        string browser = context.Request.Cookies[Cookie] is { Length: Secrets.SecretLength } known ? known : Secrets.NewSecret();
        context.Response.Cookies.Append(Cookie, browser, new CookieOptions
        {
            HttpOnly = true,
            Secure = here.StartsWith("https:", StringComparison.Ordinal),
            SameSite = SameSiteMode.Lax,
            Path = Path,
            MaxAge = OidcFlow.Lifetime + CodeLifetime,
            IsEssential = true,
        });
        return browser;
    }

    /// <summary>A path, and nothing that a browser would take for another host.</summary>
    private static bool IsLocal(string path) =>
        path.Length is > 0 and <= MaxReturnTo && path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) &&
        !path.AsSpan().ContainsAny('\\', '#') && !path.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static string? One(IQueryCollection query, string name) => query[name] is { Count: 1 } values ? values[0] : null;
}
