using System.Globalization;
using System.Net.Sockets;
using Relay.Load.Measure;
using Relay.Load.Wire;
using Relay.Protocol.Frames;

namespace Relay.Load.Neighbours;

/// <summary>
/// One connection that comes and goes. The number decides how far it gets, over which transport: connected, half a handshake, welcomed, in
/// a room; each first over TCP, then over WebSocket.
/// </summary>
internal static class ChurnVisit
{
    /// <summary>Rooms of their own, so that the workload's members are told of nobody who comes and goes.</summary>
    public const int Rooms = 64;

    /// <summary>How long half a handshake is left standing: the server must give up by itself only much later.</summary>
    private const long HalfHandshakeNanos = 1_000_000_000;

    private const int Depths = 4;

    private static readonly WireCounter NotCounted = new();

    /// <summary>Over what a visit goes.</summary>
    public static LoadTransport TransportOf(long number) => number / Depths % 2 == 0 ? LoadTransport.Tcp : LoadTransport.Ws;

    /// <summary>Comes, does what its number says, and goes.</summary>
    /// <exception cref="RefusedException">The server said no.</exception>
    public static Task RunAsync(long number, ServerAddress address, CancellationToken cancellationToken)
    {
        LoadTransport transport = TransportOf(number);
        return (number % Depths) switch
        {
            0 => ConnectAsync(address, transport, sendsHalf: false, cancellationToken),
            1 => ConnectAsync(address, transport, sendsHalf: true, cancellationToken),
            2 => SayHelloAsync(address, transport, cancellationToken),
            _ => JoinAsync(address, transport, number, cancellationToken),
        };
    }

    private static async Task ConnectAsync(
        ServerAddress address, LoadTransport transport, bool sendsHalf, CancellationToken cancellationToken)
    {
        using var socket = new Socket(address.Host.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.EndPoint(transport), cancellationToken).ConfigureAwait(false);
        if (sendsHalf)
        {
            byte[] handshake = transport == LoadTransport.Tcp
                ? ConnectionPreface.Bytes.ToArray()
                : WebSocketHandshake.Request(address.EndPoint(transport).ToString(), ServerAddress.Path);
            await socket.SendAsync(handshake.AsMemory(0, handshake.Length / 2), cancellationToken).ConfigureAwait(false);
            await Clock.UntilAsync(Clock.NowNanos + HalfHandshakeNanos, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task SayHelloAsync(ServerAddress address, LoadTransport transport, CancellationToken cancellationToken)
    {
        var session = new ChurnSession(string.Empty, joins: false);
        using var connection = new LoadConnection(address.EndPoint(transport), transport, session, NotCounted);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await session.WaitWelcomedAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task JoinAsync(ServerAddress address, LoadTransport transport, long number, CancellationToken cancellationToken)
    {
        var session = new ChurnSession(string.Create(CultureInfo.InvariantCulture, $"churn-{number / Depths % Rooms}"), joins: true);
        using var connection = new LoadConnection(address.EndPoint(transport), transport, session, NotCounted);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await session.WaitJoinedAsync(cancellationToken).ConfigureAwait(false);
        connection.Reset();
    }
}
