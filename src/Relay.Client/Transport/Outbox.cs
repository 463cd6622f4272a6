using System.Threading.Tasks.Sources;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Transport;

/// <summary>Writes one frame.</summary>
internal delegate void FrameAction<TState>(ref FrameWriter writer, ulong sequence, in TState state);

/// <summary>
/// What waits to be sent: numbered and other frames in a bounded buffer, in order, and beside them at most one transform, the newest. Any
/// thread adds; one writer takes everything at once, so that while a write is under way the rest is gathered into the next one.
/// </summary>
/// <remarks>
/// Steady state allocates nothing: two buffers change places, and the writer waits on a reused source. The writer continues on the thread
/// that added.
/// </remarks>
internal sealed class Outbox(int maxQueuedBytes, LocalClock clock) : IValueTaskSource
{
    private readonly object _gate = new();
    private ManualResetValueTaskSourceCore<bool> _arrival;
    private TaskCompletionSource<bool>? _room;
    private byte[] _filling = new byte[512];
    private byte[] _taken = new byte[512];
    private int _filled;
    private ulong _sequence;
    private bool _writerWaits;
    private bool _completed;

    private RoomInfo? _transformRoom;
    private PackedTransform _transform;
    private TransformExtension _extension;
    private long _sampledMicros;

    /// <summary>Whether nothing may be added any more.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate)
            {
                return _completed;
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
    /// <returns><c>false</c> when the buffer is full or completed.</returns>
    public bool TryAdd<TState>(int maxSize, bool numbered, in TState state, FrameAction<TState> write, out ulong sequence)
    {
        sequence = 0;
        bool wake;
        lock (_gate)
        {
            if (_completed || !HasRoom(maxSize))
            {
                return false;
            }

            if (numbered)
            {
                sequence = ++_sequence;
            }

            Grow(maxSize);
            var writer = new FrameWriter(_filling.AsSpan(_filled));
            write(ref writer, sequence, state);
            _filled += writer.Overflowed ? 0 : writer.Written;
            wake = TakeWriter();
        }

        Wake(wake);
        return true;
    }

    /// <summary>Puts the newest transform in place of one that has not been sent. A discontinuity stays noted until it was sent.</summary>
    public void SetTransform(RoomInfo room, in PackedTransform value, TransformExtension extension)
    {
        bool wake;
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            if (ReferenceEquals(_transformRoom, room))
            {
                extension = extension with { Flags = extension.Flags | (_extension.Flags & TransformFlags.Discontinuity) };
            }

            _transformRoom = room;
            _transform = value;
            _extension = extension;
            _sampledMicros = clock.NowMicros;
            wake = TakeWriter();
        }

        Wake(wake);
    }

    /// <summary>Completes when a frame of that size has room, or nothing may be added any more.</summary>
    public Task WaitForRoomAsync(int maxSize)
    {
        lock (_gate)
        {
            if (_completed || HasRoom(maxSize))
            {
                return Task.CompletedTask;
            }

            _room ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Nothing may be added any more. What is queued is still sent, unless it is dropped here.</summary>
    public void Complete(bool drop)
    {
        bool wake;
        lock (_gate)
        {
            _completed = true;
            _transformRoom = null;
            if (drop)
            {
                _filled = 0;
            }

            _room?.TrySetResult(true);
            _room = null;
            wake = _writerWaits;
            _writerWaits = false;
        }

        Wake(wake);
    }

    /// <summary>The writer waits here for something to send, or for the end.</summary>
    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_completed || HasWork)
            {
                return default;
            }

            _writerWaits = true;
            _arrival.Reset();
            return new ValueTask(this, _arrival.Version);
        }
    }

    /// <summary>The writer takes all that waits. The memory is good until the next call.</summary>
    /// <param name="room">The room that the client is in now; a transform for another one is dropped.</param>
    public ReadOnlyMemory<byte> Take(RoomInfo? room)
    {
        lock (_gate)
        {
            if (_transformRoom is not null)
            {
                AppendTransform(room);
            }

            (_filling, _taken) = (_taken, _filling);
            var memory = new ReadOnlyMemory<byte>(_taken, 0, _filled);
            _filled = 0;
            _room?.TrySetResult(true);
            _room = null;
            return memory;
        }
    }

    void IValueTaskSource.GetResult(short token) => _arrival.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private bool HasWork => _filled > 0 || _transformRoom is not null;

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

    private void AppendTransform(RoomInfo? room)
    {
        RoomInfo target = _transformRoom!;
        _transformRoom = null;
        TransformExtension extension = _extension;
        _extension = default;
        if (!ReferenceEquals(target, room))
        {
            return;
        }

        long age = (clock.NowMicros - _sampledMicros) / target.AgeUnitMicros;
        PackedTransform value = _transform.WithPrefix((uint)Math.Min(Math.Max(age, 0), PackedTransform.MaxAge), hasExtension: false);
        int size = TransformUpdate.MaxSize(1);
        Grow(size);
        _filled += TransformUpdate.WriteSingle(
            _filling.AsSpan(_filled, size), target.Space, new TransformUpdateEntry(target.Slot, target.Generation, value, extension));
    }

    private void Grow(int more)
    {
        if (_filling.Length - _filled < more)
        {
            Array.Resize(ref _filling, Math.Max(_filling.Length * 2, _filled + more));
        }
    }
}
