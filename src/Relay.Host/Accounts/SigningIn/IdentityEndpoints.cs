using Relay.Host.Accounts.Http;
using Relay.Host.Http;

namespace Relay.Host.Accounts.SigningIn;

/// <summary><c>/api/v1/auth/identities</c>: what one's account can be signed in with. Adding is what each way to sign in does when asked to
/// link.</summary>
internal static class IdentityEndpoints
{
    public static void MapIdentities(this IEndpointRouteBuilder auth)
    {
        auth.MapGet("/identities", ListAsync).Describe("listIdentities", AuthEndpoints.Tag, "Lists what the account can be signed in with.")
            .Answers<IdentityList>(200).Problems(401);
        auth.MapDelete("/identities", RemoveAsync)
            .Describe("removeIdentity", AuthEndpoints.Tag, "Takes one of these from the account, if it is not the last.")
            .Answers(204).Problems(401, 404, 409);
    }

    private static async Task<IResult> ListAsync(HttpContext context, AccountDesk accounts)
    {
        if (context.User.AccountId() is not { } account)
        {
            return SignInAnswers.NotSignedIn;
        }

        IReadOnlyList<LinkedIdentity> identities = await accounts.IdentitiesOfAsync(account, context.RequestAborted).ConfigureAwait(false);
        IdentityView[] views = [.. identities.Select(one =>
            new IdentityView(one.Provider, one.Subject, DateTimeOffset.FromUnixTimeMilliseconds(one.Created)))];
        return Results.Json(new IdentityList(views), SignInJson.Default.IdentityList);
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, AccountDesk accounts, string? provider, string? subject)
    {
        if (context.User.AccountId() is not { } account)
        {
            return SignInAnswers.NotSignedIn;
        }

        if (provider is null || subject is null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "Wanted: ?provider=…&subject=…, as the list has them.");
        }

        System.Net.IPAddress? address = context.Connection.RemoteIpAddress;
        return await accounts.UnlinkAsync(account, provider, subject, address, context.RequestAborted).ConfigureAwait(false) switch
        {
            UnlinkOutcome.Removed => Results.NoContent(),
            UnlinkOutcome.LastOne =>
                Problem.Of(StatusCodes.Status409Conflict, "This is the last identity: without it nobody could sign in to the account."),
            _ => Problem.Of(StatusCodes.Status404NotFound, "The account has no such identity."),
        };
    }
}
