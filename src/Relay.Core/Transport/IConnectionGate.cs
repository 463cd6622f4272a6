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
/// <param name="IsDirect">Whether it takes the direct road once it is let in.</param>
internal sealed record ConnectionOrigin(bool IsWebSocket, bool IsEncrypted, EndPoint? Remote, ClaimsPrincipal? User, bool IsDirect = false)
{
    /// <summary>The transport and the road.</summary>
    public ConnectionKind Kind => new(IsWebSocket, IsDirect);
}

/// <summary>What logs and metrics tell connections apart by.</summary>
internal readonly record struct ConnectionKind(bool IsWebSocket, bool IsDirect)
{
    /// <summary>The transport's name.</summary>
    public string TransportName => IsWebSocket ? "websocket" : "tcp";

    /// <summary>The road's name.</summary>
    public string RoadName => IsDirect ? "direct" : "pipe";
}

/// <summary>What came of a Hello: a session, or a reason for turning it away.</summary>
internal readonly record struct Admission(Connection? Connection, HelloAsk? Hello, CloseReason? Refusal);

/// <summary>What a road needs of the server: limits, buffers, the clock, and the embedder's decisions.</summary>
internal interface IConnectionGate
{
    IngressLimits Limits { get; }

    IngressStats Stats { get; }

    SharedBufferPool Pool { get; }

    RelayClock Clock { get; }

    TimeSpan HelloTimeout { get; }

    KernelLimits KernelLimits { get; }

    /// <summary>Decides on a Hello.</summary>
    ValueTask<Admission> AdmitAsync(HelloAsk hello, ConnectionOrigin origin, Outlet outlet, CancellationToken aborted);

    /// <summary>Decides on a join, or on fresh credentials.</summary>
    /// <returns>The command for the shard: what was asked for, or its refusal.</returns>
    ValueTask<Command> DecideAsync(Connection connection, PendingAsk ask, CancellationToken aborted);

    /// <summary>A connection that was let in has ended, and its shard has let go of it.</summary>
    void Ended(Connection connection, ConnectionKind kind, CloseReason reason);
}
