using System.Net;
using System.Security.Claims;
using Relay.Core.Rooms;
using Relay.Core.Transport.Ingress;
using Relay.Protocol.Buffers;

namespace Relay.Core.Transport;

/// <summary>Where a connection comes from.</summary>
/// <param name="IsWebSocket">WebSocket, or raw TCP.</param>
/// <param name="IsEncrypted">Whether TLS is below.</param>
/// <param name="Remote">The peer's address, if known.</param>
/// <param name="User">Whom ASP.NET Core has authenticated, for WebSocket.</param>
internal sealed record ConnectionOrigin(bool IsWebSocket, bool IsEncrypted, EndPoint? Remote, ClaimsPrincipal? User)
{
    /// <summary>The transport's name in logs and metrics.</summary>
    public string TransportName => IsWebSocket ? "websocket" : "tcp";
}

/// <summary>What came of a Hello: a connection, or a reason for turning it away.</summary>
internal readonly record struct Admission(Connection? Connection, CloseReason? Refusal);

/// <summary>What a road needs of the server: limits, buffers, the clock, and the embedder's decisions.</summary>
internal interface IConnectionGate
{
    IngressLimits Limits { get; }

    IngressStats Stats { get; }

    SharedBufferPool Pool { get; }

    RelayClock Clock { get; }

    TimeSpan HelloTimeout { get; }

    int KernelSendBufferBytes { get; }

    int UnsentLowWaterBytes { get; }

    /// <summary>Decides on a Hello. On success the connection holds its Welcome, ready to be sent.</summary>
    ValueTask<Admission> AdmitAsync(HelloAsk hello, ConnectionOrigin origin, Outlet outlet, CancellationToken aborted);

    /// <summary>Decides on a join.</summary>
    /// <returns>The command for the shard: the join, or its refusal.</returns>
    ValueTask<Command> AuthorizeJoinAsync(Connection connection, JoinAsk ask, CancellationToken aborted);
}
