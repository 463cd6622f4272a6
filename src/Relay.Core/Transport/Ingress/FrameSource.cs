using System.Buffers;
using Relay.Core.Rooms;
using Relay.Core.Transport.WebSockets;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;

namespace Relay.Core.Transport.Ingress;

/// <summary>What a <see cref="FrameSource"/> found.</summary>
internal enum SourceStatus
{
    /// <summary>A whole frame: <see cref="FrameSource.Type"/> and <see cref="FrameSource.Body"/>.</summary>
    Frame,

    /// <summary>Nothing whole is left.</summary>
    NeedMore,

    /// <summary>Not a frame, but it counts as one against the limit: a fragment, a WebSocket pong.</summary>
    Overhead,

    /// <summary>A WebSocket ping, which counts too: <see cref="FrameSource.Body"/> is to be sent back.</summary>
    Ping,

    /// <summary>The connection must end: <see cref="FrameSource.Fault"/>.</summary>
    Fault,
}

/// <summary>
/// Turns bytes as they arrive into whole frames, whatever the transport. A frame stays the present one until <see cref="Consume"/>, so a
/// caller that cannot handle it now (a full queue, a hook that is being awaited) comes back to it later. One thread; bytes handed in are
/// not kept, except the frame or message under way.
/// </summary>
internal abstract class FrameSource : IDisposable
{
    /// <summary>The type of the present frame.</summary>
    public FrameType Type { get; protected set; }

    /// <summary>The body of the present frame, or the payload of a ping; good until the next call.</summary>
    public abstract ReadOnlySpan<byte> Body { get; }

    /// <summary>Why the connection must end.</summary>
    public CloseReason? Fault { get; protected set; }

    /// <summary>Whether the peer has closed in order, so that it need not be waited for: with a WebSocket close, or on TCP with a Close
    /// frame.</summary>
    public bool PeerClosed { get; protected set; }

    /// <summary>Whether something is begun and not finished, apart from bytes that are still in the input.</summary>
    public virtual bool IsInMessage => false;

    /// <summary>Looks for the next frame.</summary>
    /// <param name="input">What has arrived; moved on past what is of no more use.</param>
    public abstract SourceStatus Next(ref ReadOnlySequence<byte> input);

    /// <summary>The present frame has been handled.</summary>
    public abstract void Consume(ref ReadOnlySequence<byte> input);

    /// <summary>The present frame is the peer's Close.</summary>
    public virtual void NoteClose()
    {
    }

    /// <summary>Skips what a peer still sends after our Close, up to its own.</summary>
    /// <returns>Whether the peer has closed; if it has sent rubbish instead, that is all of it that is skipped.</returns>
    public bool SkipToClose(ref ReadOnlySequence<byte> input)
    {
        while (Fault is null)
        {
            switch (Next(ref input))
            {
                case SourceStatus.NeedMore:
                    return false;
                case SourceStatus.Frame:
                    Consume(ref input);
                    break;
            }
        }

        input = input.Slice(input.End);
        return PeerClosed;
    }

    public virtual void Dispose()
    {
    }

    protected static CloseReason TooBig(int limit, long value) =>
        new(CloseCode.MessageTooBig, "The frame's body is larger than the limit (bytes).", Limit: limit, Value: value);
}

/// <summary>Frames straight from the stream, after the preface: raw TCP. protocol-spec.md §2.1.</summary>
internal sealed class StreamFrameSource : FrameSource
{
    private readonly int _maxBody;
    private byte[] _straddling = [];
    private int _bodyLength;
    private bool _prefaceSeen;
    private ReadOnlySequence<byte> _body;

    public StreamFrameSource(int maxBody) => _maxBody = maxBody;

    public override ReadOnlySpan<byte> Body
    {
        get
        {
            if (_body.IsSingleSegment)
            {
                return _body.FirstSpan;
            }

            if (_straddling.Length < _bodyLength)
            {
                _straddling = new byte[Math.Max(_bodyLength, 1024)];
            }

            _body.CopyTo(_straddling);
            return _straddling.AsSpan(0, _bodyLength);
        }
    }

