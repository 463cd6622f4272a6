using System.Security.Claims;

namespace Relay.Host.Accounts;

/// <summary>What Relay says of who is signed in: the names of the claims, the same in tokens and in a <see cref="ClaimsPrincipal"/>, and
/// how to read them.</summary>
internal static class RelayClaims
{
    /// <summary>The authentication scheme: <c>Authorization: Bearer …</c>.</summary>
    public const string Scheme = "Relay";

    /// <summary>The account's id. RFC 7519 §4.1.2.</summary>
    public const string Subject = "sub";

    /// <summary>The session's id; an API key has none.</summary>
    public const string Session = "sid";

    /// <summary>The name that others see.</summary>
    public const string Name = "name";

    /// <summary>What kind of account: <see cref="AccountKind"/> in small letters.</summary>
    public const string Kind = "relay_kind";

    /// <summary>What may be done beyond one's own, words with a space between: <see cref="AdminScope"/>, or what an API key was
    /// given.</summary>
    public const string Scope = "relay_scope";

    /// <summary>When what was shown expires, in Unix seconds.</summary>
    public const string Expires = "exp";

    /// <summary>May do all that operators do.</summary>
    public const string AdminScope = "admin";

    /// <summary>May issue room permission tokens and read rooms for others.</summary>
    public const string RoomsScope = "rooms";

    /// <summary>The policy for operators: <see cref="AdminScope"/>.</summary>
    public const string AdminPolicy = "RelayAdmin";

    /// <summary>The account that is signed in; null for nobody.</summary>
    /// <param name="principal">Who asks.</param>
    public static string? AccountId(this ClaimsPrincipal principal) => principal.FindFirst(Subject)?.Value;

    /// <summary>The session that is signed in with; null for an API key or an external token.</summary>
    /// <param name="principal">Who asks.</param>
    public static string? SessionId(this ClaimsPrincipal principal) => principal.FindFirst(Session)?.Value;

    /// <summary>The name that others see; null for nobody.</summary>
    /// <param name="principal">Who asks.</param>
    public static string? DisplayName(this ClaimsPrincipal principal) => principal.FindFirst(Name)?.Value;

    /// <summary>When what was shown expires; null for never.</summary>
    /// <param name="principal">Who asks.</param>
    public static DateTimeOffset? ExpiresAt(this ClaimsPrincipal principal) =>
        long.TryParse(principal.FindFirst(Expires)?.Value, out long seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>Whether somebody has a scope.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="scope">The word.</param>
    public static bool HasScope(this ClaimsPrincipal principal, string scope) =>
        principal.FindFirst(Scope) is { } claim && claim.Value.Split(' ').Contains(scope, StringComparer.Ordinal);

    /// <summary>Whether somebody may do what operators do.</summary>
    /// <param name="principal">Who asks.</param>
    public static bool IsAdmin(this ClaimsPrincipal principal) => principal.HasScope(AdminScope);

    /// <summary>Makes the principal of an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="session">The session; null if there is none.</param>
    /// <param name="scope">What may be done beyond one's own; null for what the account may.</param>
    /// <param name="expires">When what was shown expires; null for never.</param>
    public static ClaimsPrincipal PrincipalOf(Account account, string? session, string? scope, DateTimeOffset? expires) =>
        PrincipalOf(account.Id, session, account.Name, account.Kind.Word(), scope ?? account.Scope, expires);

    /// <summary>Makes a principal.</summary>
    /// <param name="account">The account's id.</param>
    /// <param name="session">The session; null if there is none.</param>
    /// <param name="name">The name that others see.</param>
    /// <param name="kind">What kind of account.</param>
    /// <param name="scope">What may be done beyond one's own; empty for nothing.</param>
    /// <param name="expires">When what was shown expires; null for never.</param>
    public static ClaimsPrincipal PrincipalOf(
        string account, string? session, string name, string kind, string scope, DateTimeOffset? expires)
    {
        var identity = new ClaimsIdentity(Scheme, Name, roleType: null);
        identity.AddClaim(new Claim(Subject, account));
        identity.AddClaim(new Claim(Name, name));
        identity.AddClaim(new Claim(Kind, kind));
        if (session is not null)
        {
            identity.AddClaim(new Claim(Session, session));
        }

        if (scope.Length > 0)
        {
            identity.AddClaim(new Claim(Scope, scope));
        }

        if (expires is { } until)
        {
            identity.AddClaim(new Claim(Expires, until.ToUnixTimeSeconds().ToString(), ClaimValueTypes.Integer64));
        }

        return new ClaimsPrincipal(identity);
    }
}
