using System.Net.Sockets;
using Relay.Protocol.WebSockets;

namespace Relay.Load.Wire;

/// <summary>
/// Sends on a non-blocking socket and never waits. What the socket does not take is either kept, to go before anything else, or dropped
/// whole: a frame once begun is always finished.
/// </summary>
/// <remarks>Any thread. Nothing is allocated unless a frame is longer than all before, or the peer does not read.</remarks>
internal sealed class SocketWriter(Socket socket, bool masked)
{
    /// <summary>Masking exists to fool proxies, of which there are none here: one key serves, and unmasking costs the server the
    /// same.</summary>
    private const uint Mask = 0xA7_3C_91_5E;

    private readonly Lock _gate = new();
    private byte[] _out = new byte[256];
    private byte[] _tail = [];
    private volatile int _tailLength;

    /// <summary>Sends one or more whole frames, as one WebSocket message if that is what the socket speaks.</summary>
    /// <param name="frames">Whole frames.</param>
    /// <param name="keep">Whether to keep what the socket does not take now.</param>
    /// <returns>Whether the frames were sent or kept.</returns>
    public bool TrySend(ReadOnlySpan<byte> frames, bool keep)
    {
        lock (_gate)
        {
            return masked ? Send(Wrap(frames), keep) : Send(frames, keep);
        }
    }

    /// <summary>Sends the first half of what frames take on the wire, if the socket takes it now.</summary>
    public void SendHalf(ReadOnlySpan<byte> frames)
    {
        lock (_gate)
        {
            ReadOnlySpan<byte> bytes = masked ? Wrap(frames) : frames;
            Send(bytes[..(bytes.Length / 2)], keep: false);
        }
    }

    /// <summary>Sends bytes as they are, and keeps what the socket does not take.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            Send(bytes, keep: true);
        }
    }

    /// <summary>Sends what was kept, as far as the socket takes it.</summary>
    public void Flush()
    {
        if (_tailLength > 0)
        {
            lock (_gate)
            {
                FlushTail();
            }
        }
    }

    private ReadOnlySpan<byte> Wrap(ReadOnlySpan<byte> frames)
    {
        int needed = WebSocketFrameHeader.MaxSize + frames.Length;
        if (_out.Length < needed)
        {
            _out = new byte[needed];
        }

        int header = WebSocketFrameHeader.WriteClientHeader(_out, WebSocketOpcode.Binary, frames.Length, Mask);
        WebSocketMask.Apply(frames, _out.AsSpan(header), Mask);
        return _out.AsSpan(0, header + frames.Length);
    }

    private bool Send(ReadOnlySpan<byte> bytes, bool keep)
    {
        if (!FlushTail())
        {
            return keep && Keep(bytes);
        }

        int sent = TakenBySocket(bytes);
        return sent == bytes.Length || ((sent > 0 || keep) && Keep(bytes[sent..]));
    }

    private bool FlushTail()
    {
        if (_tailLength > 0)
        {
            int sent = TakenBySocket(_tail.AsSpan(0, _tailLength));
            _tail.AsSpan(sent, _tailLength - sent).CopyTo(_tail);
            _tailLength -= sent;
        }

        return _tailLength == 0;
    }

    /// <summary>How much the socket takes now. An error counts as nothing: the receiving side reports it.</summary>
    private int TakenBySocket(ReadOnlySpan<byte> bytes)
    {
        try
        {
            int sent = socket.Send(bytes, SocketFlags.None, out SocketError error);
            return error == SocketError.Success ? sent : 0;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    private bool Keep(ReadOnlySpan<byte> bytes)
    {
        if (_tail.Length < _tailLength + bytes.Length)
        {
            Array.Resize(ref _tail, Math.Max(512, (_tailLength + bytes.Length) * 2));
        }

        bytes.CopyTo(_tail.AsSpan(_tailLength));
        _tailLength += bytes.Length;
        return true;
    }
}
