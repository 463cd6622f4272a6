using System.Buffers;
using Relay.Core.Rooms;
using Relay.Core.Transport.WebSockets;
using Relay.Protocol.Buffers;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Echo;

/// <summary>Why <see cref="EchoSession.Pump"/> came back.</summary>
internal enum EchoStatus
{
    /// <summary>Everything whole is echoed: call again with more bytes.</summary>
    NeedMore,

    /// <summary>The outlet is not ready: call again with the same bytes when it is.</summary>
    Wait,

    /// <summary>The outlet has been closed: nothing more is to be read.</summary>
    Closed,
}

/// <summary>
/// Sends every message back as it came, as the cases want it, with the product's parts on both sides: <see cref="WebSocketReader"/> reads
/// and an <see cref="Outlet"/> writes. It knows no road: a road's driver hands it what has arrived and waits where it says so. One thread
/// at a time.
/// </summary>
/// <remarks>Each ping is answered by itself, since the cases count pongs; a relay answers only the last of several (RFC 6455 §5.5.3 leaves
/// the choice).</remarks>
internal sealed class EchoSession : IDisposable
{
    private readonly WebSocketReader _reader;
    private readonly SharedBufferPool _pool;
    private readonly Outlet _outlet;

    public EchoSession(EchoSettings settings, SharedBufferPool pool, Outlet outlet)
    {
        _reader = new WebSocketReader(settings.MaxMessage, settings.MaxFragments, pool, settings.AcceptText);
        _pool = pool;
        _outlet = outlet;
    }

    /// <summary>Whether the session is closed because the peer said so, and not for a fault of the peer's.</summary>
    public bool PeerClosed { get; private set; }

    /// <summary>Reads frames and echoes them, until something must be waited for.</summary>
    /// <param name="input">What has arrived; moved on past what was read.</param>
    public EchoStatus Pump(ref ReadOnlySequence<byte> input)
    {
        while (_outlet.IsReady)
        {
            switch (_reader.Read(ref input))
            {
                case WebSocketRead.NeedMore:
                    return EchoStatus.NeedMore;
                case WebSocketRead.Message:
                    Send(_reader.Kind, _reader.Message);
                    _reader.Done();
                    break;
                case WebSocketRead.Ping:
                    _outlet.Owe(_reader.Message);
                    _outlet.WriteControl();
                    _outlet.Flush();
                    break;
                case WebSocketRead.Close:
                    PeerClosed = true;
                    _outlet.Close(_reader.Fault!);
                    return EchoStatus.Closed;
                case WebSocketRead.Fault:
                    _outlet.Close(_reader.Fault!);
                    return EchoStatus.Closed;
            }
        }

        return EchoStatus.Wait;
    }

    public void Dispose() => _reader.Dispose();

    private void Send(WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        SharedBuffer buffer = _pool.Rent(payload.Length);
        payload.CopyTo(buffer.Writable);
        buffer.Seal(payload.Length, opcode);
        _outlet.Write(buffer);
        buffer.Release();
        _outlet.Flush();
    }
}
