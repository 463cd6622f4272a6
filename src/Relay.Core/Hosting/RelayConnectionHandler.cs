using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Relay.Core.Transport;

namespace Relay.Core.Hosting;

/// <summary>Raw TCP: a Kestrel connection becomes a relay connection.</summary>
internal sealed class RelayConnectionHandler(RelayServer server) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        var origin = new ConnectionOrigin(
            IsWebSocket: false,
            IsEncrypted: connection.Features.Get<ITlsHandshakeFeature>() is not null,
            connection.RemoteEndPoint,
            User: null);
        return server.Reception.ServeAsync(
            connection.Transport, connection.Features, origin, connection.Abort, connection.ConnectionClosed);
    }
}
