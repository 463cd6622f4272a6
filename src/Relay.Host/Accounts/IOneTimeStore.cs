namespace Relay.Host.Accounts;

/// <summary>
/// Secrets that are good once and for a while: magic links, wallet challenges, the state of an OIDC sign-in. Only their SHA-256 is kept.
/// When there are as many of a purpose as may be, no more are taken in, so that nobody can fill the database.
/// </summary>
internal interface IOneTimeStore
{
    /// <summary>Keeps a secret.</summary>
    /// <param name="purpose">What for: <c>mail</c>, <c>wallet</c>, <c>oidc</c>. A secret for one purpose opens nothing else.</param>
    /// <param name="secret">The secret, at least 128 random bits.</param>
    /// <param name="payload">What to find again, as JSON; at most 4 KiB. The secret itself has no place in it.</param>
    /// <param name="lifetime">How long it is good for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when there are as many of this purpose as may be: answer 429 or 503, and try later.</returns>
    Task<bool> PutAsync(string purpose, string secret, string payload, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Takes a secret: whoever comes second, or too late, gets nothing.</summary>
    /// <param name="purpose">What for.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What was kept with it; null if there is no such secret, any more or ever.</returns>
    Task<string?> TakeAsync(string purpose, string secret, CancellationToken cancellationToken);

    /// <summary>Removes what has expired.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many there were.</returns>
    Task<int> PurgeAsync(CancellationToken cancellationToken);
}