    public override SourceStatus Next(ref ReadOnlySequence<byte> input)
    {
        if (!_prefaceSeen)
        {
            SourceStatus preface = Preface(ref input);
            if (preface != SourceStatus.Frame)
            {
                return preface;
            }
        }

        Span<byte> head = stackalloc byte[FrameHeader.Size];
        if (input.Length < FrameHeader.Size)
        {
            return SourceStatus.NeedMore;
        }

        input.Slice(0, FrameHeader.Size).CopyTo(head);
        var header = FrameHeader.Read(head);
        if (header.BodyLength > _maxBody)
        {
            Fault = TooBig(_maxBody, header.BodyLength);
            return SourceStatus.Fault;
        }

        if (input.Length - FrameHeader.Size < header.BodyLength)
        {
            return SourceStatus.NeedMore;
        }

        Type = header.Type;
        _bodyLength = header.BodyLength;
        _body = input.Slice(FrameHeader.Size, header.BodyLength);
        return SourceStatus.Frame;
    }

    public override void NoteClose() => PeerClosed = true;

    public override void Consume(ref ReadOnlySequence<byte> input)
    {
        _body = default;
        input = input.Slice(FrameHeader.Size + _bodyLength);
    }

    private SourceStatus Preface(ref ReadOnlySequence<byte> input)
    {
        Span<byte> head = stackalloc byte[ConnectionPreface.Size];
        int known = (int)Math.Min(input.Length, ConnectionPreface.Size);
        input.Slice(0, known).CopyTo(head);
        switch (ConnectionPreface.Check(head[..known]))
        {
            case PrefaceStatus.Match:
                input = input.Slice(ConnectionPreface.Size);
                _prefaceSeen = true;
                return SourceStatus.Frame;
            case PrefaceStatus.NeedMore:
                return SourceStatus.NeedMore;
            default:
                Fault = new CloseReason(CloseCode.BadPreface, "The first bytes are not the preface.");
                return SourceStatus.Fault;
        }
    }
}

/// <summary>Frames out of WebSocket messages: each message holds one or more whole ones. protocol-spec.md §2.2.</summary>
internal sealed class WebSocketFrameSource : FrameSource
{
    private readonly int _maxBody;
    private readonly WebSocketReader _reader;
    private int _position;
    private int _bodyLength;
    private bool _hasMessage;

    public WebSocketFrameSource(IngressLimits limits, SharedBufferPool pool)
    {
        _maxBody = limits.MaxFrameBody;
        _reader = new WebSocketReader(limits.MaxMessageBytes, limits.MaxFragments, pool);
    }

    public override ReadOnlySpan<byte> Body => _hasMessage
        ? _reader.Message.Slice(_position + FrameHeader.Size, _bodyLength)
        : _reader.Message;

    public override bool IsInMessage => _reader.IsInMessage;

    public override SourceStatus Next(ref ReadOnlySequence<byte> input)
    {
        if (!_hasMessage)
        {
            switch (_reader.Read(ref input))
            {
                case WebSocketRead.NeedMore:
                    return SourceStatus.NeedMore;
                case WebSocketRead.Fragment or WebSocketRead.Pong:
                    return SourceStatus.Overhead;
                case WebSocketRead.Ping:
                    return SourceStatus.Ping;
                case WebSocketRead.Close:
                    PeerClosed = true;
                    Fault = _reader.Fault;
                    return SourceStatus.Fault;
                case WebSocketRead.Fault:
                    Fault = _reader.Fault;
                    return SourceStatus.Fault;
            }

            _hasMessage = true;
            _position = 0;
        }

        ReadOnlySpan<byte> rest = _reader.Message[_position..];
        switch (FrameDecoder.Find(rest, _maxBody, out FrameHeader header))
        {
            case FrameStatus.TooLarge:
                Fault = TooBig(_maxBody, header.BodyLength);
                return SourceStatus.Fault;
            case FrameStatus.NeedMore when rest.IsEmpty:
                // An empty message: nothing in it, but it was one.
                _hasMessage = false;
                _reader.Done();
                return SourceStatus.Overhead;
            case FrameStatus.NeedMore:
                Fault = new CloseReason(CloseCode.InvalidPayload, "A message must hold whole frames.", Value: rest.Length);
                return SourceStatus.Fault;
        }

        Type = header.Type;
        _bodyLength = header.BodyLength;
        return SourceStatus.Frame;
    }

    public override void Consume(ref ReadOnlySequence<byte> input)
    {
        _position += FrameHeader.Size + _bodyLength;
        if (_position == _reader.Message.Length)
        {
            _hasMessage = false;
            _reader.Done();
        }
    }

    public override void Dispose()
    {
        _reader.Dispose();
        base.Dispose();
    }
}
