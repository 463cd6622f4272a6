using Relay.Protocol;

namespace Relay.Client.Transport;

/// <summary>An ordered stream of frames each way. One receive and one send at a time; <see cref="Dispose"/> ends both from any
/// thread.</summary>
internal abstract class ByteTransport : IDisposable
{
    /// <summary>The most bytes to hand to one <see cref="SendAsync"/>, unless a single frame is longer.</summary>
    public abstract int PreferredMessageSize { get; }

    /// <summary>The code of the transport's own closing handshake, if it has one and the peer sent it.</summary>
    public abstract CloseCode? PeerCloseCode { get; }

    /// <summary>Receives some bytes; a count of 0 without a message's end is the end of the stream.</summary>
    public abstract ValueTask<Received> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends whole frames.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> frames);

    /// <summary>Ends the sending side after the last frame.</summary>
    public abstract ValueTask FinishAsync(CloseCode code);

    public abstract void Dispose();
}

/// <summary>What a receive brought.</summary>
/// <param name="Count">Bytes.</param>
/// <param name="EndOfMessage">WebSocket: a message ends here, so a frame must end here too.</param>
/// <param name="Problem">Why the transport must be given up, or <see cref="CloseCode.None"/>.</param>
internal readonly record struct Received(int Count, bool EndOfMessage, CloseCode Problem);
