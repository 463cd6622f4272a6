using System.Buffers;
using Relay.Core.Rooms;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Transport.WebSockets;

/// <summary>What <see cref="WebSocketReader"/> found at the start of the bytes that have arrived.</summary>
internal enum WebSocketRead
{
    /// <summary>More bytes are needed.</summary>
    NeedMore,

    /// <summary>A whole binary message: <see cref="WebSocketReader.Message"/>.</summary>
    Message,

    /// <summary>A fragment was put aside.</summary>
    Fragment,

    /// <summary>A ping: <see cref="WebSocketReader.Message"/> is its payload, to be sent back.</summary>
    Ping,

    /// <summary>A pong; nothing to do.</summary>
    Pong,

    /// <summary>The peer's close, in order or not: <see cref="WebSocketReader.Fault"/> says how to answer.</summary>
    Close,

    /// <summary>The peer broke RFC 6455 or a limit: <see cref="WebSocketReader.Fault"/>.</summary>
    Fault,
}

/// <summary>
/// The receiving half of RFC 6455 for a server: finds frames, unmasks, joins fragments, judges control frames and closes. Holds no more
/// than one message of the limit in force; refuses a longer one on its header. One thread.
/// </summary>
internal sealed class WebSocketReader : IDisposable
{
    private readonly int _maxMessage;
    private readonly int _maxFragments;
    private readonly SharedBufferPool _pool;
    private readonly byte[] _control = new byte[WebSocketFrameHeader.MaxControlPayload];
    private SharedBuffer? _message;
    private int _length;
    private int _fragments;
    private bool _inMessage;
    private int _controlLength;
    private bool _showControl;

    public WebSocketReader(int maxMessage, int maxFragments, SharedBufferPool pool)
    {
        _maxMessage = maxMessage;
        _maxFragments = maxFragments;
        _pool = pool;
    }

    /// <summary>The payload of the message or ping that was just read; good until the next read.</summary>
    public ReadOnlySpan<byte> Message => _showControl ? _control.AsSpan(0, _controlLength) : _message is null ? default : _message.Writable[.._length];

    /// <summary>Why the connection must be closed.</summary>
    public CloseReason? Fault { get; private set; }

    /// <summary>Whether a message is begun and not finished.</summary>
    public bool IsInMessage => _inMessage;

    /// <summary>Reads one frame.</summary>
    /// <param name="input">What has arrived; moved on past what was read.</param>
    public WebSocketRead Read(ref ReadOnlySequence<byte> input)
    {
        _showControl = false;
        if (!_inMessage)
        {
            ForgetMessage();
        }

        Span<byte> head = stackalloc byte[WebSocketFrameHeader.MaxSize];
        int known = (int)Math.Min(input.Length, WebSocketFrameHeader.MaxSize);
        input.Slice(0, known).CopyTo(head);
        WebSocketHeaderStatus status = WebSocketFrameHeader.TryRead(head[..known], out WebSocketFrameHeader header);
        if (status == WebSocketHeaderStatus.ProtocolError)
        {
            return Fail(CloseCode.ProtocolError, "A WebSocket frame header breaks RFC 6455 §5.2.");
        }

        if (header.Size > 0 && Judge(header) is { } fault)
        {
            Fault = fault;
            return WebSocketRead.Fault;
        }

        if (status == WebSocketHeaderStatus.NeedMore || input.Length - header.Size < header.PayloadLength)
        {
            return WebSocketRead.NeedMore;
        }

        ReadOnlySequence<byte> payload = input.Slice(header.Size, header.PayloadLength);
        input = input.Slice(payload.End);
        return header.IsControl ? Control(header, payload) : Data(header, payload);
    }

    /// <summary>Gives the buffer of a message back that has been handled.</summary>
    public void Done()
    {
        if (!_inMessage)
        {
            ForgetMessage();
        }
    }

    public void Dispose() => ForgetMessage();

    /// <summary>What a header alone tells to be wrong, before anything of the payload is kept.</summary>
    private CloseReason? Judge(in WebSocketFrameHeader header)
    {
        if (!header.IsMasked)
        {
            return new CloseReason(CloseCode.ProtocolError, "A client's frame must be masked (RFC 6455 §5.1).");
        }

        switch (header.Opcode)
        {
            case WebSocketOpcode.Text:
                return new CloseReason(CloseCode.UnsupportedData, "Only binary messages are spoken here.");
            case WebSocketOpcode.Binary when _inMessage:
                return new CloseReason(CloseCode.ProtocolError, "A message began before the one before it had ended.");
            case WebSocketOpcode.Continuation when !_inMessage:
                return new CloseReason(CloseCode.ProtocolError, "A continuation of no message.");
        }

        // Subtracted, not added: the length is the peer's, and a sum with it can overflow.
        int already = header.Opcode == WebSocketOpcode.Continuation ? _length : 0;
        if (!header.IsControl && header.PayloadLength > _maxMessage - already)
        {
            return new CloseReason(
                CloseCode.MessageTooBig, "The message is larger than the limit (bytes).", Limit: _maxMessage, Value: (double)header.PayloadLength + already);
        }

        if (!header.IsControl && _fragments >= _maxFragments)
        {
            return new CloseReason(CloseCode.MessageTooBig, "The message has more fragments than the limit.", Limit: _maxFragments, Value: _fragments + 1);
        }

        return null;
    }

    private WebSocketRead Data(in WebSocketFrameHeader header, in ReadOnlySequence<byte> payload)
    {
        int added = (int)header.PayloadLength;
        EnsureCapacity(_length + added);
        Unmask(payload, _message!.Writable[_length..], header.Mask);
        _length += added;
        _fragments++;
        _inMessage = !header.IsFinal;
        return header.IsFinal ? WebSocketRead.Message : WebSocketRead.Fragment;
    }

    private WebSocketRead Control(in WebSocketFrameHeader header, in ReadOnlySequence<byte> payload)
    {
        _controlLength = (int)header.PayloadLength;
        Unmask(payload, _control, header.Mask);
        switch (header.Opcode)
        {
            case WebSocketOpcode.Ping:
                _showControl = true;
                return WebSocketRead.Ping;
            case WebSocketOpcode.Pong:
                return WebSocketRead.Pong;
            default:
                Fault = WebSocketCloseCode.Answer(_control.AsSpan(0, _controlLength));
                return WebSocketRead.Close;
        }
    }

    private static void Unmask(in ReadOnlySequence<byte> payload, Span<byte> destination, uint mask)
    {
        if (payload.IsSingleSegment)
        {
            WebSocketMask.Apply(payload.FirstSpan, destination, mask);
            return;
        }

        int offset = 0;
        foreach (ReadOnlyMemory<byte> segment in payload)
        {
            WebSocketMask.Apply(segment.Span, destination[offset..], mask, offset);
            offset += segment.Length;
        }
    }

    private void EnsureCapacity(int length)
    {
        if (_message is null)
        {
            _message = _pool.Rent(length);
        }
        else if (_message.Capacity < length)
        {
            SharedBuffer larger = _pool.Rent(Math.Max(length, 2 * _message.Capacity));
            _message.Writable[.._length].CopyTo(larger.Writable);
            _message.Release();
            _message = larger;
        }
    }

    private void ForgetMessage()
    {
        _message?.Release();
        _message = null;
        _length = 0;
        _fragments = 0;
    }

    private WebSocketRead Fail(CloseCode code, string text)
    {
        Fault = new CloseReason(code, text);
        return WebSocketRead.Fault;
    }
}
