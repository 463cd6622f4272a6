using System.Net.WebSockets;
#if NET
using System.Runtime.CompilerServices;
#endif
using Relay.Protocol;

namespace Relay.Client.Transport;

/// <summary>WebSocket: one binary message holds one or more whole frames. protocol-spec.md §2.2.</summary>
internal sealed class WebSocketTransport(ClientWebSocket socket) : ByteTransport
{
    /// <summary>A message is held to the server's frame limit too, so several frames go into one only while it stays small.</summary>
    public override int PreferredMessageSize => 4096;

    public override CloseCode? PeerCloseCode => socket.CloseStatus is { } status ? (CloseCode)(ushort)status : null;

#if NET
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
#endif
    public override async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false);
            return result.MessageType switch
            {
                WebSocketMessageType.Binary => new Received(result.Count, result.EndOfMessage, CloseCode.None),
                WebSocketMessageType.Text => new Received(0, EndOfMessage: false, CloseCode.UnsupportedData),
                _ => default,
            };
        }
        catch (OperationCanceledException e)
        {
            throw Aborted(e);
        }
    }

#if NET
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
#endif
    public override async ValueTask SendAsync(ReadOnlyMemory<byte> frames)
    {
        try
        {
            await socket.SendAsync(frames, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw Aborted(e);
        }
    }

    public override async ValueTask FinishAsync(CloseCode code)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)(ushort)code, statusDescription: null, CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    public override void Dispose() => socket.Dispose();

    /// <summary>Nobody cancels here: a WebSocket says so, too, when the connection broke while it was busy.</summary>
    private static IOException Aborted(OperationCanceledException e) => new("The WebSocket was aborted.", e);
}
