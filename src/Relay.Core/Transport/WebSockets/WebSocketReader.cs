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

    /// <summary>A whole message: <see cref="WebSocketReader.Message"/>, of the kind <see cref="WebSocketReader.Kind"/>.</summary>
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
    private readonly bool _acceptText;
    private byte[]? _ping;
    private SharedBuffer? _message;
    private int _length;
    private int _fragments;
    private bool _inMessage;
    private int _pingLength;
    private bool _showPing;
    private IncrementalUtf8 _utf8;
    private int _peeked;

    /// <summary>Makes a reader.</summary>
    /// <param name="maxMessage">Longest message, in bytes.</param>
    /// <param name="maxFragments">Most fragments of a message.</param>
    /// <param name="pool">Where messages are put together.</param>
    /// <param name="acceptText">Whether text messages are let through, once they have proved to be UTF-8. Relay's protocol is binary: it
    /// refuses them with 1003.</param>
    public WebSocketReader(int maxMessage, int maxFragments, SharedBufferPool pool, bool acceptText = false)
    {
        _acceptText = acceptText;
        _maxMessage = maxMessage;
        _maxFragments = maxFragments;
        _pool = pool;
    }

    /// <summary>The payload of the message or ping that was just read; good until the next read.</summary>
    public ReadOnlySpan<byte> Message =>
        _showPing ? _ping.AsSpan(0, _pingLength) : _message is null ? default : _message.Writable[.._length];

    /// <summary>Text or Binary: what the message is that was read last, or is under way.</summary>
    public WebSocketOpcode Kind { get; private set; }

    /// <summary>Why the connection must be closed.</summary>
    public CloseReason? Fault { get; private set; }

    /// <summary>Whether a message is begun and not finished.</summary>
    public bool IsInMessage => _inMessage;

    /// <summary>Reads one frame.</summary>
    /// <param name="input">What has arrived; moved on past what was read.</param>
    public WebSocketRead Read(ref ReadOnlySequence<byte> input)
    {
        _showPing = false;
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

        if (status == WebSocketHeaderStatus.NeedMore)
        {
            return WebSocketRead.NeedMore;
        }

        if (input.Length - header.Size < header.PayloadLength)
        {
            return IsText(header) && !Peek(header, input) ? FailUtf8() : WebSocketRead.NeedMore;
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
            case WebSocketOpcode.Text when !_acceptText:
                return new CloseReason(CloseCode.UnsupportedData, "Only binary messages are spoken here.");
            case WebSocketOpcode.Text or WebSocketOpcode.Binary when _inMessage:
                return new CloseReason(CloseCode.ProtocolError, "A message began before the one before it had ended.");
            case WebSocketOpcode.Continuation when !_inMessage:
                return new CloseReason(CloseCode.ProtocolError, "A continuation of no message.");
        }

        // Subtracted, not added: the length is the peer's, and a sum with it can overflow.
        int already = header.Opcode == WebSocketOpcode.Continuation ? _length : 0;
        if (!header.IsControl && header.PayloadLength > _maxMessage - already)
        {
            return new CloseReason(
                CloseCode.MessageTooBig, "The message is larger than the limit (bytes).",
                Limit: _maxMessage, Value: (double)header.PayloadLength + already);
        }

        if (!header.IsControl && _fragments >= _maxFragments)
        {
            return new CloseReason(
                CloseCode.MessageTooBig, "The message has more fragments than the limit.", Limit: _maxFragments, Value: _fragments + 1);
        }

        return null;
    }

    private WebSocketRead Data(in WebSocketFrameHeader header, in ReadOnlySequence<byte> payload)
    {
        int added = (int)header.PayloadLength;
        EnsureCapacity(_length + added);
        Span<byte> unmasked = _message!.Writable.Slice(_length, added);
        Unmask(payload, unmasked, header.Mask);
        Kind = header.Opcode == WebSocketOpcode.Continuation ? Kind : header.Opcode;
        if (Kind == WebSocketOpcode.Text && !(_utf8.Append(unmasked[_peeked..]) && (_utf8.IsComplete || !header.IsFinal)))
        {
            return FailUtf8();
        }

        _peeked = 0;
        _length += added;
        _fragments++;
        _inMessage = !header.IsFinal;
        return header.IsFinal ? WebSocketRead.Message : WebSocketRead.Fragment;
    }

    private bool IsText(in WebSocketFrameHeader header) =>
        header.Opcode == WebSocketOpcode.Text || (header.Opcode == WebSocketOpcode.Continuation && Kind == WebSocketOpcode.Text);

    /// <summary>Looks at the text that has come of a frame that is not whole: what is no UTF-8 now will not be with the rest. Each byte is
    /// looked at once.</summary>
    private bool Peek(in WebSocketFrameHeader header, in ReadOnlySequence<byte> input)
    {
        const int AtOnce = 512;
        Span<byte> unmasked = stackalloc byte[AtOnce];
        foreach (ReadOnlyMemory<byte> segment in input.Slice(header.Size + _peeked))
        {
            for (ReadOnlySpan<byte> rest = segment.Span; !rest.IsEmpty;)
            {
                int count = Math.Min(rest.Length, AtOnce);
                WebSocketMask.Apply(rest[..count], unmasked, header.Mask, _peeked);
                if (!_utf8.Append(unmasked[..count]))
                {
                    return false;
                }

                _peeked += count;
                rest = rest[count..];
            }
        }

        return true;
    }

    private WebSocketRead Control(in WebSocketFrameHeader header, in ReadOnlySequence<byte> payload)
    {
        int length = (int)header.PayloadLength;
        switch (header.Opcode)
        {
            case WebSocketOpcode.Ping:
                // Kept only by connections that have pinged: most never do, and there are many.
                _ping ??= new byte[WebSocketFrameHeader.MaxControlPayload];
                Unmask(payload, _ping, header.Mask);
                _pingLength = length;
                _showPing = true;
                return WebSocketRead.Ping;
            case WebSocketOpcode.Pong:
                return WebSocketRead.Pong;
            default:
                Span<byte> close = stackalloc byte[WebSocketFrameHeader.MaxControlPayload];
                Unmask(payload, close, header.Mask);
                Fault = WebSocketCloseCode.Answer(close[..length]);
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

    private WebSocketRead FailUtf8() => Fail(CloseCode.InvalidPayload, "A text message is not UTF-8.");

    private WebSocketRead Fail(CloseCode code, string text)
    {
        Fault = new CloseReason(code, text);
        return WebSocketRead.Fault;
    }
}
