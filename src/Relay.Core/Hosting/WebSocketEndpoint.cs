using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Relay.Core.Transport;
using Relay.Protocol.Frames;

namespace Relay.Core.Hosting;

/// <summary>
/// The opening handshake of RFC 6455 §4.2 (and RFC 8441 over HTTP/2), on top of Kestrel's HTTP. Afterwards the connection's own pipe
/// carries our WebSocket frames; only where the server has none to show do we go through the upgraded stream.
/// </summary>
internal sealed class WebSocketEndpoint(RelayServer server, RelayOptions options)
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

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
        IDuplexPipe transport = await UpgradeAsync(context).ConfigureAwait(false);
        var origin = new ConnectionOrigin(
            IsWebSocket: true,
            context.Request.IsHttps,
            new IPEndPoint(context.Connection.RemoteIpAddress ?? IPAddress.None, context.Connection.RemotePort),
            context.User);
        await server.ServeAsync(
            transport,
            context.Features.Get<IConnectionSocketFeature>()?.Socket,
            origin,
            context.Abort,
            context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task<IDuplexPipe> UpgradeAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            return new StreamPipe(await connect.AcceptAsync().ConfigureAwait(false));
        }

        string key = context.Request.Headers.SecWebSocketKey.ToString();
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
#pragma warning disable CA5350 // RFC 6455 §4.2.2 prescribes SHA-1 here; it protects nothing.
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
#pragma warning restore CA5350
        Stream stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);

        // After the upgrade nobody but us reads or writes the connection's pipe, which saves a stream's copies each way.
        return context.Features.Get<IConnectionTransportFeature>()?.Transport ?? new StreamPipe(stream);
    }

    private (int Status, string Text)? Refusal(HttpContext context)
    {
        HttpRequest request = context.Request;
        bool extendedConnect = context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" };
        bool upgrade = !extendedConnect && HttpMethods.IsGet(request.Method) &&
            context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } &&
            HasToken(request.Headers.Upgrade, "websocket");
        if (!extendedConnect && !upgrade)
        {
            return (StatusCodes.Status426UpgradeRequired, "This is a WebSocket endpoint; see protocol-spec.md §2.2.");
        }

        if (request.Headers.SecWebSocketVersion != "13")
        {
            return (StatusCodes.Status426UpgradeRequired, "Sec-WebSocket-Version must be 13.");
        }

        if (upgrade && !IsKey(request.Headers.SecWebSocketKey.ToString()))
        {
            return (StatusCodes.Status400BadRequest, "Sec-WebSocket-Key must be 16 bytes in base64.");
        }

        if (!HasToken(request.Headers.SecWebSocketProtocol, ProtocolVersion.WebSocketSubprotocol))
        {
            return (StatusCodes.Status400BadRequest, $"Sec-WebSocket-Protocol must offer {ProtocolVersion.WebSocketSubprotocol}.");
        }

        if (!IsOriginAllowed(request))
        {
            return (StatusCodes.Status403Forbidden, "This origin may not connect; see Relay:AllowedOrigins.");
        }

        return server.IsDraining ? (StatusCodes.Status503ServiceUnavailable, "The server is draining.") : null;
    }

    /// <summary>
    /// Pages of this host, and those that the options name. A request without Origin comes from no browser and may pass, unless it
    /// carries cookies: then it may be one that hides where it comes from.
    /// </summary>
    private bool IsOriginAllowed(HttpRequest request)
    {
        StringValues origin = request.Headers.Origin;
        if (StringValues.IsNullOrEmpty(origin))
        {
            return StringValues.IsNullOrEmpty(request.Headers.Cookie) || !StringValues.IsNullOrEmpty(request.Headers.Authorization);
        }

        string text = origin.ToString();
        return options.AllowedOrigins.Contains("*") ||
            options.AllowedOrigins.Contains(text, StringComparer.OrdinalIgnoreCase) ||
            (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) &&
             string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static bool HasToken(StringValues header, string token)
    {
        foreach (string? line in header)
        {
            foreach (string part in (line ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (string.Equals(part, token, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[18];
        return Convert.TryFromBase64String(key, bytes, out int length) && length == 16;
    }

    /// <summary>A stream as two pipes, for servers that show nothing better.</summary>
    private sealed class StreamPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
