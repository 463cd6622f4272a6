using Relay.Load.Measure;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Walkers;

/// <summary>
/// A room under load: its walkers, whose slot is whose, and what reached whom. Its methods lock, since sockets may be served by several
/// threads.
/// </summary>
internal sealed class LoadRoom
{
    /// <summary>Members at different cursors are sent different batches; a few cover all that a server makes in one tick.</summary>
    private const int CachedBatches = 4;

    private readonly Lock _gate = new();
    private readonly DecodedBatch[] _batches = new DecodedBatch[CachedBatches];
    private readonly Trajectory[] _trajectories;
    private readonly int[] _hints;
    private readonly long[] _windowFirst;
    private readonly long[] _windowEnd;
    private int[] _walkerOfSlot = [];
    private int _newestBatch;
    private Schedule? _schedule;

    public LoadRoom(string name, int firstWalker, int stride, int members, int remembered)
    {
        Name = name;
        FirstWalker = firstWalker;
        Stride = stride;
        Members = members;
        _hints = new int[members];
        _windowFirst = new long[members];
        _windowEnd = new long[members];
        _trajectories = new Trajectory[members];
        for (int i = 0; i < members; i++)
        {
            _trajectories[i] = new Trajectory(remembered);
        }

        for (int i = 0; i < CachedBatches; i++)
        {
            _batches[i] = new DecodedBatch();
        }
    }

    public string Name { get; }

    public int Members { get; }

    /// <summary>The turn of this room's first member in the schedule; the others follow at <see cref="Stride"/>.</summary>
    public int FirstWalker { get; }

    public int Stride { get; }

    /// <summary>The room's measures; set by the first member that has joined.</summary>
    public RoomSpace Space { get; private set; } = RoomSpace.Default;

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Values of the window that reached another member, themselves or by a newer one.</summary>
    public long Deliveries { get; private set; }

    /// <summary>Values received that the walker never had.</summary>
    public long BadValues { get; private set; }

    /// <summary>Values received after a newer one of the same walker.</summary>
    public long StaleValues { get; private set; }

    public Trajectory TrajectoryOf(int member) => _trajectories[member];

    public void Joined(int member, uint slot, RoomSpace space)
    {
        lock (_gate)
        {
            Space = space;
            if (slot >= _walkerOfSlot.Length)
            {
                int old = _walkerOfSlot.Length;
                Array.Resize(ref _walkerOfSlot, (int)Math.Max(slot + 1, Math.Max(Members, old * 2)));
                _walkerOfSlot.AsSpan(old).Fill(-1);
            }

            _walkerOfSlot[slot] = member;
        }
    }

    /// <summary>Says which values count: those due in the window.</summary>
    public void Begin(Schedule schedule, long fromNanos, long toNanos)
    {
        lock (_gate)
        {
            _schedule = schedule;
            for (int i = 0; i < Members; i++)
            {
                int walker = FirstWalker + (i * Stride);
                _windowFirst[i] = schedule.FirstAt(walker, fromNanos);
                _windowEnd[i] = schedule.FirstAt(walker, toNanos);
            }
        }
    }

    /// <summary>Deliveries that the window holds if every value reaches every other member.</summary>
    public long Expected
    {
        get
        {
            long values = 0;
            for (int i = 0; i < Members; i++)
            {
                values += _windowEnd[i] - _windowFirst[i];
            }

            return values * (Members - 1);
        }
    }

    public int WalkerOf(uint slot) => slot < (uint)_walkerOfSlot.Length ? _walkerOfSlot[slot] : -1;

    public int Find(int member, in PackedTransform value)
    {
        int number = (int)_trajectories[member].Find(value, _hints[member]);
        if (number >= 0)
        {
            _hints[member] = number;
        }

        return number;
    }

    /// <summary>Takes a batch that one member received.</summary>
    /// <param name="observer">The member.</param>
    /// <param name="lastSeen">The number of the newest value of each walker that it has seen; −1 for none.</param>
    /// <param name="body">The batch.</param>
    /// <param name="nowNanos">When it arrived.</param>
    public ReadStatus Observe(int observer, int[] lastSeen, ReadOnlySpan<byte> body, long nowNanos)
    {
        lock (_gate)
        {
            DecodedBatch batch = _batches[_newestBatch];
            if (!batch.Matches(body))
            {
                ReadStatus status = FindOrDecode(body, out batch);
                if (status != ReadStatus.Ok)
                {
                    return status;
                }
            }

            Count(batch, observer, lastSeen, nowNanos);
            return ReadStatus.Ok;
        }
    }

    private ReadStatus FindOrDecode(ReadOnlySpan<byte> body, out DecodedBatch batch)
    {
        foreach (DecodedBatch candidate in _batches)
        {
            if (candidate.Matches(body))
            {
                batch = candidate;
                return ReadStatus.Ok;
            }
        }

        _newestBatch = (_newestBatch + 1) % CachedBatches;
        batch = _batches[_newestBatch];
        return batch.Decode(body, this);
    }

    private void Count(DecodedBatch batch, int observer, int[] lastSeen, long nowNanos)
    {
        ReadOnlySpan<int> walkers = batch.Walkers.AsSpan(0, batch.Count), numbers = batch.Numbers.AsSpan(0, batch.Count);
        for (int i = 0; i < walkers.Length; i++)
        {
            int walker = walkers[i], number = numbers[i];
            if (number < 0)
            {
                BadValues++;
                continue;
            }

            if (walker == observer)
            {
                continue;
            }

            int seen = lastSeen[walker];
            if (number <= seen)
            {
                StaleValues += number < seen ? 1 : 0;
                continue;
            }

            lastSeen[walker] = number;
            Deliver(walker, seen + 1, number, nowNanos);
        }
    }

    /// <summary>The newest value stands for those before it that were never sent: each arrived now.</summary>
    private void Deliver(int walker, long first, long last, long nowNanos)
    {
        first = Math.Max(first, _windowFirst[walker]);
        last = Math.Min(last, _windowEnd[walker] - 1);
        if (_schedule is null)
        {
            return;
        }

        int turn = FirstWalker + (walker * Stride);
        for (long number = first; number <= last; number++)
        {
            Deliveries++;
            Latency.Record(nowNanos - _schedule.DueNanos(turn, number));
        }
    }
}
