namespace Relay.Host.Accounts;

/// <summary>Who somebody is elsewhere, proven just now by a way to sign in.</summary>
/// <param name="Provider">The way: <c>mail</c>, <c>wallet</c>, <c>oidc:&lt;issuer&gt;</c>. At most 255 characters.</param>
/// <param name="Subject">Who, there: never changes and is never given to another person. A mail address only as its keyed hash. At most
/// 255 characters.</param>
/// <param name="SuggestedName">The name to begin with; null for one that the server makes up.</param>
/// <param name="Claims">What was verified and is worth keeping, for instance <c>email_verified</c>: kept as JSON, never trusted as a
/// subject.</param>
internal sealed record ExternalIdentity(
    string Provider, string Subject, string? SuggestedName, IReadOnlyDictionary<string, string>? Claims = null);

/// <summary>An identity that belongs to an account.</summary>
/// <param name="Provider">The way to sign in.</param>
/// <param name="Subject">Who, there.</param>
/// <param name="Created">Since when, in Unix milliseconds.</param>
internal sealed record LinkedIdentity(string Provider, string Subject, long Created);

/// <summary>What came of linking an identity to an account.</summary>
internal enum LinkOutcome
{
    /// <summary>It belongs to the account now, or did already.</summary>
    Linked,

    /// <summary>It belongs to another account and stays there.</summary>
    BelongsToAnother,

    /// <summary>The account has as many as it may.</summary>
    TooMany,
}

/// <summary>What came of taking an identity from an account.</summary>
internal enum UnlinkOutcome
{
    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>The account has no such identity.</summary>
    NotFound,

    /// <summary>It is the last one: without it nobody could sign in any more.</summary>
    LastOne,
}
