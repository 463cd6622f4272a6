namespace Relay.Protocol.Buffers;

/// <summary>
/// Rents <see cref="SharedBuffer"/>s by size class: powers of two from 64 bytes to 1 MiB. Larger ones are made to measure and not kept.
/// Any thread may rent and release. What it keeps is bounded: <see cref="MaxRetainedBytes"/>.
/// </summary>
public sealed class SharedBufferPool
{
    private const int SmallestShift = 6;
    private const int LargestShift = 20;

    private readonly BoundedStack[] _classes = new BoundedStack[LargestShift - SmallestShift + 1];

    /// <summary>Makes an empty pool.</summary>
    /// <param name="maxRetainedBytes">The most bytes that each size class keeps for reuse; default 4 MiB, which holds the buffers of
    /// some thousand joins at once. 0 keeps nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxRetainedBytes"/> is negative.</exception>
    public SharedBufferPool(int maxRetainedBytes = 4 << 20)
    {
        if (maxRetainedBytes < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(maxRetainedBytes), maxRetainedBytes, "A pool cannot keep fewer than no bytes.");
        }

        MaxRetainedBytes = maxRetainedBytes;
        for (int i = 0; i < _classes.Length; i++)
        {
            _classes[i] = new BoundedStack(maxRetainedBytes >> (i + SmallestShift));
        }
    }

    /// <summary>The most bytes that each size class keeps for reuse.</summary>
    public int MaxRetainedBytes { get; }

    /// <summary>Rents a buffer with one reference, held by the caller.</summary>
    /// <param name="capacity">How many bytes of frames must fit, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative, or no array is that long.</exception>
    public SharedBuffer Rent(int capacity)
    {
        // Unchecked, the sum below could wrap to a small number and the caller would get a buffer that is far too short.
        if (capacity is < 0 or > int.MaxValue - SharedBuffer.Headroom)
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "A buffer cannot have that many bytes.");
        }

        int size = capacity + SharedBuffer.Headroom;
        int index = ClassOf(size);
        SharedBuffer? buffer = null;
        if (index < _classes.Length)
        {
            size = 1 << (index + SmallestShift);
            buffer = _classes[index].Pop();
        }

        buffer ??= new SharedBuffer(this, AllocatePinned(size));
        buffer.Begin();
        return buffer;
    }

    internal void Return(SharedBuffer buffer)
    {
        int index = ClassOf(buffer.TotalSize);
        if (index < _classes.Length)
        {
            _classes[index].Push(buffer);
        }
    }

    private static int ClassOf(int size)
    {
        int index = 0;
        while (index <= LargestShift - SmallestShift && size > 1 << (index + SmallestShift))
        {
            index++;
        }

        return index;
    }

#if NET
    private static byte[] AllocatePinned(int size) => GC.AllocateUninitializedArray<byte>(size, pinned: true);
#else
    // netstandard2.1 has no pinned heap; clients there never hand these to native calls.
    private static byte[] AllocatePinned(int size) => new byte[size];
#endif

    /// <summary>A bounded stack. A lock is enough, since a hit is some tens of nanoseconds and rents are few per tick.</summary>
    private sealed class BoundedStack
    {
        private readonly object _gate = new();
        private readonly int _limit;
        private SharedBuffer[] _items = [];
        private int _count;

        public BoundedStack(int limit) => _limit = limit;

        public SharedBuffer? Pop()
        {
            lock (_gate)
            {
                if (_count == 0)
                {
                    return null;
                }

                SharedBuffer buffer = _items[--_count];
                _items[_count] = null!;
                return buffer;
            }
        }

        public void Push(SharedBuffer buffer)
        {
            lock (_gate)
            {
                if (_count == _limit)
                {
                    return;
                }

                if (_count == _items.Length)
                {
                    Array.Resize(ref _items, Math.Min(_limit, Math.Max(4, _count * 2)));
                }

                _items[_count++] = buffer;
            }
        }
    }
}
