using System.Net.Security;
using System.Net.Sockets;
#if NET
using System.Runtime.CompilerServices;
#endif
using Relay.Protocol;

namespace Relay.Client.Transport;

/// <summary>Raw TCP, with or without TLS. protocol-spec.md §2.1.</summary>
internal sealed class StreamTransport(Socket socket, Stream stream) : ByteTransport
{
    public override int PreferredMessageSize => int.MaxValue;

    public override CloseCode? PeerCloseCode => null;

#if NET
    // Reading waits almost always; a pooled box keeps that from costing an object each time.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
#endif
    public override async ValueTask<Received> ReceiveAsync(Memory<byte> buffer) =>
        new(await stream.ReadAsync(buffer).ConfigureAwait(false), EndOfMessage: false, CloseCode.None);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> frames) => stream.WriteAsync(frames);

    public override async ValueTask FinishAsync(CloseCode code)
    {
        if (stream is SslStream secure)
        {
            await secure.ShutdownAsync().ConfigureAwait(false);
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    public override void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }
}
