namespace Relay.Host.Accounts;

/// <summary>Where the audit log is kept. What belongs to a change is written with the change; this is for the rest.</summary>
internal interface IAuditStore
{
    /// <summary>Adds a line.</summary>
    /// <param name="entry">The line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task AddAsync(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>The newest lines, the newest first.</summary>
    /// <param name="before">Unix milliseconds: only what is older.</param>
    /// <param name="most">The most lines.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<AuditEntry>> ReadAsync(long before, int most, CancellationToken cancellationToken);

    /// <summary>Removes what is too old or too much.</summary>
    /// <param name="before">Unix milliseconds: what is older goes.</param>
    /// <param name="most">The most lines that stay.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many went.</returns>
    Task<int> PurgeAsync(long before, int most, CancellationToken cancellationToken);
}
