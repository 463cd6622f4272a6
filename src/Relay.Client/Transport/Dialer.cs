using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Client.Transport;

/// <summary>Opens transports.</summary>
internal static class Dialer
{
    public static async Task<ByteTransport> TcpAsync(
        string host, int port, SslClientAuthenticationOptions? tls, CancellationToken cancellationToken)
    {
        // Batches and updates are small and must not wait for an acknowledgement.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
#if NET
            await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
#else
            using (cancellationToken.Register(static state => ((Socket)state!).Dispose(), socket))
            {
                await socket.ConnectAsync(host, port).ConfigureAwait(false);
            }
#endif
            Stream stream = new NetworkStream(socket, ownsSocket: false);
            if (tls is not null)
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: false);
                tls.TargetHost ??= host;
                await secure.AuthenticateAsClientAsync(tls, cancellationToken).ConfigureAwait(false);
                stream = secure;
            }

            await stream.WriteAsync(ConnectionPreface.Bytes.ToArray(), cancellationToken).ConfigureAwait(false);
            return new StreamTransport(socket, stream);
        }
        catch
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    public static async Task<ByteTransport> WebSocketAsync(Uri uri, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(ProtocolVersion.WebSocketSubprotocol);
            // The protocol's own pings keep the connection alive and measure the clock as well.
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            await socket.ConnectAsync(uri, cancellationToken).ConfigureAwait(false);
            if (!string.Equals(socket.SubProtocol, ProtocolVersion.WebSocketSubprotocol, StringComparison.Ordinal))
            {
                throw new RelayException(
                    CloseCode.ProtocolError,
                    $"The server at {uri} does not speak {ProtocolVersion.WebSocketSubprotocol}; it chose '{socket.SubProtocol}'.");
            }

            return new WebSocketTransport(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
