using System.Buffers;
using System.Runtime.InteropServices;
using Relay.Protocol.Buffers;

namespace Relay.Core.Transport.Direct;

/// <summary>
/// A descriptor on a shard: reads what arrives, keeps what makes no whole frame yet, sends, and keeps the tail of what the kernel took
/// only in part. What the bytes mean is the derived class's matter. Belongs to the thread of the shard that it is on.
/// </summary>
/// <remarks>Events are edge-triggered: the kernel tells of an arrival once, and does not look at the socket again at the next wait, which
/// with thousands of small frames a second is a measurable part of what they cost. So whoever stops before the socket is empty must ask for
/// the event again (<see cref="Rearm"/>).</remarks>
internal abstract class DirectSocket
{
    private ShardPort? _port;
    private byte[]? _rest;
    private int _restLength;
    private List<Piece>? _tail;
    private int _tailBytes;
    private uint _interest;
    private bool _isPaused;
    private bool _noticesEnd;
    private bool _isBroken;
    private bool _endsWithFin;
    private bool _writingEnds;

    /// <summary>Takes a descriptor over.</summary>
    protected DirectSocket(Detached detached)
    {
        Descriptor = detached.Descriptor;
        if (detached.Arrived.Length > 0)
        {
            _restLength = detached.Arrived.Length;
            _rest = ArrayPool<byte>.Shared.Rent(_restLength);
            detached.Arrived.CopyTo(_rest, 0);
        }
    }

    /// <summary>The descriptor; −1 once it is closed.</summary>
    public int Descriptor { get; private set; }

    /// <summary>What the port knows it by.</summary>
    public ulong Tag { get; set; }

    /// <summary>Bytes that the kernel has not taken yet.</summary>
    public int HeldBytes => _tailBytes;

    /// <summary>Whether something new may be written: nothing is left of what was written before.</summary>
    public bool IsReady => _port is not null && !_isBroken && !_writingEnds && !HasTail;

    /// <summary>Whether <see cref="EndWriting"/> was called and everything has gone.</summary>
    protected bool IsWritingEnded => _writingEnds && !HasTail;

    /// <summary>Comes to a shard. Its thread.</summary>
    public void Enter(ShardPort port)
    {
        _port = port;
        _interest = Interest;
        port.Hold(_tailBytes);
        if (_isBroken)
        {
            return;
        }

        if (!port.TryAdd(this, _interest))
        {
            Break();
            return;
        }

        Replay();
    }

    /// <summary>Leaves its shard, for another one or for good. Its thread.</summary>
    public void Leave()
    {
        Flush();
        _port?.Remove(this);
        _port?.Hold(-_tailBytes);
        _port = null;
    }

    /// <summary>Adds a part of a buffer to what is to be sent.</summary>
    public void Add(SharedBuffer buffer, ReadOnlySpan<byte> bytes)
    {
        if (_port is not { } port || _isBroken || _writingEnds)
        {
            return;
        }

        if (_tail is { Count: > 0 })
        {
            _tail.Add(Piece.Of(buffer, bytes));
            Hold(bytes.Length);
            return;
        }

        if (port.Transmission.Owner is { } other && (!ReferenceEquals(other, this) || port.Transmission.IsFull))
        {
            other.Flush();
            Add(buffer, bytes);
            return;
        }

        port.Transmission.Add(this, Piece.Of(buffer, bytes));
    }

    /// <summary>Sends what was added; what the kernel does not take becomes the tail.</summary>
    public void Flush()
    {
        if (_port is not { } port || !ReferenceEquals(port.Transmission.Owner, this))
        {
            return;
        }

        int sent = port.Transmission.Send(Descriptor, port.Transmission.Pieces);
        foreach (Piece piece in port.Transmission.Pieces)
        {
            if (sent < 0 || sent >= piece.Length)
            {
                sent -= sent < 0 ? 0 : piece.Length;
                piece.Buffer.Release();
            }
            else
            {
                (_tail ??= []).Add(piece.After(sent));
                Hold(piece.Length - sent);
                sent = 0;
            }
        }

        port.Transmission.Clear();
        if (sent < 0)
        {
            Break();
        }
        else if (HasTail)
        {
            Watch();
        }
    }

