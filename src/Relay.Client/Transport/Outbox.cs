using System.Threading.Tasks.Sources;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Transport;

/// <summary>Writes one frame.</summary>
internal delegate void FrameAction<TState>(ref FrameWriter writer, ulong sequence, in TState state);

/// <summary>What became of a frame that was to be added.</summary>
internal enum AddStatus
{
    /// <summary>It will be sent.</summary>
    Added,

    /// <summary>There is no room; <see cref="Outbox.WaitForRoomAsync"/> tells when.</summary>
    Full,

    /// <summary>There is no room, and there will be none before the client is connected again.</summary>
    FullWhileAway,

    /// <summary>Nothing of this kind can be sent now.</summary>
    Closed,
}

/// <summary>
/// What waits to be sent: numbered and other frames in a bounded buffer, in order, and beside them of each slot at most one transform, the
/// newest. Any thread adds; one writer takes everything at once, so that while a write is under way the rest is gathered into the next
/// one. It outlives connections: between them it takes numbered messages, which the <see cref="Journal"/> keeps, and the newest transforms.
/// </summary>
/// <remarks>
/// Steady state allocates nothing: two buffers change places, and the writer waits on a reused source. The writer continues on the thread
/// that added.
/// </remarks>
internal sealed class Outbox(int maxQueuedBytes, LocalClock clock, Journal? journal = null) : IValueTaskSource
{
    /// <summary>What was gathered while away is sent in portions, this far apart, so that the server's frame limit does not drop
    /// it.</summary>
    private static readonly TimeSpan PortionInterval = TimeSpan.FromMilliseconds(100);

    private readonly object _gate = new();
    private readonly Queue<(ulong Stamp, ulong Sequence)> _asked = new();
    private ManualResetValueTaskSourceCore<bool> _arrival;
    private TaskCompletionSource<bool>? _room;
    private byte[] _filling = new byte[512];
    private byte[] _taken = new byte[512];
    private int _filled;
    private ulong _sequence;
    private Phase _phase;
    private bool _writerWaits;

    private readonly TransformQueue _transforms = new(clock, keepsSent: journal is not null);

    private int _unaskedMessages;
    private int _unaskedBytes;
    private ulong _lastStamp;

    private ITimer? _portions;
    private double _credit = double.PositiveInfinity;
    private double _portion;

    private enum Phase
    {
        /// <summary>There is no connection.</summary>
        Away,

        /// <summary>A connection, and a session to be taken up: nothing may follow Hello yet, since the first frame makes the old token
        /// worthless, and the Welcome with the new one may be lost.</summary>
        Greeting,

        /// <summary>A connection that takes everything.</summary>
        Open,

        /// <summary>A connection that takes nothing more.</summary>
        Closing,

        /// <summary>There will be no connection.</summary>
        Ended,
    }

    /// <summary>Whether the present connection takes nothing more: the writer that has taken all is done.</summary>
    public bool IsClosing
    {
        get
        {
            lock (_gate)
            {
                return _phase is Phase.Closing or Phase.Ended;
            }
        }
    }

    /// <summary>Adds a frame.</summary>
    /// <param name="maxSize">The most bytes that it takes.</param>
    /// <param name="numbered">Whether it takes the next sequence (protocol-spec.md §5.7). Numbering and queueing are one step, so the order
    /// on the wire is that of the numbers.</param>
    /// <param name="state">Handed to <paramref name="write"/>.</param>
    /// <param name="write">Writes the frame; runs under the lock.</param>
    /// <param name="sequence">The number given, or 0.</param>
    public AddStatus TryAdd<TState>(int maxSize, bool numbered, in TState state, FrameAction<TState> write, out ulong sequence)
    {
        sequence = 0;
        bool wake;
        lock (_gate)
        {
            Journal? keep = numbered ? journal : null;
            if (_phase == Phase.Ended || (keep is null && _phase != Phase.Open))
            {
                return AddStatus.Closed;
            }

            if (keep is not null && !keep.HasRoom(maxSize))
            {
                return _phase == Phase.Open ? AddStatus.Full : AddStatus.FullWhileAway;
            }

            bool goes = _phase == Phase.Open && keep is not { HasUnsent: true };
            if (goes && !HasRoom(maxSize))
            {
                return AddStatus.Full;
            }

            if (numbered)
            {
                sequence = ++_sequence;
            }

            int size = Write(maxSize, sequence, state, write);
            keep?.Append(_filling.AsSpan(_filled, size), goes);
            if (goes)
            {
                _filled += size;
                Count(keep, size);
            }

            wake = TakeWriter();
        }

        Wake(wake);
        return AddStatus.Added;
    }

