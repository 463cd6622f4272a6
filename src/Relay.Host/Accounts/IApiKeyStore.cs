namespace Relay.Host.Accounts;

/// <summary>Where API keys are kept.</summary>
internal interface IApiKeyStore
{
    /// <summary>Stores a new key and the account that it signs in.</summary>
    /// <param name="key">The key.</param>
    /// <param name="account">Its account.</param>
    /// <param name="audit">What the audit log says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task CreateAsync(ApiKey key, Account account, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>All keys.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<ApiKey>> AllAsync(CancellationToken cancellationToken);

    /// <summary>Removes a key and disables the account that it signed in.</summary>
    /// <param name="id">The key.</param>
    /// <param name="audit">What the audit log says if there is one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if there is no such key.</returns>
    Task<bool> RemoveAsync(string id, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>Says when keys were last used.</summary>
    /// <param name="used">The keys' ids with Unix milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task TouchAsync(IReadOnlyDictionary<string, long> used, CancellationToken cancellationToken);
}