    /// <summary>Ends writing when everything has gone.</summary>
    /// <param name="withFin">Whether the peer is told so (TCP FIN).</param>
    public void EndWriting(bool withFin)
    {
        Flush();
        _endsWithFin = withFin;
        _writingEnds = true;
        if (!HasTail)
        {
            WritingHasEnded();
        }
    }

    /// <summary>Cuts the connection off; a peer that has not been sent everything gets a reset.</summary>
    public void Abort()
    {
        if (Descriptor >= 0 && !IsWritingEnded)
        {
            Libc.ResetOnClose(Descriptor);
        }

        Break();
    }

    /// <summary>Closes the descriptor and lets go of everything.</summary>
    public void Release()
    {
        Leave();
        DropTail();
        KeepRest(default);
        if (Descriptor >= 0)
        {
            _ = Libc.Close(Descriptor);
            Descriptor = -1;
            OnReleased();
        }
    }

    /// <summary>The port has events for this descriptor.</summary>
    public void OnEvents(uint events)
    {
        if ((events & EpollSet.Writable) != 0)
        {
            SendTail();
            if (_isBroken)
            {
                return;
            }
        }

        bool hungUp = (events & (EpollSet.Error | EpollSet.HangUp)) != 0;
        if (!_isPaused && (hungUp || (events & EpollSet.Readable) != 0))
        {
            Receive(isLast: hungUp || (events & EpollSet.PeerClosed) != 0);
        }
        else if (hungUp || (_isPaused && (events & EpollSet.PeerClosed) != 0))
        {
            Break();
        }
    }

    /// <summary>Some bytes are there, together with what was left the last time.</summary>
    /// <param name="input">The bytes; moved on past what is of no more use.</param>
    /// <param name="arrived">How many of them are new.</param>
    protected abstract void OnBytes(ref ReadOnlySequence<byte> input, int arrived);

    /// <summary>The stream has ended or broken; nothing more arrives. May come more than once.</summary>
    protected abstract void OnEnd();

    /// <summary>The tail has gone.</summary>
    protected abstract void OnReady();

    /// <summary>After <see cref="EndWriting"/>: everything has gone.</summary>
    protected abstract void OnWritingEnded();

    /// <summary>The descriptor is closed.</summary>
    protected abstract void OnReleased();

    /// <summary>Reads nothing until <see cref="Resume"/>.</summary>
    /// <param name="noticesEnd">Whether the end of the peer's stream ends the wait, and the connection with it.</param>
    protected void Pause(bool noticesEnd = false)
    {
        _isPaused = true;
        _noticesEnd = noticesEnd;
        Watch();
    }

    /// <summary>Reads on, first what was left.</summary>
    protected void Resume()
    {
        _isPaused = false;
        Watch();
        Replay();
    }

    /// <summary>Nothing more is wanted of the peer, nor is there anything to be told it.</summary>
    protected void Break()
    {
        if (!_isBroken)
        {
            _isBroken = true;
            _port?.Remove(this);
            DropTail();
        }

        OnEnd();
    }

    private bool HasTail => _tail is { Count: > 0 };

    private uint Interest => EpollSet.EdgeTriggered |
        (!_isPaused ? EpollSet.Readable | EpollSet.PeerClosed : _noticesEnd ? EpollSet.PeerClosed : 0) |
        (HasTail ? EpollSet.Writable : 0);

    private void Watch()
    {
        if (_port is { } port && !_isBroken && Interest != _interest)
        {
            _interest = Interest;
            port.Modify(this, _interest);
        }
    }