    /// <summary>Adds a Ping, unless the queue is full. Its answer confirms what was sent before it.</summary>
    public void TryAddPing()
    {
        bool wake;
        lock (_gate)
        {
            if (_phase == Phase.Open && HasRoom(Ping.FrameSize))
            {
                AddPing();
            }

            wake = TakeWriter();
        }

        Wake(wake);
    }

    /// <summary>Puts the newest transform of a slot in place of one that has not been sent. A discontinuity stays noted until it was
    /// sent.</summary>
    public void SetTransform(RoomInfo room, uint slot, byte generation, in PackedTransform value, TransformExtension extension)
    {
        bool wake;
        lock (_gate)
        {
            if (_phase == Phase.Ended)
            {
                return;
            }

            _transforms.Put(room, slot, generation, value, extension);
            wake = TakeWriter();
        }

        Wake(wake);
    }

    /// <summary>Completes when it is worth while to try again to add a numbered frame of that size.</summary>
    public Task WaitForRoomAsync(int maxSize)
    {
        lock (_gate)
        {
            if (_phase != Phase.Open || (HasRoom(maxSize) && journal?.HasRoom(maxSize) != false))
            {
                return Task.CompletedTask;
            }

            _room ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>There is a new connection, and this is its Hello.</summary>
    /// <param name="maxSize">The most bytes that Hello takes.</param>
    /// <param name="state">Handed to <paramref name="write"/>.</param>
    /// <param name="write">Writes Hello.</param>
    /// <param name="isFirst">Whether frames may follow at once: there is no session to be taken up.</param>
    public void Begin<TState>(int maxSize, in TState state, FrameAction<TState> write, bool isFirst)
    {
        lock (_gate)
        {
            _filled = 0;
            _filled = Write(maxSize, 0, state, write);
            _phase = isFirst ? Phase.Open : Phase.Greeting;
        }
    }

    /// <summary>The session goes on: what the server has not applied is sent again, with the same numbers, and so are the newest
    /// transforms that may have been lost.</summary>
    /// <param name="lastApplied">The number up to which the server has applied everything.</param>
    /// <param name="framesPerSecond">What the server takes in the long run; 0 for no limit.</param>
    /// <param name="burst">What it takes at once.</param>
    /// <param name="confirmed">What it had confirmed before.</param>
    /// <param name="last">The last number that was given.</param>
    /// <returns><c>false</c>: the number cannot be; nothing has changed.</returns>
    public bool TryResume(ulong lastApplied, uint framesPerSecond, uint burst, out ulong confirmed, out ulong last)
    {
        bool wake;
        lock (_gate)
        {
            (confirmed, last) = (journal!.Confirmed, _sequence);
            if (lastApplied < confirmed || lastApplied > last)
            {
                return false;
            }

            journal.Confirm(lastApplied);
            journal.Rewind();
            _transforms.Rewind();
            if (framesPerSecond > 0 && journal.Count > burst / 2)
            {
                // Half of the limit; the other half is for transforms and pings.
                _credit = Math.Max(1, burst / 2);
                _portion = framesPerSecond / 2.0 * PortionInterval.TotalSeconds;
                _portions = clock.Time.CreateTimer(static state => ((Outbox)state!).GivePortion(), this, PortionInterval, PortionInterval);
            }

            wake = Open();
        }

        Wake(wake);
        return true;
    }

    /// <summary>It is a new session: what was kept for the old one is dropped, and numbers begin anew.</summary>
    /// <param name="first">Fails what waits for answers in the old session and may add what comes first in the new one. Runs under the
    /// lock, so that no other thread's message gets between.</param>
    /// <returns>How many messages were dropped.</returns>
    public int Restart(Action first)
    {
        bool wake;
        int dropped;
        lock (_gate)
        {
            dropped = journal!.Count;
            journal.Clear();
            _sequence = 0;
            _transforms.Clear();
            first();
            wake = Open();
        }

        Wake(wake);
        return dropped;
    }

    /// <summary>The answer to a Ping has come.</summary>
    public void Answered(ulong stamp)
    {
        lock (_gate)
        {
            _transforms.Confirm(stamp);

            // An older one was dropped by the server if its answer has not come yet; this one says as much.
            while (_asked.Count > 0 && _asked.Peek().Stamp <= stamp)
            {
                ConfirmLocked(_asked.Dequeue().Sequence);
            }
        }
    }

    /// <summary>The server has applied everything up to a number.</summary>
    public void Confirm(ulong sequence)
    {
        lock (_gate)
        {
            ConfirmLocked(sequence);
        }
    }

    /// <summary>The present connection takes nothing more, after a last frame. What is queued before is still sent.</summary>
    public void Close<TState>(int maxSize, in TState state, FrameAction<TState> write)
    {
        bool wake;
        lock (_gate)
        {
            if (_phase is not (Phase.Open or Phase.Greeting))
            {
                return;
            }

            if (_phase == Phase.Open)
            {
                _credit = double.PositiveInfinity;
                Pump(maxQueued: int.MaxValue);
            }

            _filled += Write(maxSize, 0, state, write);
            wake = CloseLocked();
        }

        Wake(wake);
    }

    /// <summary>The present connection takes nothing more, and what is queued for it is dropped.</summary>
    public void Cut()
    {
        bool wake;
        lock (_gate)
        {
            _filled = 0;
            wake = _phase != Phase.Ended && CloseLocked();
        }

        Wake(wake);
    }

    /// <summary>The writer is gone: there is no connection.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            _phase = Phase.Away;
            _filled = 0;
            TellRoom();
        }
    }

