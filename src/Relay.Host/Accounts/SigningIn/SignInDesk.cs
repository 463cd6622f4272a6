using Dapper;
using Relay.Host.Accounts.Http;
using Relay.Host.Accounts.Sql;
using Relay.Host.Storage;

namespace Relay.Host.Accounts.SigningIn;

/// <summary>What every way to sign in ends in: an account and its session, or one more identity for the account that is signed
/// in.</summary>
internal sealed class SignInDesk(AccountDesk accounts, AdminList admins, Database database, TimeProvider time)
{
    /// <summary>The account of a proven identity. Who is on the list of operators is one from now on.</summary>
    public async Task<Account> AccountOfAsync(ExternalIdentity identity, CancellationToken cancellationToken)
    {
        Account account = await accounts.FindOrCreateAsync(identity, cancellationToken).ConfigureAwait(false);
        if (account.IsAdmin || !admins.Has(identity))
        {
            return account;
        }

        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await database.WriteAsync(
            async (connection, transaction) =>
            {
                await connection.ExecuteAsync(
                    "UPDATE accounts SET is_admin = 1 WHERE id = @Id", new { account.Id }, transaction).ConfigureAwait(false);
                await AuditSql.WriteAsync(
                    connection, transaction,
                    new AuditEntry(now, "relay", "admin-granted", account.Id, identity.Provider, null)).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return account with { IsAdmin = true };
    }

    /// <summary>Ends a sign-in: tokens for whoever has proven an identity.</summary>
    public async Task<IResult> SignInAsync(HttpContext context, ExternalIdentity identity)
    {
        Account account = await AccountOfAsync(identity, context.RequestAborted).ConfigureAwait(false);
        return await StartSessionAsync(context, account, identity.Provider).ConfigureAwait(false);
    }

    /// <summary>Begins a session.</summary>
    public async Task<IResult> StartSessionAsync(HttpContext context, Account account, string provider)
    {
        var from = new SignIn(provider, context.Request.Headers.UserAgent.ToString(), context.Connection.RemoteIpAddress);
        SessionTokens? tokens = await accounts.StartSessionAsync(account, from, context.RequestAborted).ConfigureAwait(false);
        return tokens is null ? SignInAnswers.Refused : Results.Json(tokens, SignInJson.Default.SessionTokens);
    }

    /// <summary>Adds a proven identity to an account.</summary>
    public async Task<IResult> LinkAsync(HttpContext context, string account, ExternalIdentity identity) =>
        await accounts.LinkAsync(account, identity, context.Connection.RemoteIpAddress, context.RequestAborted).ConfigureAwait(false) switch
        {
            LinkOutcome.Linked => Results.Json(new SignInOutcome("linked"), SignInJson.Default.SignInOutcome),
            LinkOutcome.TooMany => Problem.Of(StatusCodes.Status409Conflict, "The account has as many identities as it may."),
            _ => Problem.Of(StatusCodes.Status409Conflict, "This identity belongs to another account. Take it from there first."),
        };

    /// <summary>An account by its id; null if it is gone.</summary>
    public Task<Account?> FindAsync(string account, CancellationToken cancellationToken) => accounts.FindAsync(account, cancellationToken);
}
