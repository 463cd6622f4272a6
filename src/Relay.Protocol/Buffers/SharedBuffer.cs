using System.Diagnostics;
using Relay.Protocol.WebSockets;

namespace Relay.Protocol.Buffers;

/// <summary>
/// Some whole frames, encoded once and sent to many receivers. In front of the frames there is room for a WebSocket header, written by
/// <see cref="Seal"/>, so that the same bytes serve raw TCP and WebSocket alike (server frames are not masked).
/// </summary>
/// <remarks>
/// Ownership: whoever rents it holds one reference; everybody who keeps it past the call in which it was handed over calls
/// <see cref="Retain"/>, and each holder calls <see cref="Release"/> once. The last release gives it back to its pool. Written by one
/// thread before <see cref="Seal"/>, read-only afterwards; the counter may be used from any thread. The memory is pinned, so its address
/// may be given to the kernel.
/// </remarks>
public sealed class SharedBuffer
{
    /// <summary>Bytes kept free in front of the frames: the longest header that a server sends (RFC 6455 §5.2: 2 + 8), rounded up for
    /// alignment.</summary>
    public const int Headroom = 16;

    private readonly SharedBufferPool _pool;
    private readonly byte[] _memory;
    private int _references;
    private int _length;
    private int _webSocketHeader;

    internal SharedBuffer(SharedBufferPool pool, byte[] memory)
    {
        _pool = pool;
        _memory = memory;
    }

    /// <summary>Bytes of frames that fit.</summary>
    public int Capacity => _memory.Length - Headroom;

    /// <summary>Bytes of frames; 0 until <see cref="Seal"/>.</summary>
    public int Length => _length;

    /// <summary>Where frames are written before <see cref="Seal"/>.</summary>
    public Span<byte> Writable => _memory.AsSpan(Headroom);

    /// <summary>The frames, as they go out on raw TCP.</summary>
    public ReadOnlySpan<byte> Frames => _memory.AsSpan(Headroom, _length);

    /// <summary>The frames as one WebSocket message, or whatever <see cref="Seal"/> was told that it is.</summary>
    public ReadOnlySpan<byte> WebSocketMessage => _memory.AsSpan(Headroom - _webSocketHeader, _webSocketHeader + _length);

    /// <summary>Fixes the length and writes the WebSocket header in front.</summary>
    /// <param name="length">Bytes of frames written, 0 to <see cref="Capacity"/>.</param>
    /// <param name="opcode">What kind of WebSocket frame it is. Relay's own messages are binary.</param>
    public void Seal(int length, WebSocketOpcode opcode = WebSocketOpcode.Binary)
    {
        Debug.Assert(length >= 0 && length <= Capacity, "Sealed past the capacity.");
        _length = length;
        _webSocketHeader = WebSocketFrameHeader.ServerHeaderSize(length);
        WebSocketFrameHeader.WriteServerHeader(_memory.AsSpan(Headroom - _webSocketHeader), opcode, length);
    }

    /// <summary>Adds a holder.</summary>
    public void Retain()
    {
        int references = Interlocked.Increment(ref _references);
        Debug.Assert(references > 1, "Retained after the last release.");
    }

    /// <summary>Takes a holder away; the last one gives the buffer back.</summary>
    public void Release()
    {
        int references = Interlocked.Decrement(ref _references);
        Debug.Assert(references >= 0, "Released more often than retained.");
        if (references == 0)
        {
            _pool.Return(this);
        }
    }

    internal void Begin()
    {
        _length = 0;
        _webSocketHeader = 0;
        Volatile.Write(ref _references, 1);
    }

    internal int TotalSize => _memory.Length;
}
