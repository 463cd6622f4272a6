using Relay.Protocol.WebSockets;

namespace Relay.Core.Transport.Pipe;

/// <summary>The payload of the last WebSocket ping that was not answered, on its way from the reading thread to the shard. Pings are
/// rare: a lock.</summary>
internal sealed class PongBox
{
    private readonly Lock _gate = new();
    private byte[]? _payload;
    private int _length = -1;

    /// <summary>Whether a pong is owed.</summary>
    public bool IsFull => Volatile.Read(ref _length) >= 0;

    /// <summary>Puts a payload in, over one that was not answered.</summary>
    public void Put(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            _payload ??= new byte[WebSocketFrameHeader.MaxControlPayload];
            payload.CopyTo(_payload);
            Volatile.Write(ref _length, payload.Length);
        }
    }

    /// <summary>Takes the payload out.</summary>
    /// <returns>Its length, or −1 if there is none.</returns>
    public int Take(Span<byte> destination)
    {
        lock (_gate)
        {
            int length = _length;
            if (length >= 0)
            {
                _payload.AsSpan(0, length).CopyTo(destination);
                Volatile.Write(ref _length, -1);
            }

            return length;
        }
    }
}
