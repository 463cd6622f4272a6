using Relay.Protocol.Frames;

namespace Relay.Client.Transport;

/// <summary>
/// The client's own numbered messages that the server is not known to have applied, oldest first, without a gap: what must be sent again
/// when a session is taken up. protocol-spec.md §5.7 and §5.8.
/// </summary>
/// <remarks>
/// <para>
/// Nothing leaves before it is confirmed, so nothing can get lost however much the kernels on the way hold. Three things confirm a
/// message: an answer to it or to a later one (Joined, Left, Done, Error), <c>lastApplied</c> of Welcome, and the Pong that answers a Ping
/// written after it on the same connection: frames are one ordered stream, and the server has dealt with all before the Ping. The last
/// one is what makes room for events, which have no answer of their own.
/// </para>
/// <para>Used under the lock of the <see cref="Outbox"/>. The frames stand one after another in one buffer, which grows to twice the bound
/// at most, and stays.</para>
/// </remarks>
internal sealed class Journal(int maxMessages, int maxBytes)
{
    private byte[] _bytes = [];
    private int _start;
    private int _next;
    private int _end;

    /// <summary>Messages kept.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes kept.</summary>
    public int Bytes => _end - _start;

    /// <summary>The number up to which everything is confirmed: the first one kept has the next.</summary>
    public ulong Confirmed { get; private set; }

    /// <summary>The number up to which everything has been handed to the present connection's writer.</summary>
    public ulong Sent { get; private set; }

    /// <summary>Whether some have not been handed to the writer.</summary>
    public bool HasUnsent => _next < _end;

    public int MaxMessages => maxMessages;

    public int MaxBytes => maxBytes;

    /// <summary>Whether another message fits. One that is longer than the whole bound goes alone.</summary>
    public bool HasRoom(int size) => Count == 0 || (Count < maxMessages && Bytes + size <= maxBytes);

    /// <summary>Adds the next message.</summary>
    /// <param name="frame">The whole frame.</param>
    /// <param name="sent">Whether the writer has it already; only if it has all before it.</param>
    public void Append(ReadOnlySpan<byte> frame, bool sent)
    {
        MakeRoom(frame.Length);
        frame.CopyTo(_bytes.AsSpan(_end));
        _end += frame.Length;
        Count++;
        if (sent)
        {
            _next = _end;
            Sent++;
        }
    }

    /// <summary>Looks at the next frame for the writer; empty if it has all.</summary>
    public ReadOnlySpan<byte> Peek() => HasUnsent ? FrameAt(_next) : default;

    /// <summary>The writer has the frame that <see cref="Peek"/> gave.</summary>
    public void Advance()
    {
        _next += FrameAt(_next).Length;
        Sent++;
    }

    /// <summary>All that is kept must be sent, to another connection.</summary>
    public void Rewind() => (_next, Sent) = (_start, Confirmed);

    /// <summary>Drops what the server has applied.</summary>
    public void Confirm(ulong sequence)
    {
        while (Confirmed < sequence && Count > 0)
        {
            _start += FrameAt(_start).Length;
            Count--;
            Confirmed++;
        }

        _next = Math.Max(_next, _start);
        Sent = Math.Max(Sent, Confirmed);
    }

    /// <summary>Forgets everything: numbers begin anew.</summary>
    public void Clear()
    {
        _start = _next = _end = Count = 0;
        Confirmed = Sent = 0;
    }

    private ReadOnlySpan<byte> FrameAt(int at) => _bytes.AsSpan(at, FrameHeader.Size + FrameHeader.Read(_bytes.AsSpan(at)).BodyLength);

    private void MakeRoom(int more)
    {
        if (_bytes.Length - _end >= more)
        {
            return;
        }

        // Half of the buffer at least is free afterwards, so that moving costs little for each message.
        byte[] target = _bytes.Length >= 2 * (Bytes + more) ? _bytes : new byte[Math.Max(1024, 2 * (Bytes + more))];
        _bytes.AsSpan(_start, Bytes).CopyTo(target);
        (_start, _next, _end) = (0, _next - _start, Bytes);
        _bytes = target;
    }
}