    /// <summary>Reads once, so that everybody has a turn.</summary>
    /// <param name="isLast">Whether the end of the stream has come, behind what is to be read.</param>
    private void Receive(bool isLast)
    {
        // A short rest is joined with what follows in the inbox; a long one, of a frame that is still to be awaited, grows where it is.
        byte[] into = _port!.Inbox;
        if (_restLength > ShardPort.ReceiveCap / 4)
        {
            into = RoomForMore();
        }
        else if (_restLength > 0)
        {
            _rest.AsSpan(0, _restLength).CopyTo(into);
        }

        int room = Math.Min(into.Length - _restLength, ShardPort.ReceiveCap);
        int count = Libc.Receive(Descriptor, into.AsSpan(_restLength, room));
        if (count > 0)
        {
            if (count == room || isLast)
            {
                Rearm();
            }

            var input = new ReadOnlySequence<byte>(into, 0, _restLength + count);
            OnBytes(ref input, count);
            KeepRest(input);
        }
        else if (count < 0 && Libc.Errno == Libc.Interrupted)
        {
            Rearm();
        }
        else if (count == 0 || Libc.Errno != Libc.WouldBlock)
        {
            Break();
        }
    }

    /// <summary>Has the kernel tell once more what the socket is ready for.</summary>
    private void Rearm() => _port!.Modify(this, _interest);

    /// <summary>Goes once more over what was left, since what it waited for has come. There may be nothing left and still something to
    /// do: a WebSocket message may hold more frames.</summary>
    private void Replay()
    {
        if (!_isPaused && _port is not null)
        {
            var input = new ReadOnlySequence<byte>(_rest ?? [], 0, _restLength);
            OnBytes(ref input, arrived: 0);
            KeepRest(input);
        }
    }

    private byte[] RoomForMore()
    {
        if (_rest!.Length - _restLength < ShardPort.ReceiveCap / 2)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(2 * Math.Max(_rest.Length, ShardPort.ReceiveCap));
            _rest.AsSpan(0, _restLength).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_rest);
            _rest = larger;
        }

        return _rest;
    }

    private void KeepRest(in ReadOnlySequence<byte> input)
    {
        int length = (int)input.Length;
        if (length == 0)
        {
            if (_rest is not null)
            {
                ArrayPool<byte>.Shared.Return(_rest);
                _rest = null;
            }

            _restLength = 0;
            return;
        }

        SequenceMarshal.TryGetArray(input, out ArraySegment<byte> left);
        bool isInPlace = ReferenceEquals(left.Array, _rest);
        if (_rest is null || _rest.Length < length)
        {
            if (_rest is not null)
            {
                ArrayPool<byte>.Shared.Return(_rest);
            }

            _rest = ArrayPool<byte>.Shared.Rent(Math.Max(length, 512));
        }

        if (!isInPlace || left.Offset > 0)
        {
            left.AsSpan().CopyTo(_rest);
        }

        _restLength = length;
    }

    private void SendTail()
    {
        if (_tail is not { Count: > 0 } tail || _port is not { } port)
        {
            return;
        }

        int sent = port.Transmission.Send(Descriptor, CollectionsMarshal.AsSpan(tail));
        if (sent < 0)
        {
            Break();
            return;
        }

        Hold(-sent);
        int gone = 0;
        while (gone < tail.Count && sent >= tail[gone].Length)
        {
            sent -= tail[gone].Length;
            tail[gone++].Buffer.Release();
        }

        tail.RemoveRange(0, gone);
        if (tail.Count > 0)
        {
            tail[0] = tail[0].After(sent);
            if (gone == Transmission.Capacity)
            {
                // The kernel would have taken more than fits into one call, so it has nothing to tell of by itself.
                Rearm();
            }

            return;
        }

        Watch();
        if (_writingEnds)
        {
            WritingHasEnded();
        }
        else
        {
            OnReady();
        }
    }

    private void WritingHasEnded()
    {
        if (_endsWithFin && !_isBroken)
        {
            _ = Libc.Shutdown(Descriptor, 1);
        }

        OnWritingEnded();
    }

    private void DropTail()
    {
        foreach (Piece piece in _tail ?? [])
        {
            piece.Buffer.Release();
        }

        _tail = null;
        Hold(-_tailBytes);
    }

    private void Hold(int bytes)
    {
        _tailBytes += bytes;
        _port?.Hold(bytes);
    }
}
