using System.Buffers.Binary;
using Relay.Core.Rooms;
using Relay.Core.Transport.WebSockets;
using Relay.Protocol.Buffers;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Transport.Direct;

/// <summary>The way out on the direct road: the fan-out's shared buffers, straight to the kernel. Nothing is copied, and what the kernel
/// does not take at once is held by reference.</summary>
internal sealed class DirectOutlet : Outlet
{
    private readonly bool _webSocket;
    private readonly SharedBufferPool _pool;
    private DirectSocket? _socket;
    private DirectRoad? _road;
    private bool _isAborted;
    private byte[]? _pong;
    private int _pongLength = -1;

    public DirectOutlet(bool webSocket, SharedBufferPool pool)
    {
        _webSocket = webSocket;
        _pool = pool;
    }

    public override bool IsReady => _socket is { IsReady: true };

    public override long HeldBytes => _socket?.HeldBytes ?? 0;

    public override bool OwesControl => _pongLength >= 0;

    /// <summary>Says which socket it writes to, before a shard gets it.</summary>
    public void Attach(DirectSocket socket, DirectRoad road)
    {
        _socket = socket;
        _road = road;
        if (_isAborted)
        {
            socket.Abort();
        }
    }

    public override void Entered(Shard shard) => _socket!.Enter(_road!.PortOf(shard));

    public override void Left() => _socket?.Leave();

    public override void Owe(ReadOnlySpan<byte> pingPayload)
    {
        _pong ??= new byte[WebSocketFrameHeader.MaxControlPayload];
        pingPayload.CopyTo(_pong);
        _pongLength = pingPayload.Length;
    }

    public override void Write(SharedBuffer frames) => _socket!.Add(frames, _webSocket ? frames.WebSocketMessage : frames.Frames);

    public override void WriteControl()
    {
        if (_pongLength >= 0)
        {
            WriteControl(WebSocketOpcode.Pong, _pong.AsSpan(0, _pongLength));
            _pongLength = -1;
        }
    }

    public override void Flush() => _socket!.Flush();

    public override void Close(CloseReason reason)
    {
        if (_webSocket)
        {
            Span<byte> code = stackalloc byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16BigEndian(code, (ushort)WebSocketCloseCode.EchoOf(reason));
            WriteControl(WebSocketOpcode.Close, code);
        }

        // A WebSocket peer answers with a close frame of its own, and only then does the server end the stream (RFC 6455 §7.1.1).
        _socket!.EndWriting(withFin: !_webSocket);
    }

    public override void Abort(CloseReason reason)
    {
        // A session may be cut off again before the connection over which it came back is on its shard.
        _isAborted = true;
        _socket?.Abort();
    }

    public override void Released() => _socket!.Release();

    private void WriteControl(WebSocketOpcode opcode, ReadOnlySpan<byte> payload)
    {
        SharedBuffer buffer = _pool.Rent(2 + payload.Length);
        WebSocketFrameHeader.WriteServerHeader(buffer.Writable, opcode, payload.Length);
        payload.CopyTo(buffer.Writable[2..]);
        buffer.Seal(2 + payload.Length);
        _socket!.Add(buffer, buffer.Frames);
        buffer.Release();
    }
}
