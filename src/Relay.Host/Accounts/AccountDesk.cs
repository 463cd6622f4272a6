using System.Net;
using System.Text.Json;

namespace Relay.Host.Accounts;

/// <summary>Accounts and the identities that belong to them. Everything that needs the database throws when it cannot be reached.</summary>
internal sealed class AccountDesk(
    IAccountStore store, SessionDesk sessions, Revocations revocations, InstallationSecret secret, AccountsOptions options,
    TimeProvider time, ILogger<AccountDesk> log)
{
    /// <summary>The account that an identity belongs to; a new one if nobody has it. No identity is special: what somebody is elsewhere
    /// gives no right here.</summary>
    /// <param name="identity">Who, elsewhere, proven just now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Account> FindOrCreateAsync(ExternalIdentity identity, CancellationToken cancellationToken) =>
        store.FindOrCreateAsync(identity, NewAccount(AccountKind.User, identity.SuggestedName), cancellationToken);

    /// <summary>Finds an account.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Account?> FindAsync(string id, CancellationToken cancellationToken) => store.FindAsync(id, cancellationToken);

    /// <summary>Adds an identity to the account that is signed in. A guest becomes a user by it and keeps what it has.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="identity">Who, elsewhere, proven just now.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<LinkOutcome> LinkAsync(
        string account, ExternalIdentity identity, IPAddress? address, CancellationToken cancellationToken) =>
        store.LinkAsync(
            account, identity, options.MaxIdentities, Audit(account, "identity-linked", account, identity.Provider, address),
            cancellationToken);

    /// <summary>Takes an identity from an account. The last one stays.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="provider">The way to sign in.</param>
    /// <param name="subject">Who, there.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<UnlinkOutcome> UnlinkAsync(
        string account, string provider, string subject, IPAddress? address, CancellationToken cancellationToken) =>
        store.UnlinkAsync(account, provider, subject, Audit(account, "identity-unlinked", account, provider, address), cancellationToken);

    /// <summary>An account's identities, the oldest first.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<LinkedIdentity>> IdentitiesOfAsync(string account, CancellationToken cancellationToken) =>
        store.IdentitiesOfAsync(account, cancellationToken);

    /// <summary>Begins a session of an account: what a way to sign in does at its end.</summary>
    /// <param name="account">The account.</param>
    /// <param name="signIn">How and from where.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The tokens; null for an account that may not sign in: say what is said of any other refusal.</returns>
    public Task<SessionTokens?> StartSessionAsync(Account account, SignIn signIn, CancellationToken cancellationToken) =>
        sessions.StartAsync(account, signIn, cancellationToken);

    /// <summary>Makes a guest and begins its session.</summary>
    /// <param name="name">The name that others are to see; null for a made-up one.</param>
    /// <param name="signIn">From where.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<SessionTokens?> StartGuestAsync(string? name, SignIn signIn, CancellationToken cancellationToken)
    {
        Account guest = NewAccount(AccountKind.Guest, name);
        await store.CreateAsync(guest, Audit(guest.Id, "account-created", guest.Id, "guest", signIn.Address), cancellationToken)
            .ConfigureAwait(false);
        return await sessions.StartAsync(guest, signIn, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes name and profile.</summary>
    /// <param name="id">The account's id.</param>
    /// <param name="name">The new name, checked; null to keep it.</param>
    /// <param name="profile">The new profile; null to keep it.</param>
    /// <param name="revision">The expected revision; null for any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The account as it is now; null if there is none or it has another revision.</returns>
    public Task<Account?> UpdateAsync(string id, string? name, JsonElement? profile, long? revision, CancellationToken cancellationToken) =>
        store.UpdateAsync(id, name, profile?.GetRawText(), revision, cancellationToken);

    /// <summary>Disables an account: its sessions end, it is taken off all connections at once, and nobody can sign in to it.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">The account's id.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if there is no such account.</returns>
    public async Task<bool> DisableAsync(string actor, string id, IPAddress? address, CancellationToken cancellationToken)
    {
        AuditEntry audit = Audit(actor, "account-disabled", id, "", address);
        if (await store.SetDisabledAsync(id, isDisabled: true, audit, cancellationToken).ConfigureAwait(false) is not { } ended)
        {
            return false;
        }

        // Also by their own names, so that they stay worthless when the account is enabled again.
        revocations.SessionsEnded(ended);

        revocations.AccountDisabled(id);
        log.AccountChanged(id, "disabled", actor);
        return true;
    }

    /// <summary>Enables an account again. Its former sessions stay over.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">The account's id.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if there is no such account.</returns>
    public async Task<bool> EnableAsync(string actor, string id, IPAddress? address, CancellationToken cancellationToken)
    {
        if (await store.SetDisabledAsync(
            id, isDisabled: false, Audit(actor, "account-enabled", id, "", address), cancellationToken).ConfigureAwait(false) is null)
        {
            return false;
        }

        revocations.AccountEnabled(id);
        log.AccountChanged(id, "enabled", actor);
        return true;
    }

    /// <summary>Makes an account an operator's, from its next tokens on; or no more, and then its sessions end at once, so that no token
    /// says otherwise.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">The account's id.</param>
    /// <param name="isAdmin">Which.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if there is no such account.</returns>
    public async Task<bool> SetAdminAsync(string actor, string id, bool isAdmin, IPAddress? address, CancellationToken cancellationToken)
    {
        string action = isAdmin ? "admin-granted" : "admin-revoked";
        AuditEntry audit = Audit(actor, action, id, "", address);
        if (await store.SetAdminAsync(id, isAdmin, audit, cancellationToken).ConfigureAwait(false) is not { } ended)
        {
            return false;
        }

        revocations.SessionsEnded(ended);
        log.AccountChanged(id, action, actor);
        return true;
    }

    private Account NewAccount(AccountKind kind, string? name)
    {
        string id = Secrets.NewId();
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new Account(id, kind, DisplayName.From(name, id), "{}", IsAdmin: false, IsDisabled: false, now, now, 1);
    }

    private AuditEntry Audit(string actor, string action, string target, string detail, IPAddress? address) => new(
        time.GetUtcNow().ToUnixTimeMilliseconds(), actor, action, target, detail,
        address is null ? null : secret.Hash("address", address.ToString()));
}
