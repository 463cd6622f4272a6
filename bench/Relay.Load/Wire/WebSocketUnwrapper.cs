using Relay.Protocol.WebSockets;

namespace Relay.Load.Wire;

/// <summary>
/// Takes WebSocket headers out of a receive buffer in place, so that what is left is the plain stream of frames. In the buffer stand
/// first unwrapped bytes, then raw ones.
/// </summary>
internal struct WebSocketUnwrapper
{
    /// <summary>Unwrapped bytes at the front of the buffer.</summary>
    private int _plain;

    /// <summary>Payload of the present WebSocket frame that has not arrived yet.</summary>
    private long _payloadLeft;

    /// <summary>Unwraps as much as has arrived.</summary>
    /// <param name="buffer">The receive buffer.</param>
    /// <param name="filled">How much of it is filled.</param>
    /// <param name="plain">How much of its front is plain frames.</param>
    /// <param name="filledNow">How much of it is filled now that headers are gone.</param>
    /// <returns><c>null</c>, or what is wrong.</returns>
    public string? Unwrap(byte[] buffer, int filled, out int plain, out int filledNow)
    {
        int raw = _plain;
        while (raw < filled)
        {
            if (_payloadLeft == 0)
            {
                WebSocketHeaderStatus status = WebSocketFrameHeader.TryRead(buffer.AsSpan(raw, filled - raw), out WebSocketFrameHeader header);
                if (status == WebSocketHeaderStatus.NeedMore)
                {
                    break;
                }

                if (status == WebSocketHeaderStatus.ProtocolError || header.IsMasked)
                {
                    return Fail("the server broke the WebSocket framing", filled, out plain, out filledNow);
                }

                if (header.Opcode is not (WebSocketOpcode.Binary or WebSocketOpcode.Continuation))
                {
                    // The relay keeps connections alive with its own pings; Close and Text end a test either way.
                    return Fail($"the server sent a WebSocket {header.Opcode}", filled, out plain, out filledNow);
                }

                _payloadLeft = header.PayloadLength;
                raw += header.Size;
            }

            int part = (int)Math.Min(_payloadLeft, filled - raw);
            buffer.AsSpan(raw, part).CopyTo(buffer.AsSpan(_plain));
            _plain += part;
            raw += part;
            _payloadLeft -= part;
        }

        int rest = filled - raw;
        buffer.AsSpan(raw, rest).CopyTo(buffer.AsSpan(_plain));
        plain = _plain;
        filledNow = _plain + rest;
        return null;
    }

    /// <summary>Says that plain bytes were taken from the front of the buffer.</summary>
    public void Discarded(int count) => _plain = Math.Max(0, _plain - count);

    private readonly string Fail(string problem, int filled, out int plain, out int filledNow)
    {
        (plain, filledNow) = (_plain, filled);
        return problem;
    }
}
