using System.Security.Claims;

namespace Relay.Host.Accounts;

/// <summary>Who is behind a connection to the relay: what it was let in by.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="SessionId">The session; null for an API key or an external token.</param>
/// <param name="Name">The name that others see.</param>
/// <param name="Kind">What kind of account, as a word.</param>
/// <param name="ExpiresAt">When what it was let in by expires; null for never. Of a connect ticket that is the access token that it was
/// asked for with.</param>
/// <param name="Room">The only room that it may enter; null for any.</param>
internal sealed record Visitor(string AccountId, string? SessionId, string Name, string Kind, DateTimeOffset? ExpiresAt, string? Room)
{
    /// <summary>Whoever is signed in.</summary>
    /// <param name="principal">Who.</param>
    /// <param name="room">The only room that it may enter; null for any.</param>
    /// <returns>Null for nobody.</returns>
    public static Visitor? Of(ClaimsPrincipal? principal, string? room = null) => principal?.AccountId() is { } account
        ? new Visitor(
            account, principal.SessionId(), principal.DisplayName() ?? "", principal.FindFirst(RelayClaims.Kind)?.Value ?? "user",
            principal.ExpiresAt(), room)
        : null;
}
