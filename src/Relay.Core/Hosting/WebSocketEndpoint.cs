using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Relay.Core.Transport;
using Relay.Protocol.Frames;

namespace Relay.Core.Hosting;

/// <summary>
/// Where WebSocket connections come in: decides who may, by what the request says, and gives what <see cref="WebSocketHandshake"/> made
/// of it to the server.
/// </summary>
internal sealed class WebSocketEndpoint(RelayServer server, RelayOptions options)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (Refusal(context) is { } refusal)
        {
            context.Response.StatusCode = refusal.Status;
            if (refusal.Status == StatusCodes.Status426UpgradeRequired)
            {
                context.Response.Headers.SecWebSocketVersion = "13";
                context.Response.Headers.Upgrade = "websocket";
            }

            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(refusal.Text + "\n", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        context.Response.Headers.SecWebSocketProtocol = ProtocolVersion.WebSocketSubprotocol;
        IDuplexPipe transport = await WebSocketHandshake.UpgradeAsync(context).ConfigureAwait(false);
        var origin = new ConnectionOrigin(
            IsWebSocket: true,
            context.Request.IsHttps,
            new IPEndPoint(context.Connection.RemoteIpAddress ?? IPAddress.None, context.Connection.RemotePort),
            context.User);
        await server.Reception.ServeAsync(transport, context.Features, origin, context.Abort, context.RequestAborted).ConfigureAwait(false);
    }

    private (int Status, string Text)? Refusal(HttpContext context)
    {
        if (WebSocketHandshake.Refusal(context) is { } refusal)
        {
            return refusal;
        }

        HttpRequest request = context.Request;
        if (!WebSocketHandshake.HasToken(request.Headers.SecWebSocketProtocol, ProtocolVersion.WebSocketSubprotocol))
        {
            return (StatusCodes.Status400BadRequest, $"Sec-WebSocket-Protocol must offer {ProtocolVersion.WebSocketSubprotocol}.");
        }

        if (!options.AllowsOrigin(request))
        {
            return (StatusCodes.Status403Forbidden, "This origin may not connect; see Relay:AllowedOrigins.");
        }

        return server.IsDraining ? (StatusCodes.Status503ServiceUnavailable, "The server is draining.") : null;
    }
}
