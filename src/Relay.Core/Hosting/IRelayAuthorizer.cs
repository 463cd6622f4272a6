using System.Net;
using System.Security.Claims;
using Relay.Core.Rooms;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>
/// The embedder's word on who comes in and where. Called off the shards' threads, from many connections at once; the connection waits,
/// nobody else does. A call that throws or takes longer than <see cref="RelayLimits.AuthorizeTimeout"/> refuses.
/// </summary>
public interface IRelayAuthorizer
{
    /// <summary>Decides on a connection by its Hello. A refusal closes it with 4401, or what the decision says.</summary>
    /// <param name="attempt">Who asks.</param>
    /// <param name="cancellationToken">The connection ended, or the time is up.</param>
    ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken);

    /// <summary>Decides on a join. A refusal is Error 4403. By default everybody may enter every room.</summary>
    /// <param name="attempt">Who wants to go where.</param>
    /// <param name="cancellationToken">The connection ended, or the time is up.</param>
    ValueTask<JoinDecision> AuthorizeJoinAsync(JoinAttempt attempt, CancellationToken cancellationToken) => new(JoinDecision.Allow());
}

/// <summary>A Hello that waits for a decision.</summary>
/// <param name="Credentials">What the client gave in its Hello; opaque to Relay.</param>
/// <param name="Agent">The client software's name for itself; never to be trusted.</param>
/// <param name="User">Whom ASP.NET Core has authenticated for the WebSocket request; null on raw TCP.</param>
/// <param name="RemoteEndPoint">The peer's address, if known.</param>
/// <param name="IsWebSocket">WebSocket, or raw TCP.</param>
/// <param name="IsEncrypted">Whether TLS protects the connection.</param>
public sealed record ConnectAttempt(
    ReadOnlyMemory<byte> Credentials, string Agent, ClaimsPrincipal? User, EndPoint? RemoteEndPoint, bool IsWebSocket, bool IsEncrypted);

/// <summary>What an <see cref="IRelayAuthorizer"/> says of a connection.</summary>
public sealed class ConnectDecision
{
    private ConnectDecision(
        string? name, object? identity, string? userId, string? refusal, CloseCode code, DateTimeOffset? expiresAt = null)
    {
        ExpiresAt = expiresAt;
        Name = name;
        Code = code;
        UserId = userId;
        Identity = identity;
        Refusal = refusal;
    }

    /// <summary>The name that others see; null in a refusal.</summary>
    public string? Name { get; }

    /// <summary>Who the user is, the same over all their connections: double logins and bans go by it. Null for one whom nobody
    /// knows.</summary>
    public string? UserId { get; }

    /// <summary>Whatever the embedder wants to find again in <see cref="JoinAttempt.Identity"/>.</summary>
    public object? Identity { get; }

    /// <summary>Why not, for the client; null when allowed.</summary>
    public string? Refusal { get; }

    /// <summary>What the connection is closed with; <see cref="CloseCode.None"/> when allowed.</summary>
    public CloseCode Code { get; }

    /// <summary>When what the client showed expires; null for never. Then the client is told, and closed unless it renews it in time
    /// (<see cref="RelayLimits.CredentialsGrace"/>): the authorizer is asked again with what it shows.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Lets the connection in.</summary>
    /// <param name="name">The name that others see: 1 to 255 bytes of UTF-8.</param>
    /// <param name="identity">Anything to find again at a join.</param>
    /// <param name="userId">Who the user is, the same over all their connections; null for one whom nobody knows.</param>
    /// <param name="expiresAt">When what the client showed expires; null for never.</param>
    public static ConnectDecision Allow(string name, object? identity = null, string? userId = null, DateTimeOffset? expiresAt = null) =>
        new(name, identity, userId, null, CloseCode.None, expiresAt);

    /// <summary>Turns the connection away.</summary>
    /// <param name="reason">One line that the client gets to see.</param>
    public static ConnectDecision Refuse(string reason = "The credentials were refused.") => Refuse(reason, CloseCode.Unauthorized);

    /// <summary>Turns the connection away with a code of one's own.</summary>
    /// <param name="reason">One line that the client gets to see.</param>
    /// <param name="code">What the connection is closed with: <see cref="CloseCode.Unauthorized"/>, or <see cref="CloseCode.RateLimited"/>
    /// or <see cref="CloseCode.TryAgainLater"/> for one that may come back with the same.</param>
    public static ConnectDecision Refuse(string reason, CloseCode code) => new(null, null, null, reason, code);
}

/// <summary>A join that waits for a decision.</summary>
/// <param name="Room">The room's name.</param>
/// <param name="Ticket">What the client gave for this room; opaque to Relay.</param>
/// <param name="Name">The name that the connection was let in under.</param>
/// <param name="Identity">What <see cref="ConnectDecision.Allow"/> was given.</param>
public sealed record JoinAttempt(string Room, ReadOnlyMemory<byte> Ticket, string Name, object? Identity);

/// <summary>What an <see cref="IRelayAuthorizer"/> says of a join.</summary>
public sealed class JoinDecision
{
    private JoinDecision(RoomOptions? options, string? role, string? refusal, CloseCode code)
    {
        Options = options;
        Role = role;
        Refusal = refusal;
        Code = code;
    }

    /// <summary>What the room is to be like if this join opens it; null for the server's default.</summary>
    public RoomOptions? Options { get; }

    /// <summary>The role that the client gets, by name; null for the one that is stored for the user, or else the room's default.</summary>
    public string? Role { get; }

    /// <summary>Why not, for the client; null when allowed.</summary>
    public string? Refusal { get; }

    /// <summary>The code of the Error that a refusal is told by; <see cref="CloseCode.None"/> when allowed.</summary>
    public CloseCode Code { get; }

    /// <summary>Lets the client into the room.</summary>
    /// <param name="options">What the room is to be like if this join opens it; null for the server's default. A room that is open keeps
    /// what it has.</param>
    /// <param name="role">The role that the client gets, by name; null for the one that is stored for the user
    /// (<see cref="Rooms.Stores.IModerationStore"/>), or else the room's default. A name that the room does not have keeps the client
    /// out.</param>
    public static JoinDecision Allow(RoomOptions? options = null, string? role = null) => new(options, role, null, CloseCode.None);

    /// <summary>Keeps the client out.</summary>
    /// <param name="reason">One line that the client gets to see.</param>
    public static JoinDecision Refuse(string reason = "Not allowed to enter this room.") => Refuse(reason, CloseCode.Forbidden);

    /// <summary>Keeps the client out.</summary>
    /// <param name="reason">One line that the client gets to see.</param>
    /// <param name="code">The Error's code: <see cref="CloseCode.Forbidden"/> (4403), <see cref="CloseCode.NotFound"/> (4404) or
    /// <see cref="CloseCode.StoreUnavailable"/> (4500: it cannot be said now).</param>
    public static JoinDecision Refuse(string reason, CloseCode code) => new(null, null, reason, code);
}
