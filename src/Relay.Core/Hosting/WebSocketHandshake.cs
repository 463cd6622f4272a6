using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Relay.Core.Hosting;

/// <summary>
/// The opening handshake of RFC 6455 §4.2 (and RFC 8441 over HTTP/2), on top of Kestrel's HTTP. Afterwards the connection's own pipe
/// carries our WebSocket frames; only where the server has none to show do we go through the upgraded stream.
/// </summary>
internal static class WebSocketHandshake
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Why a request is no opening handshake that can be answered, or null. Subprotocol and origin are the caller's.</summary>
    public static (int Status, string Text)? Refusal(HttpContext context)
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

        return upgrade && !IsKey(request.Headers.SecWebSocketKey.ToString())
            ? (StatusCodes.Status400BadRequest, "Sec-WebSocket-Key must be 16 bytes in base64.")
            : null;
    }

    /// <summary>Answers the request and takes the connection over.</summary>
    public static async Task<IDuplexPipe> UpgradeAsync(HttpContext context)
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

    /// <summary>Whether a header that is a list names something.</summary>
    public static bool HasToken(StringValues header, string token)
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
