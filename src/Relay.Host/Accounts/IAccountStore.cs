namespace Relay.Host.Accounts;

/// <summary>
/// Where accounts, their identities, sessions and API keys are kept. Each call is one transaction, audit entry included; what it changes is
/// lasting when it returns. When the database cannot be reached a call throws and nothing is known to have changed.
/// </summary>
internal interface IAccountStore
{
    /// <summary>Finds the account that an identity belongs to, or makes one for it. Two at once get the same.</summary>
    /// <param name="identity">Who, elsewhere.</param>
    /// <param name="fresh">What to store if nobody has the identity yet.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<Account> FindOrCreateAsync(ExternalIdentity identity, Account fresh, CancellationToken cancellationToken);

    /// <summary>Stores a new account without an identity.</summary>
    /// <param name="account">The account.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task CreateAsync(Account account, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>Finds an account.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<Account?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Changes name and profile, if the account still is as expected.</summary>
    /// <param name="id">The account.</param>
    /// <param name="name">The new name; null to keep it.</param>
    /// <param name="profile">The new profile; null to keep it.</param>
    /// <param name="revision">The expected revision; null for any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The account as it is now; null if there is none or it has another revision.</returns>
    Task<Account?> UpdateAsync(string id, string? name, string? profile, long? revision, CancellationToken cancellationToken);

    /// <summary>Adds an identity to an account; a guest becomes a user.</summary>
    /// <param name="account">The account.</param>
    /// <param name="identity">Who, elsewhere.</param>
    /// <param name="most">The most identities that an account may have.</param>
    /// <param name="audit">What the audit log says if it is linked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<LinkOutcome> LinkAsync(string account, ExternalIdentity identity, int most, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>Takes an identity from an account, unless it is the last.</summary>
    /// <param name="account">The account.</param>
    /// <param name="provider">The way to sign in.</param>
    /// <param name="subject">Who, there.</param>
    /// <param name="audit">What the audit log says if it is removed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<UnlinkOutcome> UnlinkAsync(string account, string provider, string subject, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>An account's identities, the oldest first.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<LinkedIdentity>> IdentitiesOfAsync(string account, CancellationToken cancellationToken);

    /// <summary>Disables or enables an account. Disabling ends all its sessions.</summary>
    /// <param name="id">The account.</param>
    /// <param name="isDisabled">Which.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The ids of sessions that ended; null if there is no such account.</returns>
    Task<IReadOnlyList<string>?> SetDisabledAsync(string id, bool isDisabled, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>Makes an account an operator's, or no more. Taking it away ends all its sessions.</summary>
    /// <param name="id">The account.</param>
    /// <param name="isAdmin">Which.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The ids of sessions that ended; null if there is no such account.</returns>
    Task<IReadOnlyList<string>?> SetAdminAsync(string id, bool isAdmin, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>The ids of all disabled accounts.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<string>> DisabledAsync(CancellationToken cancellationToken);

    /// <summary>Removes guests that have not been seen since, with their sessions.</summary>
    /// <param name="unseenSince">Unix milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many.</returns>
    Task<int> PurgeGuestsAsync(long unseenSince, CancellationToken cancellationToken);

    /// <summary>Begins a session, unless the account is disabled or gone. Beyond the most that an account may have, the one that was used
    /// least lately ends.</summary>
    /// <param name="session">The session.</param>
    /// <param name="most">The most sessions of an account.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The ids of sessions that ended for it; null if the account may not.</returns>
    Task<IReadOnlyList<string>?> BeginSessionAsync(StoredSession session, int most, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>Finds a session with its account.</summary>
    /// <param name="id">The session.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<(StoredSession Session, Account Account)?> FindSessionAsync(string id, CancellationToken cancellationToken);

    /// <summary>Changes a session's refresh token, if it still is the one that was shown. Asked the same again, it says the same.</summary>
    /// <param name="session">The session as it is to be.</param>
    /// <param name="shown">SHA-256 of what was shown.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<bool> RotateAsync(StoredSession session, string shown, CancellationToken cancellationToken);

    /// <summary>An account's sessions, the one used last first.</summary>
    /// <param name="account">The account.</param>
    /// <param name="now">Unix milliseconds: what is over by then is left out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<StoredSession>> SessionsOfAsync(string account, long now, CancellationToken cancellationToken);

    /// <summary>Ends sessions of an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="session">Which; null for all.</param>
    /// <param name="audit">What the audit log says if any ended.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The ids of those that ended.</returns>
    Task<IReadOnlyList<string>> EndSessionsAsync(string account, string? session, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>The ids of sessions that were ended since: their last access tokens may not have expired.</summary>
    /// <param name="since">Unix milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<string>> EndedSinceAsync(long since, CancellationToken cancellationToken);

    /// <summary>Removes sessions that have been over for some time.</summary>
    /// <param name="before">Unix milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many.</returns>
    Task<int> PurgeSessionsAsync(long before, CancellationToken cancellationToken);
}
