namespace Relay.Host.Accounts;

/// <summary>A line of the audit log: who did what to whom. Never a secret, never an address in the clear.</summary>
/// <param name="At">When, in Unix milliseconds.</param>
/// <param name="Actor">Who: an account's id, an API key's id, or <c>relay</c> for the server itself.</param>
/// <param name="Action">What: <c>sign-in</c>, <c>refresh-reused</c>, <c>session-revoked</c>, <c>account-disabled</c>, ….</param>
/// <param name="Target">To whom: an account's, session's or key's id.</param>
/// <param name="Detail">More, in one short line; for a sign-in, how.</param>
/// <param name="Address">The keyed hash of where from; null if not known.</param>
internal sealed record AuditEntry(long At, string Actor, string Action, string Target, string Detail, string? Address);