    /// <summary>There will be no other connection.</summary>
    public void End()
    {
        lock (_gate)
        {
            _phase = Phase.Ended;
            _transforms.Clear();
            TellRoom();
        }
    }

    /// <summary>The writer waits here for something to send, or for the end.</summary>
    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (HasWork)
            {
                return default;
            }

            _writerWaits = true;
            _arrival.Reset();
            return new ValueTask(this, _arrival.Version);
        }
    }

    /// <summary>The writer takes all that waits. The memory is good until the next call.</summary>
    /// <param name="room">The room that the client is in now; transforms for another one are dropped.</param>
    /// <param name="maxFrameBody">The longest body that the server takes.</param>
    public ReadOnlyMemory<byte> Take(RoomInfo? room, int maxFrameBody)
    {
        lock (_gate)
        {
            if (_phase == Phase.Open)
            {
                Pump(maxQueuedBytes);
                AppendTransforms(room, maxFrameBody);
            }

            (_filling, _taken) = (_taken, _filling);
            var memory = new ReadOnlyMemory<byte>(_taken, 0, _filled);
            _filled = 0;
            TellRoom();
            return memory;
        }
    }

    void IValueTaskSource.GetResult(short token) => _arrival.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private bool HasWork => _phase switch
    {
        Phase.Open => _filled > 0 || _transforms.HasWaiting || (_credit >= 1 && journal is { HasUnsent: true }),
        Phase.Greeting => _filled > 0,
        _ => true,
    };

    // A frame that is longer than the whole bound goes alone.
    private bool HasRoom(int maxSize) => _filled == 0 || _filled + maxSize <= maxQueuedBytes;

    private bool TakeWriter()
    {
        bool waits = _writerWaits && HasWork;
        _writerWaits &= !waits;
        return waits;
    }

    private void Wake(bool wake)
    {
        // Outside the lock: the writer's continuation runs right here and takes the lock itself.
        if (wake)
        {
            _arrival.SetResult(true);
        }
    }

    private void TellRoom()
    {
        _room?.TrySetResult(true);
        _room = null;
    }

    private bool Open()
    {
        _phase = Phase.Open;
        TellRoom();
        return TakeWriter();
    }

    private bool CloseLocked()
    {
        _phase = Phase.Closing;
        _asked.Clear();
        _unaskedMessages = _unaskedBytes = 0;
        _credit = double.PositiveInfinity;
        _portions?.Dispose();
        _portions = null;
        TellRoom();
        return TakeWriter();
    }

    private void ConfirmLocked(ulong sequence)
    {
        if (journal is not null)
        {
            journal.Confirm(sequence);
            TellRoom();
        }
    }

    private int Write<TState>(int maxSize, ulong sequence, in TState state, FrameAction<TState> write)
    {
        Grow(maxSize);
        var writer = new FrameWriter(_filling.AsSpan(_filled));
        write(ref writer, sequence, state);
        return writer.Overflowed ? 0 : writer.Written;
    }

    /// <summary>Moves kept messages that were not sent into the queue.</summary>
    private void Pump(int maxQueued)
    {
        while (journal is { HasUnsent: true } && _credit >= 1 && (_filled == 0 || _filled + journal.Peek().Length <= maxQueued))
        {
            ReadOnlySpan<byte> frame = journal.Peek();
            Grow(frame.Length);
            frame.CopyTo(_filling.AsSpan(_filled));
            _filled += frame.Length;
            _credit--;
            journal.Advance();
            Count(journal, frame.Length);
        }
    }

    /// <summary>Notes that a numbered message was queued: now and then the server must be asked how far it has got, or the journal would
    /// fill up. Four questions in its length, so that one that is lost does no harm.</summary>
    private void Count(Journal? keep, int size)
    {
        if (keep is not null && (++_unaskedMessages * 4 >= keep.MaxMessages || (_unaskedBytes += size) >= keep.MaxBytes / 4))
        {
            AddPing();
        }
    }

    private void AddPing()
    {
        // Each has a stamp of its own, however coarse the clock.
        _lastStamp = Math.Max(_lastStamp + 1, (ulong)clock.NowMicros);
        _filled += Write(
            Ping.FrameSize,
            0,
            _lastStamp,
            static (ref FrameWriter writer, ulong _, in ulong stamp) => new Ping { Stamp = stamp }.Write(ref writer));
        _unaskedMessages = _unaskedBytes = 0;
        if (journal is not null)
        {
            // Answers come within the idle timeout or never: more than a few are never open.
            _asked.Enqueue((_lastStamp, journal.Sent));
        }
    }

    private void GivePortion()
    {
        bool wake;
        lock (_gate)
        {
            if (_portions is null)
            {
                return;
            }

            _credit += _portion;
            if (!journal!.HasUnsent)
            {
                _credit = double.PositiveInfinity;
                _portions.Dispose();
                _portions = null;
            }

            wake = TakeWriter();
        }

        Wake(wake);
    }

    private void AppendTransforms(RoomInfo? room, int maxFrameBody)
    {
        if (!ReferenceEquals(_transforms.Room, room))
        {
            _transforms.Clear();
        }

        while (_transforms.HasWaiting)
        {
            int count = _transforms.NextCount(maxFrameBody);
            int size = TransformUpdate.MaxSize(count);
            Grow(size);
            _filled += _transforms.WriteFrame(_filling.AsSpan(_filled, size), count, _lastStamp);
        }
    }

    private void Grow(int more)
    {
        if (_filling.Length - _filled < more)
        {
            Array.Resize(ref _filling, Math.Max(_filling.Length * 2, _filled + more));
        }
    }
}
