using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts;

/// <summary>
/// Room permission tokens: they say that somebody may enter one room, in a role, with permissions. Signed with ES256, so that other
/// services (media, files) verify them offline by <c>/.well-known/jwks.json</c>: <c>typ</c> is <see cref="Type"/>, and the room must be
/// compared. At the relay they are a Join's ticket.
/// </summary>
internal sealed class RoomTokens(SigningKeys keys, AccountsOptions options, TimeProvider time)
{
    /// <summary>What the tokens say that they are: never an access token.</summary>
    public const string Type = "relay-room+jwt";

    /// <summary>What stands before a guest's name where the subject is not an account.</summary>
    public const string GuestPrefix = "guest:";

    private readonly JwtPolicy _policy = new()
    {
        Algorithms = new HashSet<JwtAlgorithm> { JwtAlgorithm.ES256 },
        Issuer = options.Issuer,
        Audience = options.Audience,
        Types = new HashSet<string>(StringComparer.Ordinal) { Type },
        Skew = options.ClockSkew,
    };

    /// <summary>Issues a token.</summary>
    /// <param name="room">The room.</param>
    /// <param name="subject">An account's id, or <see cref="GuestPrefix"/> and a name.</param>
    /// <param name="role">The role; null for the one that the bearer has anyway.</param>
    /// <param name="permissions">For other services; the relay goes by the role.</param>
    /// <param name="lifetime">How long.</param>
    /// <param name="issuer">Who has asked for it.</param>
    public string Issue(string room, string subject, string? role, IReadOnlyList<string> permissions, TimeSpan lifetime, string issuer)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        return JwtWriter.Write(keys.Current, Type, json =>
        {
            json.WriteString("iss", options.Issuer);
            json.WriteString("sub", subject);
            json.WriteString("aud", options.Audience);
            json.WriteNumber("iat", now);
            json.WriteNumber("exp", now + (long)lifetime.TotalSeconds);
            json.WriteString("jti", Secrets.NewId());
            json.WriteString("room", room);
            json.WriteString("issued_by", issuer);
            if (role is not null)
            {
                json.WriteString("role", role);
            }

            json.WriteStartArray("permissions");
            foreach (string permission in permissions)
            {
                json.WriteStringValue(permission);
            }

            json.WriteEndArray();
        });
    }

    /// <summary>Checks a token that somebody shows at a room.</summary>
    /// <param name="text">The token.</param>
    /// <param name="room">The room that is to be entered: a token for another one opens nothing.</param>
    /// <param name="visitor">Who shows it: a token for somebody else opens nothing either.</param>
    /// <returns>Null if it is not good.</returns>
    public RoomGrant? Check(string text, string room, Visitor visitor)
    {
        JwtToken? token = JwtToken.Read(text);
        if (_policy.Check(token, keys.Find(token?.KeyId), keys.Current, time.GetUtcNow()) != JwtVerdict.Ok || token!.Text("room") != room)
        {
            return null;
        }

        string subject = token.Text("sub")!;
        bool isMine = subject == visitor.AccountId || (visitor.Kind == AccountKind.Guest.Word() && subject == GuestPrefix + visitor.Name);
        return isMine ? new RoomGrant(room, token.Text("role")) : null;
    }
}
