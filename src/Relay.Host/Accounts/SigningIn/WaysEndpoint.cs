using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Host.Accounts.Http;
using Relay.Host.Accounts.SigningIn.Mail;
using Relay.Host.Accounts.SigningIn.Oidc;
using Relay.Host.Http;

namespace Relay.Host.Accounts.SigningIn;

/// <summary><c>GET /api/v1/auth/ways</c>: what a page may offer to somebody who is not signed in. Only ways that would work are named; it
/// says nothing of a way but its name.</summary>
internal static class WaysEndpoint
{
    public static void MapWays(this IEndpointRouteBuilder app) => app.MapGet("/api/v1/auth/ways", Show)
        .Describe("listWays", AuthEndpoints.Tag, "Tells which ways there are to come in.").Answers<SignInWays>(200).Problems(401);

    private static IResult Show(
        HttpContext context, AccountsOptions accounts, SignInOptions options, OidcProviders providers, PublicAddress here,
        IOptions<RelayOptions> relay)
    {
        // It depends on the address that was asked, in development.
        context.Response.Headers.CacheControl = "no-store";
        bool isHere = here.Of(context.Request) is not null;
        bool hasMail = context.RequestServices.GetService<MailDesk>() is not null && (options.Mail.LinkBase is not null || isHere);
        string[] names = isHere
            ? [.. providers.All.Where(provider => provider.Options.ClientId is not null).Select(provider => provider.Options.Name)]
            : [];
        return Results.Json(
            new SignInWays(
                relay.Value.AllowAnonymous, accounts.Guests, hasMail,
                options.Wallet.Enabled && (isHere || options.Wallet.Domains.Count > 0), names),
            SignInJson.Default.SignInWays);
    }
}

/// <summary>The ways to come in.</summary>
/// <param name="Anonymous">Under any name, without an account: development mode.</param>
/// <param name="Guest">As a guest.</param>
/// <param name="Mail">By a link in a mail.</param>
/// <param name="Wallet">With an Ethereum wallet.</param>
/// <param name="Oidc">The names of the OpenID providers, as <c>oidc/{name}/start</c> takes them.</param>
internal sealed record SignInWays(bool Anonymous, bool Guest, bool Mail, bool Wallet, IReadOnlyList<string> Oidc);
