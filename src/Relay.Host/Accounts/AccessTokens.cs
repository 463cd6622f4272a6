using System.Security.Claims;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts;

/// <summary>This server's own access tokens: JWTs as RFC 9068 has them, signed with ES256. They are believed by their signature and the
/// list of what was revoked; nothing is looked up.</summary>
internal sealed class AccessTokens(SigningKeys keys, Revocations revocations, AccountsOptions options, TimeProvider time)
{
    /// <summary>What the tokens say that they are. RFC 9068 §2.1.</summary>
    public const string Type = "at+jwt";

    private readonly JwtPolicy _policy = new()
    {
        Algorithms = new HashSet<JwtAlgorithm> { JwtAlgorithm.ES256 },
        Issuer = options.Issuer,
        Audience = options.Audience,
        Types = new HashSet<string>(StringComparer.Ordinal) { Type },
        Skew = options.ClockSkew,
    };

    /// <summary>Makes a token.</summary>
    /// <param name="account">For whom.</param>
    /// <param name="session">The session.</param>
    public string Issue(Account account, string session)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        return JwtWriter.Write(keys.Current, Type, json =>
        {
            json.WriteString("iss", options.Issuer);
            json.WriteString(RelayClaims.Subject, account.Id);
            json.WriteString(RelayClaims.Session, session);
            json.WriteString("aud", options.Audience);
            json.WriteString("client_id", "relay");
            json.WriteNumber("iat", now);
            json.WriteNumber(RelayClaims.Expires, now + (long)options.AccessTokenLifetime.TotalSeconds);
            json.WriteString("jti", Secrets.NewId());
            json.WriteString(RelayClaims.Name, account.Name);
            json.WriteString(RelayClaims.Kind, account.Kind.Word());
            if (account.Scope.Length > 0)
            {
                json.WriteString(RelayClaims.Scope, account.Scope);
            }
        });
    }

    /// <summary>Whether a token says that it is of this server: then nobody else is asked about it.</summary>
    /// <param name="token">The token.</param>
    public bool IsOurs(JwtToken token) => token.Text("iss") == options.Issuer;

    /// <summary>Checks a token.</summary>
    /// <param name="token">The token; null for one that could not be read.</param>
    /// <param name="who">Who shows it; null unless it is good.</param>
    public JwtVerdict Check(JwtToken? token, out ClaimsPrincipal? who)
    {
        who = null;
        JwtVerdict verdict = _policy.Check(token, keys.Find(token?.KeyId), keys.Current, time.GetUtcNow());
        if (verdict != JwtVerdict.Ok)
        {
            return verdict;
        }

        if (token!.Text(RelayClaims.Session) is not { } session || token.Text(RelayClaims.Name) is not { } name ||
            token.Text(RelayClaims.Kind) is not { } kind)
        {
            return JwtVerdict.MissingClaim;
        }

        string account = token.Text(RelayClaims.Subject)!;
        if (revocations.IsRevoked(account, session))
        {
            return JwtVerdict.Revoked;
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds((long)token.Time(RelayClaims.Expires)!.Value);
        who = RelayClaims.PrincipalOf(account, session, name, kind, token.Text(RelayClaims.Scope) ?? "", expires);
        return JwtVerdict.Ok;
    }
}
